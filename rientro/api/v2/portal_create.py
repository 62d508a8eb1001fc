"""/api/v2/brand/{domain}/return-portal/incoming: the shopper's return, made with the token of a look-up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.body import read_json
from rientro.api.describe import INTEGER, STRING, many, maybe, named, record
from rientro.api.door import json_response, methods
from rientro.api.errors import Refused
from rientro.api.ids import parcel_id
from rientro.api.operations import operation
from rientro.api.reading import Reader
from rientro.api.v2.portal_door import PortalCall, TokenRefused, portal_call
from rientro.api.v2.portal_photos import photos_of
from rientro.api.v2.portal_settings import language_of, method_of, refund_options, stores_of
from rientro.flows.open_return import FromAddress, Pick, open_return
from rientro.models import Return, SenderAddress, Ticket

MOST_PRODUCTS = 100
LONGEST_NOTE = 1000
PRODUCT = named(
    "IncomingProduct",
    record(
        {"product_id": {"type": ["string", "integer"]}, "quantity": INTEGER},
        description=STRING,
        value={"type": ["string", "number"]},
        return_reason=maybe(INTEGER),
        return_message=maybe(STRING),
    ),
)
INCOMING = named(
    "IncomingReturn",
    record(
        {"outgoing_parcel": INTEGER, "products": many(PRODUCT)},
        incoming_parcel={"type": "object"},
        refund={"type": "object"},
        delivery_option=STRING,
        pickup_date=maybe(STRING),
        reason=maybe(INTEGER),
        message=maybe(STRING),
        service_point={"type": ["object", "null"]},
        images=many({"type": "object"}),
    ),
)
ANSWER = named(
    "IncomingAnswer",
    record({"poller_url": STRING, "return": INTEGER, "incoming_parcels": many(INTEGER)}),
)


@operation(
    "v2_create_incoming_return",
    "Return portal",
    auth="portal",
    body=INCOMING,
    answers={200: ANSWER, 400: "V2Error", 401: "V2Error", 404: "V2Error", 409: "V2Error"},
    costs=True,
)
@portal_call
def _create(call: PortalCall) -> HttpResponse:
    """Open the return of a look-up.

    The same token opens one return, however often it is sent: a repeat gets the same answer. The sender's address
    is what the shopper tells here; a label is bought in the background, and poller_url says when it is there.
    """
    ticket = _ticket(call)
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise Refused("Send one object.")
    if body.get("outgoing_parcel") != parcel_id("order", ticket.order_id):
        raise Refused("outgoing_parcel: Send the id that the look-up gave.")
    method = method_of(str(body.get("delivery_option") or "drop_off_point"))
    picks, photos = _picks(call, body)
    ret = open_return(
        order=ticket.order,
        brand=call.brand,
        picks=picks,
        method=method,
        refund_type=_refund_type(call, body),
        sender=_sender(ticket, body),
        language=language_of(call),
        note=_words(body.get("message")) or _words((_object(body, "refund")).get("message")),
        actor="shopper",
        now=call.now,
        to_address=_store(call, body) if method == Return.Method.IN_STORE.value else None,
        parcels=_parcels(body),
        pickup_on=_pickup_on(body) if method == Return.Method.PICKUP.value else None,
        ticket=ticket,
        nonce="api",
    )
    _keep_photos(ret, photos)
    return json_response(
        {
            "poller_url": _url(call, "portal-polling", call.issue("label", ret.pk)),
            "return": ret.pk,
            "incoming_parcels": parcels_of(ret),
        }
    )


def parcels_of(ret: Return) -> list[int]:
    """The ids of a return's parcels; a return that needs none has one all the same, for clients insist."""
    found = [
        parcel_id("parcel", pk) for pk in ret.parcels.order_by("pk").values_list("pk", flat=True)
    ]
    return found or [parcel_id("return", ret.pk)]


def _ticket(call: PortalCall) -> Ticket:
    number = call.read("lookup", call.bearer())
    ticket = (
        call.merchant.tickets.alive(call.now)
        .filter(pk=number, brand=call.brand)
        .select_related("order")
        .first()
    )
    if ticket is None:
        raise TokenRefused
    return ticket


def _picks(call: PortalCall, body: Mapping[str, Any]) -> tuple[list[Pick], dict[int, list[int]]]:
    told = body.get("products")
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_PRODUCTS:
        raise Refused(f"products: Send 1 to {MOST_PRODUCTS} products.")
    reasons: dict[Any, str] = dict(call.brand.reasons.filter(active=True).values_list("pk", "code"))
    picks = []
    for product in told:
        if not isinstance(product, Mapping):
            raise Refused("products: Each is an object.")
        line, quantity = _whole(product, "product_id"), _whole(product, "quantity")
        reason = product.get("return_reason") or body.get("reason")
        if reason and (not isinstance(reason, int) or reason not in reasons):
            raise Refused("return_reason: Choose one of the reasons of the portal.")
        picks.append(
            Pick(line, quantity, reasons.get(reason, ""), _words(product.get("return_message")))
        )
    return picks, photos_of(call, body)


def _whole(product: Mapping[str, Any], name: str) -> int:
    value = product.get(name)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused(f"products: {name} must be a whole number.")
    return int(text)


def _refund_type(call: PortalCall, body: Mapping[str, Any]) -> str:
    told = _object(_object(body, "refund"), "refund_type").get("code")
    offered = [option["code"] for option in refund_options(call.portal, "en")]
    if told is None and offered:
        return str(offered[0])
    return str(told)


def _parcels(body: Mapping[str, Any]) -> int:
    """``incoming_parcel.collo_count``; clients send 0 for what they do not ask."""
    told = _object(body, "incoming_parcel").get("collo_count")
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else 1


def _pickup_on(body: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(body.get("pickup_date") or "")[:10])
    except ValueError as error:
        raise Refused("pickup_date: Send the day, such as 2026-12-31.") from error


def _sender(ticket: Ticket, body: Mapping[str, Any]) -> FromAddress:
    reader = Reader(_object(body, "incoming_parcel"))
    state = reader.text("from_country_state", longest=60)
    address = FromAddress(
        name=reader.text("from_name", longest=200),
        company=reader.text("from_company_name", longest=200),
        street=reader.text("from_address_1", longest=200),
        house_number=reader.text("from_house_number", longest=40),
        address_2=reader.text("from_address_2", longest=200),
        postal_code=reader.text("from_postal_code", longest=40),
        city=reader.text("from_city", longest=120),
        state=state.partition("-")[2] or state,  # IT-AN is said, AN is printed
        country=reader.text("from_country", longest=2) or ticket.order.country,
        email=reader.text("from_email", longest=254),
        phone=reader.text("from_telephone", longest=60),
    )
    if reader.problems:
        field, sentences = next(iter(reader.problems.items()))
        raise Refused(f"incoming_parcel.{field}: {sentences[0]}")
    return address


def _store(call: PortalCall, body: Mapping[str, Any]) -> SenderAddress | None:
    """The store that was chosen, by its id; with one store there is nothing to choose."""
    stores = stores_of(call.brand)
    wanted = _object(body, "service_point").get("id") or body.get("store_location")
    if wanted is None:
        return stores[0] if len(stores) == 1 else None
    return next((place for place in stores if str(place.pk) == str(wanted)), None)


def _keep_photos(ret: Return, photos: Mapping[int, list[int]]) -> None:
    for item in ret.items.filter(order_line__in=list(photos)):
        item.photos = photos[item.order_line_id]
        item.save(update_fields=["photos"])


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _words(value: Any) -> str:
    return value.strip()[:LONGEST_NOTE] if isinstance(value, str) else ""


def _url(call: PortalCall, name: str, token: str) -> str:
    path = reverse(f"api:{name}", args=[call.brand.slug])
    return f"{settings.BASE_URL}{path}?token={token}"


incoming = methods(POST=_create)
