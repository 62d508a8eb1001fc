"""Step 1: a shopper says what only the buyer should know, and gets a short pass to one order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Q

from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import token_hash
from rientro.kit.postal_codes import normal_postal, short_zip
from rientro.kit.text import normal_email, normal_number
from rientro.models.brands import Brand, PortalSettings
from rientro.models.events import Event
from rientro.models.lookup import Ticket
from rientro.models.lookup_counting import (
    Counted,
    alone,
    count,
    hidden,
    is_too_many,
    longest_wait_s,
)
from rientro.models.orders import Order
from rientro.policy.lookup_limits import LIMITS

MOST_CHOICES = 8
_PREFIXED = re.compile(r"[A-Z]{1,3}(\d+)")


class OrderNotFound(RientroError):
    """One error for every kind of miss: unknown, wrong proof, another brand's or merchant's, redacted."""

    kind: ClassVar[Kind] = "missing"
    code: ClassVar[str] = "order_not_found"


class TooManyTries(RientroError):
    """The budget of this order, network or merchant is used up; the same words for each."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "too_many_tries"


class PortalClosed(RientroError):
    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "portal_closed"


class NotShippedHere(RientroError):
    """The brand takes back only orders whose outbound parcel is known (the switch of S2 is off; ADR 0012)."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "no_outbound_shipment"


class OrderCancelled(RientroError):
    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "order_cancelled"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several orders that carry the same number and the same proof; says no more than its shop and day."""

    which: str
    shop_name: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket's token, or ``choices`` when the proof fits several orders."""

    ticket_token: str = ""
    choices: Sequence[Choice] = ()


@dataclass(frozen=True, slots=True)
class _Wish:
    brand: Brand
    settings: PortalSettings
    proof: str
    language: str
    held: str


def find_order(
    *,
    brand: Brand,
    number: str,
    postal_code: str,
    network: str,
    now: datetime,
    which: str = "",
    language: str = "",
    held: str = "",
    counted_already: bool = False,
) -> Found:
    """Open the order of ``brand`` with this number and this proof: its postal code, its e-mail or its receipt code.

    Raises PortalClosed, TooManyTries and OrderNotFound; NotShippedHere and OrderCancelled only to somebody whose
    proof was right. A miss is counted in the caller's transaction, so the caller catches these errors inside it
    and lets it commit. Tells nobody which half was wrong, in words or by the work it does. ``held`` is the token
    that the asker has already: a living ticket of the order that is found is given again instead of a new one.
    ``counted_already`` judges a miss once more, after a shop was asked (flows.ask_shops): neither refused nor counted.
    """
    settings = PortalSettings.objects.get(brand=brand)
    if not settings.active:
        raise PortalClosed("This returns portal is closed at the moment.")
    wanted = normal_number(number)
    counted = _counted(wanted, network)
    alone(f"order:{wanted}")
    wait_s = 0 if counted_already else longest_wait_s(counted, now=now)
    if wait_s:
        raise TooManyTries("Too many tries.", retry_after_s=wait_s)
    orders = _matching(brand, wanted, postal_code)
    if which:
        orders = [order for order in orders if which_of(order) == which]
    if not orders:
        _miss(brand, [] if counted_already else counted, now=now)
    wish = _Wish(brand, settings, postal_code, language or brand.default_language, held)
    return _opened(orders, wish, now=now)


def _counted(wanted: str, network: str) -> list[Counted]:
    keys = {"order": hidden(wanted), "network": network, "merchant": "all"}
    return [Counted(limit, keys[limit.scope]) for limit in LIMITS]


def _matching(brand: Brand, wanted: str, proof: str) -> list[Order]:
    """One statement, whatever was typed. An empty column never matches: the forms are never empty."""
    proven = (
        Q(postal_norm__in=_postal_forms(proof))
        | Q(email_norm=normal_email(proof) or "-")
        | Q(receipt_norm=normal_number(proof)[:80] or "-")
    )
    found = Order.objects.filter(proven, number_norm=wanted or "-", redacted_at=None, brand=brand)
    found = found.filter(standalone=False)
    return list(found.select_related("integration").order_by("pk")[:MOST_CHOICES])


def _postal_forms(typed: str) -> list[str]:
    """As typed, without letters before digits, and a ZIP code by its first five: so they are stored."""
    code = normal_postal(typed, "")
    prefixed = _PREFIXED.fullmatch(code)
    return [code or "-", prefixed[1] if prefixed else "-", short_zip(code) or "-"]


def _miss(brand: Brand, counted: Sequence[Counted], *, now: datetime) -> None:
    counts = count(counted, now=now) if counted else []
    if any(each.limit.scope == "merchant" and n == each.limit.most for each, n in counts):
        Event.record("lookups.paused", actor="clock", at=now, brand=brand.pk)
    if is_too_many(counts):
        raise TooManyTries("Too many tries.", retry_after_s=min(e.limit.window_s for e in counted))
    raise OrderNotFound("Number and postal code do not match an order of this shop.")


def _opened(orders: Sequence[Order], wish: _Wish, *, now: datetime) -> Found:
    living = [order for order in orders if order.cancelled_at is None]
    if not living:
        raise OrderCancelled("This order was cancelled, so there is nothing to send back.")
    returnable = [
        order for order in living if order.has_outbound or wish.settings.allow_without_outbound
    ]
    if not returnable:
        raise NotShippedHere("This order cannot be returned here.")
    if len(returnable) > 1:
        return Found(choices=[_choice(order) for order in returnable])
    order = returnable[0]
    if _is_open(order, wish, now=now):
        return Found(ticket_token=wish.held)
    # What the shopper typed may be shown to the shopper again; what we know may not.
    typed = {"postal": wish.proof} if order.postal_norm in _postal_forms(wish.proof) else {}
    _, token = Ticket.issue(
        order=order, brand=wish.brand, level=1, language=wish.language, now=now, **typed
    )
    return Found(ticket_token=token)


def _is_open(order: Order, wish: _Wish, *, now: datetime) -> bool:
    """Does the asker hold a ticket of this very order, one that was not mailed?"""
    if not wish.held:
        return False
    held = Ticket.objects.alive(now).filter(token_hash=token_hash(wish.held), brand=wish.brand)
    return bool(held.filter(order=order).exclude(draft__has_key="link").update(seen_at=now))


def _choice(order: Order) -> Choice:
    return Choice(which_of(order), order.integration.shop_name, order.ordered_at)


def which_of(order: Order) -> str:
    """Tells orders of one number apart without saying anything about them."""
    return hidden(f"order:{order.shipment_uuid}")[:16]
