"""Check and Done: the money before consent, then the label and what to do with it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.cancel_return import shopper_window
from rientro.flows.open_return import NotOffered, NotReturnable, Pick, open_return
from rientro.kit.addresses import AddressFields, format_lines
from rientro.kit.ids import new_token
from rientro.models import Return, SenderAddress, Ticket
from rientro.models.mail_facts import told_at
from rientro.models.quantities import NotEnoughUnits
from rientro.policy.promises import hand_in_by, refund_around
from rientro.policy.return_methods import is_own, is_posted
from rientro.portal.cards import Picked, cards_of, facts_of_order, picked
from rientro.portal.customs import sheets_of, waits_for_customs
from rientro.portal.money import weighed
from rientro.portal.own_parcel import own_of
from rientro.portal.papers import Paper, paper_of
from rientro.portal.ship import (
    is_complete,
    known_address,
    own_parcel_of,
    pickup_day_of,
    sender_of,
    stores_of,
    wants_another_day,
)
from rientro.portal.shopfront import Shopfront
from rientro.portal.tickets import keep, ticket_page
from rientro.portal.words import refund_to


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def check(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """Everything on one page; the button makes it so. Two clicks make one return."""
    if request.method == "POST" and request.POST.get("nonce") in ticket.draft.get("opened", {}):
        return redirect(front.url("done"))
    cards = cards_of(ticket.order, front)
    chosen = picked(cards, ticket.draft)
    if not chosen:
        return redirect(front.url("items"))
    if not ticket.draft.get("method") or wants_another_day(ticket, front.today):
        return redirect(front.url("how"))
    if not is_complete(ticket, today=front.today):
        return redirect(front.url("address"))
    if any(pick.quantity < pick.wanted for pick in chosen) or len(chosen) < len(
        ticket.draft["picks"]
    ):
        return redirect(f"{front.url('items')}?gone")
    quote = weighed(chosen, front, ticket, method=ticket.draft["method"])
    changed = request.method == "POST" and request.POST.get("agreed") != str(quote.refund.minor)
    if request.method == "POST" and not changed:
        return _confirm(request, front, ticket, chosen)
    if not ticket.draft.get("nonce"):
        keep(ticket)
    draft, settings = ticket.draft, front.settings
    last_day = pickup_day_of(ticket) or hand_in_by(
        front.today, valid_days=settings.label_valid_days
    )
    return front.page(
        request,
        "check.html",
        409 if changed else 200,
        changed=changed,
        chosen=chosen,
        reasons=dict(_labels(front)),
        quote=quote,
        method=draft["method"],
        store=store_of(ticket, front),
        pickup_on=pickup_day_of(ticket),
        own=own_parcel_of(ticket),
        parcels=draft.get("parcels") or 1,
        from_lines=_from_lines(ticket),
        refund=draft.get("refund", "money"),
        refund_to=refund_to(draft.get("refund", "money")),
        hand_in_by=last_day,
        around=refund_around(last_day or front.today, within_days=settings.refund_within_days),
        facts=facts_of_order(ticket.order, cards, front),
        nonce=draft["nonce"],
        back=front.url("address" if is_posted(draft["method"]) else "how"),
    )


def _from_lines(ticket: Ticket) -> list[str]:
    """The sender as the label will say it: what the shopper typed or proved, nothing else."""
    known = {n: v for n, v in known_address(ticket).items() if n != "email"}
    return format_lines(AddressFields(country=ticket.order.country, **known))


def _labels(front: Shopfront) -> list[tuple[str, str]]:
    return [(r.code, r.label(front.language)) for r in front.brand.reasons.order_by("position")]


def store_of(ticket: Ticket, front: Shopfront) -> SenderAddress | None:
    wanted = ticket.draft.get("store")
    return next((place for place in stores_of(front) if place.pk == wanted), None)


def _confirm(
    request: HttpRequest, front: Shopfront, ticket: Ticket, chosen: Sequence[Picked]
) -> HttpResponse:
    try:
        open_return(
            order=ticket.order,
            brand=front.brand,
            picks=[
                Pick(pick.card.line.pk, pick.quantity, pick.reason_code, pick.note)
                for pick in chosen
            ],
            method=ticket.draft["method"],
            refund_type=ticket.draft.get("refund", "money"),
            sender=sender_of(ticket),
            language=front.language,
            note="",
            actor="shopper",
            now=front.now,
            to_address=store_of(ticket, front),
            parcels=ticket.draft.get("parcels") or 1,
            pickup_on=pickup_day_of(ticket),
            own=own_parcel_of(ticket),
            ticket=ticket,
            nonce=request.POST.get("nonce") or new_token(),
        )
    except (NotEnoughUnits, NotReturnable):
        return redirect(f"{front.url('items')}?gone")
    except NotOffered:
        # Offered when the page was drawn, and not any more: the shop or its carrier changed meanwhile.
        return redirect(front.url("how"))
    return redirect(front.url("done"))


@require_safe
@ticket_page
def done(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """The label when it is there; until then the page looks again by itself."""
    made = ticket.draft.get("done")
    if made not in ticket.opened_returns:
        return redirect(front.url("items"))
    ret = Return.objects.select_related("to_address", "order").get(pk=made)
    paper = paper_of(ret, front)
    part: dict[str, Any] = {
        "ret": ret,
        "paper": paper,
        "is_told": bool(told_at(ret)),
        "ready_title": _ready_title(ret, paper),
        "shows_code": _shows_code(ret, paper),
        "customs_papers": sheets_of(ret),
        "customs_waits": waits_for_customs(ret),
    }
    if request.headers.get("X-Part") == "label":
        return front.page(request, "_label.html", **part)
    settings = front.settings
    return front.page(
        request,
        "done.html",
        **part,
        title=_title(ret, paper),
        may_cancel=shopper_window(ret, now=front.now).is_open,
        own=own_of(ret),
        refund_to=refund_to(ret.refund_type),
        around=refund_around(
            paper.hand_in_by or front.today, within_days=settings.refund_within_days
        ),
    )


def _title(ret: Return, paper: Paper) -> str:
    if ret.approval == "requested":
        return _("We have your request.")
    if ret.method == Return.Method.IN_STORE:
        return _("Done. Bring it to the store.")
    if is_own(ret.method):
        return _("Done. Send it to the shop.")
    if paper.is_ready:
        return _ready_title(ret, paper)
    if waits_for_customs(ret):
        return _("Your label comes as soon as the customs papers are ready.")
    if ret.method == Return.Method.LABELLESS:
        return _("Your code is being made.")
    return _("Your label is being made.")


def _ready_title(ret: Return, paper: Paper) -> str:
    if _shows_code(ret, paper):
        return _("Your codes are ready.") if paper.of > 1 else _("Your code is ready.")
    return _("Your labels are ready.") if paper.of > 1 else _("Your label is ready.")


def _shows_code(ret: Return, paper: Paper) -> bool:
    """Is it a code that the shopper gets, or as far as is known will get?"""
    return paper.is_labelless or (not paper.pieces and ret.method == Return.Method.LABELLESS)
