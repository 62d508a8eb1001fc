"""An order of Magento in our words.

Sources: Adobe Commerce REST schema (admin, 2.4), sales data order; magento/magento2, Sales (states of orders), Bundle
(a bundle with a dynamic price has its prices at what is in it), ConfigurableProduct (the row above has the price and
the SKU of what was chosen), InventoryInStorePickup (the shop's own address stands for a pickup's).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.magento.amounts import bought, cost, is_part, units
from rientro.shops.magento.around import Around, Lookup
from rientro.shops.magento.wire import Row
from rientro.shops.reading import (
    Odd,
    amount,
    grams,
    inner,
    key,
    minor,
    minor_down,
    moment,
    rows,
    text,
)

WEIGHTS = {"kgs": "kg", "lbs": "lb"}
UNSENT_KINDS = {"virtual", "downloadable", "giftcard"}  # nothing of them can come back in a box


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads orders with what was asked for around them."""

    look: Lookup
    around: Around
    url: str
    hs_code_attribute: str
    until: float

    def told(self, row: Row) -> Told:
        try:
            return self._order(row)
        except Odd as error:
            return Unreadable(
                external_order_id=key(row, "entity_id"),
                number=text(row, "increment_id"),
                reason=str(error),
            )

    def _order(self, row: Row) -> ShopOrder:
        currency = text(row, "order_currency_code", 3).upper()
        if len(currency) != 3 or not currency.isalpha():
            raise Odd("The order has no currency.")
        ordered_at = moment(row, "created_at")
        if ordered_at is None:
            raise Odd("The order has no date.")
        if not key(row, "entity_id"):
            raise Odd("The order has no id.")
        goods = list(sold(row))
        cancelled_at = moment(row, "updated_at") if text(row, "state") == "canceled" else None
        order = OrderIn(
            external_order_id=key(row, "entity_id"),
            number=text(row, "increment_id") or key(row, "entity_id"),
            ordered_at=ordered_at,
            status=text(row, "status", 32),
            language=text(self._store(row), "locale", 8).partition("_")[0].lower(),
            currency=currency,
            total_minor=max(0, minor(amount(row, "grand_total"), currency)),
            weight_g=sum(self._weight(row, item) * bought(item) for item in goods),
            fulfilled_at=self._fulfilled_at(row, goods),
            outbound_tracking_number=self._tracking(row),
            cancelled_at=cancelled_at,
            facts=self._facts(row, currency),
            lines=[self._line(row, item, currency) for item in goods],
            **self._person(row),
        )
        return ShopOrder(order=order, taken_back=self._taken_back(row, goods, cancelled_at))

    def _store(self, row: Row) -> Row:
        return self.look.store(key(row, "store_id"), self.until)

    # Dates

    def _shipments(self, row: Row) -> list[Row]:
        return self.around.shipments.get(key(row, "entity_id"), [])

    def _fulfilled_at(self, row: Row, goods: list[Row]) -> datetime | None:
        """When the last parcel left, once nothing is left to send."""
        sent = [units(item, "qty_shipped") for item in goods]
        left = [
            bought(item) - units(item, "qty_canceled") - units(item, "qty_refunded")
            for item in goods
        ]
        if not any(sent) or any(here > gone for here, gone in zip(left, sent, strict=True)):
            return None
        times = [at for one in self._shipments(row) if (at := moment(one, "created_at"))]
        return max(times, default=None) or moment(row, "updated_at")

    def _tracking(self, row: Row) -> str:
        numbers = [
            text(track, "track_number", 100)
            for one in self._shipments(row)
            for track in rows(one, "tracks")
        ]
        return next((number for number in numbers if number), "")

    # Who and where

    def _person(self, row: Row) -> dict[str, Any]:
        """The address of delivery; the shopper's own where they fetch it at the shop, or nothing is sent."""
        billing = inner(row, "billing_address")
        more = inner(row, "extension_attributes")
        assigned = next(iter(rows(more, "shipping_assignments")), {})
        there = inner(inner(assigned, "shipping"), "address")
        place = there if there and not text(more, "pickup_location_code") else billing
        country = text(place, "country_id", 2).upper() or text(billing, "country_id", 2).upper()
        if len(country) != 2:
            country = self._home(row)
        return _address(place) | {
            "country": country,
            "state": text(place, "region_code", 64) or text(place, "region", 64),
            "email": text(row, "customer_email", 254) or text(place, "email", 254),
            "phone": text(place, "telephone", 64),
        }

    def _home(self, row: Row) -> str:
        """Of an order without an address: the country of the store's language, which is all that its API says."""
        country = text(self._store(row), "locale", 8).partition("_")[2].upper()
        if len(country) != 2:
            raise Odd("The order has no address, and the shop’s country is not known.")
        return country

    def _facts(self, row: Row, currency: str) -> dict[str, Any]:
        billing = inner(row, "billing_address")
        address = {n: v for n, v in _address(billing).items() if n != "address_2"}
        payment = inner(row, "payment")
        more = inner(row, "extension_attributes")
        facts = {
            "order_id": key(row, "entity_id"),
            "store": text(row, "store_name").replace("\n", " › "),
            "invoice_number": self._invoice_number(row),
            "payment": self._payment(row) or text(payment, "method", 64),
            "shipping_minor": minor(amount(row, "shipping_incl_tax"), currency),
            "coupon": text(row, "coupon_code", 64),
            "pickup": text(more, "pickup_location_code", 64),
            "replaces_order_id": key(row, "relation_parent_id"),
            "billing": address | {"country": text(billing, "country_id", 2)} if billing else {},
        }
        return {name: value for name, value in facts.items() if value not in ("", {})}

    def _invoice_number(self, row: Row) -> str:
        invoices = self.around.invoices.get(key(row, "entity_id"), [])
        return next((text(one, "increment_id", 64) for one in invoices), "")

    def _payment(self, row: Row) -> str:
        for one in rows(inner(row, "extension_attributes"), "payment_additional_info"):
            if text(one, "key") == "method_title":
                return text(one, "value", 100)
        return ""

    # Lines

    def _line(self, row: Row, item: Row, currency: str) -> LineIn:
        paid = Fraction(cost(item)) / bought(item)
        product = self.around.products.get(text(item, "sku", 64), {})
        own = {text(one, "attribute_code"): one for one in rows(product, "custom_attributes")}
        hs_code = own.get(self.hs_code_attribute, {}) if self.hs_code_attribute else {}
        chosen = _chosen(row, item)
        name, longer = text(item, "name"), text(chosen, "name")
        return LineIn(
            name=name or text(item, "sku") or "?",
            variant=longer.removeprefix(name).strip(" -–")[:120] if longer != name else "",
            quantity=bought(item),
            price_minor=max(0, minor_down(paid, currency)),
            line_key=key(item, "item_id"),
            sku=text(item, "sku", 64),
            product_id=key(item, "product_id"),
            variant_id=key(chosen, "product_id"),
            weight_g=self._weight(row, item),
            hs_code=text(hs_code, "value", 32),
            origin_country=text(own.get("country_of_manufacture", {}), "value", 2).upper(),
            image_url=self._picture(row, own),
        )

    def _weight(self, row: Row, item: Row) -> int:
        unit = text(self._store(row), "weight_unit", 8)
        weight = amount(item, "weight") or amount(_chosen(row, item), "weight")
        times = amount(item, "qty_ordered") if is_part(item) else Decimal(1)
        return grams(weight * times, WEIGHTS.get(unit, unit))

    def _picture(self, row: Row, own: Mapping[str, Row]) -> str:
        file = text(own.get("image", {}), "value")
        if not file or file == "no_selection":
            return ""
        base = text(self._store(row), "secure_base_media_url") or f"{self.url}/media/"
        return f"{base.rstrip('/')}/catalog/product/{file.lstrip('/')}"

    def _taken_back(
        self, row: Row, goods: list[Row], cancelled_at: datetime | None
    ) -> Mapping[str, list[TakenBack]]:
        """Of each line: by credit memo with its date, then what the line counts beyond, then what was cancelled."""
        found: dict[str, list[TakenBack]] = {}
        for item in goods:
            line_key, left = key(item, "item_id"), bought(item)
            counted = min(units(item, "qty_refunded"), left)
            taken = []
            for count, at in self._memos(row, line_key):
                taken.append(TakenBack(units=min(count, counted), at=at))
                counted -= taken[-1].units
            taken.append(TakenBack(units=counted))
            taken.append(TakenBack(units=units(item, "qty_canceled"), at=cancelled_at))
            if kept := [one for one in taken if one.units > 0]:
                found[line_key] = kept
        return found

    def _memos(self, row: Row, line: str) -> Iterator[tuple[int, datetime | None]]:
        for memo in self.around.memos.get(key(row, "entity_id"), []):
            for part in rows(memo, "items"):
                if key(part, "order_item_id") == line and text(memo, "state") != "3":
                    yield int(amount(part, "qty")), moment(memo, "created_at")


def sold(row: Row) -> Iterator[Row]:
    """What the shopper holds and paid for: of a bundle what is in it, where that has the prices; nothing virtual."""
    items = rows(row, "items")
    inside: dict[str, list[Row]] = {}
    for item in items:
        if parent := key(item, "parent_item_id"):
            inside.setdefault(parent, []).append(item)
    priced = {
        key(item, "item_id")
        for item in items
        if text(item, "product_type") == "bundle"
        and any(amount(one, "row_total") > 0 for one in inside.get(key(item, "item_id"), []))
    }
    for item in items:
        parent = key(item, "parent_item_id")
        if key(item, "item_id") in priced or (parent and parent not in priced):
            continue
        if text(item, "product_type") not in UNSENT_KINDS and amount(item, "qty_ordered") > 0:
            yield item


def below(row: Row, line_key: str) -> list[Row]:
    return [item for item in rows(row, "items") if key(item, "parent_item_id") == line_key]


def _chosen(row: Row, item: Row) -> Row:
    """The simple product under a configurable."""
    if text(item, "product_type") != "configurable":
        return {}
    return next(iter(below(row, key(item, "item_id"))), {})


def _address(place: Row) -> dict[str, str]:
    street = place.get("street")
    lines = [str(line).strip()[:300] for line in street] if isinstance(street, list) else []
    first = lines[0] if lines else text(place, "street")
    return {
        "name": f"{text(place, 'firstname')} {text(place, 'lastname')}".strip(),
        "company": text(place, "company"),
        "street": first.replace("\x00", ""),
        "address_2": ", ".join(line for line in lines[1:] if line).replace("\x00", "")[:300],
        "postal_code": text(place, "postcode", 20),
        "city": text(place, "city"),
    }
