"""Products whose customs data is missing although orders of them went across a customs border."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from rientro.kit.countries import CODES
from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.customs import ProductCustoms
from rientro.models.orders import Order, OrderLine
from rientro.policy.customs import EXCEPTIONS, MEMBERS, UNION, free_areas
from rientro.policy.declaration import (
    HS_PATTERN,
    Goods,
    missing_of,
    normal_hs,
    normal_origin,
)

LOOKS_BACK = timedelta(days=365)  # what was sold before comes back no more
MOST = 200


@dataclass(frozen=True, slots=True)
class Product:
    """One SKU: in how many orders across a border, and what is known and missing of it."""

    sku: str
    name: str
    orders: int
    hs_code: str
    origin_country: str
    weight_g: int
    missing: tuple[str, ...]


def products_without_customs(*, now: datetime, most: int = MOST) -> list[Product]:
    """The products that lack something, those in the most orders first; at most ``most``."""
    lacking = _lacking(_crossing_lines(now))
    found = (
        lacking.values("sku")
        .annotate(
            orders=Count("order", distinct=True),
            newest=Max("name"),
            hs=Max("hs_code", filter=Q(hs_code__regex=HS_PATTERN)),
            origin=Max("origin_country", filter=Q(origin_country__in=CODES)),
            weight=Max("weight_g"),
        )
        .order_by("-orders", "sku")[:most]
    )
    rows = list(found)
    kept = {row.sku: row for row in ProductCustoms.objects.filter(sku__in=[r["sku"] for r in rows])}
    return [_product(row, kept.get(row["sku"])) for row in rows]


def lines_without_customs(order: Order) -> dict[int, tuple[str, ...]]:
    """The lines of ``order`` that lack something, and what; empty where its return would cross no border."""
    lines = _crossing(OrderLine.objects.filter(order=order, removed_at=None))
    lacking = _lacking(lines, without_sku=True)
    kept = {
        row.sku: row
        for row in ProductCustoms.objects.filter(sku__in=[line.sku for line in lacking])
    }
    return {line.pk: _missing(line, kept.get(line.sku)) for line in lacking}


def is_anything_wanted(*, now: datetime) -> bool:
    return _lacking(_crossing_lines(now)).exists()


def _crossing_lines(now: datetime) -> QuerySet[OrderLine]:
    sold = OrderLine.objects.filter(
        removed_at=None,
        order__standalone=False,
        order__cancelled_at=None,
        order__redacted_at=None,
        order__ordered_at__gte=now - LOOKS_BACK,
    )
    return _crossing(sold)


def _crossing(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Those whose return would need a declaration on its way to where the order came from."""
    desks = list(SenderAddress.objects.living())
    usual = next((desk for desk in desks if desk.is_default), None)
    known = lines.annotate(
        area=_AREA,
        desk=Coalesce(F("order__sender_address"), Value(usual.pk if usual else None)),
    )
    crossing = Q(pk__in=[])
    for desk in desks:
        free = sorted(free_areas(desk.country, desk.postal_code))
        crossing |= Q(desk=desk.pk) & ~Q(area__in=free)
    return known.filter(crossing)


def _lacking(lines: QuerySet[OrderLine], *, without_sku: bool = False) -> QuerySet[OrderLine]:
    """Those of which the shop did not say all, and the merchant neither."""
    kept = ProductCustoms.objects.filter(sku=OuterRef("sku"))
    wanting = (
        (~Q(hs_code__regex=HS_PATTERN) & ~Exists(kept.exclude(hs_code="")))
        | (~Q(origin_country__in=CODES) & ~Exists(kept.exclude(origin_country="")))
        | (Q(weight_g=0) & ~Exists(kept.exclude(weight_g=0)))
    )
    return lines.filter(wanting) if without_sku else lines.exclude(sku="").filter(wanting)


def _area() -> Case:
    """policy.customs.area_of in SQL, of an order line's order."""
    parts = [
        When(
            order__country=country,
            order__postal_norm__regex=f"^({pattern})$",
            then=Value(area),
        )
        for country, areas in EXCEPTIONS.items()
        for pattern, area in areas
    ]
    union = When(order__country__in=sorted(MEMBERS), then=Value(UNION))
    return Case(*parts, union, default=F("order__country"), output_field=CharField())


_AREA = _area()


def _product(row: Mapping[str, Any], kept: ProductCustoms | None) -> Product:
    known = Goods(
        description=str(row["newest"]),
        quantity=1,
        value=Money(0, "EUR"),
        hs_code=str(row["hs"] or (kept.hs_code if kept else "")),
        origin_country=str(row["origin"] or (kept.origin_country if kept else "")),
        weight_g=row["weight"] or (kept.weight_g if kept else 0),
    )
    return Product(
        sku=row["sku"],
        name=known.description,
        orders=row["orders"],
        hs_code=known.hs_code,
        origin_country=known.origin_country,
        weight_g=known.weight_g,
        missing=missing_of(known),
    )


def _missing(line: OrderLine, kept: ProductCustoms | None) -> tuple[str, ...]:
    return missing_of(
        Goods(
            description=line.name,
            quantity=1,
            value=Money(0, "EUR"),
            hs_code=normal_hs(line.hs_code) or (kept.hs_code if kept else ""),
            origin_country=normal_origin(line.origin_country)
            or (kept.origin_country if kept else ""),
            weight_g=line.weight_g or (kept.weight_g if kept else 0),
        )
    )
