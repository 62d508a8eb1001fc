"""The cookie that carries a shopper's ticket, and the frame of every page that needs one."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from rientro.kit.ids import new_token, token_hash
from rientro.models import Ticket
from rientro.models.lookup import LIFE
from rientro.portal.shopfront import Shopfront, portal_page

SEEN_AGAIN = timedelta(minutes=1)  # a page a second must not be a write a second


def hand_over(request: HttpRequest, response: HttpResponse, front: Shopfront, token: str) -> None:
    """Put the ticket into a cookie that scripts cannot read and other sites cannot send."""
    secure = request.is_secure()
    response.set_cookie(
        _name(request, front),
        token,
        max_age=int(LIFE.total_seconds()),
        # A __Host- cookie must have the root as its path; its name keeps brands apart.
        path="/" if secure else f"/{front.slug}/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def take_back(request: HttpRequest, response: HttpResponse, front: Shopfront) -> None:
    path = "/" if request.is_secure() else f"/{front.slug}/"
    response.delete_cookie(_name(request, front), path=path, samesite="Lax")


def token_in(request: HttpRequest, front: Shopfront) -> str:
    """What the browser holds for this brand, living or not; "" for nothing and for what cannot be a token."""
    token: str = request.COOKIES.get(_name(request, front), "")
    return token if len(token) <= 100 else ""


def ticket_of(request: HttpRequest, front: Shopfront) -> Ticket | None:
    """The living ticket of this browser for this brand, or None."""
    token = token_in(request, front)
    if not token:
        return None
    ticket = (
        Ticket.objects.alive(front.now)
        .filter(token_hash=token_hash(token), brand=front.brand)
        .exclude(draft__has_key="link")  # a mailed link is opened once, by its own page
        .select_related("order")
        .first()
    )
    if ticket is not None and front.now - ticket.seen_at > SEEN_AGAIN:
        ticket.seen_at = front.now
        ticket.save(update_fields=["seen_at"])
    return ticket


def ticket_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """``view(request, front, ticket, …)``; without a living ticket the shopper starts again, and is told so."""

    @portal_page
    @wraps(view)
    def answer(request: HttpRequest, front: Shopfront, **kwargs: Any) -> HttpResponse:
        ticket = ticket_of(request, front)
        if ticket is None:
            return redirect(f"{front.url('find')}?again")
        if not front.settings.active:
            return front.page(request, "closed.html", 409)
        return view(request, front, ticket, **kwargs)

    return answer


def keep(ticket: Ticket, **typed: Any) -> None:
    """Remember what was typed, so that Back finds it. Another tab's return in the same moment is not forgotten."""
    held = Ticket.objects.locked().get(pk=ticket.pk)
    ticket.draft = {**held.draft, "nonce": held.draft.get("nonce") or new_token(), **typed}
    ticket.save(update_fields=["draft"])


def _name(request: HttpRequest, front: Shopfront) -> str:
    return f"__Host-ticket-{front.slug}" if request.is_secure() else f"ticket-{front.slug}"
