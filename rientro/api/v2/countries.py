"""Countries in the three ways in which version 2 names them."""

from functools import cache

from babel.core import get_global

from rientro.kit.countries import CODES
from rientro.kit.template_words import country_in


def iso3_of(code: str) -> str:
    """ISO 3166-1 alpha-3 of an alpha-2 code; empty for one that is none."""
    return _three_letters().get(code, "")


def name_of(code: str) -> str:
    return country_in(code, "en")


@cache
def _three_letters() -> dict[str, str]:
    """CLDR knows the three letters as aliases of the two."""
    aliases = get_global("territory_aliases")
    return {
        targets[0]: alias
        for alias, targets in aliases.items()
        if len(alias) == 3 and alias.isalpha() and len(targets) == 1 and targets[0] in CODES
    }
