"""Money goes back, by the shop or by another road, and a person says what came of it where nobody knows."""

import re
from typing import Any, cast

from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import AMOUNT, stop_if_wrong
from rientro.api.rientro_v1.return_acts import MOST_ITEMS, choice, step
from rientro.api.rientro_v1.return_out import refund_out, return_out
from rientro.api.rientro_v1.schemas import KINDS, REFUND, RETURN, WAYS
from rientro.flows.refund_return import BadRefund, RefundWish, Way, refund_return
from rientro.flows.settle_refund import OUTCOMES, Outcome, settle_refund
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.models import Refund, Return
from rientro.models.back_to_shop import METHODS

PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
PAYING = named(
    "RefundToWrite",
    record(
        {"amount": AMOUNT},
        currency=maybe(STRING),
        kind=maybe(KINDS),
        method=maybe(WAYS),
        shipping=maybe(AMOUNT),
        units=maybe(many(record({"id": INTEGER, "quantity": INTEGER}))),
        restock=maybe(BOOLEAN),
    ),
)
SETTLING = named("RefundToSettle", record({"outcome": one_of(*OUTCOMES)}, code=maybe(STRING)))
PAID = named("RefundWritten", record({"refund": REFUND, "return": RETURN}))


class NothingLeft(RientroError):
    """All that could go back has gone back."""

    kind = "conflict"
    code = "nothing_left"


def _refund(ret: Return, call: Call, reader: Reader) -> Any:
    kind = choice(reader, "kind", list(Return.RefundType.values)) or ret.refund_type
    currency = reader.text("currency") or ret.currency
    if currency != ret.currency:
        reader.wrong("currency", f"This return is paid in {ret.currency}.")
    amount = _money(reader, "amount", ret.currency)
    wish = _wish(reader, ret)
    stop_if_wrong(reader)
    assert amount is not None
    try:
        return refund_return(
            ret=ret,
            amount_minor=amount.minor,
            kind=kind,
            actor=call.actor,
            now=call.now,
            wish=wish,
        )
    except BadRefund as error:
        if error.facts.get("most_minor") == 0:
            raise NothingLeft("Nothing more can go back for this return.") from error
        raise


def _wish(reader: Reader, ret: Return) -> RefundWish:
    method = cast(Way, choice(reader, "method", [*METHODS, "elsewhere"]))
    shipping = _money(reader, "shipping", ret.currency, needed=False)
    units = _units(reader)
    return RefundWish(
        method=method,
        shipping_minor=shipping.minor if shipping else 0,
        units=units,
        restock=_flag(reader, "restock"),
    )


def _flag(reader: Reader, name: str) -> bool | None:
    told = reader.told.get(name)
    if told is not None and not isinstance(told, bool):
        reader.wrong(name, "Send true or false.")
        return None
    return told


def _units(reader: Reader) -> dict[int, int] | None:
    """{item id: units}; None where they were not told."""
    told = reader.entries("units")
    if told is None:
        return None
    found: dict[int, int] = {}
    for at, each in enumerate(told[:MOST_ITEMS]):
        inner = Reader(each if isinstance(each, dict) else {})
        number = inner.whole("id", least=1, most=2**62)
        units = inner.whole("quantity", least=0, most=10**6)
        if number is None or units is None:
            reader.wrong(f"units/{at}", "Send the id of an item and a quantity.")
        else:
            found[number] = units
    return found


def _money(reader: Reader, name: str, currency: str, *, needed: bool = True) -> Money | None:
    """An amount above zero; one that may be left out may be zero, too."""
    told = reader.text(name, needed=needed, longest=40)
    if reader.problems.get(name) or not (told or needed):
        return None
    try:
        amount = Money.parse(told, currency) if PLAIN.fullmatch(told) else None
    except ValueError:
        amount = None
    if amount is None or amount.minor < needed:
        reader.wrong(name, f"Send an amount above zero such as “{Money(490, currency).decimal()}”.")
        return None
    return amount


def _paid(ret: Return, refund: Any) -> HttpResponse:
    status = 202 if refund.state == Refund.State.PENDING else 201
    return json_response({"refund": refund_out(refund), "return": return_out(ret)}, status)


class NoRefund(RientroError):
    """No refund of this return waits for anybody."""

    kind = "conflict"
    code = "no_refund"


def _settle(ret: Return, call: Call, reader: Reader) -> Any:
    outcome = choice(reader, "outcome", list(OUTCOMES))
    if not outcome and "outcome" not in reader.problems:
        reader.wrong("outcome", "This field is required.")
    code = reader.text("code", longest=120)
    stop_if_wrong(reader)
    refund = next((one for one in ret.refunds.all() if one.state == Refund.State.PENDING), None)
    if refund is None:
        raise NoRefund("No refund of this return is with the shop.")
    return settle_refund(
        refund=refund,
        outcome=cast(Outcome, outcome),
        code=code,
        actor=call.actor,
        now=call.now,
    )


refunds = methods(
    POST=step(
        "rientro_refund_return",
        """Pay money back, all of it or a part: by the shop of the order where it is connected.

        Then the answer is 202 and the refund is `pending`; the shop is asked in the background, once, and
        ``return.refunded`` or ``return.refund_failed`` tells what came of it. Where no shop can pay, or with
        ``method`` `elsewhere`, it is written down as paid by another road: 201, and no money is moved.

        ``amount`` is all of it and ``shipping`` the part that stands for postage. What goes back for goods is
        together never more than ``money.refundable`` was before the first. ``kind`` is the return's own unless told,
        and ``method`` follows from it. ``units`` are the items that this refund is for (all that came back, unless
        told); with ``restock`` the shop puts them back to stock, which it does by what the warehouse said unless
        told. Send an Idempotency-Key: two parts of the same amount are legal, and only the key tells a repeat from a
        second part.
        """,
        _refund,
        status=201,
        body=PAYING,
        says=PAID,
        answer=_paid,
        also=(202,),
    )
)
settle = methods(
    POST=step(
        "rientro_settle_refund",
        """Say what came of a refund that the shop did not confirm, after looking into the shop.

        ``outcome`` `refunded`: the money went, and the books say so (with ``code`` where it was a coupon); `again`:
        it did not, and the shop is asked once more; `given_up`: it did not and shall not.
        """,
        _settle,
        body=SETTLING,
    )
)
