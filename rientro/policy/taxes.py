"""Which tax an issuer puts on its invoice for services to another business, and the words that the law asks for.

Source: Directive 2006/112/EC, articles 44 (place of services to businesses), 45 (to others), 196 (reverse charge)
and 226(11a) (the words on the invoice); for Italian issuers DPR 633/1972, article 7-ter and 21(6-bis).
What is said here is the general rule for services; an issuer with a special one asks its accountant.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence

Treatment = Literal["taxed", "reverse_charge", "outside"]
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
# VAT numbers begin with the country's letters; Greece writes EL. Letters and digits after them (VIES, its FAQ).
_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """``percent`` is what is added; ``why`` decides the words on the paper."""

    why: Treatment
    percent: Decimal


def clean_vat_number(typed: str) -> str:
    """Capitals without blanks, points and dashes."""
    return re.sub(r"[\s.\-/]", "", typed).upper()


def vat_number_problem(number: str, country: str) -> str | None:
    """Why a VAT number cannot be one of ``country``; None for one that can, and for none at all."""
    if not number:
        return None
    if not _NUMBER.fullmatch(number):
        return Sentence(
            "A VAT number begins with two letters of its country, such as IT01234567890."
        )
    letters = {"GR": "EL", "GB": "GB"}.get(country, country)
    if country in EU and not number.startswith(letters):
        return Sentence("A VAT number of this country begins with %(letters)s.", letters=letters)
    return None


def tax_of(*, issuer_country: str, issuer_percent: Decimal, country: str, vat_number: str) -> Tax:
    """The tax on services from an issuer to a recipient in ``country``.

    At home: the issuer's own rate. To a business with a VAT number elsewhere in the EU: none, the recipient owes
    it. Outside the EU: none, the service is not taxed here. To others in the EU: the issuer's rate.
    """
    if issuer_country == country:
        return Tax(why="taxed", percent=issuer_percent)
    if issuer_country not in EU or country not in EU:
        return Tax(why="outside", percent=Decimal(0))
    if vat_number:
        return Tax(why="reverse_charge", percent=Decimal(0))
    return Tax(why="taxed", percent=issuer_percent)


def tax_on(net: Money, percent: Decimal) -> Money:
    """Half up to the minor unit, on the sum of one rate: never on each line. Below zero it mirrors."""
    exact = Decimal(abs(net.minor)) * percent / 100
    minor = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return Money(minor if net.minor >= 0 else -minor, net.currency)
