"""Template words: money, days, addresses and icons as the reader's language writes them. ``{% load words %}``."""

import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import NumberPattern, format_decimal
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from rientro.kit.addresses import AddressFields, format_lines
from rientro.kit.money import Money, decimals_of
from rientro.kit.said import said

register = template.Library()
register.filter("said", said)

SPRITE = "rientro/icons.svg"
_EUROPEAN = {"en": "en-GB", "pt": "pt-PT"}
Width = Literal["short", "medium", "long", "full"]


# In Python: the same words for mails, documents and messages, with the language said


def money_in(amount: Money, language: str | None = None) -> str:
    """``Money(495, "EUR")`` as "€4.95", "4,95 €" …; with the currency's own number of decimals."""
    locale = locale_of(language)
    pattern = _pattern_of(str(locale), decimals_of(amount.currency))
    return pattern.apply(amount.decimal(), locale, currency=amount.currency, currency_digits=False)


def day_in(day: date, language: str | None = None, width: Width = "long") -> str:
    """A day in words; of an aware moment, its day in the current time zone."""
    if isinstance(day, datetime):
        day = _here(day).date()
    return format_date(day, format=width, locale=locale_of(language))


def when_in(moment: datetime, language: str | None = None, width: Width = "medium") -> str:
    """Day and time to the minute, in the current time zone."""
    local, locale = _here(moment), locale_of(language)
    return format_datetime(
        local.replace(tzinfo=None), _without_seconds(str(locale), width), locale=locale
    )


def country_in(code: str, language: str | None = None) -> str:
    """The name of a country; its code where the language has no name for it."""
    return str(locale_of(language).territories.get(code.upper(), code))


def language_in(code: str) -> str:
    """A language in its own words: "Italiano"."""
    named = _locale_named(code)
    name = named.get_language_name(str(named)) or code
    return name[:1].upper() + name[1:]


def weight_in(grams: int, language: str | None = None) -> str:
    """Grams as kilograms from one kilogram on: "850 g", "1.25 kg"."""
    locale = locale_of(language)
    if grams < 1000:
        return f"{format_decimal(grams, locale=locale)}\u00a0g"
    return f"{format_decimal(Decimal(grams) / 1000, format='#,##0.##', locale=locale)}\u00a0kg"


@lru_cache(maxsize=64)
def _locale_named(language: str) -> Locale:
    # Plain English is Europe's here: "24 November 2026, 14:05".
    for name in (_EUROPEAN.get(language.lower(), language), language.partition("-")[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


def locale_of(language: str | None = None) -> Locale:
    """Babel's locale of ``language``, by default the active one; English where Babel knows none."""
    return _locale_named((language or get_language() or "en").replace("_", "-"))


# Filters


@register.filter
def money(amount: Money | None) -> str:
    """A Money in the reader's language; nothing for None."""
    return money_in(amount) if isinstance(amount, Money) else ""


@register.filter
def minor(amount: int | str | None, currency: str) -> str:
    """``{{ ret.fee_minor|minor:ret.currency }}``."""
    return "" if amount is None or amount == "" else money_in(Money(int(amount), currency))


@register.filter
def day(value: date | str | None, width: str = "long") -> str:
    """A date (also as ISO text, as traces hold it) in words: "24 November 2026"."""
    found = _read(value)
    return "" if found is None else day_in(found, width=_width(width))


@register.filter
def when(value: datetime | str | None, width: str = "medium") -> str:
    """A moment as day and time; of a date without time, the day."""
    found = _read(value)
    if found is None:
        return ""
    if not isinstance(found, datetime):
        return day_in(found, width=_width(width))
    return when_in(found, width=_width(width))


@register.filter
def clock_time(value: datetime | None) -> str:
    """The time of a moment alone: "14:05"."""
    if value is None:
        return ""
    return format_time(_here(value).time(), format="short", locale=locale_of())


@register.filter
def iso(value: date | None) -> str:
    """For ``<time datetime>``: machine-readable, in the current time zone."""
    if value is None:
        return ""
    return (_here(value) if isinstance(value, datetime) else value).isoformat()


@register.filter
def country(code: str) -> str:
    """The country's name in the reader's language."""
    return country_in(code) if code else ""


@register.filter
def weight(grams: int | None) -> str:
    """Grams as "850 g" or "1.25 kg"."""
    return "" if grams is None else weight_in(grams)


@register.filter
def number(value: int | Decimal | None) -> str:
    """A number with the reader's own marks for thousands and decimals."""
    return "" if value is None else format_decimal(value, locale=locale_of())


@register.filter
def language_name(code: str) -> str:
    """A language in its own words: "Italiano"."""
    return language_in(code)


@register.filter
def direction(code: str) -> str:
    """``ltr`` or ``rtl``, for the ``dir`` of a page."""
    return locale_of(code).text_direction


@register.filter
def address_lines(place: Any, prefix: str = "") -> list[str]:
    """The lines of an order's, a sender's or (with ``"from_"``) a return's address, in its country's order.

    The country is the last line, in the reader's language.
    """
    if place is None:
        return []
    fields = address_of(place, prefix)
    return format_lines(fields, country_name=country_in(fields.country) if fields.country else "")


def address_of(place: Any, prefix: str = "") -> AddressFields:
    """The parts of an address that ``place`` carries as attributes named ``prefix`` + part."""
    if isinstance(place, AddressFields):
        return place

    def part(*names: str) -> str:
        found = (getattr(place, prefix + name, "") for name in names)
        return next((str(value) for value in found if value), "")

    return AddressFields(
        country=part("country"),
        name=part("name", "contact_name"),
        company=part("company"),
        street=part("street"),
        house_number=part("house_number"),
        address_2=part("address_2"),
        postal_code=part("postal_code"),
        city=part("city"),
        state=part("state"),
    )


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """One symbol of the sprite. Without ``label`` it is decoration, and screen readers pass over it."""
    shown = f"icon {classes}".strip()
    target = f"{static(SPRITE)}#i-{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>',
            shown,
            label,
            target,
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', shown, target)


# Reading and shaping


def _read(value: date | str | None) -> date | None:
    if not value:
        return None
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    except ValueError:
        return None


def _here(moment: datetime) -> datetime:
    """In the current time zone; a moment without a zone is taken as it stands."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _width(word: str) -> Width:
    return word if word in ("short", "medium", "long", "full") else "long"  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _pattern_of(locale: str, decimals: int) -> NumberPattern:
    # A copy: Babel's patterns are shared, and CLDR counts the decimals of some currencies otherwise than ISO.
    pattern = copy.copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern


@lru_cache(maxsize=256)
def _without_seconds(locale: str, width: Width) -> str:
    """The locale's date in ``width`` with its short time, as one pattern."""
    parsed = Locale.parse(locale)
    joined = str(parsed.datetime_formats["medium"])
    return joined.replace("{0}", parsed.time_formats["short"].pattern).replace(
        "{1}", parsed.date_formats[width].pattern
    )
