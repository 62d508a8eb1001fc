"""One cell of a file: dates, amounts, words."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.cells import (
    guess_date_order,
    guess_decimal,
    is_cancelled,
    plain_cell,
    read_amount,
    read_channel,
    read_moment,
    was_shortened,
    with_leading_zeros,
)

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-11-10", "dmy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("2026-11-10", "mdy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("10.11.2026", "dmy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("10/11/26", "dmy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("11/10/2026", "mdy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("10-11-2026 09:30", "dmy", datetime(2026, 11, 10, 8, 30, tzinfo=UTC)),
        ("2026-11-10T09:30:15", "dmy", datetime(2026, 11, 10, 8, 30, 15, tzinfo=UTC)),
        ("2026-11-10T09:30:15.123456+05:00", "dmy", datetime(2026, 11, 10, 4, 30, 15, tzinfo=UTC)),
        ("2026-11-10 09:30:15 +0100", "dmy", datetime(2026, 11, 10, 8, 30, 15, tzinfo=UTC)),
        ("2026-11-10T08:30:15Z", "dmy", datetime(2026, 11, 10, 8, 30, 15, tzinfo=UTC)),
        ("46336", "dmy", datetime(2026, 11, 9, 23, 0, tzinfo=UTC)),
        ("46336,5", "dmy", datetime(2026, 11, 10, 11, 0, tzinfo=UTC)),
        ("2026-07-10", "dmy", datetime(2026, 7, 9, 22, 0, tzinfo=UTC)),
        ("24.11.2026", "mdy", None),
        ("31.02.2026", "dmy", None),
        ("soon", "dmy", None),
        ("10.11.1850", "dmy", None),
        ("99999", "dmy", datetime(2173, 10, 12, 22, 0, tzinfo=UTC)),
        ("12345", "dmy", None),
        ("10.11.2026 25:00", "dmy", None),
    ],
)
def test_a_moment(text, order, expected):
    assert read_moment(text, date_order=order, zone=ROME) == expected


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("46.00", ",", "46.00"),
        ("46,00", ".", "46.00"),
        ("1.234,50", ".", "1234.50"),
        ("1,234.50", ",", "1234.50"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("1.234.567", ".", "1234567"),
        ("1'234.50", ".", "1234.50"),
        ("€ 12,90", ".", "12.90"),
        ("12,90 EUR", ".", "12.90"),
        ("-12,90", ".", "-12.90"),
        ("12,90-", ".", "-12.90"),
        (".5", ".", "0.5"),
        ("12", ",", "12"),
        ("1.23.4", ".", None),
        ("1,2,3", ".", None),
        ("12.", ".", None),
        ("1-2", ".", None),
        ("free", ".", None),
        ("", ".", None),
        ("9" * 40, ".", None),
    ],
)
def test_an_amount(text, decimal, expected):
    amount = read_amount(text, decimal=decimal)

    assert amount == (None if expected is None else Decimal(expected))


@given(st.text(max_size=60), st.sampled_from([".", ","]), st.sampled_from(["dmy", "mdy"]))
def test_no_text_breaks_a_reader(text, decimal, order):
    read_amount(text, decimal=decimal)
    read_moment(text, date_order=order, zone=ROME)
    plain_cell(text)
    read_channel(text)
    guess_decimal([text])
    guess_date_order([text])
    with_leading_zeros(text, "IT")


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_both_ways_of_writing_an_amount_are_one(amount):
    english, german = f"{amount:,.2f}", f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))

    assert read_amount(english, decimal=",") == read_amount(german, decimal=".") == amount


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01.02.2026", "24.11.2026"], "dmy"),
        (["01/02/2026", "11/24/2026"], "mdy"),
        (["01/02/2026", "2026-11-24"], ""),
        (["2026-11-24", "2026-02-01 10:00"], "dmy"),
        (["soon"], ""),
    ],
)
def test_dates_give_their_order_away(cells, expected):
    assert guess_date_order(cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [(["12", "12,50"], ","), (["1,234", "0.99"], "."), (["1.234", "12"], ""), (["1.234,5"], ",")],
)
def test_amounts_give_their_mark_away(cells, expected):
    assert guess_decimal(cells) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [('="00123"', "00123"), ("'00123", "00123"), ("  x ", "x"), ("'", "'"), ('=""', "")],
)
def test_what_spreadsheets_wrap_around_words_comes_off(cell, expected):
    assert plain_cell(cell) == expected


@pytest.mark.parametrize(
    ("code", "country", "expected"),
    [
        ("184", "IT", "00184"),
        ("1067", "DE", "01067"),
        ("10131", "IT", "10131"),
        ("12", "DE", "12"),
        ("1012AB", "NL", "1012AB"),
        ("", "IT", ""),
        ("٠١٢", "IT", "٠١٢"),
    ],
)
def test_lost_zeros_come_back_only_where_one_way_is_right(code, country, expected):
    assert with_leading_zeros(code, country) == expected


def test_words_of_six_languages_are_understood():
    assert {read_channel(w) for w in ("In-Store", "Negozio", "Filiale", "magasin", "winkel")} == {
        "store"
    }
    assert (read_channel("Amazon"), read_channel("Webshop"), read_channel("")) == (
        "marketplace",
        "web",
        "",
    )
    assert all(map(is_cancelled, ("Cancelled", "annullato", "Storniert", "annulé", "geannuleerd")))
    assert not is_cancelled("paid")
    assert was_shortened("4,00638E+12")
    assert not was_shortened("SKU-12E")
