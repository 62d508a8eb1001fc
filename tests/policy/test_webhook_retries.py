"""When a receiver is asked again, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from rientro.policy.webhook_retries import (
    GIVE_UP_AFTER,
    LONGEST_WAIT,
    STANDARD_S,
    Answer,
    next_try,
    pause_until,
    told_wait,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_the_whole_table_ends_before_we_give_up():
    assert timedelta(seconds=sum(STANDARD_S) * 1.1) <= timedelta(hours=84)
    assert timedelta(seconds=sum(STANDARD_S)) == timedelta(hours=75, minutes=35, seconds=5)
    assert timedelta(hours=72) < GIVE_UP_AFTER


@pytest.mark.parametrize(("status", "taken"), [(200, True), (204, True), (299, True)])
def test_only_2xx_is_a_yes(status, taken):
    assert Answer(status).taken is taken
    assert not any(Answer(other).taken for other in (None, 100, 199, 300, 302, 404, 410, 500))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("Tue, 24 Nov 2026 10:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 24 Nov 2026 09:00:00 GMT", timedelta(0)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
        ("9" * 400, None),
        ("Tue, 99 Nov 99999 10:05:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(header, wait):
    assert told_wait(header, now=NOW) == wait


def test_nobody_makes_us_wait_longer_than_a_day():
    assert pause_until(Answer(429, "", "999999999"), 1, now=NOW) == NOW + LONGEST_WAIT


def test_a_receiver_that_answers_is_not_left_alone_for_one_refusal():
    assert pause_until(Answer(500), 1, now=NOW) is None
    assert pause_until(Answer(500), 5, now=NOW) is not None


def test_pauses_grow_and_end_at_five_minutes():
    waits = [pause_until(Answer(None, "timeout"), n, now=NOW) - NOW for n in range(1, 40)]

    assert waits[0] <= timedelta(seconds=6)
    assert max(waits) <= timedelta(seconds=330)


def test_after_the_last_try_there_is_none():
    assert next_try(STANDARD_S, len(STANDARD_S), now=NOW) is None
    assert next_try(STANDARD_S, 1, now=NOW) >= NOW + timedelta(seconds=5)
