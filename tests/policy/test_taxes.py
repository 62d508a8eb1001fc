from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.taxes import clean_vat_number, tax_of, tax_on, vat_number_problem


@pytest.mark.parametrize(
    ("case", "issuer", "country", "vat", "why", "percent"),
    [
        ("at home", "IT", "IT", "IT01234567890", "taxed", 22),
        ("at home without a number", "IT", "IT", "", "taxed", 22),
        ("a business elsewhere in the EU", "IT", "DE", "DE123456789", "reverse_charge", 0),
        ("no business elsewhere in the EU", "IT", "DE", "", "taxed", 22),
        ("outside the EU", "IT", "CH", "CHE123", "outside", 0),
        ("an issuer outside the EU, abroad", "CH", "DE", "DE123456789", "outside", 0),
        ("an issuer outside the EU, at home", "CH", "CH", "", "taxed", 22),
    ],
)
def test_tax_of(case, issuer, country, vat, why, percent):
    found = tax_of(
        issuer_country=issuer, issuer_percent=Decimal(22), country=country, vat_number=vat
    )

    assert (found.why, found.percent) == (why, percent)


@given(minor=st.integers(-(10**12), 10**12), percent=st.decimals("0", "27", places=2))
def test_a_credit_takes_back_exactly_what_was_added(minor, percent):
    there, back = tax_on(Money(minor, "EUR"), percent), tax_on(Money(-minor, "EUR"), percent)

    assert there.minor == -back.minor


@pytest.mark.parametrize(
    ("number", "country", "sound"),
    [
        ("IT01234567890", "IT", True),
        ("EL123456789", "GR", True),
        ("", "IT", True),
        ("01234567890", "IT", False),
        ("DE123456789", "IT", False),
        ("CHE123456789", "CH", True),
    ],
)
def test_vat_numbers(number, country, sound):
    assert (vat_number_problem(number, country) is None) is sound


def test_a_vat_number_is_read_however_it_is_typed():
    assert clean_vat_number(" it 012.345-678/90 ") == "IT01234567890"
