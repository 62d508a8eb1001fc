"""A file on its way in: kept with its columns as far as they are understood, and started once they are known."""

from datetime import datetime
from typing import Any

from rientro.kit.queue import post
from rientro.kit.tables import Table, rows_of
from rientro.kit.text import clean_line
from rientro.models.documents import StoredDocument
from rientro.models.import_files import guessed_options
from rientro.models.integrations import ColumnMapping, ImportRun, Integration
from rientro.policy.columns import guess, missing, signature


def keep_run(
    integration: Integration, table: Table, *, file_name: str, actor: str, at: datetime
) -> ImportRun:
    """A run that waits for its columns; a mapping that was used for these headings before comes back."""
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
        created_at=at,
    )


def start_known(run: ImportRun, *, at: datetime) -> bool:
    """Start ``run`` without anybody, if a person has confirmed a file with these headings; else it goes on waiting."""
    known = ColumnMapping.objects.filter(
        integration_id=run.integration_id, signature=signature(run.options["headings"])
    ).first()
    if known is None or run.status != ImportRun.Status.PREVIEW.value:
        return False
    columns: dict[str, str] = known.mapping.get("columns", {})
    if missing(columns):
        return False
    run.mapping = columns
    run.options = run.options | known.mapping.get("options", {}) | {"sure": True}
    run.status = ImportRun.Status.QUEUED.value
    run.save(update_fields=["mapping", "options", "status"])
    known.used_at = at
    known.save(update_fields=["used_at"])
    post("run_import", merchant_id=run.merchant_id, run_id=run.pk)
    return True


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
