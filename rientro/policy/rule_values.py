"""How a rule's condition compares: what was typed is read once, and becomes one function of a value."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from rientro.kit.postal_codes import normal_postal
from rientro.kit.text import clean_line
from rientro.policy.rule_words import OPERATORS, RANGES, WITHOUT_VALUE

LONGEST_VALUE = 200

Value = str | tuple[str, ...]
Fits = Callable[[Any], bool]


def values_of(compare_to: Value) -> tuple[str, ...]:
    """The values of a list, whether it was typed with commas or sent as a list."""
    parts = compare_to.split(",") if isinstance(compare_to, str) else compare_to
    return tuple(part for part in (clean_line(part, LONGEST_VALUE) for part in parts) if part)


def read(kind: str, operator: str, compare_to: Value) -> Any:
    """The value to compare with, read once; None if it makes no sense for this kind."""
    if operator in WITHOUT_VALUE:
        return ()
    reader = _READERS[kind]
    if operator in RANGES:
        return reader(_one(compare_to), True)
    if OPERATORS[operator].several:
        found = [reader(value, False) for value in values_of(compare_to)]
        return frozenset(found) if found and None not in found else None
    one = _one(compare_to)
    return reader(one, False) if one else None


def fits_of(kind: str, positive: str, compared: Any) -> Fits:
    """The function that asks one value; ``compared`` comes from ``read``."""
    return _FITS[kind](positive, compared)


def amount_of(typed: str) -> tuple[Decimal, str] | None:
    """ "49.90 EUR" as (49.90, "EUR"); without a currency it is any order's own."""
    words = typed.replace("€", " EUR ").split()
    named = [word for word in words if len(word) == 3 and word.isascii() and word.isalpha()]
    currency = named[0].upper() if len(words) == 2 and len(named) == 1 else ""
    if currency:
        words.remove(named[0])
    number = _number_of(words[0]) if len(words) == 1 else None
    return None if number is None else (number, currency)


def grams_of(typed: str) -> Decimal | None:
    """ "1.5 kg" or "800 g" in grams; a bare number is kilograms. None for what is no weight."""
    return _grams_of(typed, "kg")


def _one(compare_to: Value) -> str:
    text = compare_to if isinstance(compare_to, str) else ", ".join(compare_to)
    return clean_line(text, LONGEST_VALUE)


def _halves(typed: str) -> tuple[str, str]:
    """Both ends of "20000-39999"; of "1000-001-1999-999" too, by the dash in the middle."""
    parts = typed.replace("–", "-").split("-")
    if len(parts) % 2:
        return "", ""
    middle = len(parts) // 2
    return "-".join(parts[:middle]).strip(), "-".join(parts[middle:]).strip()


def _read_text(typed: str, as_range: bool) -> Any:
    return None if as_range else typed.casefold() or None


def _read_postal(typed: str, as_range: bool) -> Any:
    if not as_range:
        return normal_postal(typed, "") or None
    low, high = _halves(typed)
    first, last = normal_postal(low, ""), normal_postal(high, "")
    fine = first and len(first) == len(last) and first <= last
    return (first, last) if fine else None


def _read_amount(typed: str, as_range: bool) -> Any:
    if not as_range:
        return amount_of(typed)
    low, high = _halves(typed)
    first, last = amount_of(low), amount_of(high)
    if first is None or last is None or first[0] > last[0]:
        return None
    return (first[0], last[0], last[1] or first[1])


def _read_weight(typed: str, as_range: bool) -> Any:
    """Grams. A bare number is kilograms, as every form says."""
    if not as_range:
        return _grams_of(typed, "kg")
    low, high = _halves(typed)
    unit = "g" if _unit_of(high) == "g" else "kg"
    first, last = _grams_of(low, unit), _grams_of(high, "kg")
    return (first, last) if first is not None and last is not None and first <= last else None


def _unit_of(typed: str) -> str:
    text = typed.strip().casefold()
    return "kg" if text.endswith("kg") else "g" if text.endswith("g") else ""


def _grams_of(typed: str, usual: str) -> Decimal | None:
    unit = _unit_of(typed)
    number = _number_of(typed.strip()[: len(typed.strip()) - len(unit)])
    if number is None or number < 0:
        return None
    return number * (1000 if (unit or usual) == "kg" else 1)


def _read_number(typed: str, as_range: bool) -> Any:
    if not as_range:
        return _number_of(typed)
    low, high = _halves(typed)
    first, last = _number_of(low), _number_of(high)
    return (first, last) if first is not None and last is not None and first <= last else None


def _number_of(typed: str) -> Decimal | None:
    """A decimal number; one comma without a point is a decimal comma."""
    text = typed.strip()
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 else None


def _fits_text(operator: str, compared: Any) -> Fits:
    tests: dict[str, Fits] = {
        "is": lambda value: bool(value == compared),
        "in": lambda value: value in compared,
        "contains": lambda value: compared in value,
        "starts_with": lambda value: bool(value.startswith(compared)),
        "ends_with": lambda value: bool(value.endswith(compared)),
    }
    return tests[operator]


def _fits_postal(operator: str, compared: Any) -> Fits:
    if operator != "in_range":
        return _fits_text(operator, compared)
    first, last = compared
    length = len(first)
    # "10-19" catches 1012AB: bounds are compared with the beginning of the code.
    return lambda value: len(value) >= length and first <= value[:length] <= last


def _fits_number(operator: str, compared: Any) -> Fits:
    if operator == "in_range":
        first, last = compared
        return lambda value: bool(first <= value <= last)
    tests: dict[str, Fits] = {
        "equal": lambda value: bool(value == compared),
        "greater_than": lambda value: bool(value > compared),
        "ge": lambda value: bool(value >= compared),
        "less_than": lambda value: bool(value < compared),
        "le": lambda value: bool(value <= compared),
    }
    return tests[operator]


def _fits_amount(operator: str, compared: Any) -> Fits:
    """Values are (amount, currency). An amount in another currency fits nothing: it cannot be compared."""
    *bounds, currency = compared
    fits = _fits_number(operator, tuple(bounds) if operator == "in_range" else bounds[0])
    return lambda value: (not currency or value[1] == currency) and fits(value[0])


_READERS: dict[str, Callable[[str, bool], Any]] = {
    "choice": _read_text,
    "text": _read_text,
    "postal": _read_postal,
    "amount": _read_amount,
    "weight": _read_weight,
    "number": _read_number,
}
_FITS: dict[str, Callable[[str, Any], Fits]] = {
    "choice": _fits_text,
    "text": _fits_text,
    "postal": _fits_postal,
    "amount": _fits_amount,
    "weight": _fits_number,
    "number": _fits_number,
}
