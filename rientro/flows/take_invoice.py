"""The rows of a carrier's invoice become lines, matched with what we bought and what our books say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation

from rientro.kit.locks import alive_lock
from rientro.kit.said import said
from rientro.kit.tables import TableRefused, rows_of
from rientro.models import Event, InvoiceFile, Merchant, StoredDocument
from rientro.models.invoice_book import take_rows
from rientro.policy.invoice_columns import INVOICE_FIELDS
from rientro.policy.invoice_lines import InvoiceReading, InvoiceRow, Unreadable, read_row

BATCH = 1000  # lines of one invoice per transaction
MOST_REFUSED = 2000  # kept with their reasons; the rest is only counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row and where it stood in the file."""

    number: int
    cells: list[str]
    row: InvoiceRow


def take_invoice(*, file: InvoiceFile, now: datetime) -> InvoiceFile:
    """Read ``file`` to its end: lines come in once, refused rows are kept with their reasons.

    Every batch is a transaction of its own and a line that is in already is left alone, so a killed run is
    simply run again. One process at a time; a second one leaves at once.
    """
    with alive_lock(f"invoice:{file.merchant_id}:{file.pk}") as lock:
        if not lock.mine:
            return file
        with transaction.atomic():
            file = InvoiceFile.objects.select_related("account", "file").get(pk=file.pk)
        if file.status != InvoiceFile.Status.QUEUED or file.file is None:
            return file
        try:
            return _take(file, now=now)
        except TableRefused as refusal:
            return _end(file, InvoiceFile.Status.FAILED, now=now, error=refusal.message)


def _take(file: InvoiceFile, *, now: datetime) -> InvoiceFile:
    merchant = Merchant.objects.get(pk=file.merchant_id)
    with transaction.atomic(), translation.override(merchant.language):
        good, refused = _read(file, _reading(file, merchant))
    counts = {"new": 0, "known": 0}
    for batch in _batches(good):
        with transaction.atomic():
            taken = take_rows(file.account, [place.row for place in batch], at=now)
        counts["new"] += taken.new
        counts["known"] += taken.known
        with translation.override(merchant.language):
            refused += [
                (batch[at].number, batch[at].cells, said(words))
                for at, words in taken.refused.items()
            ]
    return _end(file, InvoiceFile.Status.DONE, now=now, counts=counts, refused=refused)


def _reading(file: InvoiceFile, merchant: Merchant) -> InvoiceReading:
    told = file.options
    places = {heading: place for place, heading in enumerate(told["headings"])}
    return InvoiceReading(
        columns={
            code: places[heading]
            for code, heading in file.mapping.items()
            if code in INVOICE_FIELDS and heading in places
        },
        currency=told.get("currency") or merchant.currency,
        zone=ZoneInfo(merchant.time_zone),
        date_order=told.get("date_order") or "dmy",
        decimal=told.get("decimal") or ".",
        in_grams=bool(told.get("in_grams")),
    )


def _read(
    file: InvoiceFile, reading: InvoiceReading
) -> tuple[list[Place], list[tuple[int, list[str], str]]]:
    assert file.file is not None
    rows = rows_of(
        bytes(file.file.content),
        encoding=file.options.get("encoding", "utf-8"),
        delimiter=file.options.get("delimiter", ","),
    )
    good: list[Place] = []
    refused: list[tuple[int, list[str], str]] = []
    for number, cells in islice(rows, 1, None):
        try:
            good.append(Place(number=number, cells=cells, row=read_row(cells, reading)))
        except Unreadable as problem:
            refused.append((number, cells, said(problem.words)))
    return good, refused


def _batches(good: Sequence[Place]) -> Iterator[list[Place]]:
    """Rows of one invoice and one currency at a time; lines of one parcel stay together.

    An invoice is cut only between parcels: a surcharge must meet its label.
    """
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in good:
        groups.setdefault((place.row.invoice_number, place.row.currency), []).append(place)
    for group in groups.values():
        numbered: dict[str, list[Place]] = {}
        for place in group:
            name = place.row.tracking_number or place.row.reference
            numbered.setdefault(name, []).append(place)
        batch: list[Place] = []
        for parcel in numbered.values():
            batch += parcel
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


@transaction.atomic
def _end(
    file: InvoiceFile,
    status: InvoiceFile.Status,
    *,
    now: datetime,
    counts: dict[str, int] | None = None,
    refused: Sequence[tuple[int, list[str], str]] = (),
    error: str = "",
) -> InvoiceFile:
    counts = counts or {"new": 0, "known": 0}
    document = file.file_id
    file.status = status.value
    file.error = error
    file.rows_new, file.rows_known = counts["new"], counts["known"]
    file.rows_refused = len(refused)
    file.refused = [list(row) for row in sorted(refused)[:MOST_REFUSED]]
    file.finished_at = now
    file.file = None
    file.save()
    if document is not None and not InvoiceFile.objects.filter(file_id=document).exists():
        StoredDocument.objects.filter(pk=document).delete()
    Event.record(
        "invoice.imported",
        actor=file.actor,
        at=now,
        account=file.account_id,
        result={"new": file.rows_new, "known": file.rows_known, "refused": file.rows_refused},
    )
    return file
