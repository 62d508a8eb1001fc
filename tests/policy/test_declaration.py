import pytest

from rientro.kit.money import Money
from rientro.policy.declaration import (
    Goods,
    cn22_will_do,
    missing_of,
    net_weight_g,
    normal_hs,
    normal_origin,
    total_value,
)


def goods(**changes):
    usual = {
        "description": "Scarf",
        "quantity": 2,
        "value": Money(4600, "EUR"),
        "hs_code": "6117.10",
        "origin_country": "IT",
        "weight_g": 90,
    }
    return Goods(**usual | changes)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("6117.10", "611710"),
        (" 6117 10 00 ", "61171000"),
        ("6117-10-00-90", "6117100090"),
        ("611710", "611710"),
        ("61171", ""),
        ("61171000901", ""),
        ("wool", ""),
        ("6117.10a", ""),
        ("٦١١٧١٠", ""),
        ("", ""),
    ],
)
def test_an_hs_code_has_six_to_ten_digits(typed, kept):
    assert normal_hs(typed) == kept


def test_an_origin_is_a_country():
    assert (normal_origin(" it"), normal_origin("ZZ"), normal_origin("")) == ("IT", "", "")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"hs_code": "12"}, ("hs_code",)),
        ({"origin_country": ""}, ("origin_country",)),
        ({"weight_g": 0}, ("weight_g",)),
        (
            {"hs_code": "", "origin_country": "", "weight_g": 0},
            ("hs_code", "origin_country", "weight_g"),
        ),
    ],
)
def test_what_is_missing_is_named(changes, missing):
    assert missing_of(goods(**changes)) == missing


def test_totals_add_up_to_the_cent():
    lines = [goods(value=Money(333, "EUR"), quantity=3), goods(value=Money(1, "EUR"), quantity=7)]

    assert total_value(lines) == Money(1006, "EUR")
    assert net_weight_g(lines) == 900


@pytest.mark.parametrize(
    ("changes", "gross_g", "will_do"),
    [
        ({}, 250, True),
        ({}, 2000, True),
        ({}, 2001, False),
        ({}, 0, False),
        ({"value": Money(15000, "EUR")}, 250, True),
        ({"value": Money(15001, "EUR")}, 250, False),
        ({"value": Money(11250, "GBP")}, 250, True),
        ({"value": Money(11251, "GBP")}, 250, False),
        ({"value": Money(100, "SEK")}, 250, False),
    ],
)
def test_the_small_form_is_for_small_packets_of_little_worth(changes, gross_g, will_do):
    assert cn22_will_do([goods(**changes)], gross_weight_g=gross_g) is will_do
