"""/api/v2/brand/{domain}/return-portal/outgoing: the public look-up of an order, as a parcel.

Sendcloud answers with the buyer's name, street, e-mail and phone. We do so only where the merchant has switched
*compatible look-up* on for the brand (ADR 0009); without it those fields are there and empty.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import json_response, methods
from rientro.api.errors import Refused
from rientro.api.ids import parcel_id
from rientro.api.operations import Param, operation
from rientro.api.v2.countries import iso3_of, name_of
from rientro.api.v2.portal_door import PortalCall, portal_wire_call
from rientro.api.v2.portal_settings import language_of, stores_of
from rientro.carriers.registry import UnknownCarrier, known
from rientro.flows.ask_shops import ask_shops
from rientro.flows.find_order import (
    Found,
    NotShippedHere,
    OrderCancelled,
    OrderNotFound,
    find_order,
)
from rientro.kit.errors import RientroError
from rientro.kit.ids import token_hash
from rientro.kit.money import Money
from rientro.models import Merchant, Order, OrderLine, Ticket
from rientro.models.return_rule_book import ReturnRuleBook
from rientro.models.returnable import day_of, facts_of, terms_of
from rientro.policy.eligibility import Verdict, decide
from rientro.policy.return_rules import judged

LONGEST = 300
COUNTRY = record({"iso_2": STRING, "iso_3": STRING, "name": STRING})
PARCEL = named(
    "OutgoingParcel",
    record(
        {
            "id": INTEGER,
            "order_number": STRING,
            "tracking_number": STRING,
            "name": STRING,
            "company_name": STRING,
            "address": STRING,
            "address_2": STRING,
            "address_divided": record({"street": STRING, "house_number": STRING}),
            "house_number": STRING,
            "city": STRING,
            "postal_code": STRING,
            "country": COUNTRY,
            "to_state": maybe(STRING),
            "email": STRING,
            "telephone": STRING,
            "to_coordinates": maybe({"type": "object"}),
            "collo_count": INTEGER,
            "weight": STRING,
            "carrier": record(code=STRING),
        }
    ),
)
PRODUCT = named(
    "PortalProduct",
    record(
        {
            "id": STRING,
            "name": STRING,
            "price": STRING,
            "image_url": maybe(STRING),
            "quantity": INTEGER,
            "returnable": BOOLEAN,
        }
    ),
)
ANSWER = named(
    "PortalLookup",
    record(
        {
            "access_token": STRING,
            "service_points_token": STRING,
            "data": record(
                {
                    "parcel": PARCEL,
                    "products": many(PRODUCT),
                    "carriers": many(record({"code": STRING, "name": STRING})),
                    "service_point": maybe({"type": "object"}),
                    "shop_distances": many(record({"id": INTEGER})),
                }
            ),
        }
    ),
)


@operation(
    "v2_get_outgoing_parcel",
    "Return portal",
    auth="none",
    query=(
        Param(name="identifier", needed=True, about="order number"),
        Param(name="postal_code", needed=True),
        Param(name="omit_service_points"),
        Param(name="language"),
    ),
    answers={200: ANSWER, 400: "V2Error", 404: "V2Error", 429: None},
)
@portal_wire_call
def _look_up(call: PortalCall) -> HttpResponse:
    """Find an order by its number and postal code; the token opens one return.

    A miss is a miss, whatever it was that did not fit. Limits per order, network and merchant hold here as in the
    portal: 429 says when to come back. Name, street, e-mail and phone are empty unless the merchant allows them.
    """
    identifier, postal = _typed(call, "identifier"), _typed(call, "postal_code")
    if not identifier:
        raise Refused("identifier: This field is required.", slug="invalid_identifier")
    if not postal:
        raise Refused("The postal code you provided is invalid.", slug="invalid_postal_code")
    ticket = _judged(call, identifier, postal)
    if isinstance(ticket, OrderNotFound):
        ticket = (
            ask_shops(
                brand=call.brand,
                number=identifier,
                again=lambda: _judged_anew(call, identifier, postal),
                now=call.now,
            )
            or ticket
        )
    if isinstance(ticket, RientroError):
        raise _refusal(ticket)
    token = call.issue("lookup", ticket.pk)
    with transaction.atomic():
        told = _data(call, ticket.order)
    return json_response({"access_token": token, "service_points_token": token, "data": told})


def _typed(call: PortalCall, name: str) -> str:
    return call.request.GET.get(name, "").replace("\0", "").strip()[:LONGEST]


@transaction.atomic
def _judged(
    call: PortalCall, identifier: str, postal: str, *, counted_already: bool = False
) -> Ticket | RientroError:
    """A miss is an answer as well: it was counted, and that has to be kept."""
    try:
        found = _find(call, identifier, postal, counted_already=counted_already)
        if found.choices:  # this contract knows no choice: the newest order is the likeliest
            newest = max(found.choices, key=lambda choice: choice.ordered_at)
            found = _find(
                call, identifier, postal, which=newest.which, counted_already=counted_already
            )
    except RientroError as error:
        return error
    tickets = call.merchant.tickets.select_related("order")
    return tickets.get(token_hash=token_hash(found.ticket_token))


def _judged_anew(call: PortalCall, identifier: str, postal: str) -> Ticket | RientroError | None:
    found = _judged(call, identifier, postal, counted_already=True)
    return None if isinstance(found, OrderNotFound) else found


def _refusal(error: RientroError) -> RientroError:
    if isinstance(error, OrderNotFound):
        return Refused("No matching order.", status=404, slug="order_not_found")
    if isinstance(error, OrderCancelled):
        return Refused(error.message, status=404, slug="order_not_found")
    if isinstance(error, NotShippedHere):
        return Refused(error.message, status=404, slug="order_not_returnable")
    return error


def _find(
    call: PortalCall,
    identifier: str,
    postal: str,
    *,
    which: str = "",
    counted_already: bool,
) -> Found:
    return find_order(
        brand=call.brand,
        number=identifier,
        postal_code=postal,
        network=call.network,
        now=call.now,
        which=which,
        language=language_of(call),
        counted_already=counted_already,
    )


def _data(call: PortalCall, order: Order) -> dict[str, Any]:
    in_store = call.portal.in_store
    return {
        "parcel": _parcel(order, told=call.portal.compatible_lookup),
        "products": _products(call, order),
        "carriers": _carriers(call.merchant),
        "service_point": None,
        "shop_distances": [{"id": place.pk, "distance": None} for place in stores_of(call.brand)]
        if in_store
        else [],
        "national_carrier_contact": "",
        "national_carrier": None,
    }


def _parcel(order: Order, *, told: bool) -> dict[str, Any]:
    """``told``: with what only the buyer should know."""
    street, house_number = (order.street, order.house_number) if told else ("", "")
    return {
        "id": parcel_id("order", order.pk),
        "order_number": order.number,
        "tracking_number": order.outbound_tracking_number if told else "",
        "name": order.name if told else "",
        "company_name": order.company if told else "",
        "address": f"{street} {house_number}".strip(),
        "address_2": order.address_2 if told else "",
        "address_divided": {"street": street, "house_number": house_number},
        "house_number": house_number,
        "city": order.city if told else "",
        "postal_code": order.postal_code,
        "country": {
            "iso_2": order.country,
            "iso_3": iso3_of(order.country),
            "name": name_of(order.country),
        },
        "to_state": (order.state or None) if told else None,
        "email": order.email if told else "",
        "telephone": order.phone if told else "",
        "to_coordinates": None,
        "collo_count": 1,
        "weight": f"{order.weight_g / 1000:.3f}",
        "carrier": {},
    }


def _products(call: PortalCall, order: Order) -> list[dict[str, Any]]:
    lines = list(order.lines.filter(removed_at=None).order_by("position", "pk"))
    pictures = _pictures(call, order, lines)
    terms, book = terms_of(call.portal), ReturnRuleBook(call.brand)
    zone = call.merchant.time_zone
    today = day_of(call.now, zone)
    out = []
    for line in lines:
        ruling = book.ruling(line, order, quantity=1, reason_code="", zone=zone, today=today)
        decision = judged(
            decide(facts_of(line, order, zone), asked=1, terms=terms, today=today), ruling
        )
        price = Money(max(0, line.price_minor), order.currency)
        out.append(
            {
                "id": str(line.pk),
                "name": line.name,
                "price": str(price.decimal()),
                "image_url": pictures.get(line.sku),
                "quantity": max(0, line.quantity - line.returned_quantity),
                "returnable": decision.verdict is not Verdict.REFUSE,
            }
        )
    return out


def _pictures(call: PortalCall, order: Order, lines: list[OrderLine]) -> dict[str, str]:
    rows = call.merchant.product_pictures.filter(
        integration=order.integration_id, sku__in={line.sku for line in lines if line.sku}
    ).values_list("sku", "picture_id", "picture__sha256")
    return {
        sku: settings.BASE_URL
        + reverse("portal:picture", args=[call.brand.slug, f"{pk}-{sha[:8]}"])
        for sku, pk, sha in rows
    }


def _carriers(merchant: Merchant) -> list[dict[str, Any]]:
    """The carriers by the names that shoppers know: what a merchant calls its account is nobody's business."""
    living = merchant.carrier_accounts.filter(deleted_at=None).order_by("-is_default", "pk")
    found = dict.fromkeys(living.values_list("carrier", flat=True))
    return [
        {"code": code, "name": _name_of(code), "logo": {"full": "", "icon": ""}} for code in found
    ]


def _name_of(code: str) -> str:
    try:
        return known(code).name
    except UnknownCarrier:  # its package was taken away
        return code.replace("_", " ").title()


outgoing = methods(GET=_look_up)
