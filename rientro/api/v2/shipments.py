"""/api/v2/integrations/{id}/shipments: orders come in, are listed and are taken back. Importing costs nothing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import ANYTHING, INTEGER, STRING, many, maybe, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.v2.shipment_in import read_shipment, their_words
from rientro.api.v2.shipment_pages import page_of
from rientro.flows.cancel_order import cancel_order
from rientro.flows.import_orders import import_orders
from rientro.kit.errors import Missing
from rientro.kit.text import clean_line
from rientro.models import Integration, Merchant, Order
from rientro.policy.orders_in import OrderIn, OrderResult, Problems

MOST_ORDERS = 100  # in one request, as documented
RESULT = named(
    "ShipmentResult",
    record(
        {"status": one_of("created", "updated", "error"), "external_shipment_id": ANYTHING},
        external_order_id=ANYTHING,
        shipment_uuid=STRING,
        error={"type": "object"},
    ),
)
SHIPMENT_IN = named("ShipmentIn", {"type": "object", "required": ["external_order_id"]})
SHIPMENT = named(
    "Shipment",
    record(
        {
            "shipment_uuid": STRING,
            "external_order_id": STRING,
            "integration": INTEGER,
            "order_number": STRING,
        }
    ),
)
PAGE = named(
    "ShipmentPage",
    record({"next": maybe(STRING), "previous": maybe(STRING), "results": many(SHIPMENT)}),
)
NAMED = named(
    "ShipmentName",
    record(shipment_uuid=STRING, external_order_id=STRING, external_shipment_id=maybe(STRING)),
)
NO_SUCH_SHIPMENT = "No ShipmentBlob matches the given query."


@operation(
    "v2_upsert_shipments",
    "Orders",
    scope="write:order",
    body={
        "type": "array",
        "items": {"$ref": "#/components/schemas/ShipmentIn"},
        "minItems": 1,
        "maxItems": 100,
    },
    answers={200: many(RESULT), 400: "V2Error", 404: "V2Error"},
)
def _upsert(call: Call, integration_id: str) -> HttpResponse:
    """Each entry is taken in or refused by itself; the answer has one result per entry, in their order."""
    integration = call.integration(integration_id)
    told = _entries(read_json(call.request))
    currency = Merchant.objects.get(pk=call.caller.merchant_id).currency
    read = [read_shipment(entry, currency=currency) for entry in told]
    orders = [order for order, _ in read if order is not None]
    results = iter(
        import_orders(integration=integration, orders=orders, actor=call.actor, now=call.now)
    )
    return json_response(
        [
            _result(entry, order, problems, results)
            for entry, (order, problems) in zip(told, read, strict=True)
        ]
    )


def _entries(body: Any) -> Sequence[Any]:
    if isinstance(body, Mapping) and isinstance(body.get("shipments"), list):
        body = body["shipments"]
    if not isinstance(body, list):
        raise Refused("Send a list of shipments.")
    if not 1 <= len(body) <= MOST_ORDERS:
        raise Refused(f"Send 1 to {MOST_ORDERS} shipments at a time, not {len(body)}.")
    return body


def _result(entry: Any, order: OrderIn | None, problems: Problems, results: Any) -> dict[str, Any]:
    told = entry if isinstance(entry, Mapping) else {}
    ids = {name: told.get(name) for name in ("external_order_id", "external_shipment_id")}
    if order is None:
        return {"error": problems, **ids, "status": "error"}
    result: OrderResult = next(results)
    if result.status == "error":
        return {"error": their_words(result.errors), **ids, "status": "error"}
    # Sendcloud knows no third word: what stays as it was is answered as updated.
    status = "created" if result.status == "created" else "updated"
    return {**ids, "shipment_uuid": result.shipment_uuid, "status": status}


@operation(
    "v2_list_shipments",
    "Orders",
    scope="read:order",
    query=tuple(
        Param(name=name)
        for name in (
            "cursor",
            "start_date",
            "end_date",
            "external_order_ids",
            "external_shipment_ids",
            "shipping_rules",
            "order_number",
            "sender_address",
        )
    ),
    answers={200: PAGE, 400: "V2Error", 404: "V2Error"},
)
def _list(call: Call, integration_id: str) -> HttpResponse:
    """The orders of an integration, newest first."""
    integration = call.integration(integration_id)
    with transaction.atomic():
        return json_response(page_of(integration, call.request))


@operation(
    "v2_delete_shipment",
    "Orders",
    scope="write:order",
    body=NAMED,
    answers={204: None, 400: "V2Error", 404: "V2Error"},
)
def _take_back(call: Call, integration_id: str) -> HttpResponse:
    """The shop's own cancelled state is not inferred: whoever cancels an order tells us here."""
    integration = call.integration(integration_id)
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise Refused("Send one object with shipment_uuid, or with both external ids.")
    with transaction.atomic():
        order = _named(integration, body)
        cancel_order(order=order, forget=True, actor=call.actor, now=call.now)
    return HttpResponse(status=204)


def _named(integration: Integration, body: Mapping[str, Any]) -> Order:
    """The living order that ``body`` names. Raises Refused, Missing."""
    living = integration.orders.filter(cancelled_at=None, standalone=False)
    if body.get("shipment_uuid") is not None:
        try:
            found = living.filter(shipment_uuid=UUID(str(body["shipment_uuid"])))
        except ValueError as error:
            raise Refused("shipment_uuid: Must be a valid UUID.") from error
    else:
        order_id, shipment_id = body.get("external_order_id"), body.get("external_shipment_id")
        if not isinstance(order_id, str | int) or "external_shipment_id" not in body:
            raise Refused(
                "Send shipment_uuid, or external_order_id together with external_shipment_id."
            )
        found = living.filter(
            external_order_id=clean_line(str(order_id)),  # as the import keeps them
            external_shipment_id="" if shipment_id is None else clean_line(str(shipment_id)),
        )
    order = found.first()
    if order is None:
        raise Missing(NO_SUCH_SHIPMENT)
    return order


collection = methods(GET=_list, POST=_upsert)
removal = methods(POST=_take_back)
