"""/api/v3/event-subscriptions/connections: where a machine wants to be told.

Shapes: Sendcloud's OpenAPI of event subscriptions (BETA, 2026). Beyond it a connection has a signing secret,
answered once, and says whether it is on.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.flows.delete_webhook import delete_webhook
from rientro.flows.save_webhook import BadWebhook, SavedWebhook, WebhookFacts, save_webhook
from rientro.kit.crypto import unseal
from rientro.kit.errors import Missing
from rientro.models import WebhookEndpoint
from rientro.policy.webhook_access import KINDS, Access

READS, WRITES = "read:event-subscription", "write:event-subscription"
TYPES = ("webhook", "klaviyo")
HEADERS = {"type": "object", "additionalProperties": STRING}
CONFIGURATION = record(
    {"url": STRING, "auth_type": one_of(*KINDS), "extra_headers": HEADERS},
)
CONNECTION = named(
    "EventConnection",
    record(
        {
            "id": INTEGER,
            "type": one_of("webhook"),
            "configuration": CONFIGURATION,
            "created_at": STRING,
            "updated_at": STRING,
            "is_active": BOOLEAN,
            "disabled_because": STRING,
        },
        signing_secret=STRING,
    ),
)
CONNECTION_IN = named(
    "EventConnectionIn",
    record(
        type=one_of("webhook"),
        configuration=record(
            url=STRING,
            auth_type=one_of(*KINDS),
            auth_config={"type": "object"},
            extra_headers=HEADERS,
        ),
    ),
)
ONE = record({"data": CONNECTION})


@operation(
    "v3_list_event_connections",
    "Event subscriptions",
    scope=READS,
    query=(Param(name="connection_type", schema=one_of(*TYPES)),),
    answers={200: record({"data": many(CONNECTION)}), 400: "V3Errors"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The connections of this key's integration, oldest first. There are ten at most, so there are no pages."""
    kind = call.request.GET.get("connection_type", "")
    if kind and kind not in TYPES:
        words = f"connection_type is {' or '.join(TYPES)}."
        problem = Problem(detail=words, code="invalid_choice", parameter="connection_type")
        raise Refused(words, problems=[problem])
    rows = [] if kind == "klaviyo" else connections_of(call).order_by("pk")
    return json_response({"data": [connection_out(row) for row in rows]})


@operation(
    "v3_create_event_connection",
    "Event subscriptions",
    scope=WRITES,
    body=CONNECTION_IN,
    answers={201: ONE, 400: "V3Errors"},
)
def _create(call: Call) -> HttpResponse:
    """Say where to tell; nothing is told before there is a subscription. `signing_secret` is shown this once."""
    body = body_of(call)
    if "type" not in body:
        raise refused("This field is required.", "type", "required")
    if not isinstance(body.get("configuration"), Mapping):
        raise refused("This field is required.", "configuration", "required")
    saved = _saved(call, None, body)
    return json_response({"data": connection_out(saved.endpoint, secret=saved.secret)}, 201)


@operation(
    "v3_get_event_connection",
    "Event subscriptions",
    scope=READS,
    answers={200: ONE, 404: "V3Errors"},
)
@transaction.atomic
def _one(call: Call, connection_id: str) -> HttpResponse:
    """One connection. Neither its password nor its signing secret is told."""
    return json_response({"data": connection_out(connection(call, connection_id))})


@operation(
    "v3_update_event_connection",
    "Event subscriptions",
    scope=WRITES,
    body=CONNECTION_IN,
    answers={200: ONE, 400: "V3Errors", 404: "V3Errors"},
)
def _update(call: Call, connection_id: str) -> HttpResponse:
    """Change what is told and leave the rest. One that was switched off for being silent listens again."""
    with transaction.atomic():
        row = connection(call, connection_id)
    return json_response({"data": connection_out(_saved(call, row, body_of(call)).endpoint)})


@operation(
    "v3_delete_event_connection",
    "Event subscriptions",
    scope=WRITES,
    answers={204: None, 404: "V3Errors"},
)
def _delete(call: Call, connection_id: str) -> HttpResponse:
    """Delete a connection with its subscriptions; what waits for it is not sent."""
    with transaction.atomic():
        row = connection(call, connection_id)
    delete_webhook(endpoint=row, actor=call.actor, now=call.now)
    return HttpResponse(status=204)


def connections_of(call: Call) -> Any:
    rows = call.caller.integration.webhook_endpoints
    return rows.filter(style=WebhookEndpoint.Style.CONNECTION.value)


def connection(call: Call, number: str) -> WebhookEndpoint:
    row: WebhookEndpoint | None = connections_of(call).filter(pk=int(number)).first()
    if row is None:
        raise Missing("No Connection matches the given query.")
    return row


def refused(words: str, field: str, code: str = "invalid") -> Refused:
    pointer = f"/data/{field}" if field else "/data"
    return Refused(words, problems=[Problem(detail=words, code=code, pointer=pointer)])


def body_of(call: Call) -> Mapping[str, Any]:
    """The one object of the body. Raises Refused."""
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise refused("Send one object.", "", "non_field_errors")
    return body


def _saved(call: Call, row: WebhookEndpoint | None, body: Mapping[str, Any]) -> SavedWebhook:
    kind = body.get("type", "webhook")
    if kind != "webhook":
        words = "Klaviyo is not reached from here. Use the type webhook."
        raise refused(
            words if kind == "klaviyo" else "Use the type webhook.", "type", "invalid_choice"
        )
    told = body.get("configuration", {})
    if not isinstance(told, Mapping):
        raise refused("Input should be an object", "configuration")
    url = _text(told, "url", row.url if row else "")
    if not url:
        raise refused("This field is required.", "configuration/url", "required")
    standing = Access.of(unseal(row.access)) if row else Access()
    facts = WebhookFacts(url=url, access=_access(told, standing))
    integration = call.caller.integration
    try:
        return save_webhook(
            endpoint=row, facts=facts, integration=integration, actor=call.actor, now=call.now
        )
    except BadWebhook as error:
        fields: Any = error.facts["fields"]
        problems = [
            Problem(detail=words, pointer=f"/data/configuration/{name}")
            for name, words in fields.items()
        ]
        raise Refused(error.message, problems=problems) from error


def _access(told: Mapping[str, Any], standing: Access) -> Access:
    """What is told over what stood; another way in needs its own words."""
    kind = _text(told, "auth_type", standing.kind) or "none"
    config = _texts(told, "auth_config", standing.config if kind == standing.kind else {})
    wanted = KINDS.get(kind, ())
    return Access(
        kind=kind,
        config={name: config[name] for name in wanted if name in config},
        headers=_texts(told, "extra_headers", standing.headers),
    )


def _text(told: Mapping[str, Any], name: str, standing: str) -> str:
    value = told.get(name, standing)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refused("Input should be a valid string", f"configuration/{name}")
    return value


def _texts(told: Mapping[str, Any], name: str, standing: Mapping[str, str]) -> dict[str, str]:
    values = told.get(name, standing) or {}
    if not isinstance(values, Mapping) or not all(isinstance(v, str) for v in values.values()):
        raise refused("Input should be an object of strings", f"configuration/{name}")
    return dict(values)


def connection_out(row: WebhookEndpoint, *, secret: str = "") -> dict[str, Any]:
    access = Access.of(unseal(row.access))
    out: dict[str, Any] = {
        "id": row.pk,
        "type": "webhook",
        "configuration": {
            "url": row.url,
            "auth_type": access.kind,
            "extra_headers": dict(access.headers),
        },
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "is_active": row.active,
        "disabled_because": row.disabled_because,
    }
    return out | ({"signing_secret": secret} if secret else {})


collection = methods(GET=_list, POST=_create)
single = methods(GET=_one, PATCH=_update, DELETE=_delete)
