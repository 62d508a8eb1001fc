"""Settings › Addresses: places, which brand hangs on each, and the one that counts by default."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.delete_address import delete_address
from rientro.flows.save_address import FIELDS, AddressFacts, save_address
from rientro.flows.set_default_address import set_default_address
from rientro.kit.errors import RientroError
from rientro.kit.postal_codes import example_of, has_postal_codes
from rientro.kit.said import said
from rientro.models import SenderAddress
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.forms import PanelForm
from rientro.panel.return_page import address_lines


class AddressForm(PanelForm):
    """One place. Postal code and area follow the country that is chosen."""

    label = forms.CharField(label=lazy("Label"), max_length=80)
    is_sender = forms.BooleanField(label=lazy("Orders are sent from here"), required=False)
    is_return = forms.BooleanField(label=lazy("Returns come here"), required=False)
    is_store = forms.BooleanField(
        label=lazy("Shoppers may return here in person"),
        help_text=lazy("Shown as a store in the portal, with its opening hours."),
        required=False,
    )
    company = forms.CharField(label=lazy("Company"), max_length=120)
    contact_name = forms.CharField(label=lazy("Contact"), max_length=120, required=False)
    country = forms.ChoiceField(label=lazy("Country"))
    street = forms.CharField(label=lazy("Street"), max_length=120)
    house_number = forms.CharField(label=lazy("No."), max_length=20, required=False)
    address_2 = forms.CharField(label=lazy("Building, floor, dock"), max_length=120, required=False)
    postal_code = forms.CharField(label=lazy("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=lazy("City"), max_length=80)
    state = forms.CharField(label=lazy("Province or state"), max_length=60, required=False)
    email = forms.EmailField(label=lazy("E-mail"), required=False)
    phone = forms.CharField(label=lazy("Phone"), max_length=40, required=False)
    vat_number = forms.CharField(label=lazy("VAT number"), max_length=40, required=False)
    eori_number = forms.CharField(label=lazy("EORI"), max_length=40, required=False)
    opening_hours = forms.CharField(label=lazy("Opening hours"), max_length=200, required=False)
    brand = forms.ChoiceField(
        label=lazy("Brand"),
        required=False,
        help_text=lazy(
            "Orders shipped with this address open in the portal of this brand, and its logo is on the label."
        ),
    )
    is_default = forms.BooleanField(label=lazy("Default address"), required=False)

    def __init__(
        self, *args: Any, brands: list[tuple[str, str]], country: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["brand"].choices = [("", _("No brand")), *brands]  # type: ignore[attr-defined]
        postal = self.fields["postal_code"]
        example = example_of(country)
        if example:
            postal.help_text = _("Like %s") % example
        elif not has_postal_codes(country):
            postal.help_text = _("This country has none.")
        self.fields["company"].widget.attrs["autocomplete"] = "organization"

    def clean_eori_number(self) -> str:
        number = self.cleaned_data["eori_number"].replace(" ", "").upper()
        if number and not number[:2].isalpha():
            country = self.cleaned_data.get("country") or "IT"
            raise forms.ValidationError(_("Start with the country, like %s") % f"{country}{number}")
        return str(number)


@door(act="manage")
@require_safe
def addresses(request: PanelRequest) -> HttpResponse:
    rows = list(
        request.merchant.addresses.living()
        .select_related("brand")
        .order_by("-is_default", "label", "id")
    )
    for row in rows:
        row.lines = address_lines(row)  # type: ignore[attr-defined]
    return render(request, "panel/addresses.html", {"rows": rows})


@door(act="manage")
@require_http_methods(["GET", "POST"])
def address_new(request: PanelRequest) -> HttpResponse:
    return _edit(request, None)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def address(request: PanelRequest, address_id: int) -> HttpResponse:
    return _edit(request, _living(request, address_id))


@door(act="manage")
@require_POST
def address_default(request: PanelRequest, address_id: int) -> HttpResponse:
    row = _living(request, address_id)
    attempt(
        request,
        lambda: set_default_address(address=row, actor=request.actor, now=request.now),
        done=_("“%s” is the default address now.") % row.label,
    )
    return redirect("panel:addresses")


@door(act="manage")
@require_POST
def address_delete(request: PanelRequest, address_id: int) -> HttpResponse:
    row = _living(request, address_id)
    done = attempt(
        request,
        lambda: delete_address(address=row, actor=request.actor, now=request.now),
        done=_("“%s” is deleted. Shipping rules that named it rest until you choose another.")
        % row.label,
    )
    return redirect("panel:addresses") if done else redirect("panel:address", address_id)


def _living(request: PanelRequest, address_id: int) -> SenderAddress:
    return request.merchant.addresses.living().get_or_missing(pk=address_id)


def _edit(request: PanelRequest, row: SenderAddress | None) -> HttpResponse:
    brands = [(str(brand.pk), brand.name) for brand in request.frame.brands]
    country = request.POST.get("country") or (row.country if row else request.merchant.country)
    form = AddressForm(
        request.POST or None, initial=_start(request, row), brands=brands, country=country
    )
    if request.method == "POST" and form.is_valid() and _save(request, row, form):
        return redirect("panel:addresses")
    default = request.merchant.addresses.default_or_none()
    rules = request.merchant.shipping_rules.order_by("position", "id") if row else []
    named = [rule for rule in rules if row and names_address(rule.actions, row.pk)]
    context = {"form": form, "row": row, "default": default, "named": named}
    return render(request, "panel/address.html", context)


def names_address(actions: Any, address_id: int) -> bool:
    """Does one of a rule's actions ship with this address?"""
    return any(str(action.get("value")) == str(address_id) for action in actions or [])


def _save(request: PanelRequest, row: SenderAddress | None, form: AddressForm) -> bool:
    told = form.cleaned_data
    brand = next((b for b in request.frame.brands if str(b.pk) == told["brand"]), None)
    try:
        saved = save_address(
            address=row,
            facts=AddressFacts(fields={name: told[name] for name in FIELDS}, brand=brand),
            make_default=told["is_default"],
            actor=request.actor,
            now=request.now,
        )
    except RientroError as error:
        field = str(error.facts.get("field", ""))
        form.add_error(field if field in form.fields else None, said(error.message))
        return False
    messages.success(request, _("“%s” is saved.") % saved.label)
    return True


def _start(request: PanelRequest, row: SenderAddress | None) -> dict[str, Any]:
    if row is None:
        brands = request.frame.brands
        return {
            "country": request.merchant.country,
            "is_sender": True,
            "is_return": True,
            "is_default": not request.merchant.addresses.living().exists(),
            "brand": str(brands[0].pk) if len(brands) == 1 else "",
        }
    start = {name: getattr(row, name) for name in FIELDS}
    return start | {"is_default": row.is_default, "brand": str(row.brand_id or "")}
