"""PrestaShop stamps in the shop's own time without saying its zone; an hour of autumn comes twice.

Source: classes/ObjectModel.php (date_add and date_upd are PHP's local ``date('Y-m-d H:i:s')``) and
config/config.inc.php (the zone is set from PS_TIMEZONE), PrestaShop 8.1.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M:%S"
AROUND = timedelta(hours=2)  # no zone sets its clock back by more
STEP = timedelta(minutes=1)


def stamp_from(moment: datetime, zone: ZoneInfo) -> str:
    """The earliest stamp that anything at or after ``moment`` may bear.

    In the night when clocks go back, what happens in the second run of an hour bears a stamp from before.
    """
    start = _local(moment, zone)
    first = min(_local(moment + STEP * n, zone) for n in range(AROUND // STEP))
    return (first - STEP if first < start else start).strftime(FORMAT)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def moment_of(stamp: str, zone: ZoneInfo) -> datetime | None:
    """The aware UTC moment of a stamp, the earlier of two; None for the shop's "0000-00-00 00:00:00"."""
    try:
        local = datetime.strptime(stamp, FORMAT).replace(tzinfo=zone)
    except ValueError:
        return None
    return local.astimezone(UTC)


def a_second_after(stamp: str) -> str:
    moment = datetime.strptime(stamp, FORMAT)  # noqa: DTZ007
    return (moment + timedelta(seconds=1)).strftime(FORMAT)
