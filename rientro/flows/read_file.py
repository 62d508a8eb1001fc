"""A member uploads a file of orders: it is read, kept, and its columns are understood as far as they go."""

from datetime import datetime
from typing import Any

from django.db import transaction

from rientro.kit.tables import Table, open_table, rows_of
from rientro.kit.text import clean_line
from rientro.models import ColumnMapping, ImportRun, Integration, StoredDocument
from rientro.models.import_files import guessed_options
from rientro.policy.columns import guess, signature


def read_file(
    *, integration: Integration, content: bytes, file_name: str, actor: str, now: datetime
) -> ImportRun:
    """A run that waits for its columns to be confirmed. Raises TableRefused; imports nothing.

    A mapping that was used for the same headings before comes back. No transaction may be open: a workbook is
    opened by a child process, which takes its time.
    """
    table = open_table(content)
    with transaction.atomic():
        remembered = ColumnMapping.objects.filter(
            integration=integration, signature=signature(table.headings)
        ).first()
        mapping = _mapping(table, remembered)
        document = StoredDocument.objects.keep(
            table.content, content_type="text/csv", name=clean_line(file_name, 200)
        )
        return ImportRun.objects.create(
            integration=integration,
            source=table.kind,
            file=document,
            file_name=clean_line(file_name, 200) or "orders",
            mapping=mapping,
            options=_options(table, mapping, remembered),
            rows_total=table.rows_total,
            actor=actor,
            created_at=now,
        )


def _mapping(table: Table, remembered: ColumnMapping | None) -> dict[str, str]:
    if remembered is None:
        return guess(table.headings)
    here = set(table.headings)
    told: dict[str, str] = remembered.mapping.get("columns", {})
    return {code: heading for code, heading in told.items() if heading in here}


def _options(
    table: Table, mapping: dict[str, str], remembered: ColumnMapping | None
) -> dict[str, Any]:
    rows = rows_of(table.content, encoding=table.encoding, delimiter=table.delimiter)
    next(rows)
    guessed = guessed_options(table.headings, mapping, rows, delimiter=table.delimiter)
    options = table.facts() | {"headings": list(table.headings)} | guessed
    if remembered is not None:
        options |= remembered.mapping.get("options", {}) | {"remembered": True, "sure": True}
    return options
