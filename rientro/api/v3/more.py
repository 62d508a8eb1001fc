"""/api/v3: what clients write down about an integration, service points, and where a buyer returns a parcel."""

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import STRING, many, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, size_of
from rientro.api.v2.integration_logs import LOG, LOG_IN, log_out, logs_of, written_down
from rientro.api.v2.parcels import portal_url_of
from rientro.kit.errors import Missing

MOST = 100
LOGS = record({"data": many(LOG)})
PAGING = (Param(name="cursor"), Param(name="page_size", about="1 to 100"))


@operation(
    "v3_list_all_integration_logs",
    "Integrations",
    scope="read:integration",
    query=PAGING,
    answers={200: LOGS, 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _all_logs(call: Call) -> HttpResponse:
    """What was written down about the integration of this key, newest first. Link leads on."""
    return _page(call)


@operation(
    "v3_list_integration_logs",
    "Integrations",
    scope="read:integration",
    query=PAGING,
    answers={200: LOGS, 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _logs(call: Call, integration_id: str) -> HttpResponse:
    """What was written down about an integration, newest first. Link leads on."""
    call.integration(integration_id)
    return _page(call)


@operation(
    "v3_create_integration_log",
    "Integrations",
    scope="write:integration",
    body=LOG_IN,
    answers={201: record({"data": LOG}), 400: "V3Errors", 404: "V3Errors"},
)
def _log(call: Call, integration_id: str) -> HttpResponse:
    """Write down what happened, for whoever looks at the integration later."""
    return json_response({"data": written_down(call, integration_id)}, 201)


def _page(call: Call) -> HttpResponse:
    page = page_of(call.request, logs_of(call), size=size_of(call.request, usual=MOST, most=MOST))
    return page.link(json_response({"data": [log_out(row) for row in page.rows]}))


@operation(
    "v3_list_service_points",
    "Service points",
    scope="read:service-point",
    query=(
        Param(name="country_code", needed=True, about="two letters"),
        Param(name="carrier_code"),
        Param(name="use_integration_carriers"),
    ),
    answers={
        200: record({"data": record({"results": many({"type": "object"})})}),
        400: "V3Errors",
    },
)
def _service_points(call: Call) -> HttpResponse:
    """Where parcels can be handed in. Empty until a connected carrier has such places to tell."""
    query = call.request.GET
    country = query.get("country_code", "")
    if len(country) != 2 or not country.isalpha():
        raise _refused("Send a country code of two letters.", "country_code")
    if bool(query.get("carrier_code")) == bool(query.get("use_integration_carriers")):
        raise _refused("Send either carrier_code or use_integration_carriers.", "carrier_code")
    return json_response({"data": {"results": []}})


def _refused(words: str, parameter: str) -> Refused:
    return Refused(words, problems=[Problem(detail=words, parameter=parameter)])


@operation(
    "v3_get_return_portal_url",
    "Parcels",
    scope="read:parcel",
    answers={200: record({"data": record({"url": STRING})}), 404: "V3Errors"},
)
@transaction.atomic
def _portal_url(call: Call, number: str) -> HttpResponse:
    """Where the buyer of this parcel returns it. A parcel's id stands for the shipment's."""
    try:
        url = portal_url_of(call, number)
    except Missing as error:
        raise Missing("No return portal is configured for this shipment.") from error
    return json_response({"data": {"url": url}})


all_logs = methods(GET=_all_logs)
logs = methods(GET=_logs, POST=_log)
service_points = methods(GET=_service_points)
portal_url = methods(GET=_portal_url)
