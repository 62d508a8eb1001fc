"""Which contract buys the label of a return, and who is asked next if it turns the parcel down.

First what the merchant's rules name, then a brand's own contract, then the default one, then the only one there is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rientro.kit.money import Money
from rientro.policy.choice_rules import Wish

RULE = "carrier"
VERSION = 2


class Why(StrEnum):
    RULE = "rule"
    CHEAPEST = "cheapest"  # a rule asked for it
    BRAND = "brand"
    DEFAULT = "default"
    ONLY_ONE = "only_one"
    NONE = "none"  # no contract can take this parcel, or several could and none is the default


class WhyNot(StrEnum):
    COUNTRY = "country"
    WEIGHT = "weight"
    ABILITY = "ability"
    STOCK = "stock"  # own labels: none left in the pool for this parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A carrier account. Empty ``countries`` and zero ``max_weight_g`` mean: no limit.

    ``working`` is False when the carrier refused its credentials: such a contract is taken only when there is
    no other, so that the desk sees the carrier's own refusal. ``abilities`` None: nobody has asked it yet.
    ``heaviest`` is the heaviest parcel in grams of each service that the carrier told; ``price`` is its price list's
    for this parcel. ``stocked`` is False when own labels have run out: like one that does not work, it is left to its
    own refusal only when there is no other. A ``test`` contract never stands in for a real one, nor the other way
    round.
    """

    id: int
    carrier: str
    name: str = ""
    is_default: bool = False
    working: bool = True
    test: bool = False
    brands: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    max_weight_g: int = 0
    abilities: frozenset[str] | None = None
    service: str = ""
    heaviest: Mapping[str, int] = field(default_factory=dict)
    price: Money | None = None
    stocked: bool = True


@dataclass(frozen=True, slots=True)
class Pick:
    """One contract that may be asked, as which service, and why it stands where it stands."""

    contract: ContractFacts
    service: str
    why: Why
    wish: Wish | None = None

    def to_json(self) -> dict[str, Any]:
        words: dict[str, Any] = {
            "contract_id": self.contract.id,
            "name": self.contract.name,
            "service": self.service,
            "why": self.why.value,
        }
        if self.wish:
            rule = {"rule_id": self.wish.rule_id, "name": self.wish.name}
            words["named_by"] = rule | {"version": self.wish.version}
        return words


@dataclass(frozen=True, slots=True)
class Choice:
    """``contract_id`` None: nobody can buy this label; ``why`` and the JSON-able ``trace`` say more.

    ``others`` are asked one after the other if this one turns the parcel down, and only then.
    """

    contract_id: int | None
    why: Why
    service: str = field(default="", compare=False)
    others: tuple[Pick, ...] = field(default=(), compare=False)
    trace: dict[str, Any] = field(default_factory=dict, compare=False)


def choose(
    contracts: Sequence[ContractFacts],
    *,
    brand_id: int,
    origin: str,
    weight_g: int,
    wishes: Sequence[Wish] = (),
    needs: str = "",
) -> Choice:
    """Choose among ``contracts`` for a parcel of ``weight_g`` that starts in ``origin`` (alpha-2).

    Those that cannot take the parcel, or lack the ability that it ``needs``, are left out; of the rest those with
    working credentials go first. ``wishes`` are what rules ask for, the strongest first. Among several of one kind
    the oldest (first given) wins.
    """
    reasons = {each.id: _why_not(each, origin, weight_g, needs) for each in contracts}
    able = [each for each in contracts if reasons[each.id] is None]
    ready = [each for each in able if each.working and each.stocked]
    picks = _ranked(ready, brand_id, wishes, weight_g)
    if picks:
        reasons |= {each.id: WhyNot.STOCK for each in able if not each.stocked}
    picks = picks or _ranked(able, brand_id, wishes, weight_g)
    first = picks[0] if picks else None
    others = tuple(pick for pick in picks[1:] if pick.contract.test == picks[0].contract.test)
    return Choice(
        first.contract.id if first else None,
        first.why if first else Why.NONE,
        first.service if first else "",
        others,
        trace=_trace(first)
        | {
            "brand_id": brand_id,
            "origin": origin,
            "weight_g": weight_g,
            "left_out": [
                {"contract_id": each.id, "name": each.name, "why": why.value}
                for each in contracts
                if (why := reasons[each.id]) is not None
            ],
            "others": [pick.to_json() for pick in others],
        },
    )


def _trace(first: Pick | None) -> dict[str, Any]:
    head: dict[str, Any] = {"rule": RULE, "version": VERSION}
    if first is None:
        return head | {"why": Why.NONE.value, "contract_id": None, "carrier": ""}
    return head | {"carrier": first.contract.carrier} | first.to_json()


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


def _why_not(contract: ContractFacts, origin: str, weight_g: int, needs: str) -> WhyNot | None:
    if contract.countries and origin.upper() not in contract.countries:
        return WhyNot.COUNTRY
    if contract.max_weight_g and weight_g > contract.max_weight_g:
        return WhyNot.WEIGHT
    if needs and needs not in (contract.abilities or ()):
        return WhyNot.ABILITY
    return None


def _ranked(
    contracts: Sequence[ContractFacts], brand_id: int, wishes: Sequence[Wish], weight_g: int
) -> list[Pick]:
    """Everybody who may be asked, in the order in which they are; each contract once."""
    found = [pick for wish in wishes for pick in _granted(wish, contracts, brand_id, weight_g)]
    found += [Pick(each, "", Why.BRAND) for each in contracts if brand_id in each.brands]
    found += [Pick(each, "", Why.DEFAULT) for each in contracts if each.is_default]
    if not found:
        # A contract that is kept for other brands is not anybody's.
        free = [each for each in contracts if not each.brands]
        found = [Pick(each, "", Why.ONLY_ONE) for each in free] if len(free) == 1 else []
    once = {pick.contract.id: pick for pick in reversed(found)}
    return [pick for pick in found if once[pick.contract.id] is pick]


def _granted(
    wish: Wish, contracts: Sequence[ContractFacts], brand_id: int, weight_g: int
) -> list[Pick]:
    if wish.contract_id is None:
        open_to_it = [each for each in contracts if not each.brands or brand_id in each.brands]
        return [Pick(each, "", Why.CHEAPEST, wish) for each in cheapest_first(open_to_it)]
    return [
        Pick(each, wish.service, Why.RULE, wish)
        for each in contracts
        if each.id == wish.contract_id
        # A service is only taken for what its carrier says it can carry.
        and weight_g <= (each.heaviest.get(wish.service or each.service, 0) or weight_g)
    ]


def cheapest_first(contracts: Sequence[ContractFacts]) -> list[ContractFacts]:
    """Those with a price on their list, in the currency of the first that has one; prices are not converted."""
    priced = [(each.price, each) for each in contracts if each.price]
    same = [(price, each) for price, each in priced if price.currency == priced[0][0].currency]
    return [each for _price, each in sorted(same, key=lambda pair: pair[0].minor)]
