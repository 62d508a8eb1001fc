from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.addresses import AddressFields, format_lines, street_line
from rientro.kit.countries import CODES

ANNA = AddressFields(
    country="IT",
    name="Anna Rossi",
    company="Brina S.r.l.",
    street="Via Tortona",
    house_number="27",
    address_2="Scala B",
    postal_code="20144",
    city="Milano",
    state="MI",
)


def somebody(country: str, **changes: str) -> AddressFields:
    plain = AddressFields(country=country, name="A. Person", street="Main", house_number="5")
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("case", "fields", "expected"),
    [
        (
            "Italy: number after the street, province after the city",
            ANNA,
            ["Anna Rossi", "Brina S.r.l.", "Via Tortona 27", "Scala B", "20144 Milano MI"],
        ),
        (
            "Germany: no state",
            somebody("DE", postal_code="D-20095", city="Hamburg", state="HH"),
            ["A. Person", "Main 5", "20095 Hamburg"],
        ),
        (
            "Britain: number first, code on its own line",
            somebody("GB", postal_code="sw1a1aa", city="London"),
            ["A. Person", "5 Main", "London", "SW1A 1AA"],
        ),
        (
            "France: number first, company above the person",
            somebody("FR", company="Brina", postal_code="75001", city="Paris"),
            ["Brina", "A. Person", "5 Main", "75001 Paris"],
        ),
        (
            "Luxembourg: number, comma, street",
            somebody("LU", postal_code="1234", city="Luxembourg"),
            ["A. Person", "5, Main", "L-1234 Luxembourg"],
        ),
        (
            "Spain: comma before the number, a city that is its own province once",
            somebody("ES", postal_code="28001", city="Madrid", state="Madrid"),
            ["A. Person", "Main, 5", "28001 Madrid"],
        ),
        (
            "United States: city, state and code on one line",
            somebody("US", postal_code="95014", city="Cupertino", state="CA"),
            ["A. Person", "5 Main", "Cupertino, CA 95014"],
        ),
        (
            "Hungary: the city above the street",
            somebody("HU", postal_code="1011", city="Budapest"),
            ["A. Person", "Budapest", "Main 5", "1011"],
        ),
        (
            "Ireland: county and code",
            somebody("IE", postal_code="d02af30", city="Dublin"),
            ["A. Person", "5 Main", "Dublin", "D02 AF30"],
        ),
        (
            "Latvia: the code after the city",
            somebody("LV", postal_code="1010", city="Riga"),
            ["A. Person", "Main 5", "Riga, LV-1010"],
        ),
        (
            "Sweden: its own prefix",
            somebody("SE", postal_code="11122", city="Stockholm"),
            ["A. Person", "Main 5", "SE-111 22 Stockholm"],
        ),
        (
            "Sweden without a code has no lonely prefix",
            somebody("SE", city="Stockholm"),
            ["A. Person", "Main 5", "Stockholm"],
        ),
        (
            "Netherlands: a code with its space",
            somebody("NL", postal_code="1012ab", city="Amsterdam"),
            ["A. Person", "Main 5", "1012 AB Amsterdam"],
        ),
        (
            "an emirate: the city is kept, no code",
            somebody("AE", city="Dubai", state="Dubai"),
            ["A. Person", "Main 5", "Dubai"],
        ),
        (
            "Japan in Latin letters",
            somebody("JP", postal_code="1000001", city="Chiyoda", state="Tokyo"),
            ["A. Person", "Main 5", "Chiyoda, Tokyo", "100-0001"],
        ),
        (
            "an unknown country in a plain order",
            somebody("QQ", postal_code="1", city="Nowhere"),
            ["A. Person", "Main 5", "1 Nowhere"],
        ),
        ("only a country", AddressFields(country="IT"), []),
    ],
)
def test_format_lines(case, fields, expected):
    assert format_lines(fields) == expected


def test_capitals_are_only_for_what_the_post_wants_in_capitals():
    assert format_lines(ANNA, capitals=True) == [
        "Anna Rossi",
        "Brina S.r.l.",
        "Via Tortona 27",
        "Scala B",
        "20144 MILANO MI",
    ]


def test_the_country_is_the_last_line_of_an_address_abroad():
    assert format_lines(ANNA, country_name="Italy")[-2:] == ["20144 Milano MI", "Italy"]
    assert format_lines(ANNA, country_name="Italy", capitals=True)[-1] == "ITALY"


@pytest.mark.parametrize(
    ("case", "street", "number", "expected"),
    [
        ("both", "Via Tortona", "27", "Via Tortona 27"),
        ("no number", "Via Tortona 27", "", "Via Tortona 27"),
        ("no street", "", "27", "27"),
        ("neither", "", "", ""),
        ("odd spaces", "  Via \n Tortona ", " 27 ", "Via Tortona 27"),
    ],
)
def test_street_line(case, street, number, expected):
    assert street_line(replace(ANNA, street=street, house_number=number)) == expected


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="-,/ "), max_size=12)


@pytest.mark.parametrize("country", sorted(CODES))
def test_no_country_loses_name_street_or_city(country):
    fields = AddressFields(
        country=country,
        name="Anna",
        company="Brina",
        street="Street",
        house_number="7",
        city="Town",
    )

    lines = format_lines(fields)

    said = " ".join(lines)
    assert all(part in said for part in ("Anna", "Brina", "Street", "7", "Town"))


@given(
    fields=st.builds(
        AddressFields,
        country=st.sampled_from([*sorted(CODES), "QQ"]),
        name=WORDS,
        company=WORDS,
        street=WORDS,
        house_number=WORDS,
        address_2=WORDS,
        postal_code=WORDS,
        city=WORDS,
        state=WORDS,
    )
)
def test_lines_are_single_and_never_empty(fields):
    lines = format_lines(fields)

    assert all(line.strip() == line and line and "\n" not in line for line in lines)
    assert len(lines) <= 8
