"""The desk of refunds in doubt: a person has looked into the shop, and says what came of it."""

from datetime import datetime
from typing import ClassVar, Literal

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.locks import alive_lock
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.back_to_shop import BACKSTOP, OPEN
from rientro.models.events import Event
from rientro.models.money import Refund
from rientro.models.refund_outcomes import facts_of, write_failed, write_paid
from rientro.models.returns import Return
from rientro.models.shop_errands import ShopErrand

Outcome = Literal["refunded", "again", "given_up"]
OUTCOMES: tuple[Outcome, ...] = ("refunded", "again", "given_up")
NOT_REFUNDED = Sentence("It is not in the shop, says the desk.")
State = ShopErrand.State


class NothingToSettle(RientroError):
    """This refund waits for no person."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "nothing_to_settle"


@transaction.atomic
def settle_refund(
    *, refund: Refund, outcome: Outcome, code: str = "", actor: str, now: datetime
) -> Refund:
    """Write down what a person found out in the shop about ``refund``, and who that was.

    `refunded`: the money went, and the books say so; ``code`` where it was a coupon. `again`: the shop is asked once
    more, after one more look. `given_up`: it did not go and shall not, so the return is open for another amount. Also
    ends a refund that only waits, for a shop that is paused, down or refuses our keys. Raises NothingToSettle; asks no
    shop itself.
    """
    ret = Return.objects.locked().get(pk=refund.ret_id)
    errand = ShopErrand.objects.locked().filter(refund=refund).first()
    if errand is None or errand.state not in (*OPEN, State.UNKNOWN.value):
        raise NothingToSettle("This refund has been settled already.")
    with alive_lock(f"shop-errand:{errand.merchant_id}:{errand.pk}") as lock:
        if not lock.mine:
            raise NothingToSettle("The shop is being asked right now. Look again in a minute.")
    facts = facts_of(refund)
    Event.record("return.refund_settled", actor=actor, at=now, ret=ret, outcome=outcome, **facts)
    _write(errand, outcome, actor=actor, now=now)
    if outcome == "refunded":
        write_paid(refund, at=now, actor=actor, code=code.strip())
    elif outcome == "given_up":
        write_failed(refund, words=NOT_REFUNDED, at=now, actor=actor)
    else:
        post("run_errand", merchant_id=errand.merchant_id, errand_id=errand.pk)
    refund.refresh_from_db()
    return refund


def _write(errand: ShopErrand, outcome: Outcome, *, actor: str, now: datetime) -> None:
    errand.settled_by = actor
    if outcome == "again":
        # Asked at no time that counts: a person vouches, so that a shop which cannot be looked into is asked all
        # the same. ``tries`` stays, so that it is looked for first where it can be.
        errand.state, errand.asked_at, errand.doubt_since = State.WAITING.value, None, None
        errand.next_at, errand.error = now + BACKSTOP, ""
    else:
        done = outcome == "refunded"
        errand.state = (State.DONE if done else State.REFUSED).value
        errand.done_at, errand.next_at = now, None
    errand.save()
