"""Rows are gathered into orders whichever way the file is sorted."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.file_groups import orders_of
from rientro.policy.file_orders import Reading

READING = Reading(
    columns={"number": 0},
    country="IT",
    currency="EUR",
    zone=UTC,
    now=datetime(2026, 11, 24, tzinfo=UTC),
)


def gathered(numbers):
    rows = [(place, [number]) for place, number in enumerate(numbers, start=2)]
    return [[row for row, _ in group] for group in orders_of(lambda: rows, READING)]


def test_rows_of_one_order_come_together_when_it_is_complete():
    assert gathered(["A", "A", "B", "C", "B", "A"]) == [[5], [4, 6], [2, 3, 7]]


def test_a_row_without_a_number_belongs_to_the_one_above():
    assert gathered(["A", "", "B", ""]) == [[2, 3], [4, 5]]


def test_rows_before_any_number_stand_alone():
    assert gathered(["", "", "A"]) == [[2], [3], [4]]


@given(st.lists(st.sampled_from(["", "A", "B", "C", "D"]), max_size=40))
def test_every_row_comes_exactly_once(numbers):
    seen = [row for group in gathered(numbers) for row in group]

    assert sorted(seen) == list(range(2, len(numbers) + 2))
