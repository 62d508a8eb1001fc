"""Paying back: the form, how a refund stands with the shop, and the desk of those that nobody knows about."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from rientro.flows.refund_return import (
    KIND_OF,
    RefundWish,
    Way,
    goes_to_shelf,
    refund_return,
    still_payable,
    units_left,
)
from rientro.flows.settle_refund import OUTCOMES, settle_refund
from rientro.kit.errors import Missing
from rientro.kit.money import Money
from rientro.models import Refund, Return, ReturnItem, ShopErrand
from rientro.models.back_to_shop import METHODS, ShopWays, postage_left, ways_of
from rientro.panel.choice_words import choices_in_words
from rientro.panel.doors import PanelRequest, attempt, door, may
from rientro.policy.lifecycle import Approval, Settlement
from rientro.shops.base import Can, Method

BY_SHOP = "shop:"
METHOD_NAMES: dict[Method, Any] = {
    "original": lazy("Original payment method"),
    "store_credit": lazy("Store credit"),
    "coupon": lazy("Coupon code"),
}
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """One refund as the page shows it. ``errand`` None: it was paid by another road."""

    refund: Refund
    amount: Money
    shipping: Money | None
    how: str
    errand: ShopErrand | None

    @property
    def state(self) -> str:
        """paid, failed, asked, waits (its shop cannot be asked), doubt (it may be paid) or unknown."""
        if self.refund.state != Refund.State.PENDING or self.errand is None:
            return self.refund.state
        if self.errand.state == ShopErrand.State.UNKNOWN:
            return "unknown"
        if self.errand.state == ShopErrand.State.ASKING and self.errand.error:
            return "doubt"
        return "waits" if self.errand.error else "asked"


@dataclass(frozen=True, slots=True)
class RefundForm:
    """What the form offers. ``items`` are (item, units that are left); ``postage`` None: not known what was paid."""

    left: Money
    postage: Money | None
    shop: ShopWays | None
    by_shop: Choices
    elsewhere: Choices
    chosen: str
    seen: int
    items: list[tuple[ReturnItem, int]]
    restock: bool
    can_restock: bool


@dataclass(frozen=True, slots=True)
class RefundCard:
    told: list[Told]
    current: Told | None  # what a banner speaks of: the newest, unless it went through
    shop_name: str
    form: RefundForm | None
    may_settle: bool


def refund_card(request: PanelRequest, ret: Return) -> RefundCard:
    """Everything the return's page says about money that goes back."""
    rows = list(ret.refunds.prefetch_related("errands").order_by("pk"))
    told = [_told(row) for row in rows]
    newest = told[-1] if told and told[-1].refund.state != Refund.State.PAID else None
    open_ = ret.settlement in (Settlement.OPEN.value, Settlement.PROMISED.value)
    payable = may(request.member, "decide") and ret.approval == Approval.APPROVED.value and open_
    pending = newest is not None and newest.refund.state == Refund.State.PENDING
    return RefundCard(
        told=told,
        current=newest,
        shop_name=ret.order.integration.shop_name,
        form=_form(ret, seen=len(rows)) if payable and not pending else None,
        may_settle=pending and may(request.member, "decide"),
    )


def _told(row: Refund) -> Told:
    kinds = dict(Return.RefundType.choices)
    how = METHOD_NAMES.get(cast(Method, row.method)) or _(str(kinds.get(row.kind, row.kind)))
    errand = next(iter(row.errands.all()), None)
    shipping = Money(row.shipping_minor, row.currency) if row.shipping_minor else None
    return Told(row, Money(row.amount_minor, row.currency), shipping, str(how), errand)


def _form(ret: Return, *, seen: int) -> RefundForm:
    ways = ways_of(ret.order)
    by_shop, elsewhere = _choices(ways.methods if ways else [])
    wanted = [value for value, _name in by_shop if KIND_OF[_method(value)] == ret.refund_type]
    shop = ways if by_shop else None
    left = units_left(ret) if shop else {}
    return RefundForm(
        left=still_payable(ret),
        postage=postage_left(ret.order) if "shipping_minor" in ret.order.facts else None,
        shop=shop,
        by_shop=by_shop,
        elsewhere=elsewhere,
        chosen=wanted[0] if wanted else ret.refund_type,
        seen=seen,
        items=[(item, left[item.pk]) for item in ret.items.all() if left.get(item.pk)],
        restock=goes_to_shelf(ret, left),
        can_restock=shop is not None and Can.RESTOCK in shop.can,
    )


def _choices(methods: list[Method]) -> tuple[Choices, Choices]:
    """What the shop can do, and what was done by another road."""
    elsewhere = choices_in_words(Return.RefundType.choices)
    if not methods:
        return [], elsewhere
    by_shop = [
        (f"{BY_SHOP}{method}", _("By the shop: %(how)s") % {"how": METHOD_NAMES[method]})
        for method in methods
    ]
    paid = _("Paid elsewhere: %(how)s")
    return by_shop, [(value, paid % {"how": how}) for value, how in elsewhere]


def _method(value: str) -> str:
    return value.removeprefix(BY_SHOP)


@door()
@require_POST
def refund(request: PanelRequest, number: str) -> HttpResponse:
    """Pay back by the shop, or write down that money went; nothing typed or nonsense is told, not guessed."""
    ret = request.merchant.returns.get_or_missing(number=number)
    kind = request.POST.get("kind", "")
    shipping = _typed(request, "shipping", ret.currency, default="0")
    goods = (
        Money(0, ret.currency)
        if "close" in request.POST
        else _typed(request, "amount", ret.currency)
    )
    amount = goods.minor + shipping.minor if goods.minor >= 0 and shipping.minor >= 0 else -1
    closing = "close" in request.POST
    by_shop = kind.startswith(BY_SHOP) and not closing
    attempt(
        request,
        lambda: refund_return(
            ret=ret,
            amount_minor=0 if closing else amount or -1,
            kind=KIND_OF.get(_method(kind), kind) if kind.startswith(BY_SHOP) else kind,
            actor=request.actor,
            now=request.now,
            wish=_wish(request, ret, _method(kind) if by_shop else "elsewhere", shipping),
        ),
        done=_done_words(ret, closing=closing, by_shop=by_shop),
    )
    return redirect("panel:return", number)


def _done_words(ret: Return, *, closing: bool, by_shop: bool) -> str:
    if closing:
        return _("Closed without money.")
    if by_shop:
        return _("%(shop)s is asked to pay it back. The shopper is told by mail when it has.") % {
            "shop": ret.order.integration.shop_name
        }
    return _("Written down as paid back. The shopper is told by mail.")


def _typed(request: PanelRequest, name: str, currency: str, *, default: str = "") -> Money:
    """An amount as people type it; -1 for nonsense."""
    typed = request.POST.get(name, "").strip().replace(",", ".") or default
    try:
        return Money.parse(typed, currency)
    except ValueError:
        return Money(-1, currency)


def _wish(request: PanelRequest, ret: Return, method: str, shipping: Money) -> RefundWish:
    if method not in METHODS:
        return RefundWish(
            method="elsewhere", shipping_minor=max(shipping.minor, 0), seen=_seen(request)
        )
    units: dict[int, int] = {}
    for item in ret.items.all():
        typed = request.POST.get(f"units{item.pk}", "0").strip()
        units[item.pk] = (
            int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1
        )
    return RefundWish(
        method=cast(Way, method),
        shipping_minor=max(shipping.minor, 0),
        units=units,
        restock="restock" in request.POST and method != "coupon",
        seen=_seen(request),
    )


def _seen(request: PanelRequest) -> int | None:
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None


@door()
@require_POST
def settle(request: PanelRequest, number: str) -> HttpResponse:
    """A person has looked into the shop, and says whether the money of the refund that they saw went."""
    ret = request.merchant.returns.get_or_missing(number=number)
    outcome = request.POST.get("outcome", "")
    row = ret.refunds.filter(state=Refund.State.PENDING.value).first()
    seen = request.POST.get("refund", "")
    if row is not None and seen not in ("", str(row.pk)):
        row = None
    if row is None or outcome not in OUTCOMES:
        raise Missing(_("No refund of this return is with the shop."))
    done = {
        "refunded": _("Written down as paid back. The shopper is told by mail."),
        "again": _("The shop is asked once more."),
        "given_up": _("Written down as not paid. Another amount can go back."),
    }
    attempt(
        request,
        lambda: settle_refund(
            refund=row,
            outcome=outcome,
            code=request.POST.get("code", ""),
            actor=request.actor,
            now=request.now,
        ),
        done=done[outcome],
    )
    return redirect("panel:return", number)
