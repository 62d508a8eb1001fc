"""How often a carrier is asked about one parcel."""

from datetime import UTC, datetime, timedelta

import pytest

from rientro.policy.polling import next_poll

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "status", "news", "expected"),
    [
        ("a fresh label twice a day", "label_ready", NOW, NOW + 12 * HOUR),
        ("on the road every four hours", "in_transit", NOW, NOW + 4 * HOUR),
        ("trouble more often", "exception", NOW, NOW + 2 * HOUR),
        ("a lost one seldom", "lost", NOW, NOW + 24 * HOUR),
        ("never after delivery", "delivered", NOW, None),
        ("the 45th day counts", "in_transit", NOW - 45 * DAY, NOW + 4 * HOUR),
        ("given up after that", "in_transit", NOW - 45 * DAY - HOUR, None),
    ],
)
def test_next_poll(case, status, news, expected):
    assert next_poll(status=status, last_news_at=news, now=NOW, parcel=11) == expected


def test_an_account_may_have_a_pace_of_its_own():
    asked = next_poll(status="in_transit", last_news_at=NOW, now=NOW, parcel=0, every_s=30)

    assert asked == NOW + timedelta(seconds=30)


def test_parcels_of_one_moment_drift_apart():
    times = {next_poll(status="lost", last_news_at=NOW, now=NOW, parcel=n) for n in range(22)}

    assert len(times) == 11
    assert max(times) < NOW + 26.4 * HOUR
