"""Vouchers of PrestaShop (cart rules): one for each refund, found again by its description.

Sources: classes/CartRule.php 8.1 (fields, ``partial_use`` makes a new voucher of what is left), devdocs Webservice ›
Resources › cart_rules. Credit slips of discounted orders may say too much (PrestaShop issue #18319), so what is left
of an order is reckoned from what was paid.
"""

import secrets
from collections.abc import Mapping
from decimal import Decimal

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.shops.base import InvalidRequest, RefundRequest, ShopOrder, ShopRefund, Told
from rientro.shops.prestashop.around import Lookup
from rientro.shops.prestashop.wire import PrestaWire, Row
from rientro.shops.prestashop.words import in_language
from rientro.shops.reading import amount, key, minor, text

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
YEARS = 3  # from the order's date on, in which the voucher may be used
OURS = "Rientro"


class Vouchers:
    def __init__(self, wire: PrestaWire, look: Lookup) -> None:
        self._wire = wire
        self._look = look

    def find(self, order_id: str, reference: str, until: float) -> ShopRefund | None:
        rows = self._described(f"[{_described(order_id, reference)}]", until)
        return self._refund(rows[0], until) if rows else None

    def give(self, request: RefundRequest, order: Row, told: Told, until: float) -> ShopRefund:
        """Refuses (InvalidRequest) what is more than is left of the order, in money or in units."""
        order_id = request.external_order_id
        currency = request.amount.currency
        self._guard(request, told, currency)
        given = self._described(f"[{OURS} {order_id} ]%", until)
        paid = minor(amount(order, "total_paid_tax_incl"), currency)
        slips = self._wire.rows_of("order_slip", "id_order", [order_id], until)
        back = sum(
            minor(
                amount(slip, "total_products_tax_incl") + amount(slip, "total_shipping_tax_incl"),
                currency,
            )
            for slip in slips
        )
        back += sum(minor(amount(rule, "reduction_amount"), currency) for rule in given)
        if request.amount.minor > paid - back:
            left = Money(max(0, paid - back), currency)
            said = Sentence("Only %(left)s is left of this order in PrestaShop.", left=left)
            raise InvalidRequest(said, left=left.minor)
        code = "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
        fields = self._fields(request, order, code, until)
        number = self._wire.add("cart_rules", "cart_rule", fields, until)
        return ShopRefund(shop_reference=number, amount=request.amount, code=code)

    @staticmethod
    def _guard(request: RefundRequest, told: Told, currency: str) -> None:
        if not isinstance(told, ShopOrder):
            raise InvalidRequest(
                Sentence("This order cannot be read: %(reason)s", reason=told.reason)
            )
        if told.order.currency != currency:
            said = Sentence(
                "The order was paid in %(paid)s, not in %(asked)s.",
                paid=told.order.currency,
                asked=currency,
            )
            raise InvalidRequest(said)
        if request.amount.minor <= 0:
            raise InvalidRequest("A voucher must be worth something.")
        bought = {line.line_key: line.quantity for line in told.order.lines or ()}
        for line, units in request.units.items():
            gone = sum(taken.units for taken in told.taken_back.get(line, ()))
            if units > bought.get(line, 0) - gone:
                raise InvalidRequest("More units than are left of a line in PrestaShop.", line=line)

    def _fields(
        self, request: RefundRequest, order: Row, code: str, until: float
    ) -> Mapping[str, str | Mapping[str, str]]:
        begun = text(order, "date_add", 19)
        name = request.note.strip()[:200] or request.reference
        languages = {key(order, "id_lang"), self._look.setting("PS_LANG_DEFAULT", until)}
        return {
            "id_customer": self._owner(order, until),
            "date_from": begun,
            "date_to": f"{int(begun[:4]) + YEARS}{begun[4:].replace('-02-29', '-02-28')}",
            "description": _described(request.external_order_id, request.reference),
            "quantity": "1",
            "quantity_per_user": "1",
            "priority": "1",
            "partial_use": "1",
            "code": code,
            "reduction_amount": str(request.amount.decimal()),
            "reduction_tax": "1",
            "reduction_currency": key(order, "id_currency"),
            "highlight": "0",
            "active": "1",
            "name": {one: name for one in sorted(languages) if one},
        }

    def _owner(self, order: Row, until: float) -> str:
        """Nobody else may use it; a guest is another customer at the next purchase, so theirs is anybody's."""
        number = key(order, "id_customer")
        rows = self._wire.rows_of("customers", "id", [number], until, "[id,is_guest]")
        return number if rows and text(rows[0], "is_guest") != "1" else "0"

    def _described(self, pattern: str, until: float) -> list[Row]:
        query = {"filter[description]": pattern, "display": "full", "limit": "50"}
        return self._wire.rows("cart_rules", until, **query)

    def _refund(self, rule: Row, until: float) -> ShopRefund:
        currency = self._look.row("currencies", key(rule, "reduction_currency"), until)
        iso = text(currency, "iso_code", 3).upper() or "EUR"
        worth: Decimal = amount(rule, "reduction_amount")
        return ShopRefund(
            shop_reference=key(rule),
            amount=Money(minor(worth, iso), iso),
            code=text(rule, "code"),
            facts={"name": in_language(rule.get("name"), "")},
        )


def _described(order_id: str, reference: str) -> str:
    """What stands in the voucher; the signs that a filter reads otherwise are left out."""
    clean = "".join(sign for sign in reference if sign.isalnum() or sign in "-_. ")
    return f"{OURS} {order_id} {clean[:100]}"
