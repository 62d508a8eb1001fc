from datetime import UTC, datetime

import pytest
from procrastinate.jobs import Job

from rientro.flows.buy_label import AccountOnHold, NotNow
from rientro.jobs.patience import Patience


def decide(error, attempts=0, **patience):
    job = Job(
        id=1, queue="carriers", lock=None, queueing_lock=None, task_name="x", attempts=attempts
    )
    return Patience(**patience).get_retry_decision(exception=error, job=job)


def wait_s(decision):
    return (decision.retry_at - datetime.now(UTC)).total_seconds()


def test_what_will_not_pass_is_not_repeated():
    assert decide(AccountOnHold("Broken.")) is None


def test_the_carriers_own_wish_is_obeyed_with_jitter():
    assert 119 <= wait_s(decide(NotNow("Wait.", retry_after_s=120))) <= 151


@pytest.mark.parametrize(("attempts", "least"), [(0, 5), (3, 40), (9, 900)])
def test_each_wait_is_longer_up_to_a_limit(attempts, least):
    assert least - 1 <= wait_s(decide(OSError("gone"), attempts)) <= least * 1.25 + 2


def test_the_log_says_at_once_what_will_be_tried_again(caplog):
    decide(OSError("gone"))

    assert "x failed and is tried again in" in caplog.text
    assert "OSError: gone" in caplog.text


def test_it_gives_up_in_the_end():
    assert decide(OSError("gone"), attempts=11) is None
