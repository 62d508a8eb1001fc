"""Working days of a country."""

from datetime import date, timedelta
from itertools import islice

import pytest

from rientro.kit.workdays import weekend_of, workdays_after


@pytest.mark.parametrize(
    ("country", "expected"),
    [("IT", {5, 6}), ("de", {5, 6}), ("US", {5, 6}), ("IL", {4, 5}), ("XX", {5, 6}), ("", {5, 6})],
)
def test_the_weekend_is_the_countrys_own(country, expected):
    assert weekend_of(country) == expected


@pytest.mark.parametrize(
    ("after", "country", "expected"),
    [
        pytest.param((2026, 11, 25), "IT", ["26", "27", "30"], id="over a weekend"),
        pytest.param((2026, 12, 23), "DE", ["24", "28", "29"], id="over Christmas"),
        pytest.param((2026, 4, 2), "IT", ["07", "08", "09"], id="over Easter"),
        pytest.param((2026, 11, 25), "IL", ["26", "29", "30"], id="where Sunday is a working day"),
    ],
)
def test_working_days_follow(after, country, expected):
    days = islice(workdays_after(date(*after), country), 3)

    assert [f"{day:%d}" for day in days] == expected


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1961, 4, 2), (2000, 4, 23), (2024, 3, 31), (2026, 4, 5), (2038, 4, 25), (2285, 3, 22)],
)
def test_easter_monday_is_no_working_day(year, month, day):
    sunday = date(year, month, day)

    first = next(workdays_after(sunday - timedelta(days=3), "IT"))

    assert first == sunday + timedelta(days=2)
