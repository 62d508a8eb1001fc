"""Which contract buys the label of a return: a brand's own, else the default, else the only one there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

RULE = "carrier"
VERSION = 1


class Why(StrEnum):
    BRAND = "brand"
    DEFAULT = "default"
    ONLY_ONE = "only_one"
    NONE = "none"  # no contract can take this parcel, or several could and none is the default


class WhyNot(StrEnum):
    COUNTRY = "country"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A carrier account. Empty ``countries`` and zero ``max_weight_g`` mean: no limit.

    ``working`` is False when the carrier refused its credentials: such a contract is taken only when there is
    no other, so that the desk sees the carrier's own refusal.
    """

    id: int
    carrier: str
    is_default: bool = False
    working: bool = True
    brands: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    max_weight_g: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """``contract_id`` None: nobody can buy this label; ``why`` and the JSON-able ``trace`` say more."""

    contract_id: int | None
    why: Why
    trace: dict[str, Any] = field(default_factory=dict, compare=False)


def choose(
    contracts: Sequence[ContractFacts], *, brand_id: int, origin: str, weight_g: int
) -> Choice:
    """Choose among ``contracts`` for a parcel of ``weight_g`` that starts in ``origin`` (alpha-2).

    Those that cannot take the parcel are left out; of the rest those with working credentials go first. Among
    several of one kind the oldest (first given) wins.
    """
    reasons = {each.id: _why_not(each, origin, weight_g) for each in contracts}
    refused = {number: why for number, why in reasons.items() if why is not None}
    able = [each for each in contracts if each.id not in refused]
    chosen, why = _among([each for each in able if each.working], brand_id)
    if chosen is None:
        chosen, why = _among(able, brand_id)
    return Choice(
        None if chosen is None else chosen.id,
        why,
        trace={
            "rule": RULE,
            "version": VERSION,
            "why": why.value,
            "contract_id": None if chosen is None else chosen.id,
            "carrier": "" if chosen is None else chosen.carrier,
            "brand_id": brand_id,
            "origin": origin,
            "weight_g": weight_g,
            "left_out": [{"contract_id": key, "why": word.value} for key, word in refused.items()],
        },
    )


def limits_of(settings: Mapping[str, Any]) -> tuple[frozenset[int], frozenset[str], int]:
    """(brands, countries, heaviest parcel in grams) as an account's settings say them; odd values are no limit."""
    brands, countries = _listed(settings.get("brands")), _listed(settings.get("countries"))
    heaviest = str(settings.get("max_weight_g") or "")
    return (
        frozenset(int(word) for word in brands if word.isascii() and word.isdigit()),
        frozenset(word.upper() for word in countries if len(word) == 2),
        int(heaviest) if heaviest.isascii() and heaviest.isdigit() else 0,
    )


def _listed(told: Any) -> list[str]:
    """A list, or words with commas between."""
    if isinstance(told, str):
        told = told.split(",")
    if not isinstance(told, Iterable):
        return []
    return [word for word in (str(each).strip() for each in told) if word]


def _why_not(contract: ContractFacts, origin: str, weight_g: int) -> WhyNot | None:
    if contract.countries and origin.upper() not in contract.countries:
        return WhyNot.COUNTRY
    if contract.max_weight_g and weight_g > contract.max_weight_g:
        return WhyNot.WEIGHT
    return None


def _among(contracts: Sequence[ContractFacts], brand_id: int) -> tuple[ContractFacts | None, Why]:
    for contract in contracts:
        if brand_id in contract.brands:
            return contract, Why.BRAND
    for contract in contracts:
        if contract.is_default:
            return contract, Why.DEFAULT
    # A contract that is kept for other brands is not anybody's.
    free = [contract for contract in contracts if not contract.brands]
    return (free[0], Why.ONLY_ONE) if len(free) == 1 else (None, Why.NONE)
