"""/api/v2/integrations: a key belongs to one integration, so the list holds that one alone."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from rientro.api.body import read_json_or_form
from rientro.api.describe import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    STRING,
    many,
    maybe,
    named,
    record,
)
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import operation
from rientro.flows.delete_integration import delete_integration
from rientro.flows.update_integration import IntegrationEdit, update_integration
from rientro.kit.text import clean_line
from rientro.models import Integration

LONGEST, LONGEST_NAME = 500, 250
TRUE = {"true", "1", "yes", "on"}
FALSE = {"false", "0", "no", "off", ""}
EDITABLE = {
    "shop_name": STRING,
    "shop_url": STRING,
    "service_point_enabled": BOOLEAN,
    "service_point_carriers": many(STRING),
    "webhook_active": BOOLEAN,
    "webhook_url": STRING,
}
INTEGRATION = named(
    "Integration",
    record(
        {
            "id": INTEGER,
            "system": STRING,
            "failing_since": maybe(MOMENT),
            "last_fetch": maybe(MOMENT),
            "last_updated_at": MOMENT,
            **EDITABLE,
        }
    ),
)
EDIT = named("IntegrationEdit", record(**EDITABLE))


@operation(
    "v2_list_integrations",
    "Integrations",
    scope="read:integration",
    answers={200: many(INTEGRATION)},
)
def _list(call: Call) -> HttpResponse:
    """The integrations of this key: the one that it belongs to."""
    return json_response([integration_out(call.caller.integration)])


@operation(
    "v2_get_integration",
    "Integrations",
    scope="read:integration",
    answers={200: INTEGRATION, 404: "V2Error"},
)
def _one(call: Call, integration_id: str) -> HttpResponse:
    """One integration."""
    return json_response(integration_out(call.integration(integration_id)))


@operation(
    "v2_put_integration",
    "Integrations",
    scope="write:integration",
    body=EDIT,
    answers={200: INTEGRATION, 400: "V2Error", 404: "V2Error"},
)
def _replace(call: Call, integration_id: str) -> HttpResponse:
    """Change an integration; shop_name must be told."""
    return _edit(call, integration_id, whole=True)


@operation(
    "v2_patch_integration",
    "Integrations",
    scope="write:integration",
    body=EDIT,
    answers={200: INTEGRATION, 400: "V2Error", 404: "V2Error"},
)
def _change(call: Call, integration_id: str) -> HttpResponse:
    """Change some fields of an integration."""
    return _edit(call, integration_id, whole=False)


def _edit(call: Call, integration_id: str, *, whole: bool) -> HttpResponse:
    integration = call.integration(integration_id)
    edit = edit_in(read_json_or_form(call.request), whole=whole)
    changed = update_integration(integration=integration, edit=edit, actor=call.actor, now=call.now)
    return json_response(integration_out(changed))


@operation(
    "v2_delete_integration",
    "Integrations",
    scope="write:integration",
    answers={204: None, 404: "V2Error"},
)
def _delete(call: Call, integration_id: str) -> HttpResponse:
    """Disconnect an integration. Its orders stay, and their returns go on."""
    delete_integration(integration=call.integration(integration_id), actor=call.actor, now=call.now)
    return HttpResponse(status=204)


def integration_out(integration: Integration) -> dict[str, Any]:
    """An Integration in Sendcloud's words."""
    return {
        "id": integration.pk,
        "shop_name": integration.shop_name,
        "shop_url": integration.shop_url,
        "system": integration.system,
        "failing_since": _moment(integration.failing_since),
        "last_fetch": _moment(integration.last_fetch_at),
        "last_updated_at": _moment(integration.updated_at),
        "service_point_enabled": integration.service_point_enabled,
        "service_point_carriers": list(integration.service_point_carriers),
        "webhook_active": integration.webhook_active,
        "webhook_url": integration.webhook_url,
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


# Their words -> ours


def edit_in(body: Any, *, whole: bool) -> IntegrationEdit:
    """Unknown keys are not ours to judge. ``whole``: the name must be there, as PUT says."""
    if not isinstance(body, Mapping):
        raise Refused("Send one object with the fields of the integration.")
    if whole and "shop_name" not in body:
        raise Refused("shop_name: This field is required.")
    return IntegrationEdit(
        shop_name=_text(body, "shop_name", longest=LONGEST_NAME),
        shop_url=_text(body, "shop_url"),
        service_point_enabled=_truth(body, "service_point_enabled"),
        service_point_carriers=_carriers(body),
        webhook_active=_truth(body, "webhook_active"),
        webhook_url=_text(body, "webhook_url"),
    )


def _text(body: Mapping[str, Any], name: str, *, longest: int = LONGEST) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(f"{name}: Not a valid string.")
    if len(value) > longest:
        raise Refused(f"{name}: At most {longest} characters.")
    return clean_line(value, longest)


def _truth(body: Mapping[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if isinstance(value, str | int) and word in TRUE | FALSE:
        return word in TRUE
    raise Refused(f"{name}: Must be a valid boolean.")


def _carriers(body: Mapping[str, Any]) -> list[str] | None:
    value = body.get("service_point_carriers")
    if value is None:
        return None
    if isinstance(value, str):  # a form's: one name, or a list as Python writes it
        value = value.strip("[] ").replace("'", "").replace('"', "").split(",")
    told = value
    if not isinstance(told, list) or not all(isinstance(code, str) for code in told):
        raise Refused("service_point_carriers: Send a list of carrier codes.")
    if len(told) > 100:
        raise Refused("service_point_carriers: At most 100 carriers.")
    return [code for code in (clean_line(code, 60) for code in told) if code]


collection = methods(GET=_list)
single = methods(GET=_one, PUT=_replace, PATCH=_change, DELETE=_delete)
