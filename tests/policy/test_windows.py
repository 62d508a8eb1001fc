from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.windows import OrderDates, Terms, Window, Withdrawal, window_of, withdrawal_of

TERMS = Terms(window_days=14, fulfilment_buffer_days=5, order_buffer_days=10)
ORDERED = date(2026, 2, 20)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("case", "dates", "expected"),
    [
        (
            "delivery counts first",
            OrderDates(
                ordered_on=ORDERED,
                fulfilled_on=date(2026, 2, 22),
                delivered_on=date(2026, 3, 1),
            ),
            Window(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 15), basis="delivery"),
        ),
        (
            "else fulfilment and a buffer",
            OrderDates(ordered_on=ORDERED, fulfilled_on=date(2026, 2, 22)),
            Window(starts_on=date(2026, 2, 27), ends_on=date(2026, 3, 13), basis="fulfilment"),
        ),
        (
            "else the order and a buffer",
            OrderDates(ordered_on=ORDERED),
            Window(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 16), basis="order"),
        ),
        (
            "what was carried home from a store: the purchase, without a buffer",
            OrderDates(ordered_on=ORDERED, in_store=True),
            Window(starts_on=ORDERED, ends_on=date(2026, 3, 6), basis="purchase"),
        ),
        (
            "a till that tells all three days",
            OrderDates(
                ordered_on=ORDERED, fulfilled_on=ORDERED, delivered_on=ORDERED, in_store=True
            ),
            Window(starts_on=ORDERED, ends_on=date(2026, 3, 6), basis="purchase"),
        ),
        (
            "what a store sends later is sent",
            OrderDates(ordered_on=ORDERED, fulfilled_on=date(2026, 2, 22), in_store=True),
            Window(starts_on=date(2026, 2, 27), ends_on=date(2026, 3, 13), basis="fulfilment"),
        ),
        (
            "what a store has brought counts from that day",
            OrderDates(ordered_on=ORDERED, delivered_on=date(2026, 3, 1), in_store=True),
            Window(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 15), basis="delivery"),
        ),
        (
            "a leap day is a day",
            OrderDates(ordered_on=date(2028, 2, 1), delivered_on=date(2028, 2, 20)),
            Window(starts_on=date(2028, 2, 20), ends_on=date(2028, 3, 5), basis="delivery"),
        ),
        (
            "the end of the calendar does not fail",
            OrderDates(ordered_on=date(9999, 12, 30)),
            Window(starts_on=date.max, ends_on=date.max, basis="order"),
        ),
    ],
)
def test_window_of(case, dates, expected):
    assert window_of(dates, TERMS) == expected


def test_a_purchase_in_a_store_is_held_at_once():
    assert OrderDates(ordered_on=ORDERED, in_store=True).received_on() == ORDERED
    assert OrderDates(ordered_on=ORDERED).received_on() is None


def test_the_last_day_is_in_the_window_and_the_next_is_not():
    window = window_of(OrderDates(ordered_on=ORDERED, delivered_on=date(2026, 3, 1)), TERMS)

    assert [window.holds(date(2026, 3, day)) for day in (1, 15, 16)] == [True, True, False]


def test_a_parcel_that_was_quicker_than_our_guess_may_come_back():
    window = window_of(OrderDates(ordered_on=ORDERED), TERMS)

    assert window.holds(ORDERED)


@pytest.mark.parametrize(
    ("case", "delivered", "ends"),
    [
        ("Sunday to Monday a fortnight on", date(2026, 3, 1), date(2026, 3, 16)),
        ("would end on a Saturday", date(2026, 2, 28), date(2026, 3, 16)),
        ("a working day", date(2026, 3, 3), date(2026, 3, 17)),
        ("would end on Easter Monday", date(2026, 3, 23), date(2026, 4, 7)),
        ("would end on Good Friday, then a weekend", date(2026, 3, 20), date(2026, 4, 7)),
    ],
)
def test_the_law_counts_from_the_day_after_delivery_to_a_working_day(case, delivered, ends):
    dates = OrderDates(ordered_on=ORDERED, delivered_on=delivered)
    easter = frozenset({date(2026, 4, 3), date(2026, 4, 6)})

    found = withdrawal_of(dates, channel="web", holidays=easter)

    assert found == Withdrawal(applies=True, starts_on=delivered + timedelta(days=1), ends_on=ends)


@pytest.mark.parametrize(
    ("channel", "applies"),
    [("web", True), ("phone", True), ("marketplace", True), ("store", False), ("", False)],
)
def test_only_distance_sales_can_be_withdrawn_from(channel, applies):
    dates = OrderDates(ordered_on=ORDERED, delivered_on=ORDERED)

    assert withdrawal_of(dates, channel=channel).applies is applies


def test_a_clock_that_never_started_has_not_run_out():
    found = withdrawal_of(OrderDates(ordered_on=date(2020, 1, 1)), channel="web")

    assert found == Withdrawal(applies=True)
    assert found.is_open(date(2026, 1, 1))


def test_a_sale_in_a_store_has_no_open_clock():
    found = withdrawal_of(OrderDates(ordered_on=ORDERED, delivered_on=ORDERED), channel="store")

    assert not found.is_open(ORDERED)


@given(day=DAYS, days=st.integers(0, 4000), buffer=st.integers(0, 400))
def test_every_window_is_as_long_as_promised(day, days, buffer):
    terms = Terms(window_days=days, fulfilment_buffer_days=buffer, order_buffer_days=buffer)

    window = window_of(OrderDates(ordered_on=day), terms)

    assert (window.starts_on - day).days == buffer
    assert (window.ends_on - window.starts_on).days == days


@given(day=DAYS)
def test_the_law_never_gives_less_than_14_days_and_ends_on_a_working_day(day):
    found = withdrawal_of(OrderDates(ordered_on=day, delivered_on=day), channel="web")

    assert found.ends_on is not None
    assert 14 <= (found.ends_on - day).days <= 16
    assert found.ends_on.weekday() < 5


@given(day=DAYS, first=st.integers(0, 400), more=st.integers(0, 400))
def test_a_longer_promise_never_ends_sooner(day, first, more):
    dates = OrderDates(ordered_on=day, delivered_on=day)

    short = window_of(dates, Terms(window_days=first))
    long = window_of(dates, Terms(window_days=first + more))

    assert short.ends_on <= long.ends_on


def test_the_last_day_of_the_law_is_a_day_of_it():
    found = Withdrawal(applies=True, ends_on=date(2026, 3, 16))

    assert [found.is_open(date(2026, 3, day)) for day in (15, 16, 17)] == [True, True, False]
