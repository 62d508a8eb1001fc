"""Days on which people work: without a country's weekend, and without the days on which nearly nobody delivers.

Weekends come from CLDR (through Babel). Holidays are those that most of Europe and America keep: a day that is left
out by mistake costs nobody anything, and a country's or a carrier's own closed day is the carrier's to say, which is
asked before the purchase. A library of every region's holidays would weigh 3 MB and still not know the carriers'.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from babel import Locale, UnknownLocaleError

FIXED = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})  # (month, day)
AFTER_EASTER = (-2, 0, 1)  # Good Friday, Easter Sunday and Monday
SATURDAY, SUNDAY = 5, 6


def workdays_after(day: date, country: str) -> Iterator[date]:
    """The working days of ``country`` (alpha-2) after ``day``, without end."""
    while True:
        day += timedelta(days=1)
        if day.weekday() not in weekend_of(country) and not _is_holiday(day):
            yield day


def weekend_of(country: str) -> frozenset[int]:
    """The days of the weekend of ``country``, 0 for Monday; Saturday and Sunday where nobody knows it."""
    try:
        locale = Locale.parse(f"und_{country.upper()}")
    except (ValueError, UnknownLocaleError):
        return frozenset({SATURDAY, SUNDAY})
    first, last = locale.weekend_start, locale.weekend_end
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _is_holiday(day: date) -> bool:
    return (day.month, day.day) in FIXED or (day - _easter(day.year)).days in AFTER_EASTER


@cache
def _easter(year: int) -> date:
    """Western Easter Sunday: the anonymous Gregorian computus (Nature, 20 April 1876; Meeus, ch. 8)."""
    golden, century, in_century = year % 19, year // 100, year % 100
    leap, rest = century // 4, century % 4
    moved = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - moved + 15) % 30
    sunday = (32 + 2 * rest + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
