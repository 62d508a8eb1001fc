"""Items and Why: what comes back, and what was wrong with it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rientro.models import ReturnReason, Ticket
from rientro.portal.cards import (
    Card,
    Picked,
    cards_of,
    earlier_returns,
    facts_of_order,
    picked,
)
from rientro.portal.shopfront import Shopfront
from rientro.portal.tickets import keep, ticket_page

LONGEST_NOTE = 1000
NOT_SAID = "-"  # "I prefer not to say": an answer, but no reason


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def items(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """Which units come back. What cannot stays in sight, with the reason."""
    cards = cards_of(ticket.order, front)
    if request.method == "POST":
        picks, problem = _read_picks(request, cards)
        keep(ticket, picks=picks)
        if not problem:
            return redirect(front.url("why"))
        return _show_items(request, front, ticket, cards, problem, 400)
    return _show_items(request, front, ticket, cards, "", 200)


def _show_items(
    request: HttpRequest,
    front: Shopfront,
    ticket: Ticket,
    cards: Sequence[Card],
    problem: str,
    status: int,
) -> HttpResponse:
    chosen = ticket.draft.get("picks", {})
    earlier = earlier_returns(ticket.order, ticket, front)
    rows = [(card, int(chosen.get(str(card.line.pk), 0))) for card in cards]
    return front.page(
        request,
        "items.html",
        status,
        rows=rows,
        any_left=any(card.may_return for card in cards),
        earlier=earlier,
        hidden_returns=any(not one.is_mine for one in earlier),
        facts=facts_of_order(ticket.order, cards, front),
        problem=problem,
        gone="gone" in request.GET,
    )


def _read_picks(request: HttpRequest, cards: Sequence[Card]) -> tuple[dict[str, int], str]:
    """Line -> units, and what is wrong with them in words."""
    ticked = set(request.POST.getlist("pick"))
    picks, problem = {}, ""
    for card in cards:
        key = str(card.line.pk)
        if key not in ticked or not card.may_return:
            continue
        typed = request.POST.get(f"units-{key}", "1").strip()
        units = int(typed) if typed.isdecimal() and len(typed) < 6 else 0
        if not 1 <= units <= card.left:
            problem = _("Of “%(name)s” between 1 and %(most)d can come back.") % {
                "name": card.line.name,
                "most": card.left,
            }
        picks[key] = max(1, min(units, card.left))
    if not picks:
        problem = _("Choose at least one item.")
    return picks, problem


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def why(request: HttpRequest, front: Shopfront, ticket: Ticket, place: int = 1) -> HttpResponse:
    """One item, one question. The last answer leads on."""
    cards = cards_of(ticket.order, front)
    chosen = picked(cards, ticket.draft)
    if not chosen:
        return redirect(front.url("items"))
    if not 1 <= place <= len(chosen):
        return redirect(front.url("why"))
    reasons = list(
        ReturnReason.objects.filter(brand=front.brand, active=True).order_by("position", "pk")
    )
    current = chosen[place - 1]
    if request.method == "POST":
        answer = _read_reason(request, reasons)
        if answer is not None:
            _keep_reason(request, ticket, chosen, place, answer)
            return _next(front, chosen, place, same="same" in request.POST)
    return front.page(
        request,
        "why.html",
        400 if request.method == "POST" else 200,
        place=place,
        chosen=chosen,
        current=current,
        code=request.POST.get("reason", _given(ticket, current)),
        note=request.POST.get("note", current.note),
        reasons=[(r.code, r.label(front.language), r.asks_note) for r in reasons],
        not_said=NOT_SAID,
        back=front.url("why", place - 1) if place > 1 else front.url("items"),
        problem=_("Choose one of these.") if request.method == "POST" else "",
    )


def _given(ticket: Ticket, current: Picked) -> str:
    """What was answered before: an answer that names no reason is one as well."""
    said = ticket.draft.get("why", {}).get(str(current.card.line.pk))
    return "" if said is None else said.get("code") or NOT_SAID


def _read_reason(request: HttpRequest, reasons: Sequence[ReturnReason]) -> dict[str, str] | None:
    code = request.POST.get("reason", "")
    if code != NOT_SAID and code not in {reason.code for reason in reasons}:
        return None
    note = request.POST.get("note", "").replace("\x00", "").strip()[:LONGEST_NOTE]
    return {"code": "" if code == NOT_SAID else code, "note": note}


def _keep_reason(
    request: HttpRequest,
    ticket: Ticket,
    chosen: Sequence[Picked],
    place: int,
    answer: dict[str, str],
) -> None:
    said: dict[str, Any] = {**ticket.draft.get("why", {})}
    said[str(chosen[place - 1].card.line.pk)] = answer
    if "same" in request.POST:
        for other in chosen[place:]:
            said[str(other.card.line.pk)] = {"code": answer["code"], "note": ""}
    keep(ticket, why=said)


def _next(front: Shopfront, chosen: Sequence[Picked], place: int, *, same: bool) -> HttpResponse:
    if same or place >= len(chosen):
        return redirect(front.url("how"))
    return redirect(front.url("why", place + 1))
