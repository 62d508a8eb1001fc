"""A look-up missed: ask the shops that may have the order, once, and judge it anew."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connections, transaction

from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.locks import alive_lock
from rientro.kit.tenancy import acting_for
from rientro.kit.text import normal_number
from rientro.models.brands import Brand
from rientro.models.shop_asks import Question, askable, claim_questions, known_of, note_asked
from rientro.models.shop_intake import take_told
from rientro.models.shop_links import ShopPull
from rientro.policy import shop_asking
from rientro.shops.base import ShopError, ShopOrder, Told
from rientro.shops.registry import open_shop

T = TypeVar("T")

# A look-up that asks keeps a thread of a web worker for seconds, and there are few: one in the whole house at a time.
TURN = "ask_shops"
MOST_LATE = 4  # threads of this process that wait for shops which took longer than they were given

_late: set[threading.Thread] = set()


def ask_shops(
    *, brand: Brand, number: str, again: Callable[[], T | None], now: datetime
) -> T | None:
    """What ``again`` says once the shops that can lead to ``brand`` were asked for ``number``; None: still a miss.

    Called after a counted miss, with no transaction open; ``again`` opens its own and is called at most once. Whether
    shops are asked depends on what was typed, on the budgets and on the shops' health, never on what we hold. A miss
    that asked is answered ANSWERED_AFTER_S after it began, whatever the shops said; one that did not, at once. What
    a slow shop tells later is taken in all the same.
    """
    began = time.monotonic()
    if not shop_asking.is_askable(number) or _is_busy() or not _has_shops(brand, now):
        return None
    with alive_lock(TURN) as turn:
        if not turn.mine:
            return None
        wanted = normal_number(number)
        with transaction.atomic(durable=True):
            questions = claim_questions(brand.pk, wanted, at=now)
        if not questions:
            return None
        _wait_for(_asked(questions, number, merchant_id=brand.merchant_id, now=now), began)
        found = again()
        if found is None:
            _sleep_until(began + shop_asking.ANSWERED_AFTER_S)
        return found


@transaction.atomic(durable=True)
def _has_shops(brand: Brand, now: datetime) -> bool:
    """Most misses end here; those of others must not take the one turn of the house."""
    return bool(askable(brand.pk, at=now))


def _is_busy() -> bool:
    _late.difference_update([thread for thread in _late if not thread.is_alive()])
    return len(_late) >= MOST_LATE


def _asked(
    questions: Sequence[Question], number: str, *, merchant_id: int, now: datetime
) -> list[threading.Thread]:
    threads = [
        threading.Thread(
            target=_ask, args=(each, number, merchant_id, now), name="ask_shops", daemon=True
        )
        for each in questions
    ]
    for thread in threads:
        _late.add(thread)
        thread.start()
    return threads


def _ask(question: Question, number: str, merchant_id: int, now: datetime) -> None:
    """One shop, in a thread and a connection of its own: nobody waits longer for it than was said."""
    try:
        with acting_for(merchant_id):
            trouble = _find(question, number, now=now)
            with transaction.atomic(durable=True):
                note_asked(question.link, trouble, at=now)
    finally:
        connections.close_all()


def _find(question: Question, number: str, *, now: datetime) -> ShopError | None:
    link = question.link
    settings = {**link.settings, "deadline_s": shop_asking.DEADLINE_S}
    try:
        shop = open_shop(question.system, unseal(link.credentials), settings)
        told = [each for each in shop.find(number) if _is_called(each, normal_number(number))]
    except ShopError as error:
        return error
    except CannotUnseal as error:
        return ShopError(error.message)
    with transaction.atomic(durable=True):
        # What is here is kept true by the readers of this shop, one at a time: an answer beside them may be older.
        here = known_of(link, [_key_of(each) for each in told])
        fresh = [each for each in told if _key_of(each) not in here]
        take_told(link, fresh, source=ShopPull.Source.LOOKUP, at=now)
    return None


def _key_of(told: Told) -> str:
    return told.order.external_order_id if isinstance(told, ShopOrder) else told.external_order_id


def _is_called(told: Told, wanted: str) -> bool:
    """A shop that searches loosely brings in nothing but what was asked for."""
    name = told.order.number if isinstance(told, ShopOrder) else told.number
    return normal_number(name) == wanted


def _wait_for(threads: Sequence[threading.Thread], began: float) -> None:
    for thread in threads:
        thread.join(max(0.0, began + shop_asking.JUDGED_AFTER_S - time.monotonic()))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
