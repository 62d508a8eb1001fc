"""A return's own page, for whoever holds its link: where it is, its label, and the way to take it back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.cancel_return import BEFORE_THE_ROAD, cancel_return
from rientro.kit.errors import Missing, RientroError
from rientro.models import Return, StoredDocument
from rientro.policy.lifecycle import Approval, Inspection, Settlement
from rientro.portal.cards import pictures_of
from rientro.portal.customs import sheets_of
from rientro.portal.papers import document_id, living_label, paper_of
from rientro.portal.shopfront import Shopfront, portal_page
from rientro.portal.timeline import headline_of, is_over, steps_of

EXTENSIONS = {"a4": "pdf", "a6": "pdf", "zpl": "zpl"}


@require_safe
@portal_page
def page(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """Where the return stands. Shows no name, street, e-mail or phone: only the label carries them."""
    ret = _return(front, token)
    paper = paper_of(ret, front)
    items = list(ret.items.select_related("order_line").order_by("pk"))
    pictures = pictures_of(ret.order, [item.order_line for item in items], front)
    return front.page(
        request,
        "track.html",
        ret=ret,
        paper=paper,
        headline=headline_of(ret, paper, front),
        steps=steps_of(ret, paper, front),
        items=[
            (item, pictures.get(item.order_line.sku, ""), item.price_minor * item.quantity)
            for item in items
        ],
        may_cancel=may_cancel(ret),
        is_over=is_over(ret),
        just_cancelled="cancelled" in request.GET,
        customs_papers=sheets_of(ret),
    )


def may_cancel(ret: Return) -> bool:
    """May the shopper still take it back? The flow decides again, under its lock."""
    return (
        ret.approval in (Approval.REQUESTED, Approval.APPROVED)
        and ret.carrier in BEFORE_THE_ROAD
        and ret.inspection == Inspection.PENDING
        and ret.settlement == Settlement.OPEN
    )


@require_safe
@portal_page
def label(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """The label as a file: ``?format=a4``, a6 or zpl. Not there yet: back to the page that waits for it."""
    ret = _return(front, token)
    wanted = request.GET.get("format", "a4").lower()
    if wanted not in EXTENSIONS:
        raise Missing("There is no label in this format.")
    found = living_label(ret) if paper_of(ret, front).is_wanted else None
    number = document_id(found, wanted) if found else None
    if number is None:
        return redirect(front.url("return", ret.link_token))
    stored = StoredDocument.objects.get(pk=number)
    response = HttpResponse(bytes(stored.content), content_type=stored.content_type)
    name = f"{ret.number}-{wanted}.{EXTENSIONS[wanted]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def cancel(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """Ask once, then do it."""
    ret = _return(front, token)
    context: dict[str, Any] = {"ret": ret, "may_cancel": may_cancel(ret)}
    if request.method != "POST":
        return front.page(request, "cancel.html", **context)
    try:
        cancel_return(ret=ret, actor="shopper", now=front.now)
    except RientroError as error:
        context["may_cancel"] = False
        return front.page(request, "cancel.html", error.status, **context)
    return redirect(f"{front.url('return', token)}?cancelled")


def _return(front: Shopfront, token: str) -> Return:
    found = Return.objects.select_related("order", "to_address").filter(
        brand=front.brand, link_token=token, order__redacted_at=None
    )
    ret = found.first()
    if ret is None:
        raise Missing("There is no such return.")
    return ret
