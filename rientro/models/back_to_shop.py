"""What a shop may be asked for a return, and how it is written down before anybody asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from rientro.kit.crash_points import mark
from rientro.kit.errors import RientroError
from rientro.kit.ids import new_code
from rientro.kit.money import Money
from rientro.kit.queue import post
from rientro.models.integrations import Integration
from rientro.models.merchants import Merchant
from rientro.models.money import Refund
from rientro.models.orders import Order
from rientro.models.returns import Return, ReturnItem
from rientro.models.shop_errands import ShopErrand
from rientro.models.shop_links import ShopLink
from rientro.policy.return_methods import buys_label
from rientro.shops.base import Can, Method, RefundRequest
from rientro.shops.registry import is_shop, known

METHODS: tuple[Method, ...] = get_args(Method)
NEEDS: Mapping[Method, Can] = {
    "original": Can.REFUND,
    "store_credit": Can.STORE_CREDIT,
    "coupon": Can.COUPON,
}
OPEN = (ShopErrand.State.WAITING.value, ShopErrand.State.ASKING.value)
BACKSTOP = timedelta(minutes=1)  # its own task comes sooner; the sweeper comes where that died


@dataclass(frozen=True, slots=True)
class ShopWays:
    """The connected shop of an order, and what it can do about a return."""

    link: ShopLink
    name: str
    can: Can

    @property
    def methods(self) -> list[Method]:
        """How money can go back by this shop."""
        return [method for method in METHODS if NEEDS[method] in self.can]


def ways_of(order: Order) -> ShopWays | None:
    """None where the order came from no shop that we are connected to. A paused one counts: it is asked later."""
    integration = order.integration
    if integration.deleted_at or order.standalone or not is_shop(integration.system):
        return None
    link = ShopLink.objects.filter(integration=integration).exclude(credentials="").first()
    if link is None:
        return None
    try:
        can = known(integration.system).can
    except RientroError:
        return None
    return ShopWays(link, integration.shop_name, can)


# Refunds


def units_asked(ret: Return) -> dict[str, int]:
    """{line key: units} of ``ret`` that the shop has taken back, or is being asked to take back."""
    asked: dict[str, int] = {}
    living = ShopErrand.objects.filter(ret=ret, kind=ShopErrand.Kind.REFUND.value)
    for errand in living.exclude(state=ShopErrand.State.REFUSED.value):
        for key, units in errand.request.get("units", {}).items():
            asked[key] = asked.get(key, 0) + int(units)
    return asked


def postage_left(order: Order) -> Money | None:
    """What the order cost beside its items, less what went back of it; None where the shop told no total."""
    told = order.facts.get("shipping_minor")
    if not isinstance(told, int):
        if not order.total_minor:
            return None
        goods = sum(line.price_minor * line.quantity for line in order.lines.all())
        told = order.total_minor - goods
    living = Refund.objects.filter(ret__order=order).exclude(state=Refund.State.FAILED.value)
    gone = sum(living.values_list("shipping_minor", flat=True))
    return Money(max(told - gone, 0), order.currency)


def intend_refund(
    refund: Refund,
    ret: Return,
    *,
    units: Mapping[str, int],
    restock: bool,
    at: datetime,
    actor: str,
) -> ShopErrand:
    """Write down that the shop shall pay ``refund``, and post the task; the caller's transaction holds both."""
    request: dict[str, Any] = {
        "external_order_id": ret.order.external_order_id,
        "amount_minor": refund.amount_minor,
        "shipping_minor": refund.shipping_minor,
        "currency": refund.currency,
        "units": dict(units),
        "restock": restock,
        "method": refund.method,
        "note": said_in_the_house(_title, ret),
    }
    errand = ShopErrand.objects.create(
        integration_id=ret.order.integration_id,
        ret=ret,
        refund=refund,
        kind=ShopErrand.Kind.REFUND.value,
        reference=f"{ret.number}-{new_code(8)}",
        request=request,
        actor=actor,
        created_at=at,
        next_at=at + BACKSTOP,
    )
    mark("refund.intended")
    post("run_errand", merchant_id=errand.merchant_id, errand_id=errand.pk)
    return errand


def refund_request(errand: ShopErrand, *, email: str) -> RefundRequest:
    """What the adapter is handed. The address is not kept with it, so that a shopper can be forgotten."""
    told = errand.request
    return RefundRequest(
        external_order_id=told["external_order_id"],
        reference=errand.reference,
        amount=Money(told["amount_minor"], told["currency"]),
        shipping=Money(told["shipping_minor"], told["currency"]),
        units=told["units"],
        restock=told["restock"],
        method=told["method"],
        note=told["note"],
        email=email,
    )


# Notes on the order


def want_note(ret: Return, *, at: datetime, actor: str) -> bool:
    """Have the shop's order say that there is this return, once, where the shop can and the merchant wants it.

    The time for it is when the return has its label, or is approved where it needs none.
    """
    order = Order.objects.get(pk=ret.order_id)
    ways = ways_of(order)
    if ways is None or Can.NOTE not in ways.can:
        return False
    integration = Integration.objects.get(pk=order.integration_id)
    if not integration.settings.get("notes", True):
        return False
    errand = ShopErrand(
        integration=integration,
        ret=ret,
        kind=ShopErrand.Kind.NOTE.value,
        reference=f"note-{ret.pk}",
        request={
            "external_order_id": order.external_order_id,
            "words": said_in_the_house(_note, ret),
        },
        actor=actor,
        created_at=at,
        next_at=at + BACKSTOP,
    )
    if ShopErrand.objects.filter(reference=errand.reference).exists():
        return False
    ShopErrand.objects.bulk_create([errand], ignore_conflicts=True)
    row = ShopErrand.objects.get(reference=errand.reference)
    post("run_errand", merchant_id=row.merchant_id, errand_id=row.pk)
    return True


def needs_no_label(ret: Return) -> bool:
    """Is ``ret`` on its way as soon as it is approved?"""
    return not buys_label(ret.method)


def said_in_the_house(words: Any, ret: Return) -> str:
    """``words(ret)`` in the language that the merchant's people read."""
    language = Merchant.objects.values_list("language", flat=True).get(pk=ret.merchant_id)
    with translation.override(language):
        return str(words(ret))


def _title(ret: Return) -> str:
    return _("Return %(number)s") % {"number": ret.number}


def _note(ret: Return) -> str:
    rows = ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    items = ", ".join(
        f"{row.quantity} × {row.order_line.sku or row.order_line.name}" for row in rows[:20]
    )
    page = settings.BASE_URL.rstrip("/") + reverse("panel:return", args=[ret.number])
    return f"{_title(ret)}: {items}. {page}"


# Taking up again


def due_errands(*, now: datetime) -> list[int]:
    """Errands of this merchant whose time has come; each looks before it asks, so one too many does no harm."""
    due = ShopErrand.objects.filter(state__in=OPEN, next_at__lte=now)
    return list(due.order_by("next_at").values_list("pk", flat=True)[:500])
