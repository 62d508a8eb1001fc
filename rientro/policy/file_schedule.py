"""When is a place of files looked at again, and which of its files are whole?"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
RHYTHMS = (15, 30, 60, 120, 360, DAY_MIN)  # minutes
SOON = timedelta(minutes=2)  # where something is not over yet
OLD_ENOUGH = timedelta(seconds=60)
APART = timedelta(seconds=10)  # two looks closer than this prove nothing


@dataclass(frozen=True, slots=True)
class Look:
    """A file as one look showed it."""

    size: int
    changed_at: datetime | None
    seen_at: datetime


def next_look(now: datetime, *, every_min: int, at_hour: int | None, zone: str) -> datetime:
    """After ``every_min`` minutes; of a daily look the next time that it is ``at_hour`` o'clock there."""
    if every_min < DAY_MIN:
        return now + timedelta(minutes=every_min)
    there = ZoneInfo(zone)
    day = now.astimezone(there).date()
    while True:
        then = datetime.combine(day, time(at_hour or 0), there).astimezone(now.tzinfo)
        if then > now:
            return then
        day += timedelta(days=1)


def is_whole(now_seen: Look, before: Look | None) -> bool:
    """Has nobody written to the file for a while, by its own stamp or by two looks at it?

    Clocks differ: of a stamp that lies ahead of ours only a second look tells anything.
    """
    if now_seen.changed_at is None or now_seen.changed_at <= now_seen.seen_at - OLD_ENOUGH:
        return True
    return (
        before is not None
        and (before.size, before.changed_at) == (now_seen.size, now_seen.changed_at)
        and now_seen.seen_at - before.seen_at >= APART
    )


def matches(name: str, pattern: str) -> bool:
    """Is ``name`` one of those that the merchant means? Several patterns stand with commas between."""
    wanted = [each.strip() for each in pattern.split(",") if each.strip()] or ["*"]
    return any(fnmatchcase(name.casefold(), each.casefold()) for each in wanted)
