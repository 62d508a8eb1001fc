"""Do one thing in a merchant's shop, exactly once, whatever dies: pay a refund back, or write a note on an order."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.errors import Kind, RientroError
from rientro.kit.locks import AliveLock, alive_lock
from rientro.kit.sentences import Sentence
from rientro.models.back_to_shop import OPEN, refund_request
from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.orders import Order
from rientro.models.refund_outcomes import facts_of, write_failed, write_paid
from rientro.models.returns import Return
from rientro.models.shop_errands import ShopErrand
from rientro.models.shop_health import note_answer, note_trouble, rests
from rientro.models.shop_links import ShopLink
from rientro.shops.base import (
    DEADLINE_S,
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Shop,
    ShopError,
    ShopRefund,
    Unsupported,
)
from rientro.shops.registry import UnknownShop, open_shop

# A shop may still be at work on a request that we gave up after DEADLINE_S: it is not asked again before that is over.
QUIET = timedelta(seconds=3 * DEADLINE_S)
LONGEST_QUIET = timedelta(minutes=15)
DOUBT_ENDS = timedelta(hours=1)  # then a person looks into the shop, not a machine
RESTS_ON = timedelta(minutes=1)  # a shop that may not be asked is thought of again so soon
SCOPE_WAIT = timedelta(minutes=15)  # a permission is mended in the shop, and nothing tells us

PAUSED = Sentence("The shop is paused. It is asked when somebody lets it go on.")
RESTING = Sentence("The shop cannot be asked just now. It is asked as soon as it answers again.")
DISCONNECTED = Sentence("The shop was disconnected before it had answered.")

State = ShopErrand.State
REFUND = ShopErrand.Kind.REFUND.value


class ErrandBusy(RientroError):
    """Somebody alive is at this very errand."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "errand_busy"


@dataclass(slots=True)
class _Try:
    """One try at an errand. ``sure`` is False where the shop was asked before and cannot say what came of it."""

    errand: ShopErrand  # as it was before this try
    link: ShopLink
    system: str
    lock: AliveLock
    begun: float
    now: datetime
    sure: bool = True

    def moment(self) -> datetime:
        """``now``, and what this try has taken since."""
        return self.now + timedelta(seconds=int(time.monotonic() - self.begun))


def run_errand(*, errand: ShopErrand, now: datetime) -> ShopErrand:
    """Do ``errand``, or return it as it already stands; what is not decided yet says in ``next_at`` when to come again.

    The row was committed before anybody called us. No transaction is open while the shop thinks; a session lock says
    that this asker is alive. What was asked before is looked for first, and asked again only when the shop is sure
    that there is nothing and QUIET is over. A doubt of an hour is left to a person. Raises ErrandBusy.
    """
    with alive_lock(f"shop-errand:{errand.merchant_id}:{errand.pk}") as lock:
        mark("errand.lock")
        if not lock.mine:
            raise ErrandBusy("The shop is being asked right now.", retry_after_s=20)
        errand, link, system = _read(errand)
        if errand.state not in OPEN:
            return errand
        if link is None:
            return _without_shop(errand, now=now)
        if errand.asked_at and errand.next_at and errand.next_at > now:
            return errand
        if rests(link, at=now):
            return _rest(errand, link, now=now)
        attempt = _Try(errand, link, system, lock, time.monotonic(), now)
        try:
            found = _look_and_ask(attempt)
        except ShopError as error:
            return _answer(attempt, error)
        return _write_down(attempt, found)


@transaction.atomic(durable=True)
def _read(errand: ShopErrand) -> tuple[ShopErrand, ShopLink | None, str]:
    row = ShopErrand.objects.select_related("ret", "refund").get(pk=errand.pk)
    integration = Integration.objects.filter(pk=row.integration_id, deleted_at=None).first()
    links = ShopLink.objects.filter(integration_id=row.integration_id).exclude(credentials="")
    link = links.first() if integration else None
    return row, link, integration.system if integration else ""


def _look_and_ask(attempt: _Try) -> ShopRefund | None:
    """The refund, found or made; None for a note that stands. Raises ShopError."""
    errand, shop = attempt.errand, _open(attempt)
    is_refund = errand.kind == REFUND
    if is_refund and errand.tries:
        found = _look(shop, attempt)
        if found:
            return found
    _claim(attempt)
    mark("errand.claimed")
    attempt.lock.check()  # the last moment at which an asker who was cut off can step back
    mark("errand.before_wire")
    if not is_refund:
        shop.add_note(errand.request["external_order_id"], errand.request["words"])
        return None
    made = shop.refund(refund_request(errand, email=_email(errand)))
    mark("errand.after_wire")
    return made


def _open(attempt: _Try) -> Shop:
    link = attempt.link
    try:
        return open_shop(attempt.system, unseal(link.credentials), link.settings)
    except (UnknownShop, CannotUnseal) as error:
        raise AuthFailed(error.message) from error


def _look(shop: Shop, attempt: _Try) -> ShopRefund | None:
    """Asked before: what came of it? None when asking again is safe."""
    errand = attempt.errand
    try:
        found = shop.find_refund(errand.request["external_order_id"], errand.reference)
    except (InvalidRequest, Unsupported, OutcomeUnknown) as error:
        # A question that was refused says nothing about the refund. Unless a person has looked, a doubt stays one.
        if errand.asked_at:
            raise OutcomeUnknown(error.message) from error
        attempt.sure, found = False, None
    mark("errand.looked")
    if found is None and errand.asked_at and attempt.now < errand.asked_at + QUIET:
        raise OutcomeUnknown("The shop may still be at work on it.")
    return found


@transaction.atomic(durable=True)
def _email(errand: ShopErrand) -> str:
    order = Order.objects.get(pk=errand.ret.order_id)
    return errand.ret.from_email or order.email


class _Settled(ShopError):
    """A person settled it in this very moment: nothing is asked."""


@transaction.atomic(durable=True)
def _claim(attempt: _Try) -> None:
    """Say that we ask, before we do: committed before the first byte goes out."""
    errand, at = attempt.errand, attempt.moment()
    asking = ShopErrand.objects.filter(pk=errand.pk, state=errand.state)
    claimed = asking.update(
        state=State.ASKING.value,
        tries=errand.tries + 1,
        asked_at=at,
        doubt_since=errand.doubt_since or at,
        next_at=at + QUIET,
    )
    if not claimed:
        raise _Settled("It was settled meanwhile.")


# What came of it


@transaction.atomic(durable=True)
def _write_down(attempt: _Try, found: ShopRefund | None) -> ShopErrand:
    errand, at = attempt.errand, attempt.moment()
    actor = f"shop:{attempt.system}"
    ret = Return.objects.locked().get(pk=errand.ret_id)
    answer = {"shop_reference": found.shop_reference, "facts": _plain(found.facts)} if found else {}
    if _close(errand, State.DONE, at=at, answer=answer, error=""):
        mark("errand.done")
        if found is None:
            Event.record("return.order_noted", actor=actor, at=at, ret=ret)
        elif errand.refund is not None:
            write_paid(
                errand.refund,
                at=at,
                actor=actor,
                paid=found.amount,
                reference=found.shop_reference,
                code=found.code,
            )
    note_answer(attempt.link, at=at)
    transaction.on_commit(lambda: mark("errand.committed"))
    errand.refresh_from_db()
    return errand


def _plain(facts: dict[str, Any]) -> Any:
    """As JSON that the database takes, whatever an adapter put in: money has gone, and must be written down."""
    return json.loads(json.dumps(facts, default=str).replace("\\u0000", ""))


def _close(errand: ShopErrand, state: ShopErrand.State, *, at: datetime, **more: Any) -> bool:
    rows = ShopErrand.objects.filter(pk=errand.pk, state__in=OPEN)
    ends = {} if state == State.UNKNOWN else {"done_at": at}
    return bool(rows.update(state=state.value, next_at=None, **ends, **more))


def _answer(attempt: _Try, error: ShopError) -> ShopErrand:
    """What the shop said instead of doing it."""
    if isinstance(error, _Settled):
        return _again(attempt.errand)
    if isinstance(error, InvalidRequest | Unsupported):
        return _refused(attempt, error)
    if isinstance(error, OutcomeUnknown):
        return _doubt(attempt, error)
    return _nothing_done(attempt, error)


@transaction.atomic(durable=True)
def _refused(attempt: _Try, error: ShopError) -> ShopErrand:
    """A clear no. Where an earlier request may have been the one that leaves nothing to refund, a person looks."""
    errand, at = attempt.errand, attempt.moment()
    note_answer(attempt.link, at=at)
    if attempt.sure:
        return _refuse(errand, error.message, actor=f"shop:{attempt.system}", at=at)
    return _leave_to_a_person(errand, error.message, at=at)


def _refuse(errand: ShopErrand, words: str, *, actor: str, at: datetime) -> ShopErrand:
    Return.objects.locked().get(pk=errand.ret_id)
    if _close(errand, State.REFUSED, at=at, error=words[:300]) and errand.refund is not None:
        write_failed(errand.refund, words=words, at=at, actor=actor)
    errand.refresh_from_db()
    return errand


@transaction.atomic(durable=True)
def _doubt(attempt: _Try, error: ShopError) -> ShopErrand:
    """It may have been done: look again, less often the longer it lasts, and leave it to a person after an hour."""
    at, row = attempt.moment(), ShopErrand.objects.get(pk=attempt.errand.pk)
    asked_now = row.tries > attempt.errand.tries
    if asked_now:
        note_trouble(attempt.link, error, at=at)
    lasts = at - (row.doubt_since or at)
    if lasts >= DOUBT_ENDS:
        if row.kind == REFUND:
            return _leave_to_a_person(attempt.errand, error.message, at=at)
        return _refuse(row, error.message, actor="clock", at=at)
    quiet_until = (row.asked_at or at) + QUIET
    wait = min(max(lasts, QUIET), LONGEST_QUIET)
    later = quiet_until if quiet_until > at else at + wait
    return _later(row, later, error.message)


def _leave_to_a_person(errand: ShopErrand, words: str, *, at: datetime) -> ShopErrand:
    ret = Return.objects.locked().get(pk=errand.ret_id)
    if _close(errand, State.UNKNOWN, at=at, error=words[:300]) and errand.refund is not None:
        facts = facts_of(errand.refund)
        Event.record("return.refund_unknown", actor="clock", at=at, ret=ret, words=words, **facts)
    return _again(errand)


@transaction.atomic(durable=True)
def _nothing_done(attempt: _Try, error: ShopError) -> ShopErrand:
    """Nothing was changed by this try: wait, and spare the shop. What was in doubt before stays in doubt."""
    errand, at = attempt.errand, attempt.moment()
    lacks_a_scope = isinstance(error, AuthFailed) and bool(error.facts.get("scope"))
    if not lacks_a_scope:  # reading goes on where only the right to refund is missing
        note_trouble(attempt.link, error, at=at)
    if errand.asked_at is None:
        undone = ShopErrand.objects.filter(pk=errand.pk, state=State.ASKING.value)
        undone.update(state=State.WAITING.value, asked_at=None, doubt_since=None)
    wait = timedelta(seconds=30 * 2 ** min(errand.tries, 5))
    if isinstance(error, RateLimited):
        wait = timedelta(seconds=error.retry_after_s)
    elif isinstance(error, AuthFailed):
        wait = SCOPE_WAIT if lacks_a_scope else RESTS_ON
    return _later(errand, at + wait, error.message)


# Waiting


@transaction.atomic(durable=True)
def _rest(errand: ShopErrand, link: ShopLink, *, now: datetime) -> ShopErrand:
    paused = link.state == ShopLink.State.PAUSED.value
    words = PAUSED if paused else link.last_error or RESTING
    return _later(errand, now + RESTS_ON, words)


def _later(errand: ShopErrand, at: datetime, words: str) -> ShopErrand:
    rows = ShopErrand.objects.filter(pk=errand.pk, state__in=OPEN)
    rows.update(next_at=at, error=words[:300])
    return _again(errand)


def _again(errand: ShopErrand) -> ShopErrand:
    return ShopErrand.objects.select_related("ret", "refund").get(pk=errand.pk)


@transaction.atomic(durable=True)
def _without_shop(errand: ShopErrand, *, now: datetime) -> ShopErrand:
    """Disconnected: what was surely not done will not be; what was asked, nobody can look up any more."""
    if errand.asked_at is None or errand.kind != REFUND:
        return _refuse(errand, DISCONNECTED, actor="clock", at=now)
    return _leave_to_a_person(errand, DISCONNECTED, at=now)
