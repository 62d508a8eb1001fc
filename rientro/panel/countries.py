"""Countries in the reader's language, for forms and filters."""

from functools import lru_cache

from django.utils.translation import get_language

from rientro.kit.countries import CODES
from rientro.kit.template_words import country_in


@lru_cache(maxsize=16)
def _named(language: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((c, country_in(c, language)) for c in CODES), key=lambda pair: pair[1]))


def country_choices() -> list[tuple[str, str]]:
    """(code, name), by name."""
    return list(_named(get_language() or "en"))


def country_name(code: str) -> str:
    """The name of a country, or its code where nobody knows it."""
    return country_in(code) if code else ""
