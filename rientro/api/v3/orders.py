"""/api/v3/orders: orders in batches, all or nothing unless ``partial`` is asked for. Importing costs nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import INTEGER, STRING, many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.v3.order_in import THEIR_PLACES, read_order
from rientro.api.v3.order_out import ORDER, order_out
from rientro.api.v3.order_pages import FILTERS, page_of_orders
from rientro.flows.cancel_order import cancel_order
from rientro.flows.import_orders import import_orders
from rientro.kit.errors import Missing
from rientro.models import Order
from rientro.policy.orders_in import OrderIn, OrderResult

MOST = 100
BASE = "/data/attributes"
MADE = record({"id": INTEGER, "order_id": STRING, "order_number": STRING})
RESULT = record(
    {"order_id": {}, "status": STRING},
    id=INTEGER,
    order_number=STRING,
    errors=many({"type": "object"}),
)
ORDERS_MADE = named("OrdersMadeV3", record({"data": many({"anyOf": [MADE, RESULT]})}))
ORDER_IN = named("OrderInV3", {"type": "object"})
PAGE = named("OrderPageV3", record({"data": many(ORDER)}))
ONE = named("OneOrderV3", record({"data": ORDER}))
CHANGED = named("OrderChangedV3", record({"data": MADE}))


def orders_of(call: Call) -> QuerySet[Order]:
    found: QuerySet[Order] = call.caller.integration.orders.filter(
        cancelled_at=None, standalone=False
    )
    return found.prefetch_related("lines")


@operation(
    "v3_upsert_orders",
    "Orders",
    scope="write:order",
    query=(Param(name="partial", about="true: one result per order, the good ones are kept"),),
    body={"type": "array", "items": {"$ref": "#/components/schemas/OrderInV3"}},
    answers={201: ORDERS_MADE, 400: "V3Errors"},
)
def _upsert(call: Call) -> HttpResponse:
    """Make or change 1 to 100 orders, matched by order_id, or by id told as a string.

    All or nothing: one that cannot be taken keeps all out, and the pointers say where it is wrong. With
    ``?partial=true`` each order has its own result instead.
    """
    partial = call.request.GET.get("partial", "").lower() in ("true", "1")
    told = _entries(read_json(call.request))
    read = [_read(call, entry, place) for place, entry in enumerate(told)]
    if not partial and (problems := [p for _, found in read for p in found]):
        raise Refused(problems[0].detail, problems=problems[:MOST])
    orders = [order for order, _ in read if order is not None]
    with transaction.atomic():
        results = _imported(call, orders)
        if not partial and (problems := _refusals(orders, results)):
            transaction.set_rollback(True)
            raise Refused(problems[0].detail, problems=problems)
        made = _numbers(call, results)
    if partial:
        return json_response({"data": _outcomes(told, read, results, made)}, 201)
    return json_response({"data": [made[order.external_order_id] for order in orders]}, 201)


def _entries(body: Any) -> Sequence[Any]:
    if not isinstance(body, list):
        words = "Expected a list of orders."
        problem = Problem(
            detail=words, code="non_field_errors", pointer=f"{BASE}/", title="Wrong format"
        )
        raise Refused(words, problems=[problem])
    if not 1 <= len(body) <= MOST:
        words = f"Orders list should have at most {MOST} items, not {len(body)}"
        if not body:
            words = "Orders list should have at least 1 item"
        raise Refused(words, problems=[Problem(detail=words, pointer=f"{BASE}/")])
    return body


def _read(call: Call, entry: Any, place: int) -> tuple[OrderIn | None, list[Problem]]:
    base = f"{BASE}/[{place}]"
    if not isinstance(entry, Mapping):
        return None, [Problem(detail="Input should be an object", pointer=base)]
    asked = _integration_asked(entry)
    if asked != call.caller.integration.pk:
        where = f"{base}/order_details/integration/id"
        return None, [Problem(detail="Integration does not exist", code="invalid", pointer=where)]
    entry, problems = _by_id(call, entry, base)
    if problems:
        return None, problems
    currency = call.caller.integration.merchant.currency
    return read_order(entry, base=base, currency=currency)


def _integration_asked(entry: Mapping[str, Any]) -> Any:
    details = entry.get("order_details")
    integration = details.get("integration") if isinstance(details, Mapping) else None
    return integration.get("id") if isinstance(integration, Mapping) else None


def _by_id(
    call: Call, entry: Mapping[str, Any], base: str
) -> tuple[Mapping[str, Any], list[Problem]]:
    """An order that is named by our id: its order_id is known, and may not become another."""
    told = entry.get("id")
    if told is None:
        return entry, []
    if not isinstance(told, str) or not (told.isascii() and told.isdigit() and len(told) <= 18):
        return entry, [Problem(detail="Input should be a valid string", pointer=f"{base}/id")]
    with transaction.atomic():
        known = orders_of(call).filter(pk=int(told)).first()
    if known is None:
        return entry, [Problem(detail="Order does not exist", pointer=f"{base}/id")]
    if entry.get("order_id") not in (None, known.external_order_id):
        words = f"Order id {known.external_order_id} cannot be changed"
        return entry, [Problem(detail=words, pointer=f"{base}/order_id")]
    return {**entry, "order_id": known.external_order_id}, []


def _imported(call: Call, orders: Sequence[OrderIn]) -> list[OrderResult]:
    if not orders:
        return []
    return import_orders(
        integration=call.caller.integration, orders=orders, actor=call.actor, now=call.now
    )


def _refusals(orders: Sequence[OrderIn], results: Sequence[OrderResult]) -> list[Problem]:
    return [
        problem
        for place, result in enumerate(results)
        if result.status == "error"
        for problem in _our_problems(result, f"{BASE}/[{place}]")
    ]


def _our_problems(result: OrderResult, base: str) -> list[Problem]:
    """Problems that only our own checks found, under the places that the caller knows."""
    return [
        Problem(
            detail=str(sentences[0] if isinstance(sentences, list) else sentences),
            pointer=f"{base}/{THEIR_PLACES.get(name, name)}",
        )
        for name, sentences in result.errors.items()
    ]


def _numbers(call: Call, results: Sequence[OrderResult]) -> dict[str, dict[str, Any]]:
    wanted = [result.external_order_id for result in results if result.status != "error"]
    rows = call.caller.integration.orders.filter(
        external_order_id__in=wanted, external_shipment_id=""
    )
    return {
        order.external_order_id: {
            "id": order.pk,
            "order_id": order.external_order_id,
            "order_number": order.number,
        }
        for order in rows
    }


def _outcomes(
    told: Sequence[Any],
    read: Sequence[tuple[OrderIn | None, list[Problem]]],
    results: Sequence[OrderResult],
    made: Mapping[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """One result per entry, in their order."""
    coming = iter(results)
    out = []
    for place, (entry, (order, problems)) in enumerate(zip(told, read, strict=True)):
        name = entry.get("order_id") if isinstance(entry, Mapping) else None
        result = next(coming) if order is not None else None
        if result is not None and result.status == "error":
            problems = _our_problems(result, f"{BASE}/[{place}]")
        if result is None or problems:
            errors = [{"pointer": p.pointer, "detail": p.detail, "code": p.code} for p in problems]
            out.append({"order_id": name, "status": "error", "errors": errors})
            continue
        out.append({**made[result.external_order_id], "status": result.status})
    return out


@operation(
    "v3_list_orders",
    "Orders",
    scope="read:order",
    query=tuple(Param(name=name) for name in FILTERS),
    answers={200: PAGE, 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The orders of the integration; the Link header leads to the next page."""
    page = page_of_orders(call.request, orders_of(call), call.caller.integration.pk)
    return page.link(json_response({"data": [order_out(order) for order in page.rows]}))


@operation("v3_get_order", "Orders", scope="read:order", answers={200: ONE, 404: "V3Errors"})
@transaction.atomic
def _one(call: Call, order_id: str) -> HttpResponse:
    """One order."""
    return json_response({"data": order_out(_named(call, order_id))})


def _named(call: Call, order_id: str) -> Order:
    order = orders_of(call).filter(pk=int(order_id)).first()
    if order is None:
        raise Missing("No Order matches the given query.")
    return order


@operation(
    "v3_patch_order",
    "Orders",
    scope="write:order",
    body=ORDER_IN,
    answers={200: CHANGED, 400: "V3Errors", 404: "V3Errors"},
)
def _change(call: Call, order_id: str) -> HttpResponse:
    """Change some fields of an order; what is not told stays as it is. order_id cannot be changed."""
    told = read_json(call.request)
    if not isinstance(told, Mapping):
        raise Refused("Send one object with the fields to change.")
    with transaction.atomic():
        known = _named(call, order_id)
        whole = order_out(known)
    if told.get("order_id") not in (None, known.external_order_id):
        words = f"Order id {known.external_order_id} cannot be changed"
        raise Refused(words, problems=[Problem(detail=words, pointer="order/order_id")])
    details = told.get("order_details")
    if isinstance(details, Mapping) and details.get("order_items", ...) == []:
        words = "Ensure this field has at least 1 item"
        raise Refused(
            words, problems=[Problem(detail=words, pointer="order/order_details/order_items")]
        )
    merged = _merged(whole, told)
    # A change is news even when the shop's own stamp was not told anew.
    if "order_updated_at" not in (told.get("order_details") or {}):
        merged["order_details"]["order_updated_at"] = call.now.isoformat()
    order, problems = read_order(merged, base="order", currency=known.currency)
    if order is None:
        raise Refused(problems[0].detail, problems=problems)
    with transaction.atomic():
        results = _imported(call, [order])
        if results[0].status == "error":
            transaction.set_rollback(True)
            found = _our_problems(results[0], "order")
            raise Refused(found[0].detail, problems=found)
        made = _numbers(call, results)
    return json_response({"data": made[known.external_order_id]})


def _merged(whole: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """``told`` over ``whole``: objects field by field, lists and values as told."""
    out = dict(whole)
    for name, value in told.items():
        known = out.get(name)
        if isinstance(known, dict) and isinstance(value, Mapping):
            out[name] = _merged(known, value)
        else:
            out[name] = value
    return out


@operation("v3_delete_order", "Orders", scope="write:order", answers={204: None, 404: "V3Errors"})
def _delete(call: Call, order_id: str) -> HttpResponse:
    """Take an order back: nobody finds it any more; its returns go on."""
    with transaction.atomic():
        order = _named(call, order_id)
        cancel_order(order=order, forget=True, actor=call.actor, now=call.now)
    return HttpResponse(status=204)


collection = methods(GET=_list, POST=_upsert)
single = methods(GET=_one, PATCH=_change, DELETE=_delete)
