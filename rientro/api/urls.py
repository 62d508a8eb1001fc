"""Addresses of this door: each with and without a slash at its end, for no redirect keeps a body."""

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from rientro.api import oauth, reference
from rientro.api.errors import Refused, error_response
from rientro.api.rientro_v1 import urls as own_urls
from rientro.api.v2 import (
    account_urls,
    integrations,
    more_urls,
    parcel_urls,
    portal_urls,
    shipments,
)
from rientro.api.v3 import event_urls, order_urls, return_urls

app_name = "api"
INTEGRATION = r"^v2/integrations/(?P<integration_id>[0-9]{1,18})"


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    return error_response(request, Refused("Not found.", status=404))


urlpatterns = [
    re_path(r"^docs/?$", reference.page, name="docs"),
    re_path(r"^openapi\.json$", reference.document, name="openapi"),
    re_path(r"^oauth2/token/?$", oauth.token, name="token"),
    re_path(r"^v2/integrations/?$", integrations.collection, name="integrations"),
    re_path(rf"{INTEGRATION}/?$", integrations.single, name="integration"),
    re_path(rf"{INTEGRATION}/shipments/?$", shipments.collection, name="shipments"),
    re_path(rf"{INTEGRATION}/shipments/delete/?$", shipments.removal, name="shipments-delete"),
    *account_urls.urlpatterns,
    *more_urls.urlpatterns,
    *parcel_urls.urlpatterns,
    *portal_urls.urlpatterns,
    *order_urls.urlpatterns,
    *return_urls.urlpatterns,
    *own_urls.urlpatterns,
    *event_urls.urlpatterns,
    re_path(r"^(?:v2|v3|rientro)/", nowhere),
]
