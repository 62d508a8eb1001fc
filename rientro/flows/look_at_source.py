"""Look at the place that an integration's files come from, and let in what lies there and was not read yet."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal
from rientro.kit.locks import alive_lock
from rientro.kit.tables import MOST_BYTES, Table, TableRefused, open_table
from rientro.models.file_sources import FileSource, SourceFile, told
from rientro.models.import_runs import keep_run, start_known
from rientro.models.integrations import Integration
from rientro.models.shop_health import living
from rientro.models.source_books import (
    is_on_its_way,
    look_of,
    newest_of,
    to_settle,
    waiting_rows,
    watch,
    where_of,
    write_file,
)
from rientro.models.source_health import note_look, note_source_trouble
from rientro.policy.file_schedule import Look, is_whole, matches
from rientro.shops.base import InvalidRequest, ShopError
from rientro.shops.sources.base import Listed, Source, StillWritten, TooLarge
from rientro.shops.sources.registry import visit

MOST_FILES = 20  # of one look; the others wait for the next one
State = SourceFile.State


class _Ended(Exception):
    """The place, or its integration, was taken away meanwhile."""


@dataclass(slots=True)
class _Looking:
    """One look: ``soon`` where the next one should not wait, ``trouble`` with one file that is told at the end."""

    source: FileSource
    integration: Integration
    now: datetime
    read: int = 0
    soon: bool = False
    trouble: ShopError | None = None


def look_at_source(*, source: FileSource, now: datetime) -> None:
    """Fetch what is new, once: a file's row and its run are one transaction, and what has a row is not read again.

    A file that is still being written waits. Headings that a person has confirmed before run by themselves, others
    wait for a person. What was read is moved where the source says so, once its run is over. Trouble marks the
    integration and mends itself. No transaction may be open.
    """
    with alive_lock(f"file_source:{source.merchant_id}:{source.pk}") as lock:
        if not lock.mine:
            return
        looking = _begin(source, now)
        if looking is None:
            return
        try:
            where = where_of(looking.source)
            with visit(where) as place:
                _settle(place, looking)
                for listed, row in _wanted(place, looking.source):
                    _look_at(listed, row, place, looking)
                seen = place.mark
            if looking.trouble:
                raise looking.trouble
            with _writing(looking):
                soon = looking.soon or is_on_its_way(looking.source)
                note_look(looking.source, soon=soon, mark=seen, at=now)
        except (ShopError, CannotUnseal) as error:
            with suppress(_Ended), _writing(looking):
                note_source_trouble(looking.source, error, at=now)
        except _Ended:
            return


@contextmanager
def _writing(looking: _Looking) -> Iterator[None]:
    """A transaction in which the place stays; raises _Ended where it is gone. The integration's row comes first."""
    with transaction.atomic(durable=True):
        rows = FileSource.objects.locked().filter(pk=looking.source.pk)
        if living(looking.integration.pk) is None or not rows.exists():
            raise _Ended
        yield


@transaction.atomic(durable=True)
def _begin(source: FileSource, now: datetime) -> _Looking | None:
    row = FileSource.objects.filter(pk=source.pk).select_related("integration").first()
    if row is None or row.integration.deleted_at or row.state == FileSource.State.PAUSED.value:
        return None
    for waiting in waiting_rows(row):
        if waiting.run is not None:
            start_known(waiting.run, at=now)  # somebody has confirmed a file of this kind meanwhile
    return _Looking(row, row.integration, now)


def _settle(place: Source, looking: _Looking) -> None:
    """Move away what was read, unless it was changed since."""
    if not place.movable or looking.source.after != FileSource.After.MOVE.value:
        return
    with transaction.atomic(durable=True):
        ready = to_settle(looking.source)
    for each in ready:
        row = each.row
        listed = Listed(name=row.name, size=row.size, changed_at=row.changed_at)
        try:
            moved_to = place.move(
                listed, each.outcome, stamp=f"{looking.now:%Y%m%d-%H%M%S}-{row.pk}"
            )
        except StillWritten:
            moved_to = ""
        except InvalidRequest as error:
            looking.trouble = error
            continue
        mark("source.moved")
        with _writing(looking):
            SourceFile.objects.filter(pk=row.pk).update(
                settled_at=looking.now, moved_to=moved_to[:300]
            )


def _wanted(place: Source, source: FileSource) -> Sequence[tuple[Listed, SourceFile | None]]:
    """The files that the merchant means and that are not known, oldest first: the last word is said last."""
    found = [each for each in place.look() if matches(each.name, source.pattern)]
    with transaction.atomic(durable=True):
        rows = newest_of(source, [each.name for each in found])
    fresh = [(each, rows.get(each.name)) for each in found]
    fresh = [(each, row) for each, row in fresh if row is None or not _is_known(each, row)]
    return sorted(fresh, key=lambda pair: (str(pair[0].changed_at or ""), pair[0].name))


def _look_at(listed: Listed, row: SourceFile | None, place: Source, looking: _Looking) -> None:
    before = look_of(row) if row is not None and row.state == State.WATCHED.value else None
    whole = is_whole(Look(listed.size, listed.changed_at, looking.now), before)
    if not whole or looking.read >= MOST_FILES:
        looking.soon = True
        if not whole:
            _watch(listed, row, looking)
        return
    looking.read += 1
    try:
        content = place.read(listed, most_bytes=MOST_BYTES)
    except StillWritten:
        looking.soon = True
        _watch(listed, row, looking)
    except TooLarge as error:
        _write(listed, row, looking, words=error.message)
    except InvalidRequest as error:
        looking.trouble = error
    else:
        _take(listed, content, row, looking)


def _is_known(listed: Listed, row: SourceFile) -> bool:
    if row.state == State.WATCHED.value or listed.changed_at is None:
        return False
    return row.settled_at is None and (row.size, row.changed_at) == (
        listed.size,
        listed.changed_at,
    )


def _watch(listed: Listed, row: SourceFile | None, looking: _Looking) -> None:
    with _writing(looking):
        watch(looking.source, listed, row, at=looking.now)


def _take(listed: Listed, content: bytes, row: SourceFile | None, looking: _Looking) -> None:
    digest = hashlib.sha256(content).hexdigest()
    last = _last_read(listed, looking.source)
    if last is not None and last.digest == digest:
        _again(listed, row, last, looking)
        return
    try:
        table = open_table(content)
    except TableRefused as error:
        _write(listed, row, looking, digest=digest, words=error.message)
        return
    _start(listed, row, table, digest, looking)


@transaction.atomic(durable=True)
def _last_read(listed: Listed, source: FileSource) -> SourceFile | None:
    rows = SourceFile.objects.filter(source=source, name=listed.name)
    rows = rows.exclude(state=State.WATCHED.value).select_related("run")
    return rows.order_by("-pk").first()


def _again(listed: Listed, row: SourceFile | None, last: SourceFile, looking: _Looking) -> None:
    """Touched, or put there once more, with nothing new in it."""
    if listed.changed_at is None:  # the web: the same answer each time
        return
    state = State.REFUSED if last.state == State.REFUSED.value else State.SAME
    words = told(last.error, last.error_facts)
    with _writing(looking):
        write_file(
            looking.source,
            listed,
            row,
            state=state,
            digest=last.digest,
            at=looking.now,
            run=last.run,
            words=words,
        )


def _write(
    listed: Listed, row: SourceFile | None, looking: _Looking, *, words: str, digest: str = ""
) -> None:
    with _writing(looking):
        write_file(
            looking.source,
            listed,
            row,
            state=State.REFUSED,
            digest=digest,
            at=looking.now,
            words=words,
        )


def _start(
    listed: Listed, row: SourceFile | None, table: Table, digest: str, looking: _Looking
) -> None:
    """The file's run and the row that says so: both, or neither."""
    with _writing(looking):
        run = keep_run(
            looking.integration, table, file_name=listed.name, actor="clock", at=looking.now
        )
        write_file(
            looking.source, listed, row, state=State.TAKEN, digest=digest, at=looking.now, run=run
        )
        mark("source.taken")
        start_known(run, at=looking.now)
