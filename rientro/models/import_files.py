"""An uploaded file and how it is read: what a run remembers, and its first orders as they would come in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from rientro.kit.sentences import Sentence
from rientro.kit.tables import rows_of
from rientro.models.documents import StoredDocument
from rientro.models.integrations import ImportRun
from rientro.models.merchants import Merchant
from rientro.policy.cells import guess_date_order, guess_decimal, plain_word
from rientro.policy.columns import FIELDS, tells_grams
from rientro.policy.file_groups import orders_of
from rientro.policy.file_orders import OrderRead, Reading, Row, read_order

SAMPLE_ROWS = 400
PREVIEW_ORDERS = 12
DATES = ("ordered_on", "fulfilled_on", "delivered_on")
AMOUNTS = ("price", "total", "item_weight")
AS_TEXT = ("number", "postal_code", "sku", "receipt")
CANCEL_HEADINGS = ("cancel", "annull", "stornier", "annule", "anula", "geannul")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first orders of a file as they would be read now."""

    orders: list[OrderRead]
    warnings: list[str]  # about whole columns

    @property
    def with_problems(self) -> int:
        return sum(1 for read in self.orders if read.problems)


def rows_of_run(run: ImportRun, content: bytes) -> Iterator[Row]:
    """The rows below the headings."""
    rows = rows_of(
        content,
        encoding=run.options.get("encoding", "utf-8"),
        delimiter=run.options.get("delimiter", ","),
    )
    return islice(rows, 1, None)


def reading_of(run: ImportRun, merchant: Merchant, *, now: datetime) -> Reading:
    """How ``run`` is read: its mapping and options, the merchant's country, currency and time zone behind them."""
    headings: list[str] = run.options.get("headings", [])
    places = {heading: place for place, heading in enumerate(headings)}
    columns = {
        code: places[heading]
        for code, heading in run.mapping.items()
        if code in FIELDS and heading in places
    }
    told = run.options
    status = plain_word(run.mapping.get("status", ""))
    return Reading(
        columns=columns,
        country=told.get("country") or merchant.country,
        currency=told.get("currency") or merchant.currency,
        zone=ZoneInfo(merchant.time_zone),
        now=now,
        date_order=told.get("date_order") or "dmy",
        decimal=told.get("decimal") or ".",
        channel=told.get("channel") or "web",
        in_grams=bool(told.get("in_grams")),
        status_is_cancellation=any(word in status for word in CANCEL_HEADINGS),
    )


def preview_of(run: ImportRun, merchant: Merchant, content: bytes, *, now: datetime) -> Preview:
    """The first orders, read with the run's mapping and options. Writes nothing."""
    reading = reading_of(run, merchant, now=now)
    sample = list(islice(rows_of_run(run, content), SAMPLE_ROWS))
    first = islice(orders_of(lambda: sample, reading), PREVIEW_ORDERS)
    return Preview(
        orders=[read_order(rows, reading) for rows in first], warnings=_column_warnings(run)
    )


def samples_of(run: ImportRun, content: bytes, *, most: int = 3) -> dict[str, list[str]]:
    """{heading: the first different words in its column}"""
    headings: list[str] = run.options.get("headings", [])
    found: dict[str, list[str]] = {heading: [] for heading in headings}
    for _, cells in islice(rows_of_run(run, content), SAMPLE_ROWS):
        for heading, cell in zip(headings, cells, strict=False):
            seen = found[heading]
            if cell.strip() and len(seen) < most and cell not in seen:
                seen.append(cell.strip()[:60])
    return found


def guessed_options(
    headings: Sequence[str],
    mapping: Mapping[str, str],
    rows: Iterable[Row],
    *,
    delimiter: str,
) -> dict[str, Any]:
    """How dates, amounts and weights are written, as far as the first rows give it away.

    ``sure`` says so of the dates: 04.05. may be May or April, and then a person has to look.
    """
    places = {heading: place for place, heading in enumerate(headings)}
    sample = list(islice(rows, SAMPLE_ROWS))

    def cells(codes: Sequence[str]) -> list[str]:
        wanted = [places[mapping[code]] for code in codes if code in mapping]
        return [row[place] for _, row in sample for place in wanted if place < len(row)]

    date_order = guess_date_order(cells(DATES))
    return {
        "date_order": date_order or "dmy",
        "sure": bool(date_order),
        "decimal": guess_decimal(cells(AMOUNTS)) or ("," if delimiter == ";" else "."),
        "in_grams": tells_grams(mapping.get("item_weight", "")),
    }


def _column_warnings(run: ImportRun) -> list[str]:
    headings: list[str] = run.options.get("headings", [])
    numbers = {headings[n] for n in run.options.get("number_columns", []) if n < len(headings)}
    return [
        Sentence(
            "%(column)s: the workbook keeps this column as numbers, so leading zeros may be gone.",
            column=run.mapping[code],
        )
        for code in AS_TEXT
        if run.mapping.get(code) in numbers
    ]


def forget_files(*, before: datetime) -> int:
    """Files that nobody started or that stopped, uploaded before that moment: they hold people's addresses."""
    idle = [ImportRun.Status.PREVIEW.value, ImportRun.Status.FAILED.value]
    runs = ImportRun.objects.filter(status__in=idle, created_at__lt=before, file__isnull=False)
    documents = list(runs.values_list("file_id", flat=True))
    runs.filter(status=ImportRun.Status.PREVIEW.value).delete()
    runs.update(file=None)
    used = ImportRun.objects.filter(file__in=documents).values_list("file_id", flat=True)
    unused = set(documents) - set(used)
    return StoredDocument.objects.filter(pk__in=unused).delete()[0] if unused else 0
