"""The table that comes with uploaded labels."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.own_label_notes import NOTES, note_sentence
from rientro.policy.own_label_rows import LabelFacts, Place, match_rows, read_rows


def rows(headings, *cells):
    return read_rows(headings, list(enumerate(cells, start=2)), currency="EUR")


def test_cells_in_italian():
    (row,) = rows(
        ["Codice tracking", "Corriere", "Scadenza", "Da", "A", "Peso massimo", "Prezzo"],
        ["rr 473124829 it", "Poste Italiane", "31/12/2026", "it", "IT", "2,5", "1.004,90"],
    )

    assert row.facts == LabelFacts(
        number="RR473124829IT",
        carrier="Poste Italiane",
        expires_on=date(2026, 12, 31),
        origin="IT",
        destination="IT",
        max_weight_g=2500,
        price_minor=100490,
        currency="EUR",
    )
    assert row.problems == ()


def test_a_bad_cell_is_told_and_the_rest_of_its_row_stands():
    (row,) = rows(
        ["tracking", "expires", "from", "price", "max weight"],
        ["RR473124829IT", "soon", "Italien", "free", "light"],
    )

    assert row.facts.number == "RR473124829IT"
    assert [str(problem) for problem in row.problems] == [
        "“soon” is no date.",
        "“Italien” is no country code of two letters, such as IT.",
        "“light” is no weight.",
        "“free” is no price.",
    ]


def test_a_list_without_headings_is_a_list_of_numbers():
    found = rows(["RR000000001IT"], ["RR000000002IT"], ["'000123456789"])

    assert [row.facts.number for row in found] == [
        "RR000000001IT",
        "RR000000002IT",
        "000123456789",
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "grams"),
    [("Max weight kg", "20", 20_000), ("Max weight g", "500", 500), ("weight", "2000", 2000)],
)
def test_kilograms_and_grams(heading, cell, grams):
    (row,) = rows(["tracking", heading], ["RR473124829IT", cell])

    assert row.facts.max_weight_g == grams


def numbers(matched):
    return [row.facts.number if row else "" for row in matched.rows]


PAGES = [Place("a.pdf", 1, 2), Place("a.pdf", 2, 2), Place("b.pdf", 1, 1)]


def test_rows_follow_the_pages():
    found = rows(["tracking"], ["RR000000001IT"], ["RR000000002IT"], ["RR000000003IT"])

    assert numbers(match_rows(PAGES, found)) == ["RR000000001IT", "RR000000002IT", "RR000000003IT"]


def test_rows_that_name_file_and_page_win():
    found = rows(
        ["tracking", "file", "page"],
        ["RR000000003IT", "B.PDF", ""],
        ["RR000000002IT", "x/a.pdf", "2"],
        ["RR000000009IT", "gone.pdf", "1"],
    )
    matched = match_rows(PAGES, found)

    assert numbers(matched) == ["", "RR000000002IT", "RR000000003IT"]
    assert [row.facts.number for row in matched.left_over] == ["RR000000009IT"]


def test_rows_too_many_and_too_few():
    found = rows(["tracking"], *[[f"RR00000000{n}IT"] for n in range(5)])

    assert len(match_rows(PAGES, found).left_over) == 2
    assert numbers(match_rows(PAGES, found[:1]))[1:] == ["", ""]


def test_a_file_of_one_label_may_be_named_by_its_number():
    places = [Place("RR000000001IT.pdf", 1, 1), Place("label 3SABCD1234567.pdf", 1, 1)]
    places += [Place("scan.pdf", 1, 1), Place("RR000000009IT.pdf", 1, 2)]

    assert numbers(match_rows(places, [])) == ["RR000000001IT", "3SABCD1234567", "", ""]


@given(st.lists(st.lists(st.text(max_size=60), max_size=6), max_size=6))
def test_any_table_is_read(cells):
    headings = ["tracking number", "page", "expires", "price", "max weight", "from"]
    found = read_rows(headings, list(enumerate(cells, start=2)), currency="JPY")

    assert len(match_rows(PAGES, found).rows) == 3
    assert all(0 <= row.facts.price_minor <= 10**7 for row in found)


def test_every_note_can_be_said():
    assert all(str(note_sentence(word, "x.pdf", 3)) for word in [*NOTES, "unknown"])
