"""Which price list holds for a purchase, and what it makes of the carrier's price."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from rientro.kit.money import Money
from rientro.models.parcels import LabelPurchase
from rientro.models.prices import PriceList
from rientro.policy.prices import Priced, Step, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the merchant pays by ``price_list``."""

    price_list: PriceList
    priced: Priced


def list_at(moment: datetime) -> PriceList | None:
    """The version that holds at ``moment``; None: the merchant pays its carriers itself."""
    begun = PriceList.objects.filter(valid_from__lte=moment)
    return begun.filter(Q(valid_to=None) | Q(valid_to__gt=moment)).order_by("-version").first()


def listed_price(purchase: LabelPurchase, cost: Money) -> Listed | None:
    """The price of ``purchase`` by the list that held when it was asked for; None without one."""
    found = list_at(purchase.created_at)
    if found is None:
        return None
    words: dict[str, Any] = purchase.request
    return Listed(
        price_list=found,
        priced=price(
            steps_of(found),
            currency=found.currency,
            cost=cost,
            origin=str(words.get("sender", {}).get("country", "")),
            destination=str(words.get("receiver", {}).get("country", "")),
            weight_g=int(words.get("parcel", {}).get("weight_g", 0)),
        ),
    )


def steps_of(price_list: PriceList) -> list[Step]:
    rows = price_list.steps.order_by("origin", "destination", "up_to_g")
    return [
        Step(
            origin=row.origin,
            destination=row.destination,
            up_to_g=row.up_to_g,
            fixed_minor=row.fixed_minor,
            percent=row.percent,
        )
        for row in rows
    ]
