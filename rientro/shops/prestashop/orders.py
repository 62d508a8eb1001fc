"""An order of PrestaShop in our words.

Sources: devdocs.prestashop-project.org, Webservice › Resources (orders, order_details, order_slip, addresses);
classes/order/OrderDetail.php (a discount of the order is shared out by what the units cost, free shipping left
aside) and src/Adapter/Order/Refund/OrderRefundUpdater.php (units refunded and units returned are counted apart), 8.1.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.prestashop.around import Around, Lookup
from rientro.shops.prestashop.hours import moment_of
from rientro.shops.prestashop.wire import Row
from rientro.shops.prestashop.words import in_language
from rientro.shops.reading import Odd, amount, grams, key, minor, minor_down, text, whole

CANCELED, DELIVERED = (
    "6",
    "5",
)  # as PrestaShop is installed, where its configuration may not be read
VARIANTS = (
    re.compile(r"(?P<name>.+?) \((?P<variant>[^()]+ ?: ?[^()]+)\)"),
    re.compile(r"(?P<name>.+?) - (?P<variant>[^-]+ ?: ?.+)"),
    re.compile(r"(?P<name>.+) \((?P<variant>[^()]+)\)"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads orders with what was asked for around them. ``url`` is the shop's, for pictures."""

    look: Lookup
    around: Around
    zone: ZoneInfo
    url: str
    until: float

    def told(self, row: Row) -> Told:
        try:
            return self._order(row)
        except Odd as error:
            return Unreadable(
                external_order_id=key(row), number=text(row, "reference"), reason=str(error)
            )

    def _order(self, row: Row) -> ShopOrder:
        currency = self._currency(row)
        details = [d for d in self.around.details.get(key(row), []) if whole(d, "product_quantity")]
        cancelled_at = self._cancelled_at(row)
        ordered_at = self._moment(row, "date_add")
        if ordered_at is None:
            raise Odd("The order has no date.")
        weight = sum(self._weight(d) * whole(d, "product_quantity") for d in details)
        order = OrderIn(
            external_order_id=key(row),
            number=text(row, "reference") or key(row),
            ordered_at=ordered_at,
            status=self._status(row),
            currency=currency,
            total_minor=max(0, minor(amount(row, "total_paid_tax_incl"), currency)),
            weight_g=weight,
            language=text(self._of("languages", row, "id_lang"), "iso_code", 8).lower(),
            fulfilled_at=self._fulfilled_at(row),
            delivered_at=self._reached(row, self._state("PS_OS_DELIVERED", DELIVERED)),
            outbound_tracking_number=self._tracking(row),
            cancelled_at=cancelled_at,
            facts=self._facts(row, currency),
            lines=list(self._lines(row, details, currency)),
            **self._person(row),
        )
        return ShopOrder(order=order, taken_back=self._taken_back(row, details, cancelled_at))

    def _of(self, resource: str, row: Row, name: str) -> Row:
        return self.look.row(resource, key(row, name), self.until) if key(row, name) else {}

    def _moment(self, row: Row, name: str) -> datetime | None:
        return moment_of(text(row, name), self.zone)

    def _currency(self, row: Row) -> str:
        currency = text(self._of("currencies", row, "id_currency"), "iso_code", 3).upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            raise Odd("The currency of the order is not known in PrestaShop any more.")
        return currency

    # Status and dates

    def _state(self, setting: str, usual: str) -> str:
        return self.look.setting(setting, self.until) or usual

    def _status(self, row: Row) -> str:
        state = self._of("order_states", row, "current_state")
        return in_language(state.get("name"), self.look.setting("PS_LANG_DEFAULT", self.until))

    def _histories(self, row: Row) -> list[Row]:
        rows = self.around.histories.get(key(row), [])
        return sorted(rows, key=lambda one: (text(one, "date_add"), whole(one, "id")))

    def _reached(self, row: Row, state: str) -> datetime | None:
        """When the order first came to ``state``; without its history, when it last changed, if it is there now."""
        for one in self._histories(row):
            if key(one, "id_order_state") == state:
                return self._moment(one, "date_add")
        return self._moment(row, "date_upd") if key(row, "current_state") == state else None

    def _cancelled_at(self, row: Row) -> datetime | None:
        state = self._state("PS_OS_CANCELED", CANCELED)
        return self._reached(row, state) if key(row, "current_state") == state else None

    def _fulfilled_at(self, row: Row) -> datetime | None:
        """The first time that it came to a status that counts as shipped."""
        for one in self._histories(row):
            if text(self._of("order_states", one, "id_order_state"), "shipped") == "1":
                return self._moment(one, "date_add")
        if text(self._of("order_states", row, "current_state"), "shipped") != "1":
            return None
        return self._moment(row, "delivery_date") or self._moment(row, "date_upd")

    def _tracking(self, row: Row) -> str:
        parcels = self.around.carriers.get(key(row), [])
        numbers = [text(parcel, "tracking_number", 64) for parcel in parcels]
        return next((n for n in numbers if n), text(row, "shipping_number", 64))

    # The person

    def _person(self, row: Row) -> dict[str, Any]:
        place = self.around.addresses.get(key(row, "id_address_delivery"))
        place = place or self.around.addresses.get(key(row, "id_address_invoice"), {})
        customer = self.around.customers.get(key(row, "id_customer"), {})
        country = self._country(place) or self._home()
        if not country:
            raise Odd("The order has no address with a country.")
        return {
            **_address(place),
            "country": country,
            "state": text(self._of("states", place, "id_state"), "iso_code", 10),
            "email": text(customer, "email", 254),
            "phone": text(place, "phone_mobile", 40) or text(place, "phone", 40),
        }

    def _country(self, place: Row) -> str:
        return text(self._of("countries", place, "id_country"), "iso_code", 2).upper()

    def _home(self) -> str:
        number = self.look.setting("PS_COUNTRY_DEFAULT", self.until)
        found = self.look.row("countries", number, self.until) if number.isdigit() else {}
        return text(found, "iso_code", 2).upper()

    def _facts(self, row: Row, currency: str) -> dict[str, Any]:
        billing = self.around.addresses.get(key(row, "id_address_invoice"), {})
        address = {n: v for n, v in _address(billing).items() if n != "address_2"}
        facts = {
            "order_id": key(row),
            "payment": text(row, "payment"),
            "payment_module": text(row, "module", 64),
            "invoice_number": key(row, "invoice_number"),
            "shipping_minor": minor(amount(row, "total_shipping_tax_incl"), currency),
            "billing": address | {"country": self._country(billing)} if billing else {},
        }
        return {name: value for name, value in facts.items() if value not in ("", {})}

    # Lines

    def _lines(self, row: Row, details: list[Row], currency: str) -> Iterator[LineIn]:
        share = self._paid_share(row, details)
        for detail in details:
            quantity = whole(detail, "product_quantity")
            name, variant = _named(detail)
            paid = Fraction(_cost(detail)) * share / quantity
            yield LineIn(
                name=name,
                variant=variant,
                quantity=quantity,
                price_minor=max(0, minor_down(paid, currency)),
                line_key=key(detail),
                sku=text(detail, "product_reference", 64),
                product_id=key(detail, "product_id"),
                variant_id=key(detail, "product_attribute_id"),
                weight_g=self._weight(detail),
                image_url=self._picture(detail),
            )

    def _paid_share(self, row: Row, details: list[Row]) -> Fraction:
        """What is left of the goods' price after the discounts of the order, between 0 and 1."""
        goods = sum((_cost(detail) for detail in details), Decimal(0))
        if goods <= 0:
            return Fraction(0)
        off = amount(row, "total_discounts_tax_incl")
        rules = [
            r for r in (self.around.rules or {}).get(key(row), []) if text(r, "deleted") != "1"
        ]
        if any(text(rule, "free_shipping") == "1" for rule in rules):
            off -= amount(row, "total_shipping_tax_incl")
        return 1 - Fraction(min(max(off, Decimal(0)), goods)) / Fraction(goods)

    def _weight(self, detail: Row) -> int:
        unit = self.look.setting("PS_WEIGHT_UNIT", self.until)
        return grams(amount(detail, "product_weight"), unit)

    def _picture(self, detail: Row) -> str:
        """The original file lies in public: 123 is at img/p/1/2/3/123.jpg (classes/Image.php)."""
        variant = self.around.combinations.get(key(detail, "product_attribute_id"), {})
        images = _association(variant, "images")
        product = self.around.products.get(key(detail, "product_id"), {})
        number = next((key(i) for i in images if key(i)), "") or key(product, "id_default_image")
        return f"{self.url}/img/p/{'/'.join(number)}/{number}.jpg" if number else ""

    def _taken_back(
        self, row: Row, details: list[Row], cancelled_at: datetime | None
    ) -> Mapping[str, list[TakenBack]]:
        """Of each line: by credit slip with its date, then what the line itself counts beyond, then a cancellation."""
        found: dict[str, list[TakenBack]] = {}
        for detail in details:
            left = bought = whole(detail, "product_quantity")
            taken = []
            for units, at in self._slips(row, key(detail)):
                taken.append(TakenBack(units=min(units, left), at=at))
                left -= taken[-1].units
            counted = whole(detail, "product_quantity_refunded") + whole(
                detail, "product_quantity_return"
            )
            beyond = min(left, counted - (bought - left))
            taken.append(TakenBack(units=beyond))
            if cancelled_at:
                taken.append(TakenBack(units=left - max(beyond, 0), at=cancelled_at))
            if kept := [one for one in taken if one.units > 0]:
                found[key(detail)] = kept
        return found

    def _slips(self, row: Row, line: str) -> Iterator[tuple[int, datetime | None]]:
        for slip in self.around.slips.get(key(row), []):
            for part in _association(slip, "order_slip_details"):
                if key(part, "id_order_detail") == line:
                    yield whole(part, "product_quantity"), self._moment(slip, "date_add")


def _cost(detail: Row) -> Decimal:
    """The whole line, tax included, after the discounts of the line itself."""
    whole_line = amount(detail, "total_price_tax_incl")
    return whole_line or amount(detail, "unit_price_tax_incl") * whole(detail, "product_quantity")


def _named(detail: Row) -> tuple[str, str]:
    """PrestaShop writes the variant into the name: "Mug (Colour: Red)", before 1.7.8 "Mug - Colour : Red"."""
    name = text(detail, "product_name") or text(detail, "product_reference") or "?"
    if key(detail, "product_attribute_id"):
        for pattern in VARIANTS:
            if found := pattern.fullmatch(name):
                return found["name"], found["variant"]
    return name, ""


def _address(place: Row) -> dict[str, str]:
    return {
        "name": f"{text(place, 'firstname')} {text(place, 'lastname')}".strip(),
        "company": text(place, "company"),
        "street": text(place, "address1"),
        "address_2": text(place, "address2"),
        "postal_code": text(place, "postcode", 20),
        "city": text(place, "city"),
    }


def _association(row: Row, name: str) -> list[Row]:
    found = row.get("associations")
    rows = found.get(name) if isinstance(found, dict) else None
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
