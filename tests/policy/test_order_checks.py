from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rientro.policy.order_checks import MOST_LINES, problems_of
from rientro.policy.orders_in import LineIn, OrderIn

LINE = LineIn(name="Scarf", quantity=1, price_minor=4600)
ORDER = OrderIn(
    external_order_id="1",
    number="1001",
    ordered_at=datetime(2026, 11, 1, tzinfo=UTC),
    country="IT",
    lines=(LINE,),
)


@pytest.mark.parametrize(
    ("case", "changes", "expected"),
    [
        ("a plain order", {}, {}),
        ("no lines told", {"lines": None}, {}),
        ("no postal code: not every country has one", {"postal_code": ""}, {}),
        ("no number", {"number": " "}, {"number": ["This is needed."]}),
        ("a long id", {"external_order_id": "x" * 201}, {"external_order_id": ["At most 200 characters."]}),
        ("no country", {"country": "Italy"}, {"country": ["Use a two-letter country code, such as IT."]}),
        ("no currency", {"currency": "eur"}, {"currency": ["Use a three-letter currency code, such as EUR."]}),
        ("an unknown channel", {"channel": "fax"}, {"channel": ["Use one of marketplace, phone, store, web."]}),
        ("too much money", {"total_minor": 10**16}, {"total_minor": ["This amount is too large."]}),
        ("less than no weight", {"weight_g": -1}, {"weight_g": ["This weight is out of range."]}),
        ("a time without a zone", {"ordered_at": datetime(2026, 11, 1)}, {"ordered_at": ["A time needs its zone."]}),
        ("too many lines", {"lines": (LINE,) * (MOST_LINES + 1)}, {"lines": ["At most 1000 lines."]}),
    ],
)  # fmt: skip
def test_problems_of_an_order(case, changes, expected):
    assert problems_of(replace(ORDER, **changes)) == expected


@pytest.mark.parametrize(
    ("case", "changes", "field"),
    [
        ("no name", {"name": " "}, "name"),
        ("no units", {"quantity": 0}, "quantity"),
        ("too many units", {"quantity": 10**7}, "quantity"),
        ("too dear", {"price_minor": -(10**16)}, "price_minor"),
        ("too heavy", {"weight_g": 3 * 10**9}, "weight_g"),
        ("a long key", {"line_key": "x" * 201}, "line_key"),
    ],
)
def test_problems_of_a_line_are_told_by_its_place(case, changes, field):
    order = replace(ORDER, lines=(LINE, replace(LINE, **changes)))

    found = problems_of(order)

    assert list(found) == ["lines"]
    assert {place: list(bad) for place, bad in found["lines"].items()} == {"1": [field]}
