"""How a place of files is doing: what a person should know of it, and when it is looked at again."""

from datetime import datetime, timedelta

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.file_sources import FileSource, SourceFile, kept, told
from rientro.models.integrations import ColumnMapping, Integration
from rientro.models.merchants import Merchant
from rientro.models.source_books import has_failed, waiting_rows
from rientro.policy.file_schedule import SOON, next_look
from rientro.shops.base import AuthFailed, RateLimited, Unavailable

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)
KEYS_REST = timedelta(hours=1)  # refused keys are tried again now and then: servers get mended
PATIENT = 3  # failures of the line in a row until it is said


def note_look(source: FileSource, *, soon: bool, mark: str, at: datetime) -> None:
    """The place answered: say what waits for somebody, or that all is well again, and when the next look is."""
    row = FileSource.objects.locked().filter(pk=source.pk).first()
    if row is None or row.state == FileSource.State.PAUSED.value:
        return
    state, words = _standing(source)
    row.state, row.failures, row.looked_at, row.mark = state.value, 0, at, mark
    row.last_error, row.error_facts = kept(words)
    row.next_at = _next(row, at=at)
    if soon:
        row.next_at = min(row.next_at, at + SOON)
    row.save()
    Integration.objects.filter(pk=row.integration_id).update(last_fetch_at=at)
    _mark(row, _is_news(row), str(words), at=at)


def note_source_trouble(source: FileSource, error: RientroError, *, at: datetime) -> None:
    """It could not be looked at. Said at once where only a person can mend it, of the line after a few times."""
    row = FileSource.objects.locked().filter(pk=source.pk).first()
    if row is None or row.state == FileSource.State.PAUSED.value:
        return
    row.failures, row.looked_at = row.failures + 1, at
    row.last_error, row.error_facts = kept(error.message)
    wait = min(FIRST_REST * 2 ** min(row.failures - 1, 10), LONGEST_REST)
    broken, line = isinstance(error, AuthFailed), isinstance(error, RateLimited | Unavailable)
    if isinstance(error, RateLimited):
        wait = timedelta(seconds=error.retry_after_s)
    row.next_at = at + (KEYS_REST if broken else wait)
    if broken or not line or row.failures >= PATIENT:
        row.state = (FileSource.State.BROKEN if broken else FileSource.State.FAILING).value
    row.save()
    _mark(row, row.state in ("broken", "failing"), str(error.message), at=at)


def _standing(source: FileSource) -> tuple[FileSource.State, str]:
    """What a person should know of the place, apart from whether it answers."""
    newest = (
        SourceFile.objects.filter(source=source)
        .exclude(state=SourceFile.State.WATCHED.value)
        .select_related("run")
        .order_by("-pk")
        .first()
    )
    if newest is not None and newest.state == SourceFile.State.REFUSED.value:
        words = told(newest.error, newest.error_facts)
        return FileSource.State.FAILING, Sentence(
            "“%(name)s” could not be read: %(why)s", name=newest.name, why=words
        )
    if newest is not None and newest.run is not None and has_failed(newest.run):
        return FileSource.State.FAILING, Sentence(
            "Nothing of “%(name)s” came in. Look at what was refused.", name=newest.name
        )
    waiting = waiting_rows(source)
    if waiting:
        return FileSource.State.WAITING, Sentence(
            "“%(name)s” has columns that nobody has looked at yet.", name=waiting[0].name
        )
    return FileSource.State.OK, ""


def _is_news(source: FileSource) -> bool:
    """A first file that waits for its columns is as it should be; a later one with other columns is trouble."""
    if source.state == FileSource.State.WAITING.value:
        return ColumnMapping.objects.filter(integration_id=source.integration_id).exists()
    return source.state == FileSource.State.FAILING.value


def _next(source: FileSource, *, at: datetime) -> datetime:
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=source.merchant_id)
    return next_look(at, every_min=source.every_min, at_hour=source.at_hour, zone=zone)


def _mark(source: FileSource, bad: bool, words: str, *, at: datetime) -> None:
    rows = Integration.objects.filter(pk=source.integration_id)
    if bad and rows.filter(failing_since=None).update(failing_since=at):
        Event.record(
            "integration.failing",
            actor="clock",
            at=at,
            integration=source.integration_id,
            words=words[:300],
        )
    if (
        not bad
        and source.failures == 0
        and rows.exclude(failing_since=None).update(failing_since=None)
    ):
        Event.record(
            "integration.recovered", actor="clock", at=at, integration=source.integration_id
        )
