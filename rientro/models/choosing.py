"""Who buys the label of a return: the merchant's contracts and rules as they stand, put to policy.carrier_choice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rientro.kit.money import Money
from rientro.models.boxes import heaviest_g
from rientro.models.label_pool import OWN_LABELS
from rientro.models.parcels import CarrierAccount
from rientro.models.pool_shelf import Lane, has_one
from rientro.models.returns import Return
from rientro.models.rules import ChoiceRule
from rientro.policy.account_prices import price_of
from rientro.policy.carrier_choice import Choice, ContractFacts, choose, limits_of
from rientro.policy.choice_rules import ParcelFacts, prepare, wishes_of
from rientro.policy.return_methods import WAYS
from rientro.policy.rules import Rule, read_rule

TRACKING_ONLY = "tracking_only"  # in an account's settings: its carrier sells no labels here


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """``account`` None: nobody can. ``service`` "" is the account's own; ``others`` is what LabelPurchase keeps."""

    account: CarrierAccount | None
    service: str = ""
    others: list[dict[str, Any]] = field(default_factory=list)
    trace: dict[str, Any] = field(default_factory=dict)


def choose_contract(ret: Return, *, at: datetime) -> Chosen:
    """The contract that buys the labels of ``ret``, and the trace of why. A machine may have asked for one by name."""
    living = living_accounts()
    asked: dict[str, Any] = ret.trace.get("asked") or {}
    named = living.get(asked.get("contract_id", 0))
    if named is not None:
        trace = {"rule": "carrier", "why": "asked", "contract_id": named.pk, "name": named.name}
        return Chosen(account=named, service=str(asked.get("service") or ""), trace=trace)
    way = WAYS.get(ret.method)
    needs = way.needs if way else ""
    found = choice_for(facts_of(ret), list(living.values()), needs=needs, at=at)
    return Chosen(
        account=None if found.contract_id is None else living[found.contract_id],
        service=str(asked.get("service") or found.service),
        others=[
            {"contract_id": pick.contract.id, "service": pick.service} for pick in found.others
        ],
        trace=found.trace,
    )


def choice_for(
    facts: ParcelFacts,
    accounts: Sequence[CarrierAccount],
    *,
    needs: str = "",
    rules: Sequence[Rule] | None = None,
    at: datetime | None = None,
) -> Choice:
    """Put ``facts`` to the rules that stand (or to ``rules``, to try them) and to ``accounts``.

    Without ``at`` own labels count whether they have expired or not.
    """
    standing = standing_choice_rules() if rules is None else rules
    wishes, said = wishes_of(prepare(standing), facts)
    found = choose(
        [contract_facts(row, facts, at=at) for row in accounts],
        brand_id=facts.brand_id,
        origin=facts.from_country,
        weight_g=facts.weight_g,
        wishes=wishes,
        needs=needs,
    )
    found.trace.update(destination=facts.to_country, rules=said)
    return found


def living_accounts() -> dict[int, CarrierAccount]:
    """The connected contracts that sell labels, the oldest first."""
    rows = CarrierAccount.objects.filter(deleted_at=None).order_by("pk")
    return {row.pk: row for row in rows if TRACKING_ONLY not in row.settings}


def standing_choice_rules() -> list[Rule]:
    """The rules that run today, in their order."""
    rows = ChoiceRule.objects.filter(active=True, invalid_because="")
    return [read_rule(row) for row in rows.order_by("position", "pk")]


def contract_facts(
    account: CarrierAccount, parcel: ParcelFacts, *, at: datetime | None
) -> ContractFacts:
    """``account`` as the choice sees it, for this parcel."""
    brands, countries, max_weight_g = limits_of(account.settings)
    price = price_of(account.settings, parcel.from_country, parcel.to_country)
    return ContractFacts(
        id=account.pk,
        carrier=account.carrier,
        name=account.name,
        is_default=account.is_default,
        working=_works(account),
        test=account.test_mode,
        brands=brands,
        countries=countries,
        max_weight_g=max_weight_g,
        abilities=None if account.abilities is None else frozenset(account.abilities),
        service=account.service,
        heaviest={
            str(each.get("code")): int(each.get("max_weight_g") or 0) for each in account.services
        },
        price=price or None,
        stocked=account.carrier != OWN_LABELS or has_one(account, lane_of(parcel), at=at),
    )


def lane_of(parcel: ParcelFacts) -> Lane:
    """The way of ``parcel`` as the pool of own labels asks for it."""
    return Lane(origin=parcel.from_country, destination=parcel.to_country, weight_g=parcel.weight_g)


def _works(account: CarrierAccount) -> bool:
    """Not refused, and not a new one whose credentials nobody has tried yet."""
    if account.state == CarrierAccount.State.BROKEN.value:
        return False
    return account.state == CarrierAccount.State.OK.value or bool(account.credentials)


def facts_of(ret: Return) -> ParcelFacts:
    """What rules may look at of one parcel of ``ret``."""
    return ParcelFacts(
        from_country=ret.from_country,
        to_country=ret.to_address.country,
        brand_id=ret.brand_id,
        postal_code=ret.from_postal_code,
        weight_g=heaviest_g(ret),
        value=Money(ret.value_minor, ret.currency),
        parcels=ret.parcel_count,
        method=ret.method,
        integration_id=ret.order.integration_id or 0,
        tags=ret.order.tags or (),
    )
