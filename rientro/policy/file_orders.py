"""The rows of one order in a file, read as an order: what is wrong is told per row, what is odd as well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from rientro.kit.countries import country_code
from rientro.kit.postal_codes import has_postal_codes, is_needed, problem
from rientro.kit.sentences import Sentence
from rientro.policy.amounts import grams_of, minor_of
from rientro.policy.cells import (
    is_cancelled,
    is_yes,
    plain_cell,
    read_amount,
    read_channel,
    read_moment,
    was_shortened,
    with_leading_zeros,
)
from rientro.policy.columns import FIELDS
from rientro.policy.order_checks import MOST_UNITS, problems_of
from rientro.policy.orders_in import LineIn, OrderIn

Row = tuple[int, list[str]]  # the row's number as a spreadsheet shows it, and its cells
LINE_FIELDS = [code for code, known in FIELDS.items() if known.group == "line"]
AGREE = (
    "email",
    "postal_code",
    "ordered_on",
    "currency",
)  # rows of one order should not differ in these
SHORTENED = Sentence("A spreadsheet has shortened this number. Format the column as text.")
UNREACHABLE = Sentence(
    "Without a postal code, an e-mail address or the code of a receipt nobody can find this order again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read. ``columns`` is {field: place in the row}; the rest stands in for what is not told."""

    columns: Mapping[str, int]
    country: str
    currency: str
    zone: tzinfo
    now: datetime
    date_order: str = "dmy"
    decimal: str = "."
    channel: str = "web"
    in_grams: bool = False
    status_is_cancellation: bool = False  # the column is headed "Cancelled at"

    def cell(self, cells: Sequence[str], code: str) -> str:
        """The words under a field, "" where the column or the cell is not there."""
        place = self.columns.get(code)
        return plain_cell(cells[place]) if place is not None and place < len(cells) else ""

    def tells_lines(self) -> bool:
        return any(code in self.columns for code in ("item_name", "sku"))


@dataclass(slots=True)
class OrderRead:
    """``order`` is None when a row has a problem. ``problems`` and ``warnings`` are {row: {field: sentence}}."""

    rows: list[Row]
    order: OrderIn | None = None
    problems: dict[int, dict[str, str]] = field(default_factory=dict)
    warnings: dict[int, dict[str, str]] = field(default_factory=dict)

    def wrong(self, row: int, code: str, sentence: str) -> None:
        self.problems.setdefault(row, {}).setdefault(code, sentence)

    def odd(self, row: int, code: str, sentence: str) -> None:
        self.warnings.setdefault(row, {}).setdefault(code, sentence)

    def reasons(self) -> Iterator[tuple[int, list[str], list[str]]]:
        """(row, cells, why) of every row of a refused order: all of them come again in the next file."""
        bad = next(iter(self.problems), 0)
        for number, cells in self.rows:
            own = self.problems.get(number)
            yield (
                number,
                cells,
                [*own.values()] if own else [Sentence("See row %(row)s: same order.", row=bad)],
            )


def order_key(cells: Sequence[str], reading: Reading) -> str:
    """Which order a row belongs to; "" continues the row above."""
    return reading.cell(cells, "external_id") or reading.cell(cells, "number")


def read_order(rows: list[Row], reading: Reading) -> OrderRead:
    """Read all rows of one order. Lenient: only what stops the job is a problem."""
    read = OrderRead(rows)
    first = rows[0][0]
    told = _Told(read, reading)
    number = told.text("number")
    if not number:
        read.wrong(first, "number", Sentence("The order number is missing."))
    elif was_shortened(number):
        read.wrong(first, "number", SHORTENED)
    ordered_at = told.moment("ordered_on")
    if ordered_at is None and "ordered_on" not in read.problems.get(first, {}):
        read.wrong(first, "ordered_on", Sentence("The date of the order is missing."))
    address = _address(told)
    currency = told.text("currency").upper() or reading.currency
    lines = [line for row in rows if (line := _line(read, row, reading, currency))]
    order = _order(told, number, ordered_at, currency, address, lines) if ordered_at else None
    if order is not None:
        _check(read, order, first)
    read.order = None if read.problems else order
    return read


class _Told:
    """What the rows of one order say of the order itself: of each field the first row that tells it."""

    def __init__(self, read: OrderRead, reading: Reading) -> None:
        self.read = read
        self.reading = reading
        self.first = read.rows[0][0]
        for code in AGREE:
            self._compare(code)

    def text(self, code: str) -> str:
        return self.found(code)[1]

    def found(self, code: str) -> tuple[int, str]:
        """(row, words)"""
        for number, cells in self.read.rows:
            words = self.reading.cell(cells, code)
            if words:
                return number, words
        return self.first, ""

    def moment(self, code: str) -> datetime | None:
        row, words = self.found(code)
        if not words:
            return None
        moment = read_moment(words, date_order=self.reading.date_order, zone=self.reading.zone)
        if moment is None:
            self.read.wrong(
                row, code, Sentence("“%(words)s” cannot be read as a date.", words=words[:40])
            )
        return moment

    def amount(self, code: str) -> Decimal | None:
        row, words = self.found(code)
        if not words:
            return None
        amount = read_amount(words, decimal=self.reading.decimal)
        if amount is None:
            self.read.wrong(
                row, code, Sentence("“%(words)s” cannot be read as an amount.", words=words[:40])
            )
        return amount

    def _compare(self, code: str) -> None:
        place = self.reading.columns.get(code)
        if place is None or len(self.read.rows) == 1:
            return
        told = {words for _, cells in self.read.rows if (words := self.reading.cell(cells, code))}
        if len(told) > 1:
            label = FIELDS[code].label
            self.read.odd(
                self.first,
                code,
                Sentence(
                    "%(label)s: the rows of this order differ; the first counts.",
                    label=Sentence(label),
                ),
            )


def _address(told: _Told) -> dict[str, str]:
    row, written = told.found("country")
    country = country_code(written) if written else told.reading.country
    if not country:
        told.read.wrong(
            row,
            "country",
            Sentence("“%(words)s” is not a country that we know.", words=written[:40]),
        )
    row, code = told.found("postal_code")
    whole = with_leading_zeros(code, country)
    if whole != code:
        told.read.odd(
            row,
            "postal_code",
            Sentence("A leading zero was missing: read as %(whole)s.", whole=whole),
        )
    elif code and problem(code, country):
        told.read.odd(row, "postal_code", problem(code, country) or "")
    name = told.text("name") or f"{told.text('first_name')} {told.text('last_name')}".strip()
    words = {code: told.text(code) for code in ("company", "street", "house_number", "address_2")}
    words |= {code: told.text(code) for code in ("city", "state", "phone")}
    return words | {"name": name, "country": country, "postal_code": whole, "email": _email(told)}


def _email(told: _Told) -> str:
    row, email = told.found("email")
    if email and ("@" not in email or " " in email or len(email) > 254):
        told.read.odd(row, "email", Sentence("This is no e-mail address; it is left out."))
        return ""
    return email


def _order(
    told: _Told,
    number: str,
    ordered_at: datetime,
    currency: str,
    address: Mapping[str, Any],
    lines: list[LineIn],
) -> OrderIn:
    reading = told.reading
    status, receipt = told.text("status"), told.text("receipt")
    off = is_cancelled(status) or (reading.status_is_cancellation and bool(status))
    total = told.amount("total")
    minor = None if total is None else minor_of(total, currency)
    channel = read_channel(told.text("channel")) or ("store" if receipt else reading.channel)
    language = told.text("language").lower()[:8]
    return OrderIn(
        external_order_id=told.text("external_id") or number,
        number=number,
        ordered_at=ordered_at,
        fulfilled_at=told.moment("fulfilled_on"),
        delivered_at=told.moment("delivered_on"),
        cancelled_at=reading.now if off else None,
        status=status,
        channel=channel,
        receipt=receipt,
        language=language if language[:2].isalpha() else "",
        tags=[tag for tag in told.text("tags").split(",") if tag.strip()][:50],
        outbound_tracking_number=told.text("tracking_number"),
        currency=currency,
        total_minor=sum(line.price_minor * line.quantity for line in lines)
        if minor is None
        else minor,
        lines=lines if reading.tells_lines() else None,
        **address,
    )


def _line(read: OrderRead, row: Row, reading: Reading, currency: str) -> LineIn | None:
    """The item of a row; None if the row tells none."""
    number, cells = row
    told = {code: reading.cell(cells, code) for code in LINE_FIELDS}
    name = told["item_name"] or told["sku"]
    if not name:
        if told["quantity"] or told["price"]:
            read.wrong(number, "item_name", Sentence("A quantity or a price, but no item."))
        return None
    if was_shortened(told["sku"]):
        read.odd(number, "sku", SHORTENED)
    return LineIn(
        name=name,
        sku=told["sku"],
        quantity=_quantity(read, number, told["quantity"]),
        price_minor=_price(read, number, told["price"], reading, currency),
        variant=told["variant"],
        weight_g=_weight(read, number, told["item_weight"], reading),
        hs_code=told["hs_code"],
        origin_country=country_code(told["origin_country"]),
        final_sale=is_yes(told["final_sale"]),
        image_url=told["image_url"]
        if told["image_url"].startswith(("http://", "https://"))
        else "",
        line_key=told["line_id"],
    )


def _quantity(read: OrderRead, row: int, words: str) -> int:
    if not words:
        return 1
    amount = read_amount(words, decimal=".")
    if amount is None or amount != int(amount) or not 1 <= amount <= MOST_UNITS:
        read.wrong(
            row, "quantity", Sentence("“%(words)s” is no number of pieces.", words=words[:40])
        )
        return 1
    return int(amount)


def _price(read: OrderRead, row: int, words: str, reading: Reading, currency: str) -> int:
    if not words:
        return 0
    amount = read_amount(words, decimal=reading.decimal)
    minor = None if amount is None else minor_of(amount, currency)
    if minor is None:
        read.wrong(
            row, "price", Sentence("“%(words)s” cannot be read as an amount.", words=words[:40])
        )
    return minor or 0


def _weight(read: OrderRead, row: int, words: str, reading: Reading) -> int:
    if not words:
        return 0
    amount = read_amount(words, decimal=reading.decimal)
    grams = None if amount is None else grams_of(amount / 1000 if reading.in_grams else amount)
    if grams is None:
        read.odd(
            row,
            "item_weight",
            Sentence("“%(words)s” cannot be read as a weight; it is left out.", words=words[:40]),
        )
    return grams or 0


def _check(read: OrderRead, order: OrderIn, first: int) -> None:
    if is_needed(order.country) and not (order.postal_code or order.email or order.receipt):
        read.wrong(first, "postal_code", UNREACHABLE)
    elif has_postal_codes(order.country) and not order.postal_code and order.channel == "web":
        read.odd(
            first,
            "postal_code",
            Sentence("No postal code: the shopper will be asked for the e-mail address."),
        )
    if len(order.currency) != 3 or not order.currency.isalpha():
        read.wrong(
            first,
            "currency",
            Sentence("“%(words)s” is not a currency code such as EUR.", words=order.currency[:10]),
        )
    if order.lines is not None and not order.lines:
        read.odd(first, "item_name", Sentence("No item: there will be nothing to send back."))
    if not read.problems:
        for code, sentences in problems_of(order).items():
            read.wrong(
                first,
                code,
                _named(code, sentences[0] if isinstance(sentences, list) else sentences),
            )


def _named(code: str, words: object) -> Sentence:
    """What our own checks found, under the name of the field it is about."""
    label = FIELDS[code].label if code in FIELDS else code
    said = words if isinstance(words, Sentence) else str(words)
    return Sentence("%(label)s: %(said)s", label=Sentence(label), said=said)
