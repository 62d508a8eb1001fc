"""Settings › Billing › Prices and Margin: what the agency takes for labels, and what stays with it."""

from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.save_price_list import end_price_list, save_price_list
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import PriceList
from rientro.models.margin import listed_charges, margins_of
from rientro.models.price_book import list_at, steps_of
from rientro.models.statement import months_with_charges
from rientro.panel.billing_doors import billing_tabs, month_of, need_agency
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.file_columns import CURRENCIES
from rientro.panel.forms import PanelForm
from rientro.policy.amounts import typed_price
from rientro.policy.prices import Step

EMPTY_ROWS = 4
MOST_ROWS = 200
SHOWN = 200


class PriceListForm(PanelForm):
    """The head of a list; its rows are StepForms."""

    name = forms.CharField(label=lazy("Name of the list"), max_length=80)
    currency = forms.ChoiceField(
        label=lazy("Currency"), choices=[(code, code) for code in CURRENCIES]
    )
    valid_from = forms.DateField(
        label=lazy("Holds from"),
        required=False,
        help_text=lazy("Empty: from now on. Labels of before keep their price."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    valid_to = forms.DateField(
        label=lazy("Holds until"),
        required=False,
        help_text=lazy("This day still counts. Empty: until you write another one."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class StepForm(PanelForm):
    """One lane up to a weight. A row without any price is left out."""

    origin = forms.ChoiceField(label=lazy("From"), required=False)
    destination = forms.ChoiceField(label=lazy("To"), required=False)
    up_to_kg = forms.CharField(label=lazy("Up to kg"), max_length=9, required=False)
    fixed = forms.CharField(label=lazy("Fixed"), max_length=12, required=False)
    percent = forms.CharField(label=lazy("% of the cost"), max_length=7, required=False)

    def __init__(self, *args: Any, currency: str = "EUR", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["origin"].choices = [("", _("From anywhere")), *country_choices()]  # type: ignore[attr-defined]
        self.fields["destination"].choices = [("", _("To anywhere")), *country_choices()]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = field.label or ""
            if name not in ("origin", "destination"):
                # On a phone the table has no heads.
                more = {"class": "input num", "inputmode": "decimal", "placeholder": field.label}
                field.widget.attrs |= more

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        try:
            fixed = typed_price(told.get("fixed", "") or "0", self.currency)
            if fixed.minor < 0:
                raise ValueError
            told["fixed_minor"] = fixed.minor
        except ValueError:
            self.add_error("fixed", _("An amount, like 4.95."))
        for name, most in (("percent", 1000), ("up_to_kg", 1000)):
            try:
                number = Decimal(_dotted(told.get(name, "")) or "0")
                if not (number.is_finite() and 0 <= number <= most):
                    raise ValueError
                told[name] = number.quantize(Decimal("0.01" if name == "percent" else "0.001"))
            except (InvalidOperation, ValueError):
                self.add_error(name, _("A number from 0 to %(most)d.") % {"most": most})
        return told

    @property
    def is_empty(self) -> bool:
        typed = (
            self.data.get(self.add_prefix(name), "") for name in ("fixed", "percent", "up_to_kg")
        )
        return not any(str(each).strip() for each in typed)

    def step(self) -> Step:
        told = self.cleaned_data
        return Step(
            origin=told["origin"],
            destination=told["destination"],
            up_to_g=int(told["up_to_kg"] * 1000),
            fixed_minor=told["fixed_minor"],
            percent=told["percent"],
        )


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
def prices(request: PanelRequest) -> HttpResponse:
    """The list that holds, as a form: saving it writes a new version."""
    need_agency(request)
    now_list = list_at(request.now)
    if request.method == "POST":
        head, rows = _read(request)
        sound = [row.is_valid() for row in rows]
        if head.is_valid() and all(sound) and _save(request, head, rows):
            return redirect("panel:prices")
    else:
        head, rows = _blank(request, now_list)
    versions = request.merchant.price_lists.order_by("-version")
    context = {
        "head": head,
        "rows": rows,
        "now_list": now_list,
        "versions": versions[:50],
        "tabs": billing_tabs(request, "prices"),
    }
    return render(request, "panel/prices.html", context)


@door(look="manage", act="manage")
@require_POST
def prices_end(request: PanelRequest) -> HttpResponse:
    """From now on the merchant pays the carriers itself."""
    need_agency(request)
    attempt(
        request,
        lambda: end_price_list(merchant=request.merchant, actor=request.actor, now=request.now),
        done=_("Ended. Labels are charged at the carriers’ prices from now on."),
    )
    return redirect("panel:prices")


@door(look="manage", act="manage")
@require_safe
def margin(request: PanelRequest) -> HttpResponse:
    """One month: what the merchant pays, what the carriers take, what stays."""
    need_agency(request)
    today = localdate(request.now)
    month = month_of(request.GET.get("month", "")) or today.replace(day=1)
    months = {*months_with_charges(request.merchant), today.replace(day=1), month}
    charges = listed_charges(request.merchant, month)
    rows = charges.select_related("ret", "label__purchase__account", "price_list")
    context = {
        "month": month,
        "months": sorted(months, reverse=True),
        "margins": margins_of(request.merchant, month),
        "charges": [_shown(charge) for charge in rows.order_by("-charged_at", "-id")[:SHOWN]],
        "more": max(0, charges.count() - SHOWN),
        "tabs": billing_tabs(request, "margin"),
    }
    return render(request, "panel/margin.html", context)


def _shown(charge: Any) -> dict[str, Any]:
    paid = Money(charge.amount_minor, charge.currency)
    cost = Money(charge.cost_minor, charge.cost_currency)
    same = charge.currency == charge.cost_currency
    return {"row": charge, "paid": paid, "cost": cost, "earned": paid - cost if same else None}


def _blank(
    request: PanelRequest, now_list: PriceList | None
) -> tuple[PriceListForm, list[StepForm]]:
    currency = now_list.currency if now_list else request.merchant.currency
    steps = steps_of(now_list) if now_list else []
    start = {"name": now_list.name if now_list else "", "currency": currency}
    rows = [_step_form(place, currency, step) for place, step in enumerate(steps)]
    rows += [_step_form(len(rows) + n, currency, None) for n in range(EMPTY_ROWS)]
    return PriceListForm(initial=start), rows


def _step_form(place: int, currency: str, step: Step | None) -> StepForm:
    initial: dict[str, Any] = {}
    if step is not None:
        initial = {
            "origin": step.origin,
            "destination": step.destination,
            "up_to_kg": f"{Decimal(step.up_to_g) / 1000:f}" if step.up_to_g else "",
            "fixed": str(Money(step.fixed_minor, currency).decimal()),
            "percent": f"{step.percent.normalize():f}" if step.percent else "",
        }
    return StepForm(initial=initial, prefix=f"row{place}", currency=currency)


def _read(request: PanelRequest) -> tuple[PriceListForm, list[StepForm]]:
    head = PriceListForm(request.POST)
    currency = request.POST.get("currency", "")
    currency = currency if currency in CURRENCIES else request.merchant.currency
    told = request.POST.get("rows", "")
    count = min(int(told), MOST_ROWS) if told.isdecimal() and len(told) < 6 else 0
    rows = [StepForm(request.POST, prefix=f"row{n}", currency=currency) for n in range(count)]
    return head, rows


def _save(request: PanelRequest, head: PriceListForm, rows: list[StepForm]) -> bool:
    told, zone = head.cleaned_data, ZoneInfo(request.merchant.time_zone)
    begins = told["valid_from"]
    ends = told["valid_to"]
    try:
        with transaction.atomic():
            save_price_list(
                merchant=request.merchant,
                name=told["name"],
                currency=told["currency"],
                steps=[row.step() for row in rows if not row.is_empty],
                valid_from=datetime.combine(begins, time(), zone) if begins else request.now,
                valid_to=_after(ends, zone) if ends else None,
                actor=request.actor,
                now=request.now,
            )
    except RientroError as error:
        field = str(error.facts.get("field") or "")
        head.add_error(field if field in head.fields else None, said(error.message))
        return False
    messages.success(request, _("Saved. Labels that are asked for from then on cost this."))
    return True


def _after(day: Any, zone: ZoneInfo) -> datetime:
    """The first moment after ``day``."""
    return datetime.combine(day.fromordinal(day.toordinal() + 1), time(), zone)


def _dotted(typed: str) -> str:
    return str(typed).strip().replace(",", ".")
