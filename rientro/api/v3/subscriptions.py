"""/api/v3/event-subscriptions: which events go to a connection, the list of events, and a test."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.v3.broadcast import send_test
from rientro.api.v3.connections import READS, WRITES, body_of, connection, refused
from rientro.api.webhooks.connections import inside, outside
from rientro.flows.delete_subscription import delete_subscription
from rientro.flows.save_subscription import BadSubscription, save_subscription
from rientro.kit.errors import Missing
from rientro.models import EventSubscription, WebhookEndpoint
from rientro.policy.event_names import EVENTS, OF_AN_INTEGRATION

TYPES = tuple(outside(name) for name in OF_AN_INTEGRATION)
SUBSCRIPTION = named(
    "EventSubscription",
    record(
        {
            "id": INTEGER,
            "connection_id": INTEGER,
            "event_type": one_of(*TYPES),
            "is_active": BOOLEAN,
            "created_at": STRING,
            "updated_at": STRING,
        }
    ),
)
SUBSCRIPTION_IN = named(
    "EventSubscriptionIn",
    record(connection_id=INTEGER, event_type=one_of(*TYPES), is_active=BOOLEAN),
)
ONE = record({"data": SUBSCRIPTION})
RESULT = named(
    "BroadcastResult", record({"success": BOOLEAN, "status_code": INTEGER, "response_body": STRING})
)


@operation(
    "v3_list_event_types",
    "Event subscriptions",
    scope=READS,
    answers={200: record({"data": many(record({"event_type": STRING, "description": STRING}))})},
)
def _types(call: Call) -> HttpResponse:
    """Every event that can be subscribed to, and what it says. (Sendcloud has no such list.)"""
    told = [
        {"event_type": outside(name), "description": EVENTS[name]} for name in OF_AN_INTEGRATION
    ]
    return json_response({"data": told})


@operation(
    "v3_list_event_subscriptions",
    "Event subscriptions",
    scope=READS,
    query=(Param(name="event_type"), Param(name="is_active", schema=BOOLEAN)),
    answers={200: record({"data": many(SUBSCRIPTION)}), 400: "V3Errors"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The subscriptions of this key's integration, oldest first."""
    query, rows = call.request.GET, _subscriptions_of(call)
    if kind := query.get("event_type"):
        rows = rows.filter(event_name=inside(kind)) if kind in TYPES else rows.none()
    if told := query.get("is_active"):
        if told.lower() not in ("true", "false", "1", "0"):
            words = "is_active is true or false."
            problem = Problem(detail=words, parameter="is_active")
            raise Refused(words, problems=[problem])
        rows = rows.filter(active=told.lower() in ("true", "1"))
    return json_response({"data": [_out(row) for row in rows.order_by("pk")]})


@operation(
    "v3_create_event_subscription",
    "Event subscriptions",
    scope=WRITES,
    body=SUBSCRIPTION_IN,
    answers={201: ONE, 400: "V3Errors"},
)
def _create(call: Call) -> HttpResponse:
    """Let a connection hear of one kind of event from now on."""
    body = body_of(call)
    for name in ("connection_id", "event_type"):
        if body.get(name) is None:
            raise refused("This field is required.", name, "required")
    return json_response({"data": _out(_saved(call, None, body))}, 201)


@operation(
    "v3_get_event_subscription",
    "Event subscriptions",
    scope=READS,
    answers={200: ONE, 404: "V3Errors"},
)
@transaction.atomic
def _one(call: Call, subscription_id: str) -> HttpResponse:
    """One subscription."""
    return json_response({"data": _out(_named(call, subscription_id))})


@operation(
    "v3_update_event_subscription",
    "Event subscriptions",
    scope=WRITES,
    body=SUBSCRIPTION_IN,
    answers={200: ONE, 400: "V3Errors", 404: "V3Errors"},
)
def _update(call: Call, subscription_id: str) -> HttpResponse:
    """Change what is told: pause it, or send it elsewhere. The rest stays."""
    with transaction.atomic():
        row = _named(call, subscription_id)
    return json_response({"data": _out(_saved(call, row, body_of(call)))})


@operation(
    "v3_delete_event_subscription",
    "Event subscriptions",
    scope=WRITES,
    answers={204: None, 404: "V3Errors"},
)
def _delete(call: Call, subscription_id: str) -> HttpResponse:
    """Hear of it no more."""
    with transaction.atomic():
        row = _named(call, subscription_id)
    delete_subscription(subscription=row, actor=call.actor, now=call.now)
    return HttpResponse(status=204)


@operation(
    "v3_test_event_subscription",
    "Event subscriptions",
    scope=WRITES,
    answers={200: record({"data": RESULT}), 404: "V3Errors", 409: "V3Errors"},
)
def _test(call: Call, subscription_id: str) -> HttpResponse:
    """Send a sample of the event, with `"test": true` in it, and tell what the receiver answered.

    Waits for it 20 seconds at most.
    """
    with transaction.atomic():
        row = _named(call, subscription_id)
    told = send_test(row.endpoint, row.event_name, actor=call.actor, now=call.now)
    return json_response({"data": told})


def _subscriptions_of(call: Call) -> Any:
    mine = call.caller.integration.merchant.event_subscriptions
    return mine.filter(endpoint__integration=call.caller.integration.pk)


def _named(call: Call, number: str) -> EventSubscription:
    rows = _subscriptions_of(call).select_related("endpoint")
    row: EventSubscription | None = rows.filter(pk=int(number)).first()
    if row is None:
        raise Missing("No Subscription matches the given query.")
    return row


def _saved(call: Call, row: EventSubscription | None, body: Mapping[str, Any]) -> EventSubscription:
    kind = body.get("event_type", outside(row.event_name) if row else None)
    if not isinstance(kind, str) or kind not in TYPES:
        raise refused("Choose an event type from the list.", "event_type", "invalid_choice")
    active = body.get("is_active", row.active if row else True)
    if not isinstance(active, bool):
        raise refused("Input should be true or false", "is_active")
    try:
        return save_subscription(
            subscription=row,
            endpoint=_endpoint(call, body, row),
            event_name=inside(kind),
            active=active,
            actor=call.actor,
            now=call.now,
        )
    except BadSubscription as error:
        raise refused(error.message, "event_type") from error


def _endpoint(
    call: Call, body: Mapping[str, Any], row: EventSubscription | None
) -> WebhookEndpoint:
    if row is not None and "connection_id" not in body:
        return row.endpoint
    told = body["connection_id"]
    if type(told) is not int or told < 1:
        raise refused("Input should be a valid integer", "connection_id")
    try:
        with transaction.atomic():
            return connection(call, str(told))
    except Missing as error:
        raise refused("There is no such connection.", "connection_id", "invalid_choice") from error


def _out(row: EventSubscription) -> dict[str, Any]:
    return {
        "id": row.pk,
        "connection_id": row.endpoint_id,
        "event_type": outside(row.event_name),
        "is_active": row.active,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


types = methods(GET=_types)
collection = methods(GET=_list, POST=_create)
single = methods(GET=_one, PATCH=_update, DELETE=_delete)
testing = methods(POST=_test)
