"""Which orders of a shop come in, and what its status words mean."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rientro.policy.orders_in import OrderIn
from rientro.policy.shop_filters import Filters, meaning_of, passes, read_by

DAY = datetime(2026, 11, 2, tzinfo=UTC)
ORDER = OrderIn(
    external_order_id="1",
    number="1001",
    ordered_at=DAY,
    country="IT",
    status="processing",
    tags=("VIP", "gift"),
)


@pytest.mark.parametrize(
    ("stored", "enters"),
    [
        pytest.param({}, True, id="no filter"),
        pytest.param({"countries": ["it", "DE"]}, True, id="case does not count"),
        pytest.param({"countries": ["DE"]}, False, id="another country"),
        pytest.param({"tags": ["vip"]}, True, id="one tag of several"),
        pytest.param({"tags": ["b2b"]}, False, id="no such tag"),
        pytest.param({"statuses": ["completed"]}, False, id="another status"),
        pytest.param({"channels": ["web"], "tags": ["gift"]}, True, id="all of them"),
        pytest.param({"channels": ["store"], "tags": ["gift"]}, False, id="all but one"),
        pytest.param({"tags": "gift", "countries": [None, " "]}, True, id="no words at all"),
    ],
)
def test_an_order_enters_by_every_filter(stored, enters):
    assert passes(ORDER, Filters.of(stored)) is enters


@pytest.mark.parametrize(
    ("meaning", "dates"),
    [
        ("sent", {"fulfilled_at": DAY}),
        ("delivered", {"fulfilled_at": DAY, "delivered_at": DAY}),
        ("cancelled", {"cancelled_at": DAY}),
        ("leave_out", {}),
        ("nonsense", {}),
    ],
)
def test_a_status_stands_for_dates(meaning, dates):
    assert read_by(ORDER, {"Processing": meaning}, at=DAY) == replace(ORDER, **dates)


def test_what_the_shop_tells_itself_stays():
    told = replace(ORDER, delivered_at=datetime(2026, 10, 1, tzinfo=UTC))

    read = read_by(told, {"processing": "delivered"}, at=DAY)

    assert read.delivered_at == told.delivered_at


def test_an_unknown_status_means_nothing():
    assert meaning_of(ORDER, {"on-hold": "cancelled"}) is None
