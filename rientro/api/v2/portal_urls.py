"""Addresses of version 2's return portal."""

from django.urls import re_path

from rientro.api.v2 import (
    portal_create,
    portal_label,
    portal_lookup,
    portal_photos,
    portal_settings,
)

PORTAL = r"^v2/brand/(?P<domain>[-a-zA-Z0-9_]{1,60})/return-portal"
urlpatterns = [
    re_path(rf"{PORTAL}/?$", portal_settings.portal, name="portal-settings"),
    re_path(rf"{PORTAL}/outgoing/?$", portal_lookup.outgoing, name="portal-lookup"),
    re_path(rf"{PORTAL}/incoming/?$", portal_create.incoming, name="portal-incoming"),
    re_path(rf"{PORTAL}/images/?$", portal_photos.images, name="portal-images"),
    re_path(rf"{PORTAL}/label/polling/?$", portal_label.polling, name="portal-polling"),
    re_path(rf"{PORTAL}/label/download/?$", portal_label.download, name="portal-download"),
    re_path(rf"{PORTAL}/label/customs/?$", portal_label.customs, name="portal-customs"),
]
