"""The desk of unknown purchases: a carrier's answer got lost, and a person says what came of it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.settle_purchase import NotBought, WasBought, settle_purchase
from rientro.kit.addresses import AddressFields, format_lines
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import LabelPurchase
from rientro.panel.countries import country_name
from rientro.panel.doors import PanelRequest, door
from rientro.panel.event_words import namer
from rientro.panel.forms import PanelForm
from rientro.panel.pages import page_of
from rientro.policy.amounts import typed_price
from rientro.policy.lifecycle import PurchaseStatus

LONG = timedelta(minutes=5)  # a label that is being bought for longer is worth a look
MOST_LONG = 50
ADDRESS = AddressFields.__dataclass_fields__.keys()


class SettleForm(PanelForm):
    outcome = forms.ChoiceField(
        choices=[
            ("bought", lazy("It has the label")),
            ("again", lazy("It has no such label: buy one now")),
            ("not_bought", lazy("It has no such label: leave the return without one")),
        ],
        widget=forms.RadioSelect,
        label=lazy("What does the carrier say?"),
        error_messages={"required": lazy("Say what you found.")},
    )
    tracking_number = forms.CharField(label=lazy("Tracking number"), max_length=80, required=False)
    carrier_reference = forms.CharField(
        label=lazy("The carrier’s own reference"),
        max_length=120,
        required=False,
        help_text=lazy("Its order or shipment number, by which the label can be voided later."),
    )
    price = forms.CharField(
        label=lazy("Price"),
        max_length=20,
        required=False,
        help_text=lazy("Empty: its invoice will tell."),
    )
    document = forms.FileField(
        label=lazy("The label as PDF"),
        required=False,
        help_text=lazy("If the carrier gives it to you. Without it the paper is drawn or fetched."),
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["document"].widget.attrs |= {"class": "file", "accept": "application/pdf,.pdf"}

    def answer(self) -> WasBought | NotBought:
        """Raises ValueError for a price that is none."""
        told = self.cleaned_data
        if told["outcome"] != "bought":
            return NotBought(again=told["outcome"] == "again")
        typed = told["price"].strip()
        upload = told["document"]
        return WasBought(
            tracking_number=told["tracking_number"],
            price=typed_price(typed, self.currency) if typed else None,
            carrier_reference=told["carrier_reference"],
            document=upload.read() if upload else b"",
        )


@door(act="manage")
@require_safe
def purchases(request: PanelRequest) -> HttpResponse:
    """What waits for a person, newest first, and what a carrier has been asked about for too long."""
    rows = request.merchant.label_purchases.select_related("parcel__ret__brand", "account")
    page = page_of(request, rows.filter(status=PurchaseStatus.UNKNOWN.value), by="created_at")
    long = rows.filter(status=PurchaseStatus.BUYING.value, created_at__lt=request.now - LONG)
    long = long.order_by("created_at", "pk")[:MOST_LONG]
    return render(request, "panel/purchases.html", {"page": page, "long": list(long)})


@door(act="manage")
@require_http_methods(["GET", "POST"])
def purchase(request: PanelRequest, purchase_id: int) -> HttpResponse:
    rows = request.merchant.label_purchases.select_related("parcel__ret", "account")
    row = rows.get_or_missing(pk=purchase_id)
    form = SettleForm(request.POST or None, request.FILES or None, currency=row.currency)
    if request.method == "POST" and _settle(request, row, form):
        return redirect("panel:return", row.parcel.ret.number)
    waits = row.status == PurchaseStatus.UNKNOWN.value
    context = {"row": row, "form": form, "waits": waits, "asked": _asked(row), "settled": ""}
    if not waits and row.settled_by:
        context["settled"] = namer(request.merchant, [row.settled_by])(row.settled_by)
    return render(request, "panel/purchase.html", context)


def _asked(row: LabelPurchase) -> dict[str, Any]:
    """What the carrier was asked for, as people read it."""
    words = row.request
    return {
        "from": _lines(words.get("sender", {})),
        "to": _lines(words.get("receiver", {})),
        "weight_g": words.get("parcel", {}).get("weight_g") or None,
        "labelless": bool(words.get("labelless")),
        "quoted": Money(row.quoted_minor, row.currency) if row.quoted_minor else None,
    }


def _lines(told: dict[str, Any]) -> list[str]:
    fields = AddressFields(**{name: told.get(name, "") for name in ADDRESS})
    return format_lines(fields, country_name=country_name(fields.country))


def _settle(request: PanelRequest, row: LabelPurchase, form: SettleForm) -> bool:
    """Settled twice is settled once: whoever comes second reads that it is done."""
    if row.status in (PurchaseStatus.BOUGHT.value, PurchaseStatus.REFUSED.value):
        messages.info(request, _("This purchase is settled already. Nothing was changed."))
        return True
    if not form.is_valid():
        return False
    try:
        answer = form.answer()
    except ValueError:
        form.add_error("price", _("Enter the price as the carrier shows it, like 4.95."))
        return False
    try:
        settle_purchase(purchase=row, outcome=answer, actor=request.actor, now=request.now)
    except RientroError as error:
        field = str(error.facts.get("field", ""))
        form.add_error(field if field in form.fields else None, said(error.message))
        return False
    messages.success(request, _done(answer))
    return True


def _done(answer: WasBought | NotBought) -> str:
    if isinstance(answer, WasBought):
        return _("Written down: the label exists. Its paper follows.")
    if answer.again:
        return _("Written down: nothing was bought. A new label is being bought.")
    return _("Written down: nothing was bought. Ask for the label again when it is needed.")
