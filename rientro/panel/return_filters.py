"""What the returns desk is narrowed to: read from the address, said in chips."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rientro.models import Return
from rientro.models.customs import waiting_for_customs
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest
from rientro.panel.matching import returns_matching
from rientro.panel.pages import without
from rientro.policy.lifecycle import Tab

NAMES = ("q", "brand", "country", "days", "silent", "customs", "reason")
DAYS = (7, 30, 90)
MAX_REASONS = 200


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force; ``without`` is the address's query without it."""

    name: str
    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Filters:
    """The chosen values as they stand in the form, and what may be chosen."""

    chosen: dict[str, str]
    chips: list[Chip]
    brands: list[tuple[str, str]]
    countries: list[tuple[str, str]]
    reasons: list[tuple[str, str]] = field(default_factory=list)
    days: tuple[int, ...] = DAYS


def filters_of(request: PanelRequest) -> Filters:
    """Read the filters; what is not on offer counts as not given."""
    brands = [(str(brand.pk), brand.name) for brand in request.frame.brands]
    reasons = _reasons(request)
    countries = country_choices()
    offers = {
        "brand": dict(brands),
        "country": dict(countries),
        "days": {str(days): _("last %d days") % days for days in DAYS},
        "silent": {"1": _("no scan for days")},
        "customs": {"1": _("customs data missing")},
        "reason": dict(reasons),
    }
    given = {name: request.GET.get(name, "").strip()[:200] for name in NAMES}
    chosen = {n: v for n, v in given.items() if v and (n == "q" or v in offers[n])}
    labels = {
        "q": _("Search"),
        "brand": _("Brand"),
        "country": _("Country"),
        "days": _("Created"),
        "silent": _("Carrier"),
        "customs": _("Label"),
        "reason": _("Reason"),
    }
    chips = [
        Chip(name, labels[name], offers.get(name, {}).get(value, value), without(request, name))
        for name, value in chosen.items()
    ]
    return Filters(chosen, chips, brands, countries, reasons)


def narrowed(request: PanelRequest, chosen: dict[str, str]) -> QuerySet[Return]:
    """The merchant's returns under the chosen filters, of every tab."""
    rows: QuerySet[Return] = request.merchant.returns.all()
    if words := chosen.get("q"):
        rows = returns_matching(request.merchant, words)
    if brand := chosen.get("brand"):
        rows = rows.filter(brand_id=int(brand))
    if country := chosen.get("country"):
        rows = rows.filter(from_country=country)
    if days := chosen.get("days"):
        rows = rows.filter(requested_at__gte=request.now - timedelta(days=int(days)))
    if chosen.get("silent"):
        rows = rows.filter(silent_since__isnull=False, tab=Tab.IN_TRANSIT.value)
    if chosen.get("customs"):
        rows = rows.filter(pk__in=waiting_for_customs().values("pk"))
    if reason := chosen.get("reason"):
        items = request.merchant.return_items.filter(reason__code=reason)
        rows = rows.filter(pk__in=items.values("ret_id"))
    return rows


def _reasons(request: PanelRequest) -> list[tuple[str, str]]:
    language = request.member.user.language
    rows = request.merchant.return_reasons.order_by("position", "code")[:MAX_REASONS]
    named: dict[str, str] = {}
    for reason in rows:
        named.setdefault(reason.code, reason.label(language))
    return sorted(named.items(), key=lambda pair: pair[1])
