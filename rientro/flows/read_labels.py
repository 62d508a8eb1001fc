"""A member uploads labels bought elsewhere: they are opened, matched with their numbers, and wait to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.documents.own_labels import LabelPage, LabelsRefused, Opened, open_labels
from rientro.kit.errors import Kind, RientroError
from rientro.kit.tables import TableRefused, open_table, rows_of
from rientro.kit.text import clean_line
from rientro.models.documents import StoredDocument
from rientro.models.label_pool import LabelUpload, PoolLabel
from rientro.models.parcels import CarrierAccount
from rientro.policy.own_label_notes import is_broken_off, note_sentence
from rientro.policy.own_label_rows import (
    LabelFacts,
    LabelRow,
    Matched,
    Place,
    match_rows,
    read_rows,
)

MOST_NOTES = 50
PDF, PNG = "application/pdf", "image/png"
Note = tuple[str, str, int]


class NothingUsable(RientroError):
    """Every file of the upload was refused; the words say why of the first."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "labels_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the person said of all labels at once, and the numbers that were pasted, one a line."""

    facts: LabelFacts = field(default_factory=LabelFacts)
    numbers: str = ""


def read_labels(
    *,
    account: CarrierAccount,
    files: Sequence[tuple[str, bytes]],
    told: Told,
    actor: str,
    now: datetime,
) -> LabelUpload:
    """Keep every page of ``files`` as a draft of ``account``'s pool, with the number that belongs to it.

    Nothing is lost on a bad row: a label without a number, or with an odd one, is a draft all the same. Raises
    LabelsRefused and NothingUsable; nothing is written then. No transaction may be open: the files are opened by a
    child process, which takes its time.
    """
    files = [(clean_line(name, 120) or "labels.pdf", content) for name, content in files]
    opened = open_labels(files)
    if not opened.labels:
        if opened.refused:
            raise NothingUsable(note_sentence(*opened.refused[0]))
        raise LabelsRefused("nothing")
    rows, notes = _rows(opened, told)
    if is_broken_off(opened.refused) and any(row.counts_off for row in rows):
        # The number of the page that is missing would go to the next one, and all after it be wrong.
        rows = [row for row in rows if not row.counts_off]
        notes.append(("out_of_order", "", 0))
    places = [Place(page.file, page.page, page.pages) for page in opened.labels]
    matched = match_rows(places, rows)
    notes += _unmatched(matched, rows)
    return _keep(account, opened, matched, told, [*opened.refused, *notes], actor=actor, now=now)


def _rows(opened: Opened, told: Told) -> tuple[list[LabelRow], list[Note]]:
    """The rows of the pasted list, else of the first table that can be read."""
    currency = told.facts.currency
    if told.numbers.strip():
        lines = [(n, [line]) for n, line in enumerate(told.numbers.splitlines(), 1) if line.strip()]
        heading = lines[0][1] if lines else [""]
        return read_rows(heading, lines[1:], currency=currency), []
    notes: list[Note] = []
    for place, (name, content) in enumerate(opened.tables):
        try:
            rows = _read_table(content, currency)
        except TableRefused:
            notes.append(("table", name, 0))
            continue
        notes += [("second_table", other, 0) for other, _ in opened.tables[place + 1 :]]
        return rows, notes
    return [], notes


def _read_table(content: bytes, currency: str) -> list[LabelRow]:
    table = open_table(content)
    rows = rows_of(table.content, encoding=table.encoding, delimiter=table.delimiter)
    next(rows)
    return read_rows(table.headings, rows, currency=currency)


def _unmatched(matched: Matched, rows: Sequence[LabelRow]) -> list[Note]:
    notes: list[Note] = [
        ("row_left", row.facts.number or row.file, row.row) for row in matched.left_over
    ]
    without = sum(row is None for row in matched.rows)
    if rows and without:
        notes.append(("no_row", "", without))
    return notes


@transaction.atomic(durable=True)
def _keep(
    account: CarrierAccount,
    opened: Opened,
    matched: Matched,
    told: Told,
    notes: Sequence[Note],
    *,
    actor: str,
    now: datetime,
) -> LabelUpload:
    upload = LabelUpload.objects.create(
        account=account,
        file_name=opened.labels[0].file,
        notes=[list(note) for note in notes[:MOST_NOTES]],
        actor=actor,
        created_at=now,
    )
    drafts = [
        _draft(upload, place, page, row, told.facts, now=now)
        for place, (page, row) in enumerate(zip(opened.labels, matched.rows, strict=True), start=1)
    ]
    PoolLabel.objects.bulk_create(drafts)
    return upload


def _draft(
    upload: LabelUpload,
    place: int,
    page: LabelPage,
    row: LabelRow | None,
    usual: LabelFacts,
    *,
    now: datetime,
) -> PoolLabel:
    own = row.facts if row else LabelFacts()
    keep = StoredDocument.objects.keep
    return PoolLabel(
        account_id=upload.account_id,
        upload=upload,
        place=place,
        source=f"{page.file}#{page.page}" if page.pages > 1 else page.file,
        carrier_name=own.carrier or usual.carrier,
        tracking_number=own.number[:80],
        paper=keep(page.pdf, content_type=PDF),
        thumb=keep(page.thumb, content_type=PNG) if page.thumb else None,
        origin_country=own.origin or usual.origin,
        destination_country=own.destination or usual.destination,
        max_weight_g=own.max_weight_g or usual.max_weight_g,
        price_minor=own.price_minor or usual.price_minor,
        currency=own.currency or usual.currency or "EUR",
        expires_on=own.expires_on or usual.expires_on,
        notes=[[problem.pattern, problem.values] for problem in row.problems] if row else [],
        created_at=now,
    )
