"""Step 6: the money goes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from django.db import transaction
from django.db.models import F, Sum

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.models.back_to_shop import (
    ShopWays,
    intend_refund,
    postage_left,
    units_asked,
    ways_of,
)
from rientro.models.events import Event
from rientro.models.money import Refund
from rientro.models.refund_outcomes import facts_of, write_paid
from rientro.models.returns import Return, ReturnItem
from rientro.policy.lifecycle import Approval, Inspection, Settlement
from rientro.policy.refund import Units, ceiling
from rientro.shops.base import Can, Method

KIND_OF: dict[str, str] = {
    "original": Return.RefundType.MONEY.value,
    "store_credit": Return.RefundType.CREDIT.value,
    "coupon": Return.RefundType.CREDIT.value,
}
Way = Method | Literal["elsewhere", ""]


class BadRefund(RientroError):
    """An amount, a kind or units that cannot be paid back."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_refund"


class NotRefundable(RientroError):
    """The return is not approved, closed, or its last refund is still with the shop."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_refundable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWish:
    """How the money shall go. ``method``: how the shop pays it; `elsewhere` when it was paid by another road; "" as
    the shop can, else elsewhere.

    ``shipping_minor`` is the part of the amount that stands for postage. ``units`` are {item id: units} that come
    back by this refund, None for all that came and were not refunded yet; ``restock`` None follows what the
    warehouse said. ``seen`` is how many refunds the person saw who asks: more by now, and they must look again.
    """

    method: Way = ""
    shipping_minor: int = 0
    units: Mapping[int, int] | None = None
    restock: bool | None = None
    seen: int | None = None


@transaction.atomic
def refund_return(
    *,
    ret: Return,
    amount_minor: int,
    kind: str,
    actor: str,
    now: datetime,
    wish: RefundWish | None = None,
) -> Refund | None:
    """Pay ``amount_minor`` back to the shopper, in the return's currency: by the shop where it is connected.

    By the shop the refund is `pending`: a task asks the shop, and the return stays promised until the money really
    went (flows.run_errand). Else it is written down as paid by another road. The goods of all refunds of a return
    together are never more than the value of what came back less the fee. An amount of zero closes the return
    without money and gives None. Raises BadRefund and NotRefundable; nothing is written then. Asks no shop itself.
    """
    wish = wish or RefundWish()
    ret = Return.objects.locked().select_related("order").get(pk=ret.pk)
    ways = _ways(ret, kind, wish)
    method = _method(ways, kind, wish)
    kind = KIND_OF.get(method, kind)
    _stop_unless_payable(ret, kind)
    _stop_if_changed(ret, wish)
    if amount_minor == 0:
        _close(ret, actor=actor, now=now)
        return None
    _stop_if_too_much(ret, amount_minor, wish)
    refund = Refund.objects.create(
        ret=ret,
        kind=kind,
        method=method,
        amount_minor=amount_minor,
        shipping_minor=wish.shipping_minor,
        currency=ret.currency,
        actor=actor,
        created_at=now,
    )
    if not method or ways is None:
        write_paid(refund, at=now, actor=actor)
    else:
        _ask_shop(refund, ret, ways, wish, actor=actor, now=now)
    refund.refresh_from_db()
    return refund


def _ways(ret: Return, kind: str, wish: RefundWish) -> ShopWays | None:
    if kind not in Return.RefundType.values:
        raise BadRefund("Choose how the money goes back.")
    return None if wish.method == "elsewhere" else ways_of(ret.order)


def _method(ways: ShopWays | None, kind: str, wish: RefundWish) -> str:
    """How the shop pays; "" where it is written down as paid by another road."""
    offered: list[Method] = ways.methods if ways else []
    if wish.method and wish.method != "elsewhere":
        if wish.method not in offered:
            raise BadRefund("The shop of this order cannot pay back like that.", field="method")
        return wish.method
    fitting = [method for method in offered if KIND_OF[method] == kind]
    return fitting[0] if fitting else ""


def _stop_unless_payable(ret: Return, kind: str) -> None:
    if kind not in Return.RefundType.values:
        raise BadRefund("Choose how the money goes back.")
    if ret.approval != Approval.APPROVED:
        raise NotRefundable("Only an approved return is paid back.", approval=ret.approval)
    if ret.settlement == Settlement.CLOSED:
        raise NotRefundable("This return is closed.", settlement=ret.settlement)
    if Refund.objects.filter(ret=ret, state=Refund.State.PENDING.value).exists():
        raise NotRefundable("A refund of this return is still with the shop. Wait for it.")


def _stop_if_changed(ret: Return, wish: RefundWish) -> None:
    """Two people at two screens, the same button: the second one looks first."""
    if wish.seen is not None and Refund.objects.filter(ret=ret).count() != wish.seen:
        raise NotRefundable("Somebody else refunded this return meanwhile. Look again.")


def _stop_if_too_much(ret: Return, amount_minor: int, wish: RefundWish) -> None:
    left, goods = still_payable(ret), amount_minor - wish.shipping_minor
    if amount_minor < 0 or goods > left.minor:
        raise BadRefund(
            Sentence("At most %(left)s can still go back.", left=left), most_minor=left.minor
        )
    if wish.shipping_minor < 0 or goods < 0:
        raise BadRefund("Postage is a part of the amount, and not below zero.", field="shipping")
    postage = postage_left(ret.order) if wish.shipping_minor else None
    if postage is not None and wish.shipping_minor > postage.minor:
        raise BadRefund(
            Sentence("At most %(left)s of postage can still go back.", left=postage),
            field="shipping",
        )


def still_payable(ret: Return) -> Money:
    """What may still go back for the goods of ``ret``: the ceiling less what has gone back, or is going."""
    counted = ret.inspection != Inspection.PENDING
    items = [
        Units(
            price=Money(item.price_minor, ret.currency),
            sent=item.quantity,
            received=item.received_quantity if counted else None,
        )
        for item in ReturnItem.objects.filter(ret=ret)
    ]
    paid = Refund.objects.filter(ret=ret).exclude(state=Refund.State.FAILED.value)
    gone = paid.aggregate(sum=Sum(F("amount_minor") - F("shipping_minor"), default=0))["sum"]
    most = ceiling(items, fee=ret.money("fee"))
    return Money(max(most.minor - gone, 0), ret.currency)


def units_left(ret: Return) -> dict[int, int]:
    """{item id: units} that came back, or are on their way uncounted, and are in no refund by the shop yet."""
    counted = ret.inspection != Inspection.PENDING
    asked = units_asked(ret)
    return {
        item.pk: max(
            (item.received_quantity if counted else item.quantity)
            - asked.get(item.order_line.line_key, 0),
            0,
        )
        for item in ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    }


def goes_to_shelf(ret: Return, units: Mapping[int, int]) -> bool:
    """Did the warehouse send all of these units back to stock? Before anybody looked, nothing is."""
    items = [item for item in ReturnItem.objects.filter(ret=ret) if units.get(item.pk)]
    to_stock = ("", ReturnItem.Disposition.RESTOCK.value)
    return bool(items) and all(
        item.received_quantity
        and item.disposition in to_stock
        and (item.disposition or item.grade == ReturnItem.Grade.NEW.value)
        for item in items
    )


def _ask_shop(
    refund: Refund,
    ret: Return,
    ways: ShopWays,
    wish: RefundWish,
    *,
    actor: str,
    now: datetime,
) -> None:
    units = _units(refund, ret, wish)
    # A coupon is no refund of the order, and moves none of its goods.
    can_restock = Can.RESTOCK in ways.can and refund.method != "coupon"
    restock = goes_to_shelf(ret, units) if wish.restock is None else wish.restock
    if wish.restock and not can_restock:
        raise BadRefund("The shop cannot put the items back to stock with this.", field="restock")
    keys = dict(ReturnItem.objects.filter(ret=ret).values_list("pk", "order_line__line_key"))
    intend_refund(
        refund,
        ret,
        units={keys[item]: count for item, count in units.items() if count},
        restock=restock and can_restock,
        at=now,
        actor=actor,
    )
    if ret.settlement == Settlement.OPEN:
        ret.move(settlement=Settlement.PROMISED.value)
    facts: dict[str, Any] = facts_of(refund)
    Event.record("return.refund_pending", actor=actor, at=now, ret=ret, **facts)


def _units(refund: Refund, ret: Return, wish: RefundWish) -> dict[int, int]:
    left = units_left(ret)
    if wish.units is None:
        only_postage = refund.amount_minor == refund.shipping_minor
        return {} if only_postage else left
    for item, units in wish.units.items():
        if not 0 <= units <= left.get(item, -1):
            raise BadRefund(
                Sentence(
                    "Between 0 and %(most)s units of this item can go back.",
                    most=max(left.get(item, 0), 0),
                ),
                field="units",
                item_id=item,
            )
    return dict(wish.units)


def _close(ret: Return, *, actor: str, now: datetime) -> None:
    ret.move(save=False, settlement=Settlement.CLOSED.value)
    ret.closed_at = ret.closed_at or now
    ret.save(update_fields=["settlement", "closed_at", "updated_at"])
    Event.record("return.closed", actor=actor, at=now, ret=ret)
