"""Settings › Your business: name, country, currency, time zone."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from rientro.flows.save_business import FIELDS, BadBusiness, save_business
from rientro.kit.said import said
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, door
from rientro.panel.forms import PanelForm


class BusinessForm(PanelForm):
    name = forms.CharField(label=lazy("Name"), max_length=120)
    country = forms.ChoiceField(label=lazy("Country"))
    currency = forms.ChoiceField(
        label=lazy("Currency"), help_text=lazy("Of statements and of new settings.")
    )
    time_zone = forms.ChoiceField(
        label=lazy("Time zone"), help_text=lazy("Return windows end at midnight here.")
    )
    language = forms.ChoiceField(label=lazy("Language"), choices=settings.LANGUAGES)

    legal_name = forms.CharField(label=lazy("Legal name"), max_length=160, required=False)
    legal_address = forms.CharField(
        label=lazy("Address"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("In lines, as it stands on your letters."),
    )
    vat_number = forms.CharField(
        label=lazy("VAT number"),
        max_length=24,
        required=False,
        help_text=lazy("With the letters of its country."),
    )
    vat_percent = forms.DecimalField(
        label=lazy("Your VAT rate, in percent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=lazy("Of what you bill yourself. 0 if you bill nobody."),
    )
    invoice_prefix = forms.CharField(
        label=lazy("Invoice numbers begin with"),
        max_length=8,
        help_text=lazy("Letters and digits: R gives R-2026-0001."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["currency"].choices = _currencies()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = _zones()  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def _currencies() -> list[tuple[str, str]]:
    usual = ["EUR", "CHF", "GBP", "USD", "DKK", "NOK", "PLN", "SEK", "CZK", "HUF", "RON", "BGN"]
    rest = sorted(code for code in list_currencies() if code.isalpha() and code not in usual)
    return [(code, code) for code in [*usual, *rest]]


@lru_cache(maxsize=1)
def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]


@door(act="manage")
@require_http_methods(["GET", "POST"])
def business(request: PanelRequest) -> HttpResponse:
    merchant = request.merchant
    start = {name: getattr(merchant, name) for name in FIELDS}
    form = BusinessForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            save_business(merchant=merchant, fields=fields, actor=request.actor, now=request.now)
        except BadBusiness as error:
            form.add_error(str(error.facts["field"]), said(error.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("panel:business")
    members = merchant.members.select_related("user").order_by("user__email")
    return render(request, "panel/business.html", {"form": form, "members": members})
