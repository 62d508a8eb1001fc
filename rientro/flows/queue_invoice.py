"""A member confirms how a carrier's invoice is read; the clock takes it from there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models import InvoiceColumns, InvoiceFile
from rientro.policy.columns import AlreadyOnItsWay, ColumnsMissing, missing, signature
from rientro.policy.invoice_columns import INVOICE_FIELDS

NO_NUMBER = Sentence(
    "Say which column holds the tracking number or our reference: without one, no line can be compared."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHabits:
    """How a file writes things, and its currency where it names none."""

    currency: str
    date_order: str = "dmy"
    decimal: str = "."
    in_grams: bool = False


@transaction.atomic
def queue_invoice(
    *, file: InvoiceFile, mapping: Mapping[str, str], habits: InvoiceHabits, now: datetime
) -> InvoiceFile:
    """Start reading ``file``, and remember its columns for the account's next file with these headings.

    Raises ColumnsMissing, AlreadyOnItsWay.
    """
    file = InvoiceFile.objects.locked().get_or_missing(pk=file.pk)
    if file.status != InvoiceFile.Status.PREVIEW:
        raise AlreadyOnItsWay(
            "This file is on its way already. Upload it again to read it otherwise."
        )
    headings = set(file.options["headings"])
    file.mapping = {c: h for c, h in mapping.items() if c in INVOICE_FIELDS and h in headings}
    file.options = file.options | asdict(habits)
    lacking = missing(file.mapping, INVOICE_FIELDS)
    if lacking:
        raise ColumnsMissing(
            Sentence("Say which column holds: %(lacking)s.", lacking=", ".join(lacking)),
            labels=lacking,
        )
    if not {"tracking_number", "reference"} & set(file.mapping):
        raise ColumnsMissing(NO_NUMBER, labels=["Tracking number"])
    InvoiceColumns.objects.update_or_create(
        account_id=file.account_id,
        signature=signature(file.options["headings"]),
        defaults={
            "mapping": {"columns": file.mapping, "options": asdict(habits)},
            "used_at": now,
        },
    )
    file.status = InvoiceFile.Status.QUEUED.value
    file.save(update_fields=["mapping", "options", "status"])
    post("take_invoice", merchant_id=file.merchant_id, file_id=file.pk)
    return file
