"""The forms of a carrier account: its credentials, tried before they are kept, and what it takes and costs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from rientro.carriers.known import Known
from rientro.carriers.registry import known
from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.save_account import AccountTerms, save_account
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, CarrierInquiry
from rientro.models.inquiries import newest_inquiry
from rientro.panel.carrier_words import facts_of, is_kept
from rientro.panel.carriers import living
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, door
from rientro.panel.forms import PanelForm
from rientro.policy.account_prices import ANY, whole
from rientro.policy.amounts import typed_price
from rientro.policy.carrier_choice import limits_of
from rientro.policy.rule_values import grams_of

BLANKS = 3
MOST_LINES = 303


class ContractForm(PanelForm):
    """The boxes of one carrier, as its registry entry names them. A secret is never shown again."""

    name = forms.CharField(label=lazy("Name of the account"), max_length=80)
    service = forms.CharField(
        label=lazy("Return service"),
        max_length=80,
        required=False,
        help_text=lazy("The carrier’s own word. Empty: its usual one."),
    )
    test_mode = forms.BooleanField(
        label=lazy("Test labels only"),
        help_text=lazy("They move no parcel, and say so."),
        required=False,
    )

    def __init__(self, *args: Any, about: Known, kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        self.fields["service"].widget.attrs["list"] = "services"
        for box in about.credentials:
            self.fields[f"credential_{box.name}"] = forms.CharField(
                label=_(box.label),
                max_length=4000,
                required=box.required and not (kept and box.secret),
                help_text=_secret_help(box.help, kept=kept and box.secret),
                widget=forms.PasswordInput if box.secret else forms.TextInput,
                strip=True,
            )
        for box in about.settings:
            self.fields[f"setting_{box.name}"] = forms.CharField(
                label=_(box.label),
                max_length=500,
                required=box.required and not box.default,
                help_text=_(box.help) if box.help else "",
                initial=box.default,
            )
        for name, field in self.fields.items():
            if name.startswith(("credential_", "setting_")):
                field.widget.attrs["class"] = "input"
                field.widget.attrs["autocomplete"] = "off"
        if about.test_only or about.own_stock:
            self.fields.pop("test_mode")
        if about.own_stock:
            self.fields.pop("service")

    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(("credential_", "setting_"))]

    def contract(self) -> Contract:
        said = self.cleaned_data
        return Contract(
            carrier=self.about.code,
            name=said["name"],
            credentials={
                box.name: said[f"credential_{box.name}"] for box in self.about.credentials
            },
            settings={box.name: said[f"setting_{box.name}"] for box in self.about.settings},
            service=said.get("service", ""),
            test_mode=self.about.test_only or said.get("test_mode", False),
        )


def _secret_help(words: str, *, kept: bool) -> str:
    return _("Saved. Write another one to change it.") if kept else _(words) if words else ""


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def carrier_new(request: PanelRequest, code: str) -> HttpResponse:
    """Connect a carrier: what is typed is tried, and kept only if the carrier takes it."""
    about = known(code)
    start = {"name": about.name, "test_mode": True}
    form = ContractForm(request.POST or None, about=about, kept=False, initial=start)
    if request.method == "POST" and form.is_valid():
        made = _connect(request, form, None)
        if made:
            return redirect("panel:pool" if about.own_stock else "panel:carrier", made.pk)
    return _page(request, {"form": form, "about": about, "row": None})


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def carrier_edit(request: PanelRequest, account_id: int) -> HttpResponse:
    """Other credentials, another name, another service: tried like the first ones."""
    with merchant_transaction(request.merchant.pk):
        row = living(request).get_or_missing(pk=account_id)
        kept = is_kept(row, newest_inquiry(row, CarrierInquiry.Kind.CHECK))
    about = known(row.carrier)
    start = {"name": row.name, "service": row.service, "test_mode": row.test_mode}
    start |= {
        f"setting_{box.name}": row.settings.get(box.name, box.default) for box in about.settings
    }
    form = ContractForm(request.POST or None, about=about, kept=kept, initial=start)
    if request.method == "POST" and form.is_valid() and _connect(request, form, row):
        return redirect("panel:carrier", row.pk)
    return _page(request, {"form": form, "about": about, "row": row})


def _connect(
    request: PanelRequest, form: ContractForm, row: CarrierAccount | None
) -> CarrierAccount | None:
    try:
        made = connect_carrier(
            contract=form.contract(), account=row, actor=request.actor, now=request.now
        )
    except RientroError as error:
        field = str(error.facts.get("field", ""))
        names = [name for name in form.fields if field and name.endswith(f"_{field}")]
        form.add_error(names[0] if names else None, said(error.message))
        return None
    if form.about.own_stock:
        messages.success(request, _("“%s” is connected. Upload its labels now.") % made.name)
    elif form.about.worker_only:
        messages.info(request, _("“%s” is being checked with what you typed.") % made.name)
    else:
        messages.success(
            request, _("“%s” is connected: it answers and takes our credentials.") % made.name
        )
    return made


def _page(request: PanelRequest, context: dict[str, Any]) -> HttpResponse:
    with merchant_transaction(request.merchant.pk):
        facts = facts_of(context["about"])
        return render(request, "panel/carrier_form.html", context | {"facts": facts})


# What it takes and what it costs


class TermsForm(PanelForm):
    name = forms.CharField(label=lazy("Name of the account"), max_length=80)
    service = forms.CharField(label=lazy("Return service"), max_length=80, required=False)
    countries = forms.CharField(
        label=lazy("Parcels from"),
        max_length=800,
        required=False,
        help_text=lazy("Two letters for each country, by comma: IT, DE. Empty: from everywhere."),
    )
    max_weight = forms.CharField(
        label=lazy("Heaviest parcel"),
        max_length=20,
        required=False,
        help_text=lazy("Such as 30 kg. Empty: no limit of yours."),
    )
    default_weight = forms.CharField(
        label=lazy("Weight of items without one"),
        max_length=20,
        required=False,
        help_text=lazy("Such as 800 g. Empty: 1 kg a parcel."),
    )
    brands = forms.MultipleChoiceField(
        label=lazy("Kept for brands"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("None ticked: for every brand."),
    )
    currency = forms.CharField(label=lazy("Currency"), min_length=3, max_length=3)

    def __init__(self, *args: Any, brands: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brands"].choices = brands  # type: ignore[attr-defined]
        self.fields["service"].widget.attrs["list"] = "services"

    def clean_countries(self) -> tuple[str, ...]:
        typed = self.cleaned_data["countries"].replace(";", ",").upper().split(",")
        return tuple(dict.fromkeys(code.strip() for code in typed if code.strip()))

    def clean_max_weight(self) -> int:
        return _grams(self.cleaned_data["max_weight"])

    def clean_default_weight(self) -> int:
        return _grams(self.cleaned_data["default_weight"])

    def clean_currency(self) -> str:
        typed = str(self.cleaned_data["currency"]).upper()
        if not (typed.isascii() and typed.isalpha()):
            raise forms.ValidationError(_("Three letters, such as EUR."))
        return typed


def _grams(typed: str) -> int:
    if not typed.strip():
        return 0
    grams = grams_of(typed)
    if grams is None:
        raise forms.ValidationError(_("Write a weight such as 1.5 kg or 800 g."))
    return int(grams)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def carrier_terms(request: PanelRequest, account_id: int) -> HttpResponse:
    """Which parcels this contract takes, and its price list."""
    row = living(request).get_or_missing(pk=account_id)
    brands = [(str(brand.pk), brand.name) for brand in request.frame.brands]
    form = TermsForm(request.POST or None, brands=brands, initial=_start(row))
    lines, problem, status = _lines_of(row), "", 200
    if request.method == "POST":
        lines, status = _typed_lines(request.POST), 400
        if form.is_valid():
            try:
                terms = _terms(form, lines)
                save_account(account=row, terms=terms, actor=request.actor, now=request.now)
            except ValueError:
                problem = _("Enter prices like 4.95, each with where it starts and where it goes.")
            except RientroError as error:
                field = str(error.facts.get("field", ""))
                form.add_error(field if field in form.fields else None, said(error.message))
            else:
                messages.success(request, _("Saved. It counts for labels from now on."))
                return redirect("panel:carrier", row.pk)
    context = {
        "row": row,
        "form": form,
        "problem": problem,
        "lines": list(enumerate([*lines, *[("", "", "")] * BLANKS])),
        "ends": [(ANY, _("anywhere")), *country_choices()],
    }
    return render(request, "panel/carrier_terms.html", context, status=status)


def _start(row: CarrierAccount) -> dict[str, Any]:
    brands, countries, heaviest = limits_of(row.settings)
    usual = row.settings.get("default_weight_g")
    return {
        "name": row.name,
        "service": row.service,
        "countries": ", ".join(sorted(countries)),
        "max_weight": _weight(heaviest),
        "default_weight": _weight(usual),
        "brands": [str(pk) for pk in brands],
        "currency": str(row.settings.get("currency") or "EUR"),
    }


def _weight(grams: Any) -> str:
    """As one would type it: "31.5 kg", "800 g"."""
    whole_grams = whole(grams)
    if not whole_grams:
        return ""
    return f"{whole_grams / 1000:g} kg" if whole_grams >= 1000 else f"{whole_grams} g"


def _lines_of(row: CarrierAccount) -> list[tuple[str, str, str]]:
    """(from, to, amount) of the price list as it stands."""
    prices, currency = row.settings.get("prices"), str(row.settings.get("currency") or "EUR")
    found = []
    for lane, minor in (prices if isinstance(prices, dict) else {}).items():
        origin, _dash, destination = str(lane).partition("-")
        if str(minor).isdigit():
            amount = str(Money(int(minor), currency).decimal())
            found.append((origin, destination or ANY, amount))
    return sorted(found)


def _typed_lines(post: QueryDict) -> list[tuple[str, str, str]]:
    found = []
    for number in range(MOST_LINES):
        if f"p{number}-price" not in post:
            break
        line = tuple(
            post.get(f"p{number}-{part}", "").strip()[:20] for part in ("from", "to", "price")
        )
        if line[2]:
            found.append((line[0], line[1], line[2]))
    return found


def _terms(form: TermsForm, lines: list[tuple[str, str, str]]) -> AccountTerms:
    """Raises ValueError for a price that is none, or a lane that is said twice."""
    said_, prices = form.cleaned_data, {}
    for origin, destination, typed in lines:
        lane = _lane(origin, destination)
        if lane in prices:
            raise ValueError(lane)
        prices[lane] = typed_price(typed, said_["currency"]).minor
    return AccountTerms(
        name=said_["name"],
        service=said_["service"],
        countries=said_["countries"],
        brands=tuple(int(pk) for pk in said_["brands"]),
        max_weight_g=said_["max_weight"],
        default_weight_g=said_["default_weight"],
        currency=said_["currency"],
        prices=prices,
    )


def _lane(origin: str, destination: str) -> str:
    """As the price list keeps it: "IT-DE", "IT", "*-DE" or "*"."""
    origin, destination = origin or ANY, destination or ANY
    return origin if destination == ANY else f"{origin}-{destination}"
