"""What is read out of PrestaShop's rows without a wire: stamps, amounts, weights, names, errors."""

from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from rientro.shops.prestashop.hours import a_second_after, moment_of, stamp_from
from rientro.shops.prestashop.orders import _named
from rientro.shops.prestashop.wire import error_in, xml_of
from rientro.shops.prestashop.words import in_language
from rientro.shops.reading import Odd, amount, grams, key, minor, text, whole

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        pytest.param(datetime(2026, 7, 1, 10, 0, tzinfo=UTC), "2026-07-01 12:00:00", id="summer"),
        pytest.param(datetime(2026, 12, 1, 10, 0, tzinfo=UTC), "2026-12-01 11:00:00", id="winter"),
        pytest.param(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "2026-03-29 01:59:00", id="spring"),
        pytest.param(
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 01:59:00", id="first run"
        ),
        pytest.param(
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00", id="second run"
        ),
    ],
)
def test_a_walk_begins_at_the_earliest_stamp_that_news_may_bear(moment, stamp):
    assert stamp_from(moment, ROME) == stamp


def test_a_stamp_that_comes_twice_is_read_as_the_earlier():
    assert moment_of("2026-10-25 02:30:00", ROME) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment_of("2026-11-02 10:00:00", ROME) == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert moment_of("0000-00-00 00:00:00", ROME) is None
    assert moment_of("", ROME) is None
    assert a_second_after("2026-12-31 23:59:59") == "2027-01-01 00:00:00"


def test_rows_are_read_with_care():
    row = {"id": 7, "id_carrier": "0", "name": " A\x00b ", "n": "12", "odd": [1], "x": True}

    assert (key(row), key(row, "id_carrier"), key(row, "gone")) == ("7", "", "")
    assert (text(row, "name"), text(row, "odd"), text(row, "x")) == ("Ab", "", "")
    assert (whole(row, "n"), whole(row, "name")) == (12, 0)


def test_amounts_have_six_decimals_and_end_in_whole_minor_units():
    assert amount({"a": "29.990000"}, "a") == Decimal("29.99")
    assert minor(Decimal("29.995000"), "EUR") == 3000
    assert minor(Decimal("1600.000000"), "JPY") == 1600
    assert minor(Decimal("1.234500"), "KWD") == 1235
    for value in ("NaN", "1e400", "twelve"):
        with pytest.raises(Odd):
            amount({"a": value}, "a")


@pytest.mark.parametrize(
    ("weight", "unit", "expected"),
    [("0.300000", "kg", 300), ("1", "lb", 454), ("250", "g", 250), ("0", "kg", 0), ("-1", "kg", 0)],
)
def test_weights_are_grams_whatever_the_shop_weighs_in(weight, unit, expected):
    assert grams(Decimal(weight), unit) == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Mug (Colour: Red - Size : M)", ("Mug", "Colour: Red - Size : M")),
        ("Mug - Colour : Red, Size : M", ("Mug", "Colour : Red, Size : M")),
        ("Mug (large)", ("Mug", "large")),
        ("Mug", ("Mug", "")),
    ],
)
def test_a_variant_is_taken_out_of_the_name(name, told):
    assert _named({"product_name": name, "product_attribute_id": "3"}) == told
    assert _named({"product_name": name, "product_attribute_id": "0"}) == (name, "")


def test_a_word_in_several_languages_is_said_in_the_shops_own():
    words = [{"id": "1", "value": "Shipped"}, {"id": "2", "value": "Spedito"}]

    assert in_language(words, "2") == "Spedito"
    assert in_language(words, "9") == "Shipped"
    assert in_language("Shipped", "2") == "Shipped"
    assert in_language(None, "2") == ""


def test_errors_are_read_in_both_of_their_forms():
    xml = b"<prestashop><errors><error><code><![CDATA[26]]></code><message><![CDATA[No]]></message></error>"

    assert error_in(b'{"errors":[{"code":26,"message":"No"}]}') == (26, "No")
    assert error_in(xml) == (26, "No")
    assert error_in(b"<html>Oops</html>") == (None, "")
    assert error_in(b'{"errors":[]}') == (None, "")


def test_what_is_sent_is_xml_whatever_was_typed():
    made = xml_of(
        "customer_message", {"message": "<b>\x00&\ud83d 😀", "name": {"1": "a", "2": "b"}}
    )

    tree = ElementTree.fromstring(made)
    assert tree.findtext("customer_message/message") == "<b>& 😀"
    assert [(e.get("id"), e.text) for e in tree.iter("language")] == [("1", "a"), ("2", "b")]
