"""A merchant's shipping rules as they stand, asked once per order that comes in."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.db import connection

from rientro.kit.money import Money
from rientro.kit.tenancy import current_merchant
from rientro.models.integrations import Integration
from rientro.models.order_merge import Ruling
from rientro.policy.orders_in import OrderIn
from rientro.policy.shipping_rules import OrderFacts, Rule, apply, prepare, read_rule
from rientro.policy.shop_asking import Standing, brands_reached

# One question instead of three: an import of a hundred orders asks it each time.
STANDING = """
    SELECT json_build_object(
        'rules', (SELECT COALESCE(json_agg(r ORDER BY r.position, r.id), '[]') FROM (
            SELECT id, name, position, version, match_all, active, conditions, actions
            FROM rientro_shippingrule
            WHERE merchant_id = %(merchant)s AND active AND invalid_because = '') r),
        'addresses', (SELECT COALESCE(json_agg(json_build_array(id, brand_id, is_default) ORDER BY id), '[]')
            FROM rientro_senderaddress WHERE merchant_id = %(merchant)s AND deleted_at IS NULL),
        'brands', (SELECT COALESCE(json_agg(id ORDER BY id), '[]')
            FROM rientro_brand WHERE merchant_id = %(merchant)s AND archived_at IS NULL)
    )::text
"""
MOST_REMEMBERED = 10_000
# What is cheap to compare: rules that look at nothing else are asked once per combination.
FEW_VALUES: dict[str, Callable[[OrderIn], str]] = {
    "integration": lambda order: "",
    "destination_country": lambda order: order.country,
    "country": lambda order: order.country,
    "channel": lambda order: order.channel,
    "order_status": lambda order: order.status,
}


class RuleBook:
    """The rules, addresses and brands of the current merchant, read when it is made; for one batch."""

    def __init__(self, integration: Integration) -> None:
        standing = _standing()
        rules = [read_rule(row) for row in standing["rules"]]
        self._rules = rules
        self._integration_id = integration.pk
        self._program = prepare(rules)
        self._brand_of = {pk: brand_id for pk, brand_id, _ in standing["addresses"]}
        self._default = next((pk for pk, _, default in standing["addresses"] if default), None)
        self._brands: list[int] = standing["brands"]
        self._reads = _readers(rules)
        self._remembered: dict[tuple[str, ...], Ruling] = {}

    def rule(self, order: OrderIn) -> Ruling:
        """The address and brand of ``order``: the last rule that matches, else the default address."""
        if self._reads is None:
            return self._ask(order)
        seen = tuple(read(order) for read in self._reads)
        ruling = self._remembered.get(seen)
        if ruling is None:
            ruling = self._ask(order)
            if len(self._remembered) < MOST_REMEMBERED:
                self._remembered[seen] = ruling
        return ruling

    def brands_reached(self) -> set[int]:
        """The brands that an order of this integration can come to stand on, whatever is in it."""
        default = self._ruling(self._default, by_default=True, trace="").brand_id
        return brands_reached(Standing(self._rules, self._brand_of, default), self._integration_id)

    def _ask(self, order: OrderIn) -> Ruling:
        facts = _facts_of(order, self._integration_id)
        result = apply(self._program, facts, brands=self._brand_of)
        trace = msgspec.json.encode(result.short_trace).decode()
        if result.sender_address_id is None:
            return self._ruling(self._default, by_default=True, trace=trace)
        return self._ruling(result.sender_address_id, by_default=False, trace=trace)

    def _ruling(self, address: int | None, *, by_default: bool, trace: str) -> Ruling:
        """With several brands, an order that no rule gave one stands on the default address's: worth a warning."""
        brand = self._brand_of.get(address) if address is not None else None
        if brand is None:
            brand = self._brand_of.get(self._default) if self._default is not None else None
            by_default = True
        if brand is None and len(self._brands) == 1:
            brand = self._brands[0]
        return Ruling(address, brand, by_default and len(self._brands) > 1, trace)


def _standing() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"merchant": current_merchant()})
        found: dict[str, Any] = msgspec.json.decode(cursor.fetchone()[0])
        return found


def _readers(rules: list[Rule]) -> list[Callable[[OrderIn], str]] | None:
    """How to tell apart orders that these rules could tell apart; None if that is not cheap."""
    used = {condition.property for rule in rules for condition in rule.conditions}
    if not used <= set(FEW_VALUES):
        return None
    return [FEW_VALUES[name] for name in sorted(used)]


def _facts_of(order: OrderIn, integration_id: int) -> OrderFacts:
    lines: Any = order.lines or ()
    weight = order.weight_g or sum(line.weight_g * line.quantity for line in lines)
    return OrderFacts(
        integration_id=integration_id,
        country=order.country,
        postal_code=order.postal_code,
        channel=order.channel,
        company=order.company,
        number=order.number,
        status=order.status,
        skus=[line.sku for line in lines],
        item_names=[line.name for line in lines],
        tags=list(order.tags),
        value=Money(order.total_minor, order.currency),
        weight_g=weight or None,
    )
