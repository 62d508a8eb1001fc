"""Step 3: buy one label for an approved return, exactly once, whatever dies when."""

import time
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from django.db import transaction

from rientro.carriers.base import (
    DEADLINE_S,
    AuthFailed,
    BoughtLabel,
    Can,
    Carrier,
    CarrierError,
    InvalidRequest,
    LabelRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unsupported,
    Validates,
)
from rientro.carriers.paper import harmless_pdf
from rientro.carriers.registry import UnknownCarrier, charged_on, open_carrier
from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.errors import Kind, RientroError
from rientro.kit.locks import AliveLock, alive_lock
from rientro.kit.sentences import Sentence
from rientro.models.account_health import (
    break_account,
    note_success,
    note_trouble,
    pause_account,
    wait_s,
)
from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount, LabelPurchase
from rientro.models.pool_shelf import Shelf
from rientro.models.purchase_outcomes import (
    AnothersLabel,
    Bill,
    note_failure,
    write_bought,
    write_refused,
    write_unknown,
)
from rientro.models.purchasing import abandon, claim_asking, is_wanted
from rientro.models.returns import Return
from rientro.policy.lifecycle import PurchaseStatus

# A carrier that can only look up may still be working on a request whose buyer died or was cut off: before asking
# again, wait longer than any request may take.
QUIET_S = DEADLINE_S + 5
DOUBT_ENDS = timedelta(hours=1)  # then a person asks the carrier, not a machine
DELAYED_AFTER = 3  # tries, until the shopper and the desk are told that the label takes longer
ACCOUNT_BROKEN = Sentence(
    "The carrier refuses our credentials. Enter new ones under Settings › Carriers."
)

DISCONNECTED = Sentence("The carrier account was disconnected before it had answered.")

CROSSED = Sentence("The carrier answered with the label of another parcel.")


class LabelBusy(RientroError):
    """Somebody alive is buying this very label."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "label_busy"


class AccountOnHold(RientroError):
    """The carrier account cannot be asked now: broken credentials. The sweeper comes again when they work."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "account_on_hold"


class NotNow(RientroError):
    """Nothing is lost and nothing is decided: ask again in ``facts["retry_after_s"]`` seconds."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "label_not_now"


class NotWanted(Exception):
    """The return was cancelled, and the carrier is known to have created nothing."""


def buy_label(*, purchase: LabelPurchase, now: datetime) -> LabelPurchase:
    """Buy the label of ``purchase``, or return it as it already stands.

    The row was committed as `buying`, with our unique reference and a pending ledger entry, before anybody
    called us. No transaction is open while the carrier thinks; a session lock on a connection of its own says
    that this buyer is alive, so a paused buyer is never taken for a dead one. Raises LabelBusy, AccountOnHold
    and NotNow, all of which leave the purchase `buying`. Never asks twice where the carrier can neither look up
    nor deduplicate: the purchase becomes `unknown` and a person settles it. A carrier that can say
    beforehand whether it would take the parcel is asked that first.
    """
    mark("buy.start")
    with alive_lock(f"label-purchase:{purchase.merchant_id}:{purchase.pk}") as lock:
        mark("buy.lock")
        if not lock.mine:
            raise LabelBusy("This label is being bought right now.", retry_after_s=20)
        purchase = _read_again(purchase)
        mark("buy.read")
        if purchase.status != PurchaseStatus.BUYING:
            return purchase
        if purchase.account.deleted_at:
            return _without_account(purchase, now=now)
        _stop_on_hold(purchase.account, now=now)
        try:
            carrier = _open(purchase.account, now=now)
            bought = _adopt_or_buy(carrier, purchase, lock, now=now)
        except NotWanted:
            return _give_up(purchase, now=now)
        except CarrierError as error:
            return _answer(purchase, error, now=now)
        mark("buy.answered")
        try:
            return _write_down(purchase, bought, now=now)
        except AnothersLabel:
            # Two requests crossed on their way: ours is as open as if nothing had come back.
            return _answer(purchase, OutcomeUnknown(CROSSED), now=now)


@transaction.atomic(durable=True)
def _read_again(purchase: LabelPurchase) -> LabelPurchase:
    wanted = LabelPurchase.objects.select_related("account", "parcel")
    return wanted.get(pk=purchase.pk)


def _without_account(purchase: LabelPurchase, *, now: datetime) -> LabelPurchase:
    """The account was disconnected: who was not asked needs no asking; what was asked, nobody can look up now."""
    if purchase.asked_at is None:
        return _refuse(purchase, InvalidRequest(DISCONNECTED), now=now)
    return _leave_to_a_person(purchase, OutcomeUnknown(DISCONNECTED), now=now)


@transaction.atomic(durable=True)
def _stop_on_hold(account: CarrierAccount, *, now: datetime) -> None:
    if account.state == CarrierAccount.State.BROKEN:
        raise AccountOnHold(ACCOUNT_BROKEN)
    if wait := wait_s(account, at=now):
        raise NotNow("The carrier asked us to wait.", retry_after_s=wait)


def _open(account: CarrierAccount, *, now: datetime) -> Carrier:
    try:
        return open_carrier(
            account.carrier,
            unseal(account.credentials),
            account.settings,
            shelf=Shelf(account, now=now),
        )
    except (UnknownCarrier, CannotUnseal) as error:
        raise AuthFailed(error.message) from error


def _adopt_or_buy(
    carrier: Carrier, purchase: LabelPurchase, lock: AliveLock, *, now: datetime
) -> BoughtLabel:
    """On a second try, look before buying. Raises NotWanted, and what the carrier raises."""
    begun = time.monotonic()
    if purchase.asked_at:
        found = _look(carrier, purchase, now=now)
        if found:
            return found
    else:
        _ask_beforehand(carrier, purchase)
    # The question before may have taken as long as any: who comes next counts QUIET_S from when we really ask.
    _claim(purchase, now=now + timedelta(seconds=int(time.monotonic() - begun)))
    mark("buy.claimed")
    lock.check()  # the last moment at which a buyer who was cut off can step back
    mark("buy.before_wire")
    bought = carrier.buy_label(LabelRequest.from_json(purchase.request))
    mark("buy.after_wire")
    return bought


def _ask_beforehand(carrier: Carrier, purchase: LabelPurchase) -> None:
    """A no costs nothing here. A carrier that cannot say is asked to sell all the same."""
    if Can.VALIDATE not in carrier.can:
        return
    try:
        cast(Validates, carrier).validate(LabelRequest.from_json(purchase.request))
    except (Unavailable, OutcomeUnknown, Unsupported):
        return


def _look(carrier: Carrier, purchase: LabelPurchase, *, now: datetime) -> BoughtLabel | None:
    """Asked before: what came of it? None when asking again is safe."""
    assert purchase.asked_at is not None
    wanted = _still_wanted(purchase)
    if Can.FIND_BY_REFERENCE in carrier.can:
        found = _find(carrier, purchase)
        mark("buy.looked")
        if found:
            return found
        quiet_until = purchase.asked_at + timedelta(seconds=QUIET_S)
        if now < quiet_until and (not wanted or Can.IDEMPOTENCY_KEY not in carrier.can):
            wait = int((quiet_until - now).total_seconds()) + 1
            raise NotNow("The carrier may still be at work on it.", retry_after_s=wait)
        if not wanted:
            raise NotWanted
    elif Can.IDEMPOTENCY_KEY not in carrier.can:
        raise OutcomeUnknown("Asked before, and this carrier cannot be asked what came of it.")
    return None


def _find(carrier: Carrier, purchase: LabelPurchase) -> BoughtLabel | None:
    try:
        return carrier.find_label(purchase.reference)
    except (InvalidRequest, Unsupported) as error:
        # A question that was refused says nothing about the purchase.
        raise OutcomeUnknown(error.message) from error


@transaction.atomic(durable=True)
def _still_wanted(purchase: LabelPurchase) -> bool:
    return is_wanted(Return.objects.get(pk=purchase.parcel.ret_id))


@transaction.atomic(durable=True)
def _claim(purchase: LabelPurchase, *, now: datetime) -> None:
    """Say that we ask, before we do: committed before the first byte goes out."""
    if purchase.asked_at is None and not is_wanted(Return.objects.get(pk=purchase.parcel.ret_id)):
        raise NotWanted
    if not claim_asking(purchase, at=now):
        raise NotWanted


@transaction.atomic(durable=True)
def _give_up(purchase: LabelPurchase, *, now: datetime) -> LabelPurchase:
    abandon(purchase, at=now, asked=True)
    purchase.refresh_from_db()
    return purchase


@transaction.atomic(durable=True)
def _write_down(purchase: LabelPurchase, bought: BoughtLabel, *, now: datetime) -> LabelPurchase:
    mark("write.start")
    bill = Bill(
        carrier_reference=bought.carrier_reference,
        tracking_number=bought.tracking_number,
        price=bought.price,
        facts=bought.facts,
        voided=bought.voided,
        priced=bought.priced,
        charged_on=charged_on(purchase.account.carrier, bought.facts),
        document=harmless_pdf(bought.document),
        code=bought.code,
        code_link=bought.code_link,
        expires_on=bought.expires_on,
    )
    note_success(purchase.account)
    write_bought(purchase, bill, at=now, actor=f"carrier:{purchase.account.carrier}")
    purchase.refresh_from_db()
    transaction.on_commit(lambda: mark("write.committed"))
    return purchase


# What else a carrier may answer


def _answer(purchase: LabelPurchase, error: CarrierError, *, now: datetime) -> LabelPurchase:
    if isinstance(error, AuthFailed):
        with transaction.atomic(durable=True):
            break_account(purchase.account, error.message, at=now)
        _note(purchase, error)
        raise AccountOnHold(ACCOUNT_BROKEN) from error
    if isinstance(error, RateLimited):
        with transaction.atomic(durable=True):
            until = now + timedelta(seconds=error.retry_after_s)
            pause_account(purchase.account, until=until, words=error.message)
        _note(purchase, error)
        raise NotNow(error.message, retry_after_s=error.retry_after_s) from error
    if isinstance(error, Unavailable):
        _note(purchase, error)
        _trouble(purchase, error, now=now)
        raise NotNow(error.message, **_backoff(purchase, now=now)) from error
    if isinstance(error, OutcomeUnknown):
        return _doubt(purchase, error, now=now)
    if purchase.asked_at is None:
        return _refuse(purchase, error, now=now)
    return _refuse_after_doubt(purchase, error, now=now)


def _refuse_after_doubt(
    purchase: LabelPurchase, error: CarrierError, *, now: datetime
) -> LabelPurchase:
    """A no to the second question says nothing about the first, unless a look-up has just found nothing."""
    assert purchase.asked_at is not None
    if Can.FIND_BY_REFERENCE not in _open(purchase.account, now=now).can:
        return _leave_to_a_person(purchase, error, now=now)
    if now < purchase.asked_at + timedelta(seconds=QUIET_S):
        _note(purchase, error, undo=False)
        raise NotNow(error.message, retry_after_s=QUIET_S) from error
    return _refuse(purchase, error, now=now)


def _doubt(purchase: LabelPurchase, error: OutcomeUnknown, *, now: datetime) -> LabelPurchase:
    """It may exist. Where a second try can find out, one follows soon; where none can, a person must.

    An adapter that has looked, and knows that asking again tells no more, says so: ``for_a_person``.
    """
    can = _open(purchase.account, now=now).can
    knowable = can & (Can.FIND_BY_REFERENCE | Can.IDEMPOTENCY_KEY)
    if knowable and not error.facts.get("for_a_person") and not _looked_in_vain(purchase, now=now):
        _note(purchase, error, undo=False)
        _trouble(purchase, error, now=now)
        raise NotNow(error.message, **_backoff(purchase, now=now)) from error
    if purchase.asked_at is None:  # the wire itself failed: the next parcels are spared the same
        with transaction.atomic(durable=True):
            note_trouble(purchase.account, error.message, at=now)
    return _leave_to_a_person(purchase, error, now=now)


@transaction.atomic(durable=True)
def _looked_in_vain(purchase: LabelPurchase, *, now: datetime) -> bool:
    """Has nothing been asked for since the doubt began, DOUBT_ENDS ago, but what came of it?

    A carrier that keeps refusing the question, or naming another's label, will not answer it tomorrow either.
    """
    asked_at = LabelPurchase.objects.values_list("asked_at", flat=True).get(pk=purchase.pk)
    if purchase.asked_at is None or asked_at != purchase.asked_at:
        return False
    return now - purchase.asked_at >= DOUBT_ENDS


@transaction.atomic(durable=True)
def _leave_to_a_person(
    purchase: LabelPurchase, error: CarrierError, *, now: datetime
) -> LabelPurchase:
    write_unknown(purchase, code=error.code, words=error.message, at=now)
    purchase.refresh_from_db()
    return purchase


@transaction.atomic(durable=True)
def _refuse(purchase: LabelPurchase, error: CarrierError, *, now: datetime) -> LabelPurchase:
    note_success(purchase.account)  # a clear no is an answer too
    write_refused(
        purchase,
        code=error.code,
        words=error.message,
        at=now,
        actor=f"carrier:{purchase.account.carrier}",
    )
    purchase.refresh_from_db()
    return purchase


@transaction.atomic(durable=True)
def _note(purchase: LabelPurchase, error: CarrierError, *, undo: bool = True) -> None:
    # ``purchase`` is as it was before this try: unasked then means that nobody ever asked with effect.
    first = purchase.asked_at is None
    note_failure(purchase, code=error.code, words=error.message, undo_asked=undo and first)


@transaction.atomic(durable=True)
def _trouble(purchase: LabelPurchase, error: CarrierError, *, now: datetime) -> None:
    """Spare a carrier that does not answer, and tell people the third time."""
    note_trouble(purchase.account, error.message, at=now)
    tries = LabelPurchase.objects.values_list("attempts", flat=True).get(pk=purchase.pk)
    # ``purchase`` is as it was before this try: later looks that fail, too, are no news.
    if not purchase.attempts < DELAYED_AFTER <= tries:
        return
    ret = Return.objects.get(pk=purchase.parcel.ret_id)
    Event.record("return.label_delayed", actor="clock", at=now, ret=ret, words=error.message)


def _backoff(purchase: LabelPurchase, *, now: datetime) -> dict[str, Any]:
    """Longer from try to try, and the longer the doubt lasts: looks are no tries. Ten minutes at most."""
    doubt_s = int((now - purchase.asked_at).total_seconds()) if purchase.asked_at else 0
    return {"retry_after_s": min(max(5 * 2**purchase.attempts, doubt_s // 4), 600)}
