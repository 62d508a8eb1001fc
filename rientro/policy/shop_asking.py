"""How often may a look-up that missed put a question to a shop? The budget, one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from rientro.kit.text import normal_number
from rientro.policy.shipping_rules import OrderFacts, Rule, apply

DEADLINE_S = 3.0  # of the shop, with everything that its adapter asks
JUDGED_AFTER_S = 3.2  # whoever has not answered by then is not waited for
ANSWERED_AFTER_S = 3.5  # every miss that asked is answered then, whatever the shop said
SAME_NUMBER = timedelta(minutes=10)  # a shop is asked for one number once in this time
AT_ONCE = 20.0  # questions to one shop, when nobody asked for a while
REFILL_S = 30.0  # one more after so many seconds
MOST_SHOPS = 4  # for one look-up
LONGEST_NUMBER = 64  # no shop has longer ones; what is longer was not typed by a shopper
FIRST_REST = timedelta(seconds=30)  # after a failure, doubled with each in a row
LONGEST_REST = timedelta(minutes=15)


def is_askable(number: str) -> bool:
    """Could this be the number of an order? Looks at what was typed alone."""
    return 0 < len(normal_number(number)) <= LONGEST_NUMBER and len(number) <= 2 * LONGEST_NUMBER


def tokens_left(tokens: float, *, after_s: float) -> float:
    """What a bucket that held ``tokens`` holds ``after_s`` seconds later."""
    return min(AT_ONCE, tokens + max(after_s, 0.0) / REFILL_S)


def rest_after(failures: int) -> timedelta:
    """How long a shop is not asked after so many failures in a row."""
    return min(FIRST_REST * 2 ** min(max(failures - 1, 0), 10), LONGEST_REST)


@dataclass(frozen=True, slots=True)
class Standing:
    """A merchant's rules in their order, the brand of each living sender address, and the brand of those without."""

    rules: Iterable[Rule]
    brand_of: Mapping[int, int | None]
    default_brand: int | None


def brands_reached(standing: Standing, integration_id: int) -> set[int]:
    """The brands that an order of this integration can come to stand on, whatever is in it."""
    reached = {standing.default_brand}
    for rule in standing.rules:
        told, certain = _reduced(rule)
        if told is None:
            continue
        done = apply([told], OrderFacts(integration_id=integration_id), brands=standing.brand_of)
        if done.sender_address_id is None:
            continue
        # An address without a brand leaves the order to the default one.
        brand = done.brand_id if done.brand_id is not None else standing.default_brand
        reached = {brand} if certain else reached | {brand}
    return {brand for brand in reached if brand is not None}


def _reduced(rule: Rule) -> tuple[Rule | None, bool]:
    """``rule`` with what can be known without the order, and whether nothing else is in it; None: it rests."""
    if rule.rests:
        return None, False
    known = tuple(each for each in rule.conditions if each.property == "integration")
    certain = len(known) == len(rule.conditions)
    if not certain and not rule.match_all:
        known = ()  # one of the others may be true
    return replace(rule, conditions=known), certain
