"""Who buys the label of a return: the merchant's contracts and rules as they stand, put to policy.carrier_choice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rientro.kit.money import Money
from rientro.models.customs import unit_weights_g
from rientro.models.parcels import CarrierAccount
from rientro.models.returns import Return, ReturnItem
from rientro.models.rules import ChoiceRule
from rientro.policy.account_prices import price_of
from rientro.policy.carrier_choice import Choice, ContractFacts, choose, limits_of
from rientro.policy.choice_rules import ParcelFacts, prepare, wishes_of
from rientro.policy.return_methods import WAYS
from rientro.policy.rules import Rule, read_rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """``account`` None: nobody can. ``service`` "" is the account's own; ``others`` is what LabelPurchase keeps."""

    account: CarrierAccount | None
    service: str = ""
    others: list[dict[str, Any]] = field(default_factory=list)
    trace: dict[str, Any] = field(default_factory=dict)


def choose_contract(ret: Return) -> Chosen:
    """The contract that buys the labels of ``ret``, and the trace of why. A machine may have asked for one by name."""
    living = living_accounts()
    asked: dict[str, Any] = ret.trace.get("asked") or {}
    named = living.get(asked.get("contract_id", 0))
    if named is not None:
        trace = {"rule": "carrier", "why": "asked", "contract_id": named.pk, "name": named.name}
        return Chosen(account=named, service=str(asked.get("service") or ""), trace=trace)
    way = WAYS.get(ret.method)
    found = choice_for(facts_of(ret), list(living.values()), needs=way.needs if way else "")
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
) -> Choice:
    """Put ``facts`` to the rules that stand (or to ``rules``, to try them) and to ``accounts``."""
    standing = standing_choice_rules() if rules is None else rules
    wishes, said = wishes_of(prepare(standing), facts)
    found = choose(
        [contract_facts(row, facts.from_country, facts.to_country) for row in accounts],
        brand_id=facts.brand_id,
        origin=facts.from_country,
        weight_g=facts.weight_g,
        wishes=wishes,
        needs=needs,
    )
    found.trace.update(destination=facts.to_country, rules=said)
    return found


def living_accounts() -> dict[int, CarrierAccount]:
    """The connected contracts, the oldest first."""
    return {row.pk: row for row in CarrierAccount.objects.filter(deleted_at=None).order_by("pk")}


def standing_choice_rules() -> list[Rule]:
    """The rules that run today, in their order."""
    rows = ChoiceRule.objects.filter(active=True, invalid_because="")
    return [read_rule(row) for row in rows.order_by("position", "pk")]


def contract_facts(account: CarrierAccount, origin: str, destination: str) -> ContractFacts:
    """``account`` as the choice sees it, for a parcel between two countries."""
    brands, countries, max_weight_g = limits_of(account.settings)
    price = price_of(account.settings, origin, destination)
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
    )


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
        weight_g=items_weight_g(ret),
        value=Money(ret.value_minor, ret.currency),
        parcels=ret.parcel_count,
        method=ret.method,
        integration_id=ret.order.integration_id or 0,
        tags=ret.order.tags or (),
    )


def items_weight_g(ret: Return) -> int:
    """What the items of ``ret`` weigh together; 0 when nobody said."""
    if ret.order.standalone and ret.order.weight_g:
        return int(ret.order.weight_g)  # the whole parcel, as the machine that announced it said
    items = list(ReturnItem.objects.filter(ret=ret).select_related("order_line"))
    if not all(item.order_line.weight_g for item in items):
        return unit_weights_g(ret)  # the desk may have said for customs what the shop did not
    return sum(item.order_line.weight_g * item.quantity for item in items)
