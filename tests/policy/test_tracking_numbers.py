"""Tracking numbers as people type, paste and scan them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.tracking_numbers import LONGEST_TYPED, normal_tracking, tracking_problem


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("RR473124829IT", "RR473124829IT"),
        (" rr 4731-2482 9 it\n", "RR473124829IT"),
        ("１Ｚ 999 AA1 01 2345 6784", "1Z999AA10123456784"),
        ("٠١٢٣٤٥٦٧", "01234567"),
        ("JJD\u200b00\u00a03456\u20137890", "JJD0034567890"),
        ("", ""),
    ],
)
def test_one_form(typed, number):
    assert normal_tracking(typed) == number


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("RR473124829IT", True),
        ("1Z999AA10123456784", True),
        ("00340434161094027318", True),
        ("", False),
        ("12345", False),
        ("IDONTKNOW", False),
        ("A" * 30 + "123", False),
        ("1" * 41, False),
        ("<SCRIPT>1234", False),
        ("RR'OR1=1", False),
        ("РР473124829", False),  # Cyrillic letters that look Latin
    ],
)
def test_what_may_be_one(number, is_right):
    assert (tracking_problem(number) is None) is is_right


@given(st.text(max_size=400))
def test_its_own_normal_form_and_never_an_error(typed):
    number = normal_tracking(typed)

    assert normal_tracking(number) == number
    assert len(number) <= LONGEST_TYPED * 20
    if tracking_problem(number) is None:
        assert number.isascii()
        assert number.isalnum()
