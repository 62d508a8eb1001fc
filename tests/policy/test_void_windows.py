from datetime import UTC, datetime, timedelta

import pytest

from rientro.policy.void_windows import unused_since, window

BOUGHT = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "days", "can", "after", "why", "until"),
    [
        ("the last moment counts", 30, True, 30 * DAY, "", BOUGHT + 30 * DAY),
        ("a second later it is over", 30, True, 30 * DAY + timedelta(seconds=1), "over", BOUGHT + 30 * DAY),
        ("no end is known", 0, True, 400 * DAY, "", None),
        ("a carrier that takes none back", 30, False, DAY, "never", None),
    ],
)  # fmt: skip
def test_window(case, days, can, after, why, until):
    found = window(bought_at=BOUGHT, void_days=days, can_cancel=can, now=BOUGHT + after)

    assert (found.why, found.until, found.is_open) == (why, until, not why)


def test_a_brand_that_says_nothing_keeps_its_labels():
    assert unused_since(now=BOUGHT, days=0) is None
    assert unused_since(now=BOUGHT, days=7) == BOUGHT - 7 * DAY
