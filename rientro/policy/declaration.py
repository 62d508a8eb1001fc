"""What a customs declaration must know of goods, what is missing, and which postal form they may travel with.

Sources: WCO, Harmonized System (headings of six digits; the Union's Combined Nomenclature has eight, TARIC ten);
UPU forms CN 22 and CN 23 with the instructions printed on them: a CN 22 only up to 300 SDR, and letter post, which
alone may carry it, ends at 2 kg (UPU, Convention Regulations). A CN 23 is never wrong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from rientro.kit.countries import CODES
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money

SHORTEST_HS, LONGEST_HS = 6, 10
# How HS codes are typed: 6117.10, 6117 10 00, 6117-10-00. The same in SQL: models.customs.
HS_PATTERN = r"^[0-9]([ .-]*[0-9]){5,9}$"
HEAVIEST_UNIT_G = 1_000_000
CN22_HEAVIEST_G = 2000
# Less than 300 SDR in major units: since the euro is in use an SDR was worth more than 1 EUR, 1 USD, 1 CHF and
# 0.75 GBP at all times (IMF, SDR rates). In another currency a parcel gets a CN 23.
CN22_WORTH = {"EUR": 300, "USD": 300, "CHF": 300, "GBP": 225}
NEEDED = ("hs_code", "origin_country", "weight_g")


class BadCustoms(RientroError):
    """What was typed cannot be; ``facts["field"]`` says what, ``facts["item"]`` of which item or SKU."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_customs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsTold:
    """As somebody typed it; empty where they said nothing."""

    hs_code: str = ""
    origin_country: str = ""
    weight_g: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of a declaration; ``value`` and ``weight_g`` are per unit."""

    description: str
    quantity: int
    value: Money
    sku: str = ""
    hs_code: str = ""
    origin_country: str = ""
    weight_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """All that the customs papers of a parcel say. ``sender`` is the shopper; addresses are lines.

    ``invoice_number`` is that under which the goods went out, ``arrives_in`` the area (policy.customs.area_of) that
    they enter. A return's fee is no part of it.
    """

    number: str
    invoice_number: str
    tracking_number: str
    sender: Sequence[str]
    receiver: Sequence[str]
    goods: Sequence[Goods]
    gross_weight_g: int
    created_on: date
    arrives_in: str
    carrier_name: str = ""
    sender_contact: str = ""
    receiver_contact: str = ""
    receiver_vat: str = ""
    receiver_eori: str = ""
    brand_name: str = ""
    language: str = "en"


def normal_hs(typed: str) -> str:
    """``6117.10 00`` as ``61171000``; "" for what is no HS code of 6 to 10 digits."""
    told = typed.strip()
    return re.sub(r"[^0-9]", "", told) if re.match(HS_PATTERN, told, re.ASCII) else ""


def normal_origin(typed: str) -> str:
    """A country's alpha-2 code; "" for anything else."""
    code = typed.strip().upper()
    return code if code in CODES else ""


def checked(told: CustomsTold, *, item: int | str = 0) -> dict[str, Any]:
    """What was told, in the form in which it is kept, without what was left empty. Raises BadCustoms."""
    fields: dict[str, Any] = {}
    if told.hs_code.strip():
        fields["hs_code"] = normal_hs(told.hs_code)
        if not fields["hs_code"]:
            raise BadCustoms(
                "An HS code has 6 to 10 digits, like 6117.10.", field="hs_code", item=item
            )
    if told.origin_country.strip():
        fields["origin_country"] = normal_origin(told.origin_country)
        if not fields["origin_country"]:
            raise BadCustoms("Choose a country from the list.", field="origin_country", item=item)
    if weight := told.weight_g.strip():
        sound = weight.isascii() and weight.isdigit() and len(weight) <= 7
        if not sound or not 0 < int(weight) <= HEAVIEST_UNIT_G:
            raise BadCustoms(
                "Write the weight of one piece in whole grams, like 300.",
                field="weight_g",
                item=item,
            )
        fields["weight_g"] = int(weight)
    return fields


def missing_of(goods: Goods) -> tuple[str, ...]:
    """The names of what is not known of ``goods``, out of NEEDED."""
    known = (normal_hs(goods.hs_code), normal_origin(goods.origin_country), goods.weight_g > 0)
    return tuple(name for name, there in zip(NEEDED, known, strict=True) if not there)


def cn22_will_do(goods: Sequence[Goods], *, gross_weight_g: int) -> bool:
    """May the smaller form stand on a parcel of these goods, if it travels as a small packet of letter post?"""
    if not goods or not 0 < gross_weight_g <= CN22_HEAVIEST_G:
        return False
    worth = total_value(goods)
    most = CN22_WORTH.get(worth.currency)
    return most is not None and worth <= Money.parse(str(most), worth.currency)


def total_value(goods: Sequence[Goods]) -> Money:
    """Every unit's value; a return's fee is no part of what goods are worth."""
    currency = goods[0].value.currency if goods else "EUR"
    return sum((each.value * each.quantity for each in goods), Money(0, currency))


def net_weight_g(goods: Sequence[Goods]) -> int:
    return sum(each.weight_g * each.quantity for each in goods)
