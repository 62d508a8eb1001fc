"""The desk of unknown purchases: a carrier's answer got lost, and a person says what came of it."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.settle_purchase import NotBought, WasBought, settle_purchase
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import LabelPurchase
from rientro.panel.doors import PanelRequest, door
from rientro.panel.forms import PanelForm
from rientro.panel.pages import page_of
from rientro.policy.lifecycle import PurchaseStatus


class SettleForm(PanelForm):
    outcome = forms.ChoiceField(
        choices=[
            ("bought", lazy("It has the label")),
            ("not_bought", lazy("It has no such label")),
        ],
        widget=forms.RadioSelect,
        label=lazy("What does the carrier say?"),
        error_messages={"required": lazy("Say which of the two it is.")},
    )
    tracking_number = forms.CharField(label=lazy("Tracking number"), max_length=80, required=False)
    price = forms.CharField(label=lazy("Price"), max_length=20, required=False)

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def answer(self) -> WasBought | NotBought:
        """Raises ValueError for a price that is none."""
        said = self.cleaned_data
        if said["outcome"] == "not_bought":
            return NotBought()
        price = Money.parse(said["price"].strip().replace(",", ".") or "-", self.currency)
        return WasBought(tracking_number=said["tracking_number"], price=price)


@door(act="manage")
@require_safe
def purchases(request: PanelRequest) -> HttpResponse:
    """What waits for a person, newest first."""
    rows = request.merchant.label_purchases.filter(status=PurchaseStatus.UNKNOWN.value)
    page = page_of(request, rows.select_related("parcel__ret__brand", "account"), by="created_at")
    return render(request, "panel/purchases.html", {"page": page})


@door(act="manage")
@require_http_methods(["GET", "POST"])
def purchase(request: PanelRequest, purchase_id: int) -> HttpResponse:
    rows = request.merchant.label_purchases.select_related("parcel__ret", "account")
    row = rows.get_or_missing(pk=purchase_id)
    form = SettleForm(request.POST or None, currency=row.currency)
    if request.method == "POST" and form.is_valid() and _settle(request, row, form):
        return redirect("panel:return", row.parcel.ret.number)
    waits = row.status == PurchaseStatus.UNKNOWN.value
    return render(request, "panel/purchase.html", {"row": row, "form": form, "waits": waits})


def _settle(request: PanelRequest, row: LabelPurchase, form: SettleForm) -> bool:
    try:
        answer = form.answer()
    except ValueError:
        form.add_error("price", _("Enter the price as the carrier shows it, like 4.95."))
        return False
    try:
        with transaction.atomic():
            settle_purchase(purchase=row, outcome=answer, actor=request.actor, now=request.now)
    except RientroError as error:
        form.add_error(None, said(error.message))
        return False
    if isinstance(answer, WasBought):
        messages.success(request, _("Written down: the label exists. Its paper follows."))
    else:
        messages.success(request, _("Written down: nothing was bought. Ask for the label again."))
    return True
