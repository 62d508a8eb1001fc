"""A return's own page: what, who, where and money on one screen, what happened, and why."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rientro.flows.add_parcel import takes_another_parcel
from rientro.flows.cancel_return import BEFORE_THE_ROAD
from rientro.kit.addresses import AddressFields, format_lines
from rientro.kit.money import Money
from rientro.models import Label, Refund, Return, SenderAddress
from rientro.models.boxes import is_used, lacks_in_part
from rientro.panel.countries import country_name
from rientro.panel.customs import customs_form, papers_of
from rientro.panel.doors import PanelRequest, door, may
from rientro.panel.event_words import timeline
from rientro.panel.frame import capped_count, capped_words
from rientro.panel.pictures import show_pictures
from rientro.panel.refunds import refund_card
from rientro.panel.return_notes import notes_of
from rientro.panel.return_own import own_card
from rientro.panel.return_parcels import boxes_of, doubt_of
from rientro.panel.return_quotes import quotes_for
from rientro.panel.return_words import (
    TAB_NAMES,
    approval_badge,
    carrier_badge,
    inspection_badge,
    main_badge,
    settlement_badge,
    why,
)
from rientro.panel.trace_words import reasons_of
from rientro.panel.void_words import show_windows
from rientro.policy.lifecycle import (
    DEAD,
    Approval,
    CarrierState,
    Inspection,
    Settlement,
)

EVENTS_MAX = 300


@dataclass(frozen=True, slots=True)
class Steps:
    """What this member may do with this return now."""

    approve: bool
    reject: bool
    cancel: bool
    deliver: bool
    receive: bool
    retry: bool
    settle: bool
    void: bool
    add: bool


def return_of(request: PanelRequest, number: str) -> Return:
    """The return with its items and parcels, or Missing."""
    items = request.merchant.return_items.select_related("order_line__order", "reason")
    purchases = request.merchant.label_purchases.select_related("account")
    papers: list[Any] = [
        Prefetch("labels", request.merchant.labels.order_by("-bought_at", "-id")),
        Prefetch("purchases", purchases.order_by("-id")),
    ]
    parcels = request.merchant.parcels.prefetch_related(*papers)
    rows = request.merchant.returns.select_related(
        "order__brand", "order__integration", "brand", "to_address"
    )
    inside: list[Any] = [
        Prefetch("items", items.order_by("id")),
        Prefetch("parcels", parcels.order_by("position")),
    ]
    rows = rows.prefetch_related(*inside)
    return rows.get_or_missing(number=number)


@door()
@require_safe
def return_page(request: PanelRequest, number: str) -> HttpResponse:
    ret = return_of(request, number)
    items = list(ret.items.all())
    show_pictures(request.merchant, [item.order_line for item in items])
    for item in items:
        item.why = why(item, request.member.user.language)  # type: ignore[attr-defined]
    events = ret.events.order_by("-id")[:EVENTS_MAX]
    scans = request.merchant.tracking_events.filter(parcel__ret=ret).order_by("-occurred_at")
    label, purchase = newest_label(ret), _newest_purchase(ret)
    show_windows(ret, now=request.now)
    context = {
        "ret": ret,
        "items": items,
        "steps": steps_of(request, ret),
        "badge": main_badge(ret, request.now),
        "states": _states(request, ret),
        "tab_name": TAB_NAMES[ret.tab],
        "label": label,
        "purchase": purchase,
        "label_account": purchase.account if purchase else None,
        "money": _money(ret),
        "from_lines": from_lines(ret),
        "to_lines": address_lines(ret.to_address),
        "timeline": timeline(request.merchant, events, scans[:EVENTS_MAX]),
        "notes": notes_of(request, ret),
        "reasons": reasons_of(ret),
        "boxes": boxes_of(ret),
        "doubt": doubt_of(ret),
        "quotes": quotes_for(request, ret),
        "own": own_card(request, ret),
        "person": _person(request, ret),
        "customs": customs_form(request, ret),
        "customs_papers": papers_of(label),
        "refunds": refund_card(request, ret),
    }
    return render(request, "panel/return.html", context)


def steps_of(request: PanelRequest, ret: Return) -> Steps:
    """Which buttons the page shows; the flows decide again when they are pressed."""
    decides, receives = may(request.member, "decide"), may(request.member, "receive")
    approved = ret.approval == Approval.APPROVED.value
    early = CarrierState(ret.carrier) in BEFORE_THE_ROAD
    untouched = (
        ret.inspection == Inspection.PENDING.value and ret.settlement == Settlement.OPEN.value
    )
    open_to_count = ret.inspection in (
        Inspection.PENDING.value,
        Inspection.RECEIVED.value,
        Inspection.PARTLY_ACCEPTED.value,
    )
    unknown = doubt_of(ret) is not None
    failed = ret.carrier == CarrierState.FAILED.value
    return Steps(
        approve=decides and ret.may("approval", Approval.APPROVED.value),
        reject=decides and ret.may("approval", Approval.REJECTED.value),
        cancel=decides and ret.may("approval", Approval.CANCELLED.value) and early and untouched,
        deliver=receives and approved and ret.may("carrier", CarrierState.DELIVERED.value),
        receive=receives and approved and open_to_count,
        retry=decides and approved and (not unknown if failed else lacks_in_part(ret)),
        settle=may(request.member, "manage") and unknown,
        void=decides and _any_unused(ret),
        add=decides and takes_another_parcel(ret),
    )


def _any_unused(ret: Return) -> bool:
    """Can a label be given back: ours still, and never scanned? A carrier that refused may be asked again."""
    held = (Label.Void.NONE.value, Label.Void.REFUSED.value)
    unused = [parcel for parcel in ret.parcels.all() if not is_used(ret, parcel)]
    return any(label.void in held for parcel in unused for label in parcel.labels.all())


def newest_label(ret: Return) -> Label | None:
    """The label of the newest parcel that has one, a live one first."""
    labels = [label for parcel in ret.parcels.all() for label in parcel.labels.all()]
    return min(labels, key=lambda label: (label.voided_at is not None, -label.pk), default=None)


def from_lines(ret: Return) -> list[str]:
    """The shopper's address as their own post writes it; nothing where none was asked."""
    if not (ret.from_name or ret.from_street or ret.from_city):
        return []
    fields = AddressFields(
        name=ret.from_name,
        company=ret.from_company,
        street=ret.from_street,
        house_number=ret.from_house_number,
        address_2=ret.from_address_2,
        postal_code=ret.from_postal_code,
        city=ret.from_city,
        state=ret.from_state,
        country=ret.from_country,
    )
    return format_lines(fields, country_name=country_name(ret.from_country))


def address_lines(address: SenderAddress) -> list[str]:
    """A place of the merchant's as its post writes it."""
    fields = AddressFields(
        name=address.contact_name,
        company=address.company,
        street=address.street,
        house_number=address.house_number,
        address_2=address.address_2,
        postal_code=address.postal_code,
        city=address.city,
        state=address.state,
        country=address.country,
    )
    return format_lines(fields, country_name=country_name(address.country))


def _newest_purchase(ret: Return) -> Any:
    purchases = [bought for parcel in ret.parcels.all() for bought in parcel.purchases.all()]
    return max(purchases, key=lambda purchase: purchase.pk, default=None)


def _states(request: PanelRequest, ret: Return) -> list[tuple[str, Any, Any]]:
    """The four lives, each with its badge and a moment."""
    return [
        (_("Approval"), approval_badge(ret), ret.approved_at),
        (_("Carrier"), carrier_badge(ret, request.now), ret.delivered_at),
        (_("Inspection"), inspection_badge(ret), ret.received_at),
        (_("Settlement"), settlement_badge(ret), None if _is_dead(ret) else ret.closed_at),
    ]


def _is_dead(ret: Return) -> bool:
    """Rejected or cancelled: nothing of it goes back any more."""
    return Approval(ret.approval) in DEAD


def _money(ret: Return) -> dict[str, Any]:
    paid = ret.refunds.filter(state=Refund.State.PAID.value)
    refunded = sum(paid.values_list("amount_minor", flat=True))
    costs = [box.cost for box in boxes_of(ret) if box.cost]
    same = [cost for cost in costs if cost.currency == costs[0].currency]
    cost = sum(same[1:], start=same[0]) if same else None
    return {
        "value": ret.money("value"),
        "fee": ret.money("fee"),
        "refund": Money(0, ret.currency) if _is_dead(ret) else ret.money("refund"),
        "refunded": Money(refunded, ret.currency) if refunded else None,
        "label_cost": cost,
    }


def _person(request: PanelRequest, ret: Return) -> dict[str, str]:
    """How often this person has bought and sent back, as far as the address is known."""
    if not ret.order.email_norm:
        return {}
    orders = request.merchant.orders.filter(email_norm=ret.order.email_norm, standalone=False)
    returns = request.merchant.returns.filter(order__email_norm=ret.order.email_norm)
    return {
        "orders": capped_words(capped_count(orders)),
        "returns": capped_words(capped_count(returns)),
    }
