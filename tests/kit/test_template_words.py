import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.utils import timezone, translation

from rientro.kit.addresses import AddressFields
from rientro.kit.money import DECIMALS, Money
from rientro.kit.template_words import address_of, money_in, weight_in, when_in

ROOT = Path(__file__).parents[2] / "rientro"
NOON = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
NB = "\u00a0"


def said(source: str, language: str = "en", **context: object) -> str:
    template = engines["django"].from_string("{% load words %}" + source)
    with translation.override(language), timezone.override("Europe/Rome"):
        return template.render(context).replace(NB, " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("case", "source", "language", "value", "expected"),
    [
        ("money", "{{ v|money }}", "en", Money(123495, "EUR"), "€1,234.95"),
        ("money in Italian", "{{ v|money }}", "it", Money(123495, "EUR"), "1.234,95 €"),
        ("money in German", "{{ v|money }}", "de", Money(-495, "EUR"), "-4,95 €"),
        ("whole yen", "{{ v|money }}", "en", Money(1500, "JPY"), "JP¥1,500"),
        ("three decimals", "{{ v|money }}", "it", Money(1500, "KWD"), "1,500 KWD"),
        ("no money", "{{ v|money }}", "en", None, ""),
        ("minor units", "{{ v|minor:'EUR' }}", "en", 495, "€4.95"),
        ("zero", "{{ v|minor:'EUR' }}", "it", 0, "0,00 €"),
        ("no minor units", "{{ v|minor:'EUR' }}", "en", None, ""),
        ("a day", "{{ v|day }}", "en", date(2026, 11, 24), "24 November 2026"),
        ("a day in Italian", "{{ v|day }}", "it", date(2026, 11, 24), "24 novembre 2026"),
        ("a short day", "{{ v|day:'medium' }}", "en", date(2026, 11, 24), "24 Nov 2026"),
        ("a day from a trace", "{{ v|day }}", "en", "2026-11-24", "24 November 2026"),
        ("a word that is no day", "{{ v|day }}", "en", "soon", ""),
        ("a nonsense width", "{{ v|day:'huge' }}", "en", date(2026, 11, 24), "24 November 2026"),
        ("the day of a moment", "{{ v|day }}", "en", NOON.replace(hour=23), "25 November 2026"),
        ("a moment, in the zone", "{{ v|when }}", "en", NOON, "24 Nov 2026, 14:05"),
        ("a moment in Italian", "{{ v|when }}", "it", NOON, "24 nov 2026, 14:05"),
        ("a moment from a trace", "{{ v|when }}", "en", NOON.isoformat(), "24 Nov 2026, 14:05"),
        ("no moment", "{{ v|when }}", "en", None, ""),
        ("the time alone", "{{ v|clock_time }}", "en", NOON, "14:05"),
        ("for machines", "{{ v|iso }}", "en", NOON, "2026-11-24T14:05:00+01:00"),
        ("a country", "{{ v|country }}", "it", "DE", "Germania"),
        ("a country nobody knows", "{{ v|country }}", "it", "QQ", "QQ"),
        ("grams", "{{ v|weight }}", "en", 850, "850 g"),
        ("kilograms", "{{ v|weight }}", "it", 1250, "1,25 kg"),
        ("a number", "{{ v|number }}", "it", 12345, "12.345"),
        ("a language by its own name", "{{ v|language_name }}", "en", "it", "Italiano"),
        ("left to right", "{{ v|direction }}", "en", "it", "ltr"),
        ("right to left", "{{ v|direction }}", "en", "ar", "rtl"),
        ("an unknown language", "{{ v|direction }}", "en", "zz", "ltr"),
    ],
)
def test_filters(case, source, language, value, expected):
    assert said(source, language, v=value) == expected


def test_an_address_is_said_in_lines_with_its_country_in_the_readers_language():
    fields = AddressFields(
        country="DE",
        name="Anna",
        street="Weg",
        house_number="1",
        postal_code="20095",
        city="Hamburg",
    )

    source = "{% for line in v|address_lines %}{{ line }}|{% endfor %}"

    assert said(source, "it", v=fields) == "Anna|Weg 1|20095 Hamburg|Germania|"
    assert said(source, "it", v=None) == ""


def test_an_address_is_read_from_attributes_with_a_prefix():
    row = type("Row", (), {"from_country": "IT", "from_name": "Anna", "from_city": "Milano"})()

    assert address_of(row, "from_") == AddressFields(country="IT", name="Anna", city="Milano")


def test_the_contact_of_a_sender_is_its_name():
    row = type("Row", (), {"country": "IT", "contact_name": "Anna", "company": "Brina"})()

    assert address_of(row) == AddressFields(country="IT", name="Anna", company="Brina")


def test_an_icon_is_decoration_unless_it_is_named():
    assert said('{% icon "x" "sm flip" %}') == (
        '<svg class="icon sm flip" aria-hidden="true">'
        '<use href="/static/rientro/icons.svg#i-x"/></svg>'
    )
    assert said('{% icon "x" label=v %}', v='Close "it"') == (
        '<svg class="icon" role="img" aria-label="Close &quot;it&quot;">'
        '<use href="/static/rientro/icons.svg#i-x"/></svg>'
    )


def test_every_icon_that_a_template_asks_for_is_in_the_sprite():
    drawn = set(re.findall(r'id="i-([a-z-]+)"', (ROOT / "static/rientro/icons.svg").read_text()))
    asked = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z-]+)"', path.read_text())
    }

    assert asked - drawn == set()


@pytest.mark.parametrize("currency", [*DECIMALS, "EUR", "USD", "HUF"])
@pytest.mark.parametrize("language", ["en", "it", "de", "fr", "pl", "el", "bg"])
def test_no_digit_of_an_amount_is_lost_in_any_language(currency, language):
    made = money_in(Money(1234567, currency), language)

    assert re.sub(r"\D", "", made) == "1234567"


def test_a_moment_without_a_zone_is_taken_as_it_stands():
    assert when_in(datetime(2026, 11, 24, 9, 0), "en") == "24 Nov 2026, 09:00"


def test_half_a_kilogram_boundary_is_grams():
    assert [weight_in(grams, "en").replace(NB, " ") for grams in (0, 999, 1000, 1005)] == [
        "0 g",
        "999 g",
        "1 kg",
        "1 kg",
    ]
