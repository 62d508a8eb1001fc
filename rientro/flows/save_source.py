"""A merchant says where its files of orders lie; the place is looked at before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.db import transaction

from rientro.kit import http
from rientro.kit.crypto import seal, unseal
from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.file_sources import FileSource
from rientro.models.integrations import Integration
from rientro.models.source_books import folder_of, where_of
from rientro.policy.file_schedule import RHYTHMS, matches
from rientro.shops.sources.base import Listed, Where
from rientro.shops.sources.registry import KINDS, visit

SYSTEM = "csv"


class IncompleteSource(RientroError):
    """Something that the place needs is missing or wrong; ``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "incomplete_source"


class HostKeyUnknown(RientroError):
    """Nobody has agreed to the server's key: ``facts`` hold ``host_key`` and ``fingerprint``."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "host_key_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWish:
    """A place as it was typed. Empty credentials keep those of before."""

    kind: str
    place: Mapping[str, Any]
    credentials: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    every_min: int = 60
    at_hour: int | None = None
    after: str = FileSource.After.KEEP.value


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies in a place: the files that would be read, and how many others."""

    wanted: Sequence[Listed]
    others: int


def save_source(
    *, integration: Integration, wish: SourceWish, actor: str, now: datetime
) -> tuple[FileSource, Seen]:
    """Look at the place, and keep it. The next look reads what lies there.

    Raises IncompleteSource, HostKeyUnknown before anything secret is sent to a server, and ShopError in words. No
    transaction may be open.
    """
    _check(wish, integration)
    with transaction.atomic(durable=True):
        before = FileSource.objects.filter(integration=integration).first()
    told = _credentials(wish, before)
    where = Where(
        kind=wish.kind,
        place=wish.place,
        credentials=told,
        root=folder_of(integration.merchant_id),
    )
    _ask_for_key(where)
    seen = _seen(where, wish.pattern)
    return _kept(integration, wish, told, actor=actor, now=now), seen


def look_into_source(*, source: FileSource) -> Seen:
    """What lies there now. Reads and changes nothing. Raises ShopError; no transaction may be open."""
    return _seen(where_of(source), source.pattern)


@transaction.atomic
def read_source_now(*, source: FileSource, now: datetime) -> None:
    """Let the clock look there at once."""
    FileSource.objects.filter(pk=source.pk).update(next_at=now)


@transaction.atomic
def pause_source(*, source: FileSource, paused: bool, actor: str, now: datetime) -> None:
    """Leave the place alone, or go on."""
    state = FileSource.State.PAUSED if paused else FileSource.State.OK
    FileSource.objects.filter(pk=source.pk).update(
        state=state.value, failures=0, last_error="", next_at=None if paused else now
    )
    _record(source, "paused" if paused else "resumed", actor=actor, now=now)


@transaction.atomic
def remove_source(*, source: FileSource, actor: str, now: datetime) -> None:
    """Forget the place and its keys, and what was read there; orders and imports stay."""
    _record(source, "removed", actor=actor, now=now)
    Integration.objects.filter(pk=source.integration_id).update(failing_since=None)
    source.delete()


def _check(wish: SourceWish, integration: Integration) -> None:
    if integration.system != SYSTEM:
        raise IncompleteSource("Only an integration of files has a place to fetch them from.")
    place = wish.place
    if wish.kind not in KINDS:
        raise IncompleteSource("Choose where the files lie.", field="kind")
    if wish.every_min not in RHYTHMS or wish.at_hour not in (None, *range(24)):
        raise IncompleteSource("Choose how often we look.", field="every_min")
    if wish.kind == "sftp" and not place.get("host"):
        raise IncompleteSource("Write the server’s name.", field="host")
    if wish.kind == "sftp" and not place.get("user"):
        raise IncompleteSource("Write the user’s name.", field="user")
    if wish.kind == "https":
        _check_url(str(place.get("url", "")))


def _check_url(url: str) -> None:
    private = http.are_private_targets_open()
    if not url.lower().startswith("https://") and not private:
        raise IncompleteSource("The address must begin with https://.", field="url")
    wrong = http.problem(url, allow_private=private)
    try:
        urlsplit(url)
    except ValueError:
        wrong = "This is not an address such as https://shop.example."
    if wrong:
        raise IncompleteSource(wrong, field="url")


def _credentials(wish: SourceWish, before: FileSource | None) -> dict[str, str]:
    """What was typed, and of the same place what was kept; other places never hear what this one is opened with."""
    told = {name: value for name, value in wish.credentials.items() if value}
    if before is None or not before.credentials or before.kind != wish.kind:
        return told
    same = all(before.place.get(name) == wish.place.get(name) for name in ("host", "port", "url"))
    if not same or told.get("key") or told.get("password"):
        return told
    return {**unseal(before.credentials), **told}


def _ask_for_key(where: Where) -> None:
    if where.kind != "sftp" or where.place.get("host_key"):
        return
    from rientro.shops.sources.sftp import shown_key

    key, fingerprint = shown_key(str(where.place["host"]), int(where.place["port"]))
    raise HostKeyUnknown(
        "Compare this fingerprint with the one that the server’s owner names, and agree to it.",
        host_key=key,
        fingerprint=fingerprint,
    )


def _seen(where: Where, pattern: str) -> Seen:
    with visit(where) as place:
        found = place.look()
    wanted = [each for each in found if matches(each.name, pattern)]
    return Seen(sorted(wanted, key=lambda each: each.name), len(found) - len(wanted))


@transaction.atomic(durable=True)
def _kept(
    integration: Integration,
    wish: SourceWish,
    told: Mapping[str, str],
    *,
    actor: str,
    now: datetime,
) -> FileSource:
    fields: dict[str, Any] = {
        "kind": wish.kind,
        "place": dict(wish.place),
        "credentials": seal(told) if told else "",
        "pattern": wish.pattern,
        "every_min": wish.every_min,
        "at_hour": wish.at_hour,
        "after": wish.after,
        "state": FileSource.State.OK.value,
        "failures": 0,
        "last_error": "",
        "mark": "",
        "next_at": now,
    }
    source, made = FileSource.objects.update_or_create(
        integration=integration, defaults=fields, create_defaults={**fields, "created_at": now}
    )
    _record(source, "made" if made else "changed", actor=actor, now=now)
    return source


def _record(source: FileSource, what: str, *, actor: str, now: datetime) -> None:
    Event.record(
        "integration.changed",
        actor=actor,
        at=now,
        integration=source.integration_id,
        what=f"source_{what}",
        source=source.kind,
    )
