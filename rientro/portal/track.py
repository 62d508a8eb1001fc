"""A return's own page, for whoever holds its link: where it is, its label, and the way to take it back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.cancel_return import BEFORE_THE_ROAD, cancel_return, shopper_window
from rientro.kit.errors import Missing, RientroError
from rientro.models import Return
from rientro.models.boxes import in_play
from rientro.policy.lifecycle import Approval, Inspection, Settlement
from rientro.portal.cards import pictures_of
from rientro.portal.customs import sheets_of
from rientro.portal.own_parcel import own_of
from rientro.portal.papers import paper_of
from rientro.portal.shopfront import Shopfront, portal_page
from rientro.portal.timeline import headline_of, is_over, steps_of
from rientro.portal.words import parcel_status


@require_safe
@portal_page
def page(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """Where the return stands. Shows no name, street, e-mail or phone: only the label carries them."""
    return tracking_page(request, front, return_of(front, token))


def tracking_page(
    request: HttpRequest, front: Shopfront, ret: Return, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of ``ret``; ``more`` is what was wrong with a form on it."""
    paper = paper_of(ret, front)
    items = list(ret.items.select_related("order_line").order_by("pk"))
    pictures = pictures_of(ret.order, [item.order_line for item in items], front)
    return front.page(
        request,
        "track.html",
        status,
        ret=ret,
        paper=paper,
        headline=headline_of(ret, paper, front),
        steps=steps_of(ret, paper, front),
        items=[
            (item, pictures.get(item.order_line.sku, ""), item.price_minor * item.quantity)
            for item in items
        ],
        **_cancelling(ret, front),
        is_over=is_over(ret),
        just_cancelled="cancelled" in request.GET,
        customs_papers=sheets_of(ret),
        parcels=_parcels(ret),
        own=own_of(ret),
        told="number" in request.GET,
        **more,
    )


def _parcels(ret: Return) -> list[tuple[str, str]]:
    """(number, where it is) of each of several parcels; empty for the only one."""
    if ret.parcel_count == 1 or ret.carrier in BEFORE_THE_ROAD:
        return []
    return [(one.tracking_number, parcel_status(one.status)) for one in in_play(ret)]


def _cancelling(ret: Return, front: Shopfront) -> dict[str, Any]:
    """May it be taken back now, until when, and is it only the label that stands in the way?"""
    early, window = may_cancel(ret), shopper_window(ret, now=front.now)
    return {
        "may_cancel": early and window.is_open,
        "cancel_until": window.until if early else None,
        "label_stays": early and not window.is_open,
    }


def may_cancel(ret: Return) -> bool:
    """May the shopper still take it back? The flow decides again, under its lock."""
    return (
        ret.approval in (Approval.REQUESTED, Approval.APPROVED)
        and ret.carrier in BEFORE_THE_ROAD
        and ret.inspection == Inspection.PENDING
        and ret.settlement == Settlement.OPEN
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def cancel(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """Ask once, then do it."""
    ret = return_of(front, token)
    context: dict[str, Any] = {"ret": ret, **_cancelling(ret, front)}
    if request.method != "POST":
        return front.page(request, "cancel.html", **context)
    try:
        cancel_return(ret=ret, actor="shopper", now=front.now)
    except RientroError as error:
        context["may_cancel"] = False
        return front.page(request, "cancel.html", error.status, **context)
    return redirect(f"{front.url('return', token)}?cancelled")


def return_of(front: Shopfront, token: str) -> Return:
    """The return behind a link, while its shopper may see it. Raises Missing."""
    found = Return.objects.select_related("order", "to_address").filter(
        brand=front.brand, link_token=token, order__redacted_at=None
    )
    ret = found.first()
    if ret is None:
        raise Missing("There is no such return.")
    return ret
