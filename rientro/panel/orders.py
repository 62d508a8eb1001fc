"""Incoming orders: they only need to be here; search, filters, brand and rule result."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rientro.models import Order
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, door
from rientro.panel.frame import capped_count, capped_words
from rientro.panel.matching import orders_matching
from rientro.panel.pages import page_of, without
from rientro.panel.return_filters import DAYS, Chip

NAMES = ("q", "integration", "brand", "country", "rule", "returned", "days")


@dataclass(frozen=True, slots=True)
class Fallen:
    """Orders that no rule gave a brand to, while there is more than one brand to choose from."""

    count: str
    one: bool
    brand: str


def fallen_on_default(request: PanelRequest) -> Fallen | None:
    """What the warning of S11 says; None where there is nothing to warn of."""
    if len(request.frame.brands) < 2:
        return None
    count = capped_count(request.merchant.orders.filter(brand_by_default=True))
    if not count:
        return None
    default = request.merchant.addresses.filter(is_default=True).select_related("brand").first()
    brand = default.brand.name if default and default.brand else _("no brand")
    return Fallen(capped_words(count), count == 1, brand)


@door()
@require_safe
def orders(request: PanelRequest) -> HttpResponse:
    offers = _offers(request)
    chosen = _chosen(request, offers)
    rows = _narrowed(request, chosen)
    lines = request.merchant.order_lines.filter(removed_at=None)
    rows = rows.select_related("integration", "brand", "sender_address")
    with_it: list[Any] = [Prefetch("lines", lines)]
    rows = rows.prefetch_related(*with_it)
    page = page_of(request, rows, by="ordered_at")
    back = _returns_of(request, page.rows)
    for order in page.rows:
        order.units = sum(line.quantity for line in order.lines.all())
        order.back = back.get(order.pk, 0)
    context = {
        "page": page,
        "offers": offers,
        "chosen": chosen,
        "chips": _chips(request, chosen, offers),
        "fallen": fallen_on_default(request),
        "last_run": request.merchant.import_runs.order_by("-id").first(),
        "any": bool(page.rows or chosen)
        or request.merchant.orders.filter(standalone=False).exists(),
    }
    return render(request, "panel/orders.html", context)


def _returns_of(request: PanelRequest, orders: list[Order]) -> dict[int, int]:
    """How many returns each of these orders has: one question for the page."""
    found = request.merchant.returns.filter(order_id__in=[order.pk for order in orders])
    counts = found.order_by().values("order_id").annotate(number=Count("id"))
    return {row["order_id"]: row["number"] for row in counts}


def _offers(request: PanelRequest) -> dict[str, list[tuple[str, str]]]:
    shops = request.merchant.integrations.filter(deleted_at=None).order_by("shop_name", "id")
    return {
        "integration": [(str(shop.pk), shop.shop_name) for shop in shops],
        "brand": [(str(brand.pk), brand.name) for brand in request.frame.brands],
        "country": country_choices(),
        "rule": [("default", _("default brand")), ("rule", _("a rule matched"))],
        "returned": [("1", _("with a return")), ("0", _("without a return"))],
        "days": [(str(days), _("last %d days") % days) for days in DAYS],
    }


def _chosen(request: PanelRequest, offers: dict[str, list[tuple[str, str]]]) -> dict[str, str]:
    given = {name: request.GET.get(name, "").strip()[:200] for name in NAMES}
    return {n: v for n, v in given.items() if v and (n == "q" or v in dict(offers[n]))}


def _chips(
    request: PanelRequest, chosen: dict[str, str], offers: dict[str, list[tuple[str, str]]]
) -> list[Chip]:
    labels = {
        "q": _("Search"),
        "integration": _("Integration"),
        "brand": _("Brand"),
        "country": _("Country"),
        "rule": _("Rule result"),
        "returned": _("Returns"),
        "days": _("Ordered"),
    }
    return [
        Chip(
            name, labels[name], dict(offers.get(name, [])).get(value, value), without(request, name)
        )
        for name, value in chosen.items()
    ]


def _narrowed(request: PanelRequest, chosen: dict[str, str]) -> QuerySet[Order]:
    rows: Any = request.merchant.orders.filter(standalone=False)
    if words := chosen.get("q"):
        rows = orders_matching(request.merchant, words)
    for name in ("integration", "brand"):
        if name in chosen:
            rows = rows.filter(**{f"{name}_id": int(chosen[name])})
    if country := chosen.get("country"):
        rows = rows.filter(country=country)
    if "rule" in chosen:
        rows = rows.filter(brand_by_default=chosen["rule"] == "default")
    if "returned" in chosen:
        back = request.merchant.returns.values("order_id")
        rows = rows.filter(pk__in=back) if chosen["returned"] == "1" else rows.exclude(pk__in=back)
    if days := chosen.get("days"):
        rows = rows.filter(ordered_at__gte=request.now - timedelta(days=int(days)))
    found: QuerySet[Order] = rows
    return found
