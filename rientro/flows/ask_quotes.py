"""The desk asks what a label would cost, at every carrier that can say so; the worker puts the questions."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from rientro.carriers.base import Can, CarrierError, LabelRequest, Quote, Unsupported
from rientro.carriers.registry import UnknownCarrier, can_of, open_carrier
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.ids import new_code
from rientro.models.boxes import heaviest_g
from rientro.models.inquiries import CarrierInquiry, ask_worker, close_inquiry
from rientro.models.parcels import CarrierAccount, Parcel
from rientro.models.purchasing import WEIGHT_G, request_words
from rientro.models.returns import Return

MOST_OFFERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A parcel that nobody has sent yet: countries as alpha-2, grams."""

    origin: str
    destination: str
    weight_g: int
    from_postal_code: str = ""
    to_postal_code: str = ""


def can_quote(account: CarrierAccount) -> bool:
    """Does it tell prices, as far as is known without asking it?"""
    if account.abilities is not None:
        return "quote" in account.abilities
    return Can.QUOTE in can_of(account.carrier, account.settings)


@transaction.atomic
def ask_quotes(
    *, ret: Return | None = None, trip: Trip | None = None, actor: str, now: datetime
) -> str:
    """Ask every connected contract that can quote for the parcel of ``ret``, or for ``trip``; gives the batch.

    Asks no carrier itself. Of a return nothing personal is written down: the worker reads it when it asks.
    """
    batch = new_code(16)
    question: dict[str, Any] = asdict(trip) if trip else {}
    working = CarrierAccount.objects.filter(deleted_at=None, state=CarrierAccount.State.OK.value)
    for account in working.order_by("pk"):
        if can_quote(account):
            ask_worker(
                account,
                CarrierInquiry.Kind.QUOTE,
                ret=ret,
                question=question,
                batch=batch,
                actor=actor,
                at=now,
            )
    return batch


def quote_label(*, inquiry: CarrierInquiry, now: datetime) -> CarrierInquiry:
    """In the worker: ask one carrier what one label would cost. Buys nothing. No transaction may be open."""
    account = inquiry.account
    if inquiry.answered_at or account.deleted_at:
        return inquiry
    try:
        request = _request(inquiry)
        carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
        if Can.QUOTE not in carrier.can:
            raise Unsupported("This carrier tells no price before the purchase.")
        offers = list(carrier.quote(request))
    except (CarrierError, UnknownCarrier, CannotUnseal) as error:
        return _close(inquiry, now=now, words=error.message)
    return _close(inquiry, now=now, offers=offers)


@transaction.atomic(durable=True)
def _request(inquiry: CarrierInquiry) -> LabelRequest:
    if inquiry.ret_id is None:
        return _of_trip(Trip(**inquiry.question), inquiry.account)
    ret = Return.objects.select_related("order", "to_address").get(pk=inquiry.ret_id)
    parcel = Parcel(ret=ret, weight_g=heaviest_g(ret) or WEIGHT_G)
    return LabelRequest.from_json(request_words(ret, parcel, inquiry.account))


def _of_trip(trip: Trip, account: CarrierAccount) -> LabelRequest:
    nobody = {"name": "", "street": "", "city": ""}
    return LabelRequest.from_json(
        {
            "reference": "quote",
            "sender": nobody | {"country": trip.origin, "postal_code": trip.from_postal_code},
            "receiver": nobody | {"country": trip.destination, "postal_code": trip.to_postal_code},
            "parcel": {"weight_g": trip.weight_g or WEIGHT_G},
            "service": account.service,
        }
    )


@transaction.atomic(durable=True)
def _close(
    inquiry: CarrierInquiry, *, now: datetime, words: str = "", offers: list[Quote] | None = None
) -> CarrierInquiry:
    if offers is None:
        return close_inquiry(inquiry, at=now, words=words)
    told = [
        {
            "service": offer.service[:80],
            "minor": offer.price.minor,
            "currency": offer.price.currency,
            "days": offer.days,
        }
        for offer in sorted(offers, key=lambda offer: offer.price.minor)[:MOST_OFFERS]
    ]
    return close_inquiry(inquiry, at=now, answer={"offers": told})
