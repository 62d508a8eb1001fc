"""Step 2: the shopper picked items; the brand's policy answers and the return is written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand, PortalSettings, ReturnReason
from rientro.models.events import Event
from rientro.models.integrations import Counter
from rientro.models.lookup import Ticket
from rientro.models.merchants import Merchant
from rientro.models.offered import most_parcels, pickup_days, ways_offered
from rientro.models.orders import Order, OrderLine
from rientro.models.own_parcels import OwnParcel, keep_own_number
from rientro.models.purchasing import intend_label
from rientro.models.quantities import take_units
from rientro.models.return_rule_book import Asked, judge_lines, with_fee
from rientro.models.returnable import day_of, returns_desk_of, terms_of
from rientro.models.returns import Return, ReturnItem
from rientro.policy.eligibility import Decision, Verdict, decide_return
from rientro.policy.fees import FeeItem, Quote, quote
from rientro.policy.lifecycle import Approval
from rientro.policy.return_methods import WAYS, buys_label, is_own, is_posted
from rientro.policy.return_rules import Ruling
from rientro.policy.sender import BadAddress, FromAddress, checked
from rientro.policy.terms import Terms

__all__ = [
    "BadAddress",
    "BadPicks",
    "FromAddress",
    "NotOffered",
    "NotReturnable",
    "Pick",
    "PortalClosed",
    "open_return",
]

LONGEST_NOTE = 1000
REFUNDS = {
    Return.RefundType.MONEY.value: "refund_money",
    Return.RefundType.CREDIT.value: "refund_credit",
    Return.RefundType.EXCHANGE.value: "refund_exchange",
}


class BadPicks(RientroError):
    """The list, the method or the refund type is none that this portal offers."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_picks"


class NotOffered(BadPicks):
    """The contract cannot do it, or not any more: so many parcels, a code, a driver on that day."""

    code: ClassVar[str] = "not_offered"


class NotReturnable(RientroError):
    """Policy refuses; ``facts["because"]`` is the list of causes, one for each refused pick."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_returnable"


class PortalClosed(RientroError):
    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "portal_closed"


@dataclass(frozen=True, slots=True)
class Pick:
    """One line of the shopper's form. An empty ``reason_code`` is "I prefer not to say"."""

    line_id: int
    quantity: int
    reason_code: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What was asked for, whole."""

    order: Order
    brand: Brand
    picks: Sequence[Pick]
    method: str
    refund_type: str
    sender: FromAddress
    language: str
    note: str
    to_address: SenderAddress | None
    parcels: int
    pickup_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What was read and decided before anything is written."""

    lines: dict[int, OrderLine]
    reasons: dict[str, ReturnReason]
    decisions: list[Decision]
    whole: Decision
    money: Quote
    sender: FromAddress
    goes_to: SenderAddress


@transaction.atomic
def open_return(
    *,
    order: Order,
    brand: Brand,
    picks: Sequence[Pick],
    method: str,
    refund_type: str,
    sender: FromAddress,
    language: str,
    note: str,
    actor: str,
    now: datetime,
    to_address: SenderAddress | None = None,
    parcels: int = 1,
    pickup_on: date | None = None,
    own: OwnParcel | None = None,
    ticket: Ticket | None = None,
    nonce: str = "",
) -> Return:
    """Open a return for ``picks``; approve it at once unless a person must look.

    With ``ticket`` and ``nonce`` the same form sent twice gives the same return. ``to_address`` is the store of
    an in-store return. ``pickup_on`` is the day of the driver, ``own`` the number of a parcel that the shopper sends.
    Raises BadPicks, BadAddress, PortalClosed, NotReturnable, NotEnoughUnits: nothing is written then. Buys nothing.
    """
    wish = _Wish(
        order=order,
        brand=brand,
        picks=picks,
        method=method,
        refund_type=refund_type,
        sender=sender,
        language=language,
        note=note,
        to_address=to_address,
        parcels=parcels,
        pickup_on=pickup_on,
    )
    if (already := _opened_before(ticket, nonce)) is not None:
        return already
    case = _judge(wish, now=now)
    mark("open.judged")
    ret = _write(wish, case, actor=actor, now=now)
    _write_items(ret, wish, case)
    take_units(ret)
    mark("open.written")
    _remember(ticket, ret, nonce)
    _decide(ret, case.whole, own, actor=actor, now=now)
    mark("open.decided")
    return ret


def _opened_before(ticket: Ticket | None, nonce: str) -> Return | None:
    """The return that this very form made already; two clicks wait for each other here."""
    if ticket is None:
        return None
    held = Ticket.objects.locked().get(pk=ticket.pk)
    already = held.draft.get("opened", {}).get(nonce) if nonce else None
    return Return.objects.get(pk=already) if already else None


# What is asked before anything is written


def _judge(wish: _Wish, *, now: datetime) -> _Case:
    settings = PortalSettings.objects.get(brand=wish.brand)
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=wish.order.merchant_id)
    _check_shape(wish, settings, today=day_of(now, zone))
    terms = terms_of(settings)
    lines = OrderLine.objects.filter(order=wish.order).in_bulk([p.line_id for p in wish.picks])
    reasons = _reasons(wish)
    if set(lines) != {pick.line_id for pick in wish.picks}:
        raise NotReturnable("That item is not on this order.", because=["unknown_line"])
    decisions, rulings = _judged_lines(wish, lines, terms, zone=zone, today=day_of(now, zone))
    _stop_if_refused(decisions)
    items = [_fee_item(pick, lines[pick.line_id], reasons, wish.order) for pick in wish.picks]
    amounts = [item.price * item.quantity for item in items]
    return _Case(
        lines=lines,
        reasons=reasons,
        decisions=decisions,
        whole=decide_return(decisions, amounts=amounts, terms=terms),
        money=quote(
            items,
            with_fee(terms, rulings),
            refund_type=wish.refund_type,
            own_postage=is_own(wish.method),
        ),
        sender=checked(
            wish.sender,
            country=wish.order.country,
            is_posted=is_posted(wish.method),
        ),
        goes_to=_goes_to(wish),
    )


def _judged_lines(
    wish: _Wish, lines: dict[int, OrderLine], terms: Terms, *, zone: str, today: date
) -> tuple[list[Decision], list[Ruling]]:
    """The promise of the brand for each pick, and its return rules on top."""
    asked = [Asked(lines[pick.line_id], pick.quantity, pick.reason_code) for pick in wish.picks]
    return judge_lines(asked, wish.order, wish.brand, terms, zone=zone, today=today)


def _stop_if_refused(decisions: Sequence[Decision]) -> None:
    refused = [decision for decision in decisions if decision.verdict is Verdict.REFUSE]
    if not refused:
        return
    own = [words for each in refused if (words := each.trace.get("words"))]
    raise NotReturnable(
        own[0] if own else "Some of these items cannot be returned.",
        because=[decision.because.value for decision in refused],
    )


def _check_shape(wish: _Wish, settings: PortalSettings, *, today: date) -> None:
    if not settings.active:
        raise PortalClosed("This returns portal is closed at the moment.")
    if not wish.picks:
        raise BadPicks("Pick at least one item.")
    if len({pick.line_id for pick in wish.picks}) < len(wish.picks):
        raise BadPicks("Each item may be named once only.")
    if any(pick.quantity < 1 for pick in wish.picks):
        raise BadPicks("At least one unit of an item has to come back.")
    if wish.method not in WAYS or not getattr(settings, WAYS[wish.method].switch):
        raise BadPicks("This way of sending things back is not offered.")
    _check_way(wish, settings, today=today)
    if wish.refund_type not in REFUNDS or not getattr(settings, REFUNDS[wish.refund_type]):
        raise BadPicks("This kind of refund is not offered.")


def _check_way(wish: _Wish, settings: PortalSettings, *, today: date) -> None:
    """What the contract of this order can do, and nothing that the page did not offer."""
    way = WAYS[wish.method]
    if way.needs and way not in ways_offered(wish.order, wish.brand, settings):
        raise NotOffered("This way of sending things back is not offered.")
    units = sum(pick.quantity for pick in wish.picks)
    if wish.parcels != 1 and not (
        way.posted
        and 1 < wish.parcels <= most_parcels(wish.order, wish.brand, settings, units=units)
    ):
        raise NotOffered("So many parcels are not offered for this return.")
    days = pickup_days(wish.order.country, today=today) if way.needs == "pickup" else [None]
    if wish.pickup_on not in days:
        raise NotOffered("Choose the day on which it is fetched.")


def _reasons(wish: _Wish) -> dict[str, ReturnReason]:
    codes = {pick.reason_code for pick in wish.picks if pick.reason_code}
    offered = ReturnReason.objects.filter(brand=wish.brand, code__in=codes, active=True)
    found = {reason.code: reason for reason in offered}
    if codes - set(found):
        raise BadPicks("Choose one of the reasons of this list.")
    return found


def _fee_item(
    pick: Pick, line: OrderLine, reasons: dict[str, ReturnReason], order: Order
) -> FeeItem:
    return FeeItem(
        quantity=pick.quantity,
        price=Money(max(0, line.price_minor), order.currency),
        fault=reasons[pick.reason_code].fault if pick.reason_code else "shopper",
    )


def _goes_to(wish: _Wish) -> SenderAddress:
    store = wish.to_address
    if wish.method == Return.Method.IN_STORE.value:
        if store is None or not store.is_store or store.deleted_at:
            raise BadPicks("Choose one of the stores.")
        return store
    desk = returns_desk_of(wish.order, wish.brand)
    if desk is None:
        raise BadPicks("This shop has no address for returns yet.")
    return desk


# What is written


def _write(wish: _Wish, case: _Case, *, actor: str, now: datetime) -> Return:
    address = asdict(case.sender)
    proof = address.pop("proof")
    return Return.objects.create(
        number=f"R-{Counter.next('return')}",
        order=wish.order,
        brand=wish.brand,
        to_address=case.goes_to,
        method=wish.method,
        parcel_count=wish.parcels,
        pickup_on=wish.pickup_on,
        refund_type=wish.refund_type,
        language=wish.language,
        currency=wish.order.currency,
        value_minor=case.money.value.minor,
        fee_minor=case.money.fee.minor,
        refund_minor=case.money.refund.minor,
        **{f"from_{name}": value for name, value in address.items()},
        note=_words(wish.note),
        trace={
            "decision": case.whole.trace,
            "fee": case.money.trace,
            "sender": {"proof": proof, "as_in_order": _same_place(case.sender, wish.order)},
        },
        actor=actor,
        requested_at=now,
    )


def _same_place(sender: FromAddress, order: Order) -> bool:
    """For the desk's eye only: the shopper is never told whether what they typed is what we know."""
    ours = f"{order.name} {order.street} {order.house_number}"
    typed = f"{sender.name} {sender.street} {sender.house_number}"
    return sorted(ours.casefold().split()) == sorted(typed.casefold().split())


def _write_items(ret: Return, wish: _Wish, case: _Case) -> None:
    rows = []
    for pick, decision in zip(wish.picks, case.decisions, strict=True):
        line, reason = case.lines[pick.line_id], case.reasons.get(pick.reason_code)
        rows.append(
            ReturnItem(
                ret=ret,
                order_line=line,
                quantity=pick.quantity,
                price_minor=max(0, line.price_minor),
                reason=reason,
                reason_label=reason.label(wish.language)[:200] if reason else "",
                note=_words(pick.note),
                decision=decision.trace,
            )
        )
    ReturnItem.objects.bulk_create(rows)


def _words(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST_NOTE]


def _remember(ticket: Ticket | None, ret: Return, nonce: str) -> None:
    """On the ticket's row, locked since the beginning: this return is its own, and what was typed is done."""
    if ticket is None:
        return
    held = Ticket.objects.get(pk=ticket.pk)
    held.opened_returns = [*held.opened_returns, ret.pk]
    opened: dict[str, Any] = held.draft.get("opened", {})
    held.draft = {"opened": opened | ({nonce: ret.pk} if nonce else {}), "done": ret.pk}
    held.save(update_fields=["opened_returns", "draft"])


def _decide(
    ret: Return, whole: Decision, own: OwnParcel | None, *, actor: str, now: datetime
) -> None:
    review = whole.verdict is Verdict.REVIEW
    Event.record(
        "return.requested",
        actor=actor,
        at=now,
        ret=ret,
        review=review,
        because=whole.because.value,
    )
    if own is not None and is_own(ret.method):
        keep_own_number(ret, own, at=now, actor=actor)
    if review:
        return
    ret.move(save=False, approval=Approval.APPROVED.value)
    ret.approved_at = now
    ret.save(update_fields=["approval", "approved_at", "updated_at"])
    Event.record("return.approved", actor=actor, at=now, ret=ret, at_once=True)
    if buys_label(ret.method):
        intend_label(ret, at=now, actor=actor)
