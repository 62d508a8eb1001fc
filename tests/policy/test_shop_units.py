"""What a shop takes back itself, and what comes back by a return of ours."""

from datetime import UTC, datetime, timedelta

import pytest

from rientro.policy.shop_units import Gone, Sent, units_bought

DAY = datetime(2026, 11, 2, tzinfo=UTC)
LATER = DAY + timedelta(days=1)
LAST = DAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("bought", "gone", "sent", "left"),
    [
        pytest.param(3, [], [], 3, id="nothing happened"),
        pytest.param(3, [Gone(1, DAY)], [], 2, id="one refunded before any return"),
        pytest.param(3, [Gone(1, LATER)], [Sent(1, DAY)], 3, id="the refund of a return"),
        pytest.param(3, [Gone(1, DAY)], [Sent(1, LATER)], 2, id="one refunded, another returned"),
        pytest.param(3, [Gone(1, None)], [Sent(1, DAY)], 3, id="no date: the return's"),
        pytest.param(3, [Gone(2, LATER)], [Sent(1, DAY)], 2, id="more refunded than returned"),
        pytest.param(1, [Gone(5, DAY)], [], 0, id="never below zero"),
        pytest.param(2, [Gone(2, DAY)], [Sent(1, LATER)], 1, id="never below what is returned"),
        pytest.param(
            4,
            [Gone(1, LAST), Gone(1, DAY)],
            [Sent(1, LATER)],
            3,
            id="each refund is judged by its own day",
        ),
        pytest.param(
            4,
            [Gone(1, None), Gone(1, LAST)],
            [Sent(1, LATER)],
            3,
            id="a return is answered once",
        ),
    ],
)
def test_units_that_a_shopper_may_have(bought, gone, sent, left):
    assert units_bought(bought=bought, gone=gone, sent=sent) == left
