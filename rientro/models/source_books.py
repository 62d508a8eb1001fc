"""The books of a place of files: where it is, what is known of each file there, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q

from rientro.kit.crypto import unseal
from rientro.models.file_sources import FileSource, SourceFile, kept
from rientro.models.integrations import ImportRun
from rientro.policy.file_schedule import Look
from rientro.shops.sources.base import Listed, Outcome, Where

RunStatus = ImportRun.Status
State = SourceFile.State
MOVING = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)


def folder_of(merchant_id: int) -> str:
    """The merchant's own folder below the operator's; "" where there is none."""
    return str(Path(settings.IMPORT_DIR) / str(merchant_id)) if settings.IMPORT_DIR else ""


def where_of(source: FileSource) -> Where:
    return Where(
        kind=source.kind,
        place=source.place,
        credentials=unseal(source.credentials) if source.credentials else {},
        root=folder_of(source.merchant_id),
        mark=source.mark,
    )


def due_sources(*, now: datetime) -> Sequence[int]:
    """Places that are to be looked at now."""
    due = FileSource.objects.filter(next_at__lte=now, integration__deleted_at=None)
    due = due.exclude(state=FileSource.State.PAUSED.value)
    return list(due.values_list("pk", flat=True))


# Files


def newest_of(source: FileSource, names: Iterable[str]) -> dict[str, SourceFile]:
    """The last word on each of these names."""
    rows = SourceFile.objects.filter(source=source, name__in=list(names))
    last = rows.values("name").annotate(last=Max("pk")).values("last")
    return {row.name: row for row in SourceFile.objects.filter(source=source, pk__in=last)}


def look_of(row: SourceFile) -> Look:
    return Look(row.size, row.changed_at, row.seen_at)


def watch(source: FileSource, listed: Listed, row: SourceFile | None, *, at: datetime) -> None:
    """It is still being written; a first look is kept so that a second one can tell."""
    if row is None or row.state != State.WATCHED.value:
        row = SourceFile(source=source, name=listed.name, state=State.WATCHED.value)
    elif (row.size, row.changed_at) == (listed.size, listed.changed_at):
        return
    row.size, row.changed_at, row.seen_at = listed.size, listed.changed_at, at
    row.save()


def write_file(
    source: FileSource,
    listed: Listed,
    row: SourceFile | None,
    *,
    state: SourceFile.State,
    digest: str,
    at: datetime,
    run: ImportRun | None = None,
    words: str = "",
) -> None:
    """What came of one version of a file."""
    if row is None or row.state != State.WATCHED.value:
        row = SourceFile(source=source, name=listed.name)
    row.size, row.changed_at, row.seen_at = listed.size, listed.changed_at, at
    row.state, row.digest, row.run = state.value, digest, run
    row.error, row.error_facts = kept(words)
    row.save()


def waiting_rows(source: FileSource) -> Sequence[SourceFile]:
    """Files whose columns a person has to look at."""
    rows = SourceFile.objects.filter(source=source, run__status=RunStatus.PREVIEW.value)
    return list(rows.select_related("run").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Settling:
    """A file that can go to where it belongs now."""

    row: SourceFile
    outcome: Outcome


def to_settle(source: FileSource) -> Sequence[Settling]:
    """Files whose reading is over and which still lie where they were found."""
    rows = SourceFile.objects.filter(source=source, settled_at=None).exclude(
        state=State.WATCHED.value
    )
    found = []
    for row in rows.select_related("run").order_by("pk")[:200]:
        outcome = outcome_of(row)
        if outcome:
            found.append(Settling(row, outcome))
    return found


def outcome_of(row: SourceFile) -> Outcome | None:
    """None while it is on its way in, or waits for a person."""
    if row.state == State.REFUSED.value:
        return "failed"
    if row.run is None or row.run.status == RunStatus.PREVIEW.value or row.run.status in MOVING:
        return "done" if row.run is None else None
    return "failed" if has_failed(row.run) else "done"


def has_failed(run: ImportRun) -> bool:
    """Did nothing of it come in?"""
    if run.status == RunStatus.FAILED.value:
        return True
    taken = run.orders_created + run.orders_updated + run.orders_unchanged
    return run.status == RunStatus.DONE.value and not taken and run.rows_refused > 0


def is_on_its_way(source: FileSource) -> bool:
    rows = SourceFile.objects.filter(source=source, settled_at=None)
    return rows.filter(run__status__in=MOVING).exists()


def wake_source_of(run: ImportRun, *, at: datetime) -> None:
    """Look again where the file of ``run`` came from: others like it may wait, and it may be moved."""
    sources = SourceFile.objects.filter(run=run).values_list("source_id", flat=True)
    FileSource.objects.filter(pk__in=list(sources), next_at__isnull=False).update(next_at=at)


def forget_source_files(*, before: datetime) -> int:
    """Versions that a later one of the same name has followed, and files that were moved away long ago."""
    later = SourceFile.objects.filter(
        merchant_id=OuterRef("merchant_id"), source_id=OuterRef("source_id"), name=OuterRef("name")
    ).filter(pk__gt=OuterRef("pk"))
    old = SourceFile.objects.filter(seen_at__lt=before)
    return old.filter(Q(settled_at__lt=before) | Exists(later)).delete()[0]
