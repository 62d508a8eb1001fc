"""/api/v2/integrations/{id}/logs: what a client wrote down about its integration, kept among the events."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import INTEGER, MOMENT, STRING, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, page_schema
from rientro.flows.log_integration import log_integration
from rientro.models import Event
from rientro.policy.event_names import INTEGRATION_LOGGED

PAGE = 100
LONGEST = 2000
LOG = named(
    "IntegrationLog",
    record(
        {
            "id": INTEGER,
            "integration": INTEGER,
            "level": STRING,
            "message": STRING,
            "created_at": MOMENT,
        }
    ),
)
LOG_IN = named("IntegrationLogIn", record({"message": STRING}, level=STRING))
LOGS = named("IntegrationLogPage", page_schema("results", LOG))
LEVELS = ("debug", "info", "warning", "error")


@operation(
    "v2_list_all_integration_logs",
    "Integrations",
    scope="read:integration",
    query=(Param(name="cursor"),),
    answers={200: LOGS, 404: "V2Error"},
)
@transaction.atomic
def _all(call: Call) -> HttpResponse:
    """What was written down about the integration of this key, newest first."""
    page = page_of(call.request, logs_of(call), size=PAGE)
    return json_response(page.body("results", log_out))


@operation(
    "v2_list_integration_logs",
    "Integrations",
    scope="read:integration",
    query=(Param(name="cursor"),),
    answers={200: LOGS, 404: "V2Error"},
)
@transaction.atomic
def _list(call: Call, integration_id: str) -> HttpResponse:
    """What was written down about an integration, newest first."""
    call.integration(integration_id)
    page = page_of(call.request, logs_of(call), size=PAGE)
    return json_response(page.body("results", log_out))


@operation(
    "v2_create_integration_log",
    "Integrations",
    scope="write:integration",
    body=LOG_IN,
    answers={201: LOG, 400: "V2Error", 404: "V2Error"},
)
def _create(call: Call, integration_id: str) -> HttpResponse:
    """Write down what happened, for whoever looks at the integration later."""
    return json_response(written_down(call, integration_id), 201)


def written_down(call: Call, integration_id: str) -> dict[str, Any]:
    integration = call.integration(integration_id)
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise Refused("Send one object with a message.")
    message, level = body.get("message"), body.get("level") or "info"
    if not isinstance(message, str) or not 1 <= len(message) <= LONGEST:
        raise Refused(f"message: 1 to {LONGEST} characters.")
    if level not in LEVELS:
        raise Refused(f"level: {', '.join(LEVELS)}.")
    event = log_integration(
        integration=integration, message=message, level=level, actor=call.actor, now=call.now
    )
    return log_out(event)


def logs_of(call: Call) -> QuerySet[Event]:
    integration = call.caller.integration
    found: QuerySet[Event] = integration.merchant.events.filter(
        name=INTEGRATION_LOGGED, facts__integration=integration.pk
    )
    return found


def log_out(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "integration": event.facts["integration"],
        "level": event.facts["level"],
        "message": event.facts["message"],
        "created_at": event.happened_at.isoformat(),
    }


everything = methods(GET=_all)
collection = methods(GET=_list, POST=_create)
