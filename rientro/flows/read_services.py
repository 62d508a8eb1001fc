"""A carrier is asked which services it has for a merchant's lanes; they are kept, and offered as choices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from rientro.carriers.base import Carrier, CarrierError, Service
from rientro.carriers.registry import UnknownCarrier, open_carrier
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.models.addresses import SenderAddress
from rientro.models.inquiries import CarrierInquiry, ask_worker, close_inquiry
from rientro.models.parcels import CarrierAccount
from rientro.models.returns import Return
from rientro.policy.carrier_choice import limits_of

MOST_LANES = 12
MOST_SERVICES = 200
LATEST = 500  # returns that say where parcels come from


@transaction.atomic
def ask_services(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierInquiry:
    """Let the worker read the services of ``account``; the page shows what came of it."""
    return ask_worker(account, CarrierInquiry.Kind.SERVICES, actor=actor, at=now)


def read_services(*, inquiry: CarrierInquiry, now: datetime) -> CarrierInquiry:
    """In the worker: ask the carrier lane by lane and keep what it tells. No transaction may be open.

    What was known before stays when the carrier does not answer. Safe to repeat.
    """
    account = inquiry.account
    if inquiry.answered_at or account.deleted_at:
        return inquiry
    lanes = _lanes(account)
    try:
        carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
        found = _asked(carrier, lanes)
    except (CarrierError, UnknownCarrier, CannotUnseal) as error:
        return _close(inquiry, words=error.message, now=now)
    return _keep(inquiry, found, lanes, now=now)


@transaction.atomic(durable=True)
def _lanes(account: CarrierAccount) -> list[tuple[str, str]]:
    """Where parcels come from, most often first, to where they go."""
    homes = list(
        dict.fromkeys(
            SenderAddress.objects.filter(deleted_at=None)
            .order_by("-is_default", "pk")
            .values_list("country", flat=True)
        )
    )
    latest = Return.objects.order_by("-pk").values_list("from_country", flat=True)[:LATEST]
    seen = [country for country in latest if country]
    often = sorted(set(seen), key=lambda country: (-seen.count(country), country))
    allowed = limits_of(account.settings)[1]
    origins = dict.fromkeys([*often, *homes, *sorted(allowed)])
    wanted = [origin for origin in origins if not allowed or origin in allowed]
    return [(origin, home) for home in homes for origin in wanted][:MOST_LANES]


def _asked(carrier: Carrier, lanes: Sequence[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for lane in lanes:
        for service in carrier.services(*lane):
            row = found.setdefault(service.code, _row(service))
            row["lanes"].append(list(lane))
    return dict(list(found.items())[:MOST_SERVICES])


def _row(service: Service) -> dict[str, Any]:
    price = service.price_from
    return {
        "code": service.code[:80],
        "name": service.name[:120],
        "lanes": [],
        "max_weight_g": service.max_weight_g,
        "price_minor": price.minor if price else None,
        "currency": price.currency if price else "",
    }


@transaction.atomic(durable=True)
def _keep(
    inquiry: CarrierInquiry,
    found: dict[str, dict[str, Any]],
    lanes: Sequence[tuple[str, str]],
    *,
    now: datetime,
) -> CarrierInquiry:
    rows = CarrierAccount.objects.filter(pk=inquiry.account_id, deleted_at=None)
    rows.update(services=list(found.values()), services_read_at=now)
    answer = {"count": len(found), "lanes": [list(lane) for lane in lanes]}
    return close_inquiry(inquiry, at=now, answer=answer)


@transaction.atomic(durable=True)
def _close(inquiry: CarrierInquiry, *, words: str, now: datetime) -> CarrierInquiry:
    return close_inquiry(inquiry, at=now, words=words)
