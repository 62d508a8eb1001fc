"""A member confirms how a file is read; the clock takes it from there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models import ColumnMapping, ImportRun
from rientro.models.source_books import wake_source_of
from rientro.policy.columns import (
    FIELDS,
    AlreadyOnItsWay,
    ColumnsMissing,
    missing,
    signature,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a file writes things, and what stands in for what it does not say."""

    date_order: str = "dmy"
    decimal: str = "."
    in_grams: bool = False
    country: str = ""
    currency: str = ""
    channel: str = "web"


@transaction.atomic
def settle_columns(*, run: ImportRun, mapping: Mapping[str, str], habits: Habits) -> ImportRun:
    """Keep how ``run`` would be read, for its preview. Raises AlreadyOnItsWay."""
    run = _waiting(run)
    _settle(run, mapping, habits)
    return run


@transaction.atomic
def queue_import(
    *,
    run: ImportRun,
    mapping: Mapping[str, str] | None = None,
    habits: Habits | None = None,
    now: datetime,
) -> ImportRun:
    """Start ``run``, and remember its columns for the next file with these headings.

    Without ``mapping`` and ``habits`` it is read as it was settled or guessed. Raises ColumnsMissing,
    AlreadyOnItsWay.
    """
    run = _waiting(run)
    if mapping is not None:
        _settle(run, mapping, habits or Habits())
    lacking = missing(run.mapping)
    if lacking:
        raise ColumnsMissing(
            Sentence("Say which column holds: %(lacking)s.", lacking=", ".join(lacking)),
            labels=lacking,
        )
    kept = {name: run.options[name] for name in asdict(Habits()) if name in run.options}
    ColumnMapping.objects.update_or_create(
        integration_id=run.integration_id,
        signature=signature(run.options["headings"]),
        defaults={"mapping": {"columns": run.mapping, "options": kept}, "used_at": now},
    )
    run.status = ImportRun.Status.QUEUED.value
    run.save(update_fields=["status"])
    wake_source_of(run, at=now)
    post("run_import", merchant_id=run.merchant_id, run_id=run.pk)
    return run


def _waiting(run: ImportRun) -> ImportRun:
    run = ImportRun.objects.locked().get_or_missing(pk=run.pk)
    if run.status != ImportRun.Status.PREVIEW:
        raise AlreadyOnItsWay(
            "This file is on its way already. Upload it again to read it otherwise."
        )
    return run


def _settle(run: ImportRun, mapping: Mapping[str, str], habits: Habits) -> None:
    headings = set(run.options["headings"])
    run.mapping = {c: h for c, h in mapping.items() if c in FIELDS and h in headings}
    run.options = run.options | asdict(habits) | {"sure": True}
    run.save(update_fields=["mapping", "options"])
