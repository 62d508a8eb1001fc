"""The steps of the desk, taken by a machine: one parse, one flow, and the return as it stands then."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, methods
from rientro.api.errors import Refused
from rientro.api.idempotency import keep_with_effect
from rientro.api.operations import Operation, operation
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import (
    PARTS,
    body_of,
    return_named,
    returns_of,
    stop_if_changed,
    stop_if_wrong,
)
from rientro.api.rientro_v1.return_out import (
    actions_of,
    full_returns,
    label_of,
)
from rientro.api.rientro_v1.returns import whole
from rientro.api.rientro_v1.schemas import DISPOSITIONS, GRADES, RETURN
from rientro.flows.approve_return import approve_return
from rientro.flows.cancel_return import cancel_return
from rientro.flows.mark_delivered import mark_delivered
from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.refund_return import refund_return
from rientro.flows.reject_return import reject_return
from rientro.flows.request_void import request_void
from rientro.flows.retry_label import retry_label
from rientro.kit.errors import RientroError
from rientro.models import Return, ReturnItem

MOST_ITEMS = 500
WORDS = named("RejectionWords", record({"words": STRING}))
FOUND = named(
    "ReceivedItems",
    record(
        {
            "items": many(
                record(
                    {"id": INTEGER, "quantity": INTEGER},
                    grade=maybe(GRADES),
                    disposition=maybe(DISPOSITIONS),
                )
            )
        }
    ),
)
Flow = Callable[[Return, Call, Reader], Any]
Answer = Callable[[Return, Any], HttpResponse]


def step(
    id: str,
    about: str,
    flow: Flow,
    *,
    status: int = 200,
    body: str | None = None,
    costs: bool = False,
    says: str | None = None,
    answer: Answer | None = None,
    also: tuple[int, ...] = (),
) -> Operation:
    """An operation that takes one step of a return and answers the return as it stands then."""

    def run(call: Call, reference: str) -> HttpResponse:
        with transaction.atomic():
            return_named(returns_of(call), reference)  # whoever's it is not hears no more than that
        reader = body_of(call, may_be_empty=body is None)
        with transaction.atomic():
            result = _taken(call, reference, flow, reader)
            ret = return_named(full_returns(call), reference)
            return keep_with_effect(answer(ret, result) if answer else whole(ret, status))

    run.__doc__ = about
    problems: dict[int, Any] = dict.fromkeys((400, 404, 409, 412), "Problem")
    return operation(
        id,
        "Returns desk",
        scope="write:return",
        parts=PARTS,
        body=body,
        costs=costs,
        answers={**dict.fromkeys((status, *also), says or RETURN), **problems},
    )(run)


def _taken(call: Call, reference: str, flow: Flow, reader: Reader) -> Any:
    """What the flow gave. A step that the return's state forbids is refused with the steps that it allows."""
    ret = return_named(full_returns(call), reference)
    held = call.caller.integration.merchant.returns.locked().get(pk=ret.pk)
    stop_if_changed(call, held)
    try:
        with transaction.atomic():
            return flow(ret, call, reader)
    except RientroError as error:
        if error.kind != "conflict" or isinstance(error, Refused):
            raise
        raise _conflict(error, return_named(full_returns(call), reference)) from error


class NotNow(Refused):
    """The return's state forbids the step. ``facts.actions`` are the steps that it allows."""

    code = "not_now"


def _conflict(error: RientroError, ret: Return) -> Refused:
    may = actions_of(ret)
    advice = f"Possible now: {', '.join(may)}." if may else "Nothing more can be done with it."
    states = {
        name: getattr(ret, name) for name in ("approval", "carrier", "inspection", "settlement")
    }
    facts: dict[str, Any] = {**error.facts, "reason": error.code, "actions": may, "states": states}
    return NotNow(f"{error.message} {advice}", status=409, **facts)


# The steps


def _reject(ret: Return, call: Call, reader: Reader) -> Any:
    words = reader.text("words", needed=True)
    stop_if_wrong(reader)
    return reject_return(ret=ret, words=words, actor=call.actor, now=call.now)


def _receive(ret: Return, call: Call, reader: Reader) -> Any:
    items = _read_items(reader)
    stop_if_wrong(reader)
    return receive_return(ret=ret, items=items, actor=call.actor, now=call.now)


def _read_items(reader: Reader) -> list[ReceivedItem]:
    told = reader.entries("items")
    if told is None:
        if "items" not in reader.problems:
            reader.wrong("items", "This field is required.")
        return []
    if len(told) > MOST_ITEMS:
        reader.wrong("items", f"At most {MOST_ITEMS} items.")
        return []
    return [item for at, each in enumerate(told) if (item := _read_item(reader, at, each))]


def _read_item(reader: Reader, at: int, told: Any) -> ReceivedItem | None:
    if not isinstance(told, dict):
        reader.wrong(f"items/{at}", "Send an object.")
        return None
    inner = Reader(told)
    number = inner.whole("id", least=1, most=2**62)
    units = inner.whole("quantity", least=0, most=10**6)
    for name, value in (("id", number), ("quantity", units)):
        if value is None and name not in inner.problems:
            inner.wrong(name, "This field is required.")
    grade = choice(inner, "grade", ReturnItem.Grade.values)
    disposition = choice(inner, "disposition", ReturnItem.Disposition.values)
    for name, sentences in inner.problems.items():
        for sentence in sentences:
            reader.wrong(f"items/{at}/{name}", sentence)
    if number is None or units is None:
        return None
    return ReceivedItem(item_id=number, quantity=units, grade=grade, disposition=disposition)


def choice(reader: Reader, name: str, offered: list[str]) -> str:
    """One of ``offered``, or nothing."""
    value = reader.text(name)
    if value and value not in offered:
        reader.wrong(name, f"Choose from: {', '.join(offered)}.")
    return value


def _close(ret: Return, call: Call, reader: Reader) -> Any:
    return refund_return(
        ret=ret, amount_minor=0, kind=ret.refund_type, actor=call.actor, now=call.now
    )


class NoLabel(RientroError):
    """There is none, or it is void already."""

    kind = "conflict"
    code = "no_label"


def _void(ret: Return, call: Call, reader: Reader) -> Any:
    label = label_of(ret)
    if label is None or label.voided_at:
        raise NoLabel("This return has no label to give back.")
    return request_void(label=label, actor=call.actor, now=call.now)


approve = methods(
    POST=step(
        "rientro_approve_return",
        """Approve a requested return, or a rejected one after all.

        One that is posted gets its label asked for; it is bought in the background and mailed to the shopper.
        """,
        lambda ret, call, reader: approve_return(ret=ret, actor=call.actor, now=call.now),
        costs=True,
    )
)
reject = methods(
    POST=step(
        "rientro_reject_return",
        """Turn a requested return down.

        ``words`` are mailed to the shopper as you write them. The items may come back in another return.
        """,
        _reject,
        body=WORDS,
    )
)
cancel = methods(
    POST=step(
        "rientro_cancel_return",
        "Cancel a return that is not on its way; a label that was bought is given back and credited.",
        lambda ret, call, reader: cancel_return(ret=ret, actor=call.actor, now=call.now),
    )
)
deliver = methods(
    POST=step(
        "rientro_mark_return_delivered",
        "Say that the parcel is here, where its tracking is stuck. Safe to repeat.",
        lambda ret, call, reader: mark_delivered(ret=ret, actor=call.actor, now=call.now),
    )
)
receive = methods(
    POST=step(
        "rientro_receive_return",
        """Write down what was in the box, item by item.

        ``quantity`` is how many units are here in all; items that are not named count as not here. Everything
        here is accepted, nothing is rejected, else partly accepted: count again when more arrives.
        """,
        _receive,
        body=FOUND,
    )
)
close = methods(
    POST=step(
        "rientro_close_return",
        "Close a return without money: exchanged, repaired, or nothing owed.",
        _close,
    )
)
retry = methods(
    POST=step(
        "rientro_retry_return_label",
        """Ask for a label again, after the carrier refused or after the label was given back.

        It is bought in the background: ``purchase`` and ``label`` of the return tell what came of it.
        """,
        lambda ret, call, reader: retry_label(ret=ret, actor=call.actor, now=call.now),
        status=202,
        costs=True,
    )
)
void = methods(
    POST=step(
        "rientro_void_return_label",
        "Ask the carrier to take the label back; its charge is credited when the carrier agrees.",
        _void,
        status=202,
    )
)
