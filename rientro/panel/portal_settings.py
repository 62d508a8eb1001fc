"""Settings › Returns portal, per brand: the switch, the window, review, fee, methods, refunds."""

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.save_portal_settings import DeadEnd, save_portal_settings
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import Brand, PortalSettings
from rientro.panel.choice_words import choices_in_words
from rientro.panel.doors import PanelRequest, door
from rientro.panel.forms import PanelForm
from rientro.panel.frame import capped_count, capped_words
from rientro.policy.boxes import MOST
from rientro.policy.return_methods import WAYS

YEAR = 365


def _days(label: Any, most: int = YEAR, **kwargs: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=0, max_value=most, widget=widget, **kwargs)


def _switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


class PortalForm(PanelForm):
    active = _switch(lazy("Portal is open"), lazy("Closed: shoppers read that returns are paused."))
    allow_without_outbound = _switch(lazy("Allow returns without an outbound shipment"))
    window_days = _days(lazy("Days after delivery"), 3 * YEAR)
    fulfilment_buffer_days = _days(lazy("Fulfilment plus days"), 90)
    order_buffer_days = _days(lazy("Order plus days"), 180)
    review = forms.ChoiceField(
        label=lazy("Who approves"),
        choices=partial(choices_in_words, PortalSettings.Review.choices),
    )
    review_above = forms.DecimalField(
        label=lazy("Limit"), min_value=0, max_digits=10, decimal_places=2, required=False
    )
    fee = forms.DecimalField(
        label=lazy("Return fee"),
        min_value=0,
        max_digits=8,
        decimal_places=2,
        required=False,
        help_text=lazy("Once per return, taken off the refund. Never for faults."),
    )
    fee_currency = forms.RegexField(r"^[A-Za-z]{3}$", label=lazy("Currency"))
    print_at_home = _switch(lazy("Printed label"), lazy("Print at home, hand in at the carrier."))
    labelless = _switch(
        lazy("Code instead of a label"),
        lazy("The drop-off point reads it and prints. Offered where the chosen carrier can."),
    )
    pickup = _switch(
        lazy("Fetched at the door"),
        lazy("On a working day of the shopper’s choice. Offered where the chosen carrier can."),
    )
    in_store = _switch(lazy("In a store"), lazy("At addresses that are marked as a store."))
    most_parcels = forms.IntegerField(
        label=lazy("Parcels of one return, at most"),
        min_value=1,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=lazy("Each parcel is a label that you pay for. 1: shoppers are not asked."),
    )
    self_sent = _switch(
        lazy("The shopper sends it"),
        lazy(
            "With a label of their own, which they pay for. They get the address and a packing slip, and may tell the "
            "tracking number."
        ),
    )
    refund_money = _switch(lazy("Original payment method"))
    refund_credit = _switch(lazy("Store credit"), lazy("Beside the refund, never instead of it."))
    refund_exchange = _switch(
        lazy("Exchange"), lazy("A wish in words; you send the new item yourself.")
    )
    refund_within_days = _days(lazy("Refund within days of arrival"), 60)
    label_valid_days = _days(lazy("Label is good for days"), YEAR)
    silent_after_days = _days(lazy("Warn after days without a scan"), 60)
    void_unused_days = _days(
        lazy("Give unused labels back after days"),
        help_text=lazy("0: never. Only while the carrier still takes them back."),
    )
    compatible_lookup = _switch(
        lazy("Compatible look-up for API clients"),
        lazy(
            "Whoever knows an order number and its postal code is told the buyer's name, street, e-mail and "
            "phone by the public API, as Sendcloud does. Leave it off unless a client of yours needs it."
        ),
    )
    notify_email = forms.EmailField(
        label=lazy("Tell us of each return"),
        required=False,
        help_text=lazy("One address of yours."),
    )

    def fields_of(self) -> dict[str, Any]:
        """What save_portal_settings writes: amounts in minor units of the chosen currency."""
        said = dict(self.cleaned_data)
        currency = said.pop("fee_currency").upper()
        for name in ("fee", "review_above"):
            said[f"{name}_minor"] = Money.parse(said.pop(name) or Decimal(0), currency).minor
        return said | {"fee_currency": currency}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("review") == PortalSettings.Review.VALUE.value and not said.get("review_above"):
            self.add_error("review_above", _("Say above which value a person looks."))
        currency = str(said.get("fee_currency") or "EUR").upper()
        for name in ("fee", "review_above"):
            if said.get(name) is not None:
                try:
                    Money.parse(said[name], currency)
                except ValueError:
                    self.add_error(name, _("This is finer than the currency allows."))
        return said


@door(act="manage")
@require_safe
def portal(request: PanelRequest) -> HttpResponse:
    """The portal of the only brand, or a choice between them."""
    brands = request.frame.brands
    if len(brands) == 1:
        return redirect("panel:portal_of", brands[0].pk)
    rows = list(request.merchant.portal_settings.select_related("brand").order_by("brand__name"))
    rows = [row for row in rows if row.brand.archived_at is None]
    return render(request, "panel/portals.html", {"rows": rows})


@door(act="manage")
@require_http_methods(["GET", "POST"])
def portal_of(request: PanelRequest, brand_id: int) -> HttpResponse:
    brand = request.merchant.brands.filter(archived_at=None).get_or_missing(pk=brand_id)
    row = brand.portal_settings.get_or_missing()
    form = PortalForm(request.POST or None, initial=_start(row))
    if request.method == "POST" and form.is_valid() and _save(request, row, form):
        return redirect("panel:portal_of", brand.pk)
    offered = brand.reasons.filter(active=True).order_by("position", "id")
    context = {
        "form": form,
        "brand": brand,
        "row": row,
        "concerned": _concerned(request, brand),
        "reasons": [reason.label(request.member.user.language) for reason in offered],
        "cannot": _cannot(request, row),
        "stores": request.merchant.addresses.living().filter(is_store=True).exists(),
    }
    return render(request, "panel/portal.html", context)


def _save(request: PanelRequest, row: PortalSettings, form: PortalForm) -> bool:
    try:
        save_portal_settings(
            portal=row, fields=form.fields_of(), actor=request.actor, now=request.now
        )
    except DeadEnd as error:
        form.add_error(str(error.facts["field"]), said(error.message))
        return False
    messages.success(request, _("Saved. It counts for returns that are opened from now on."))
    return True


def _start(row: PortalSettings) -> dict[str, Any]:
    start = {name: getattr(row, name) for name in PortalForm.base_fields if hasattr(row, name)}
    start["fee"] = Money(row.fee_minor, row.fee_currency).decimal()
    start["review_above"] = Money(row.review_above_minor, row.fee_currency).decimal()
    return start


def _cannot(request: PanelRequest, row: PortalSettings) -> list[str]:
    """The ways that are switched on and that no connected carrier can do today."""
    accounts = request.merchant.carrier_accounts.filter(deleted_at=None)
    able = {word for account in accounts for word in account.abilities or ()}
    on = [way for way in WAYS.values() if way.needs and getattr(row, way.switch)]
    return [str(PortalForm.base_fields[way.switch].label) for way in on if way.needs not in able]


def _concerned(request: PanelRequest, brand: Brand) -> dict[str, str]:
    """How many orders the switch concerns, counted no further than the cap."""
    orders = request.merchant.orders.filter(brand=brand, standalone=False)
    return {
        "without": capped_words(capped_count(orders.filter(has_outbound=False))),
        "all": capped_words(capped_count(orders)),
    }
