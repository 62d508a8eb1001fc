import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.countries import CODES, country_code


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("it", "IT"),
        (" IT ", "IT"),
        ("ITA", "IT"),
        ("Italia", "IT"),
        ("Italy", "IT"),
        ("Österreich", "AT"),
        ("osterreich", "AT"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("The Moon", ""),
        ("", ""),
    ],
)
def test_country_code(written, expected):
    assert country_code(written) == expected


def test_every_code_is_its_own():
    assert len(CODES) == 250
    assert all(country_code(code) == code for code in CODES)


@given(written=st.text(max_size=40))
def test_the_answer_is_a_code_or_nothing(written):
    assert country_code(written) in CODES | {""}
