"""A member uploads a file of orders: it is read, kept, and its columns are understood as far as they go."""

from datetime import datetime

from django.db import transaction

from rientro.kit.tables import open_table
from rientro.models import ImportRun, Integration
from rientro.models.import_runs import keep_run


def read_file(
    *, integration: Integration, content: bytes, file_name: str, actor: str, now: datetime
) -> ImportRun:
    """A run that waits for its columns to be confirmed. Raises TableRefused; imports nothing.

    A mapping that was used for the same headings before comes back. No transaction may be open: a workbook is
    opened by a child process, which takes its time.
    """
    table = open_table(content)
    with transaction.atomic():
        return keep_run(integration, table, file_name=file_name, actor=actor, at=now)
