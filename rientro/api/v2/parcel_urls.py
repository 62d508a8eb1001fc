"""Addresses of version 2 about parcels, their papers and their statuses."""

from django.urls import re_path

from rientro.api.door import methods
from rientro.api.v2 import labels, parcels
from rientro.api.v2.parcel_change import change
from rientro.api.v2.parcel_create import create

NUMBER = r"(?P<number>[0-9]{1,19})"
urlpatterns = [
    re_path(
        r"^v2/parcels/?$",
        methods(GET=parcels.listing, POST=create, PUT=change),
        name="parcels",
    ),
    re_path(r"^v2/parcels/statuses/?$", parcels.statuses, name="parcel-statuses"),
    re_path(rf"^v2/parcels/{NUMBER}/?$", parcels.single, name="parcel"),
    re_path(rf"^v2/parcels/{NUMBER}/cancel/?$", parcels.cancel, name="parcel-cancel"),
    re_path(
        rf"^v2/parcels/{NUMBER}/return_portal_url/?$", parcels.portal_url, name="parcel-portal"
    ),
    re_path(
        rf"^v2/parcels/{NUMBER}/documents/(?P<kind>[a-z0-9-]{{1,40}})/?$",
        labels.document,
        name="parcel-document",
    ),
    re_path(r"^v2/customs_declaration/normal_printer/?$", labels.declarations, name="declarations"),
    re_path(
        rf"^v2/customs_declaration/normal_printer/{NUMBER}/?$",
        labels.one_declaration,
        name="declaration",
    ),
    re_path(r"^v2/labels/?$", labels.many_addresses, name="labels"),
    re_path(rf"^v2/labels/{NUMBER}/?$", labels.addresses, name="label"),
    re_path(r"^v2/labels/label_printer/?$", labels.a6, name="labels-a6"),
    re_path(rf"^v2/labels/label_printer/{NUMBER}/?$", labels.one_a6, name="label-a6"),
    re_path(r"^v2/labels/normal_printer/?$", labels.a4, name="labels-a4"),
    re_path(rf"^v2/labels/normal_printer/{NUMBER}/?$", labels.one_a4, name="label-a4"),
]
