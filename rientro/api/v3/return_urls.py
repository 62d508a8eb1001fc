"""Addresses of version 3 about returns, parcels, ways to send, and shipping rules."""

from django.urls import re_path

from rientro.api.v3 import returns

RETURN = r"^v3/returns/(?P<return_id>[0-9]{1,18})"
urlpatterns = [
    re_path(r"^v3/returns/?$", returns.collection, name="v3-returns"),
    re_path(r"^v3/returns/announce-synchronously/?$", returns.announcing, name="v3-announce"),
    re_path(r"^v3/returns/validate/?$", returns.validating, name="v3-validate"),
    re_path(rf"{RETURN}/?$", returns.single, name="v3-return"),
    re_path(rf"{RETURN}/cancel/?$", returns.cancelling, name="v3-cancel"),
]
