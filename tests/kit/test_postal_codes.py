import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.kit.countries import CODES
from rientro.kit.postal_codes import (
    example_of,
    has_postal_codes,
    is_needed,
    normal_postal,
    printed,
    problem,
)


@pytest.mark.parametrize(
    ("case", "country", "typed", "expected"),
    [
        ("Germany", "DE", " 20095 ", "20095"),
        ("Germany, with its car sign", "DE", "D-20095", "20095"),
        ("Germany, with its code", "DE", "DE 20095", "20095"),
        ("leading zeros stay", "DE", "01067", "01067"),
        ("Italy", "IT", "00184", "00184"),
        ("Italy, with its car sign", "IT", "I-00184", "00184"),
        ("Netherlands, together", "NL", "1012ab", "1012AB"),
        ("Netherlands, apart", "NL", "1012 AB", "1012AB"),
        ("Netherlands, with its code", "NL", "NL-1012 AB", "NL1012AB"),
        ("Britain", "GB", "sw1a1aa", "SW1A1AA"),
        ("Britain, apart", "GB", "SW1A 1AA", "SW1A1AA"),
        ("Ireland", "IE", "d02 af30", "D02AF30"),
        ("Poland", "PL", "00-950", "00950"),
        ("Portugal", "PT", "1000-001", "1000001"),
        ("Luxembourg", "LU", "L-1234", "1234"),
        ("Latvia", "LV", "LV-1010", "1010"),
        ("Sweden", "SE", "SE-111 22", "11122"),
        ("Arabic-Indic digits", "EG", "١١٥١١", "11511"),
        ("full-width digits", "JP", "１００－０００１", "1000001"),
        ("a ZIP code of nine", "US", "95014-0001", "95014"),
        ("a ZIP code of five", "US", "95014", "95014"),
        ("nine digits elsewhere stay nine", "XX", "950140001", "950140001"),
        ("an unknown country", "XX", "ab 1-2", "AB12"),
        ("no country", "", "20095", "20095"),
        ("nothing", "DE", "", ""),
    ],
)
def test_normal_postal(case, country, typed, expected):
    assert normal_postal(typed, country) == expected


@pytest.mark.parametrize(
    ("country", "typed", "expected"),
    [
        ("NL", "1012ab", "1012 AB"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "m11ae", "M1 1AE"),
        ("IE", "d02af30", "D02 AF30"),
        ("SE", "11122", "111 22"),
        ("CZ", "11000", "110 00"),
        ("PL", "00950", "00-950"),
        ("PT", "1000001", "1000-001"),
        ("JP", "1000001", "100-0001"),
        ("BR", "01310200", "01310-200"),
        ("LV", "1010", "LV-1010"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("DE", "20095", "20095"),
        ("IT", "00184", "00184"),
        ("KY", "11100", "KY1-1100"),
        ("US", "950140001", "95014-0001"),
        ("AD", "500", "AD500"),
        ("DE", "no code", "no code"),
        ("AE", "", ""),
    ],
)
def test_a_code_is_printed_as_its_country_writes_it(country, typed, expected):
    assert printed(typed, country) == expected


WRONG = "This is not a postal code of this country. It looks like "


@pytest.mark.parametrize(
    ("case", "country", "typed", "expected"),
    [
        ("fine", "DE", "20095", None),
        ("fine with a car sign", "DE", "D-20095", None),
        ("too short", "DE", "2009", WRONG + "26133."),
        ("letters", "IT", "Roma", WRONG + "00144."),
        ("missing", "DE", "", "Enter the postal code. It looks like 26133."),
        ("missing where there are none", "AE", "", None),
        ("anything where there are none", "AE", "00000", None),
        ("an unknown country asks nothing", "XX", "", None),
        ("Netherlands together", "NL", "1012ab", None),
        ("Netherlands without letters", "NL", "1012", WRONG + "1234 AB."),
        ("Britain together", "GB", "sw1a1aa", None),
        ("Britain half", "GB", "SW1A", WRONG + "EC1Y 8SY."),
        ("Ireland", "IE", "D02 AF30", None),
        ("Ireland without code", "IE", "", None),
        ("Poland without the dash", "PL", "00950", None),
        ("Portugal without the dash", "PT", "1000001", None),
        ("Latvia without the prefix", "LV", "1010", None),
        ("Latvia with it", "LV", "LV-1010", None),
        ("Lithuania", "LT", "LT-04340", None),
        ("Finland", "FI", "00550", None),
        ("Japan", "JP", "1540023", None),
        ("United States, nine digits", "US", "95014-0001", None),
    ],
)
def test_problem(case, country, typed, expected):
    assert problem(typed, country) == expected


def test_countries_without_postal_codes_are_known():
    assert [has_postal_codes(country) for country in ("AE", "HK", "DE", "XX")] == [
        False,
        False,
        True,
        True,
    ]
    assert [is_needed(country) for country in ("AE", "IE", "DE", "XX")] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("country", sorted(CODES))
def test_the_example_of_a_country_passes_its_own_test(country):
    example = example_of(country)

    if example:
        assert problem(example, country) is None
        assert problem(printed(example, country), country) is None
        assert normal_postal(printed(example, country), country) == normal_postal(example, country)


@settings(max_examples=300)
@given(typed=st.text(max_size=60), country=st.sampled_from([*sorted(CODES), "XX", ""]))
def test_a_code_has_one_form_and_every_question_an_answer(typed, country):
    once = normal_postal(typed, country)

    assert normal_postal(once, country) == once
    assert len(once) <= 40
    problem(typed, country)
    printed(typed, country).encode()
