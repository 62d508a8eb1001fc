"""Shipping rules asked again of orders that are here already: for a try, and for real."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand
from rientro.models.orders import Order, OrderLine
from rientro.models.rules import ShippingRule
from rientro.policy.shipping_rules import OrderFacts, Result, Rule, apply, prepare, read_rule

MOST = 2000  # orders that a try looks at, newest first


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of an order today."""

    address_id: int | None
    brand_id: int | None
    by_default: bool
    trace: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def changes(self, order: Order) -> bool:
        """Is it another answer than the order carries?"""
        now = (order.sender_address_id, order.brand_id, order.brand_by_default)
        return now != (self.address_id, self.brand_id, self.by_default)


@dataclass(frozen=True, slots=True)
class Trial:
    """``changed`` of the ``looked`` newest orders would get another address or brand."""

    looked: int
    changed: list[tuple[Order, Ruling]]


class Judge:
    """The rules, addresses and brands of the current merchant, read once for many orders."""

    def __init__(self, rules: Sequence[Rule] | None = None) -> None:
        self._program = prepare(standing_rules() if rules is None else rules)
        self._brand_of = dict(SenderAddress.objects.living().values_list("pk", "brand_id"))
        self._default = SenderAddress.objects.default_or_none()
        self._brands = list(Brand.objects.filter(archived_at=None).values_list("pk", flat=True))

    def ruling(self, order: Order, lines: Iterable[OrderLine]) -> Ruling:
        """The last rule that matches, else the default address; as an import would say today."""
        result = self.result(facts_of_order(order, list(lines)))
        return self.ruling_of(result)

    def result(self, facts: OrderFacts) -> Result:
        """What the rules alone say of these facts, with the whole trace."""
        return apply(self._program, facts, brands=self._brand_of)

    def ruling_of(self, result: Result) -> Ruling:
        """The address and brand that follow, with the default ones where no rule chose."""
        address, by_default = result.sender_address_id, False
        if address is None:
            address, by_default = (self._default.pk if self._default else None), True
        brand = self._brand_of.get(address) if address is not None else None
        if brand is None:
            brand, by_default = (self._default.brand_id if self._default else None), True
        if brand is None and len(self._brands) == 1:
            brand = self._brands[0]
        return Ruling(address, brand, by_default and len(self._brands) > 1, result.short_trace)


def standing_rules() -> list[Rule]:
    """The rules that run, in their order."""
    rows = ShippingRule.objects.filter(active=True, invalid_because="")
    return [read_rule(row) for row in rows.order_by("position", "pk")]


def try_rules(rules: Sequence[Rule]) -> Trial:
    """What ``rules`` would change on the newest orders. Writes nothing."""
    judge = Judge(rules)
    orders = list(
        Order.objects.filter(standalone=False)
        .select_related("integration", "brand", "sender_address")
        .prefetch_related("lines")
        .order_by("-ordered_at", "-id")[:MOST]
    )
    told = [(order, judge.ruling(order, order.lines.all())) for order in orders]
    return Trial(len(orders), [(order, ruling) for order, ruling in told if ruling.changes(order)])


def facts_of_order(order: Order, lines: list[OrderLine]) -> OrderFacts:
    """What rules may look at, of an order that is here."""
    living = [line for line in lines if line.removed_at is None]
    weight = order.weight_g or sum(line.weight_g * line.quantity for line in living)
    return OrderFacts(
        integration_id=order.integration_id,
        country=order.country,
        postal_code=order.postal_code,
        channel=order.channel,
        company=order.company,
        number=order.number,
        status=order.status,
        skus=[line.sku for line in living],
        item_names=[line.name for line in living],
        tags=list(order.tags),
        value=Money(order.total_minor, order.currency),
        weight_g=weight or None,
    )
