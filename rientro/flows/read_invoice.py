"""A member uploads a carrier's invoice: it is read, kept, and its columns are understood as far as they go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from rientro.kit.tables import Table, open_table, rows_of
from rientro.kit.text import clean_line
from rientro.models import CarrierAccount, InvoiceColumns, InvoiceFile, Merchant, StoredDocument
from rientro.policy.cells import guess_date_order, guess_decimal
from rientro.policy.columns import matching, signature, tells_grams
from rientro.policy.invoice_columns import INVOICE_FIELDS

SAMPLE_ROWS = 400


def read_invoice(
    *, account: CarrierAccount, content: bytes, file_name: str, actor: str, now: datetime
) -> InvoiceFile:
    """A file that waits for its columns to be confirmed. Raises TableRefused; writes no line yet.

    A mapping that was used for the same headings of this account comes back. No transaction may be open: a
    workbook is opened by a child process, which takes its time.
    """
    table = open_table(content)
    with transaction.atomic():
        remembered = InvoiceColumns.objects.filter(
            account=account, signature=signature(table.headings)
        ).first()
        mapping = _mapping(table, remembered)
        document = StoredDocument.objects.keep(
            table.content, content_type="text/csv", name=clean_line(file_name, 200)
        )
        currency = str(account.settings.get("currency") or "")
        merchant = Merchant.objects.get(pk=account.merchant_id)
        return InvoiceFile.objects.create(
            account=account,
            file=document,
            file_name=clean_line(file_name, 200) or "invoice",
            mapping=mapping,
            options=_options(table, mapping, remembered, currency or merchant.currency),
            rows_total=table.rows_total,
            actor=actor,
            created_at=now,
        )


def _mapping(table: Table, remembered: InvoiceColumns | None) -> dict[str, str]:
    if remembered is None:
        return matching(INVOICE_FIELDS, table.headings)
    here = set(table.headings)
    told: dict[str, str] = remembered.mapping.get("columns", {})
    return {code: heading for code, heading in told.items() if heading in here}


def _options(
    table: Table, mapping: dict[str, str], remembered: InvoiceColumns | None, currency: str
) -> dict[str, Any]:
    rows = rows_of(table.content, encoding=table.encoding, delimiter=table.delimiter)
    sample = [cells for _number, cells in islice(rows, 1, SAMPLE_ROWS)]
    places = {heading: place for place, heading in enumerate(table.headings)}

    def cells(codes: Sequence[str]) -> Iterable[str]:
        wanted = [places[mapping[code]] for code in codes if code in mapping]
        return [row[place] for row in sample for place in wanted if place < len(row)]

    options = table.facts() | {
        "headings": list(table.headings),
        "date_order": guess_date_order(cells(["issued_on"])) or "dmy",
        "decimal": guess_decimal(cells(["amount", "weight"]))
        or ("," if table.delimiter == ";" else "."),
        "in_grams": tells_grams(mapping.get("weight", "")),
        "currency": currency,
    }
    if remembered is not None:
        options |= remembered.mapping.get("options", {}) | {"remembered": True}
    return options
