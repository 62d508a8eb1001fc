"""/api/v2/service-points: drop-off points. No carrier that is connected here tells any, so the list is empty."""

from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, many
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.kit.errors import Missing

FILTERS = (
    "carrier latitude longitude ne_latitude ne_longitude sw_latitude sw_longitude address city "
    "postal_code house_number radius weight pudo_id shop_type general_shop_type"
)


@operation(
    "v2_list_service_points",
    "Service points",
    scope="read:service-point",
    query=(
        Param(name="country", needed=True, about="two letters"),
        *(Param(name=name) for name in FILTERS.split()),
    ),
    answers={200: many({"type": "object"}), 400: "V2Error"},
)
def _list(call: Call) -> HttpResponse:
    """Where parcels can be handed in. Empty until a connected carrier has such places to tell."""
    country = call.request.GET.get("country", "")
    if len(country) != 2 or not country.isalpha():
        raise Refused("country: Send a country code of two letters.")
    return json_response([])


@operation(
    "v2_get_service_point",
    "Service points",
    scope="read:service-point",
    answers={200: {"type": "object"}, 404: "V2Error"},
)
def _one(call: Call, point_id: str) -> HttpResponse:
    """One place. None is known, see the list."""
    raise Missing("No ServicePoint matches the given query.")


@operation(
    "v2_check_service_point",
    "Service points",
    scope="read:service-point",
    answers={200: BOOLEAN, 404: "V2Error"},
)
def _check(call: Call, point_id: str) -> HttpResponse:
    """Can a parcel be handed in there now? No place is known, see the list."""
    raise Missing("No ServicePoint matches the given query.")


collection = methods(GET=_list)
single = methods(GET=_one)
availability = methods(GET=_check)
