"""/api/rientro/v1/returns/try: what a brand would say to a return, on any day, asked for nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import operation
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import AMOUNT, body_of, stop_if_wrong
from rientro.api.rientro_v1.schemas import BRAND, KINDS, UUID
from rientro.api.rientro_v1.trial_orders import brand_out, order_named
from rientro.kit.errors import Kind, RientroError
from rientro.models import Brand, Order, OrderLine, Return
from rientro.models.return_rule_book import Asked
from rientro.models.return_trial import Answer, try_return
from rientro.models.returnable import day_of
from rientro.policy.eligibility import Because, Decision, Verdict

MOST_ITEMS = 200
VERDICTS = one_of(*(verdict.value for verdict in Verdict))
REASONS = one_of(*(because.value for because in Because))
DAY = {"type": "string", "format": "date"}
LINE = record(
    {
        "order_line_id": INTEGER,
        "sku": STRING,
        "name": STRING,
        "quantity": INTEGER,
        "left": INTEGER,
        "verdict": VERDICTS,
        "because": REASONS,
        "words": STRING,
        "until": maybe(DAY),
        "may_withdraw": BOOLEAN,
        "withdrawal_until": maybe(DAY),
        "trace": {"type": "object"},
    }
)
JUDGED = named(
    "ReturnTried",
    record(
        {
            "order": record({"id": UUID, "number": STRING}),
            "brand": BRAND,
            "date": DAY,
            "portal_open": BOOLEAN,
            "eligible": BOOLEAN,
            "verdict": maybe(VERDICTS),
            "because": maybe(REASONS),
            "until": maybe(DAY),
            "may_withdraw": BOOLEAN,
            "withdrawal_until": maybe(DAY),
            "money": maybe(
                record(
                    {
                        "currency": STRING,
                        "value": AMOUNT,
                        "fee": AMOUNT,
                        "refund": AMOUNT,
                        "fee_waived": STRING,
                    }
                )
            ),
            "items": many(LINE),
        }
    ),
)
RETURN_QUESTION = named(
    "ReturnQuestion",
    record(
        {"order": STRING},
        items=maybe(
            many(
                record(
                    {"quantity": INTEGER}, order_line_id=INTEGER, sku=STRING, reason=maybe(STRING)
                )
            )
        ),
        date=maybe(DAY),
        refund_type=maybe(KINDS),
    ),
)


class NoBrand(RientroError):
    """An order that stands on no brand is in nobody's portal."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "order_without_brand"


@operation(
    "rientro_try_return",
    "Trials",
    scope="read:return",
    body=RETURN_QUESTION,
    answers={200: JUDGED, 400: "Problem", 404: "Problem", 409: "Problem"},
)
def _return(call: Call) -> HttpResponse:
    """Ask what the brand would say to a return, on any day, and open none.

    ``items`` name lines by ``order_line_id`` or ``sku``; without them every line is asked about with all units that
    are left. ``date`` is a day where the merchant is, today unless told. ``eligible`` is true for *accept* and for
    *review*, where a person decides. ``may_withdraw`` is the law's clock, which no rule of a brand shortens.
    """
    reader = body_of(call)
    with transaction.atomic():
        order = order_named(call, reader)
        lines = list(order.lines.order_by("position", "pk"))
        asked = _asked(reader, lines)
        zone = call.caller.integration.merchant.time_zone
        day = _day(reader) or day_of(call.now, zone)
        kind = reader.text("refund_type") or Return.RefundType.MONEY.value
        if kind not in Return.RefundType.values:
            reader.wrong("refund_type", f"Choose from: {', '.join(Return.RefundType.values)}.")
        stop_if_wrong(reader)
        brand = order.brand
        if brand is None:
            raise NoBrand("This order stands on no brand. Write a shipping rule for it first.")
        answer = try_return(
            order=order, brand=brand, asked=asked, refund_type=kind, zone=zone, today=day
        )
        return json_response(_judged(order, brand, asked, answer, day))


def _judged(
    order: Order, brand: Brand, asked: Sequence[Asked], answer: Answer, day: date
) -> dict[str, Any]:
    whole, money = answer.whole, answer.money
    return {
        "order": {"id": str(order.shipment_uuid), "number": order.number},
        "brand": brand_out(brand),
        "date": day.isoformat(),
        "portal_open": answer.portal_open,
        "eligible": whole is not None and whole.verdict is not Verdict.REFUSE,
        "verdict": whole.verdict.value if whole else None,
        "because": whole.because.value if whole else None,
        **_clocks(whole),
        "money": {
            "currency": money.value.currency,
            "value": str(money.value.decimal()),
            "fee": str(money.fee.decimal()),
            "refund": str(money.refund.decimal()),
            "fee_waived": money.waived,
        }
        if money
        else None,
        "items": [
            _line(each, decision) for each, decision in zip(asked, answer.decisions, strict=True)
        ],
    }


def _line(asked: Asked, decision: Decision) -> dict[str, Any]:
    line = asked.line
    return {
        "order_line_id": line.pk,
        "sku": line.sku,
        "name": line.name,
        "quantity": asked.quantity,
        "left": max(0, line.quantity - line.returned_quantity),
        "verdict": decision.verdict.value,
        "because": decision.because.value,
        "words": decision.trace.get("words", ""),
        **_clocks(decision),
        "trace": decision.trace,
    }


def _clocks(decision: Decision | None) -> dict[str, Any]:
    until = decision.until if decision else None
    law = decision.withdrawal_until if decision else None
    return {
        "until": until.isoformat() if until else None,
        "may_withdraw": decision is not None and decision.may_withdraw,
        "withdrawal_until": law.isoformat() if law else None,
    }


# Reading


def _asked(reader: Reader, lines: Sequence[OrderLine]) -> list[Asked]:
    told = reader.entries("items")
    if told is None:
        return [
            Asked(line, line.quantity - line.returned_quantity)
            for line in lines
            if line.removed_at is None and line.quantity > line.returned_quantity
        ]
    if len(told) > MOST_ITEMS:
        reader.wrong("items", f"At most {MOST_ITEMS} items.")
        return []
    found = [one for at, each in enumerate(told) if (one := _asked_one(reader, at, each, lines))]
    if len({each.line.pk for each in found}) < len(found):
        reader.wrong("items", "Each line may be named once only.")
    return found


def _asked_one(reader: Reader, at: int, told: Any, lines: Sequence[OrderLine]) -> Asked | None:
    inner = Reader(told if isinstance(told, dict) else {})
    number = inner.whole("order_line_id", least=1, most=2**62)
    sku = inner.text("sku", longest=120)
    quantity = inner.whole("quantity", least=1, most=10**6)
    reason = inner.text("reason", longest=60)
    named = [one for one in lines if (one.pk == number if number else sku and one.sku == sku)]
    line = min(named, key=lambda one: one.removed_at is not None, default=None)
    if line is None and not inner.problems:
        inner.wrong("order_line_id", "The order has no such line. Name it by its id or its sku.")
    if quantity is None and "quantity" not in inner.problems:
        inner.wrong("quantity", "This field is required.")
    for name, sentences in inner.problems.items():
        for sentence in sentences:
            reader.wrong(f"items/{at}/{name}", sentence)
    return Asked(line, quantity, reason) if line is not None and quantity is not None else None


def _day(reader: Reader) -> date | None:
    told = reader.text("date", longest=10)
    if not told:
        return None
    try:
        day = date.fromisoformat(told) if len(told) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 2200:
        reader.wrong("date", "Use a day such as 2026-11-24.")
        return None
    return day


asking = methods(POST=_return)
