"""Find: two details open an order; a mail opens it where they cannot."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from rientro.flows.ask_shops import ask_shops
from rientro.flows.find_order import (
    Found,
    NotShippedHere,
    OrderCancelled,
    OrderNotFound,
    TooManyTries,
    find_order,
)
from rientro.flows.mail_link import DeadLink, TooManyLinks, is_open_link, mail_link, open_link
from rientro.kit.errors import RientroError
from rientro.kit.network import client_address, network_of
from rientro.portal.shopfront import Shopfront, portal_page, portal_wire_page
from rientro.portal.tickets import hand_over, ticket_of, token_in

LONGEST = 300
# Which words the page has for an answer that opens no order.
PROBLEMS: dict[type[RientroError], str] = {
    OrderNotFound: "missing",
    TooManyTries: "limited",
    NotShippedHere: "no_outbound",
    OrderCancelled: "cancelled",
}


@require_http_methods(["GET", "HEAD", "POST"])
@portal_wire_page
def find(request: HttpRequest, front: Shopfront) -> HttpResponse:
    """Ask for the two; on POST open the order, or show the same page with what to do next."""
    if request.method == "POST" and front.settings.active:
        return _look_up(request, front)
    with transaction.atomic():
        return _form(request, front)


def _form(request: HttpRequest, front: Shopfront) -> HttpResponse:
    if not front.settings.active:
        return front.page(request, "closed.html", 200 if request.method != "POST" else 409)
    if "again" not in request.GET and (ticket := ticket_of(request, front)) is not None:
        return front.page(request, "find.html", store=_is_store(request), open_order=ticket.order)
    return front.page(request, "find.html", store=_is_store(request), again="again" in request.GET)


def _look_up(request: HttpRequest, front: Shopfront) -> HttpResponse:
    number, proof = _typed(request, "order"), _typed(request, "postcode")
    empty = [name for name, value in (("order", number), ("postcode", proof)) if not value]
    if empty:
        with transaction.atomic():
            return _again(request, front, "empty", 400, empty=empty)
    found = _judged(request, front)
    if isinstance(found, OrderNotFound):
        found = (
            ask_shops(
                brand=front.brand,
                number=number,
                again=lambda: _judged_anew(request, front),
                now=front.now,
            )
            or found
        )
    with transaction.atomic():
        return _answered(request, front, found)


@transaction.atomic
def _judged(
    request: HttpRequest, front: Shopfront, *, counted_already: bool = False
) -> Found | RientroError:
    """A miss is an answer as well: it was counted, and that has to be kept."""
    try:
        return find_order(
            brand=front.brand,
            number=_typed(request, "order"),
            postal_code=_typed(request, "postcode"),
            network=network(request),
            now=front.now,
            which=_typed(request, "which"),
            language=front.language,
            held=token_in(request, front),
            counted_already=counted_already,
        )
    except tuple(PROBLEMS) as error:
        return error


def _judged_anew(request: HttpRequest, front: Shopfront) -> Found | RientroError | None:
    found = _judged(request, front, counted_already=True)
    return None if isinstance(found, OrderNotFound) else found


def _answered(request: HttpRequest, front: Shopfront, found: Found | RientroError) -> HttpResponse:
    if isinstance(found, Found):
        return _opened(request, front, found)
    response = _again(request, front, PROBLEMS[type(found)], found.status)
    if found.status == 429:
        response.headers["Retry-After"] = str(found.facts["retry_after_s"])
    return response


def _opened(request: HttpRequest, front: Shopfront, found: Found) -> HttpResponse:
    if found.choices:
        return front.page(
            request,
            "choose.html",
            choices=found.choices,
            number=_typed(request, "order"),
            postcode=_typed(request, "postcode"),
        )
    response = redirect(front.url("items"))
    hand_over(request, response, front, found.ticket_token)
    return response


def _again(
    request: HttpRequest, front: Shopfront, problem: str, status: int, **context: object
) -> HttpResponse:
    """The same page with the words for ``problem`` and what was typed; nothing else differs."""
    return front.page(
        request,
        "find.html",
        status,
        problem=problem,
        number=_typed(request, "order"),
        postcode=_typed(request, "postcode"),
        store=_is_store(request),
        **context,
    )


def _is_store(request: HttpRequest) -> bool:
    return request.POST.get("via", request.GET.get("via")) == "store"


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:LONGEST]


def network(request: HttpRequest) -> str:
    """The network that asks, believing exactly the proxies that the operator has."""
    return network_of(
        client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            trusted_proxies=settings.TRUSTED_PROXIES,
        )
    )


# The way by mail


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def link(request: HttpRequest, front: Shopfront) -> HttpResponse:
    """Ask for number and e-mail; the answer is the same whether there is such an order or not."""
    if request.method != "POST":
        return front.page(request, "link.html")
    number, email = _typed(request, "order"), _typed(request, "email")
    empty = [name for name, value in (("order", number), ("email", email)) if not value]
    if empty:
        return front.page(request, "link.html", 400, empty=empty, number=number, email=email)
    try:
        mail_link(
            brand=front.brand,
            number=number,
            email=email,
            network=network(request),
            language=front.language,
            now=front.now,
        )
    except TooManyLinks as error:
        response = front.page(request, "link.html", 429, limited=True, number=number, email=email)
        response.headers["Retry-After"] = str(error.facts["retry_after_s"])
        return response
    return front.page(request, "link_sent.html", 202)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def open_mailed(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """A mail program that peeks at links uses none up: only the button does."""
    if request.method != "POST":
        if not is_open_link(brand=front.brand, token=token, now=front.now):
            return front.page(request, "link.html", 404, dead=True)
        return front.page(request, "open_mailed.html")
    try:
        fresh = open_link(brand=front.brand, token=token, now=front.now)
    except DeadLink:
        return front.page(request, "link.html", 404, dead=True)
    response = redirect(front.url("items"))
    hand_over(request, response, front, fresh)
    return response
