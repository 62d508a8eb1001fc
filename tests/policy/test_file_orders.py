"""The rows of one order in a file, read leniently."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.policy.columns import FIELDS
from rientro.policy.file_orders import Reading, read_order
from rientro.policy.order_checks import problems_of
from rientro.policy.orders_in import LineIn, has_outbound

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CODES = list(FIELDS)
GOOD = {
    "number": "BR-1",
    "ordered_on": "2026-11-10",
    "name": "Giulia Ferrero",
    "postal_code": "10131",
    "email": "g@example.test",
    "item_name": "Scarf",
    "quantity": "2",
    "price": "46.00",
}


def reading(codes=CODES, **changes):
    told = {
        "columns": {code: place for place, code in enumerate(codes)},
        "country": "IT",
        "currency": "EUR",
        "zone": ZoneInfo("Europe/Rome"),
        "now": NOW,
    }
    return Reading(**told | changes)


def read(*rows, **changes):
    cells = [(n, [(GOOD | row).get(code, "") for code in CODES]) for n, row in enumerate(rows, 2)]
    return read_order(cells, reading(**changes))


def test_a_good_row_is_an_order():
    order = read({}).order

    assert (order.external_order_id, order.number, order.country) == ("BR-1", "BR-1", "IT")
    assert (order.total_minor, order.channel) == (9200, "web")
    assert order.lines == [LineIn(name="Scarf", quantity=2, price_minor=4600)]


def test_a_column_tells_the_parcel_that_went_out():
    order = read({"tracking_number": "00340434", "fulfilled_on": "2026-11-11"}).order

    assert has_outbound(order)
    assert not has_outbound(read({"fulfilled_on": "2026-11-11"}).order)


@pytest.mark.parametrize(
    ("case", "row", "field", "words"),
    [
        ("no number", {"number": ""}, "number", "missing"),
        ("a shortened number", {"number": "4,00638E+12"}, "number", "Format the column as text"),
        ("no date", {"ordered_on": ""}, "ordered_on", "missing"),
        ("no date at all", {"ordered_on": "soon"}, "ordered_on", "“soon”"),
        ("an unknown country", {"country": "Atlantis"}, "country", "“Atlantis”"),
        ("half a piece", {"quantity": "1,5"}, "quantity", "no number of pieces"),
        ("less than one", {"quantity": "0"}, "quantity", "no number of pieces"),
        ("a price in words", {"price": "free"}, "price", "“free”"),
        ("a total in words", {"total": "much"}, "total", "“much”"),
        ("a price without an item", {"item_name": ""}, "item_name", "no item"),
        ("a long number", {"number": "x" * 300}, "number", "200 characters"),
        ("a currency in words", {"currency": "Euro"}, "currency", "currency code"),
        ("nothing to prove", {"postal_code": "", "email": ""}, "postal_code", "nobody can find"),
    ],
)
def test_what_stops_the_job_is_a_problem(case, row, field, words):
    found = read(row)

    assert found.order is None
    assert list(found.problems) == [2], case
    assert words in found.problems[2][field]


@pytest.mark.parametrize(
    ("case", "row", "field"),
    [
        ("a mended code", {"postal_code": "184"}, "postal_code"),
        ("an odd code", {"postal_code": "ABC"}, "postal_code"),
        ("no code but a mail", {"postal_code": ""}, "postal_code"),
        ("an odd mail", {"email": "none"}, "email"),
        ("an odd weight", {"item_weight": "heavy"}, "item_weight"),
        ("a shortened SKU", {"sku": "4,00638E+12"}, "sku"),
        ("no item", {"item_name": "", "quantity": "", "price": ""}, "item_name"),
    ],
)
def test_what_is_only_odd_is_a_note(case, row, field):
    found = read(row)

    assert found.order is not None, found.problems
    assert list(found.warnings[2]) == [field], case


def test_the_first_row_that_tells_something_counts_and_a_difference_is_noted():
    found = read({"phone": ""}, {"phone": "+39", "email": "other@example.test"})

    assert (found.order.phone, found.order.email) == ("+39", "g@example.test")
    assert found.warnings[2]["email"].endswith("the first counts.")


def test_a_refused_order_gives_every_row_a_reason():
    found = read({}, {"quantity": "none"}, {})

    assert [(row, why) for row, _, why in found.reasons()] == [
        (2, ["See row 3: same order."]),
        (3, ["“none” is no number of pieces."]),
        (4, ["See row 3: same order."]),
    ]


def test_a_receipt_makes_it_a_sale_in_a_store():
    order = read({"receipt": "RC-17", "postal_code": "", "email": ""}).order

    assert (order.channel, order.receipt) == ("store", "RC-17")


def test_weights_may_be_in_grams():
    assert read({"item_weight": "300"}, in_grams=True).order.lines[0].weight_g == 300
    assert read({"item_weight": "0.3"}).order.lines[0].weight_g == 300


def test_without_item_columns_the_lines_are_not_told():
    codes = ["number", "ordered_on", "email"]
    found = read_order([(2, ["A", "2026-11-10", "a@b.it"])], reading(codes))

    assert found.order.lines is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(CODES), st.text(max_size=40), max_size=8),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([",", "."]),
)
def test_no_cells_break_the_reader_and_what_it_gives_can_be_kept(rows, decimal):
    found = read(*rows, decimal=decimal)

    assert (found.order is None) is bool(found.problems)
    if found.order is not None:
        assert problems_of(found.order) == {}
