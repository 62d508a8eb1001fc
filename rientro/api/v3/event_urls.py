"""Addresses of version 3's event subscriptions."""

from django.urls import re_path

from rientro.api.v3 import connections, subscriptions

EVENTS = "^v3/event-subscriptions"
NUMBER = "[0-9]{1,18}"
urlpatterns = [
    re_path(rf"{EVENTS}/event-types/?$", subscriptions.types, name="v3-event-types"),
    re_path(rf"{EVENTS}/connections/?$", connections.collection, name="v3-connections"),
    re_path(
        rf"{EVENTS}/connections/(?P<connection_id>{NUMBER})/?$",
        connections.single,
        name="v3-connection",
    ),
    re_path(rf"{EVENTS}/subscriptions/?$", subscriptions.collection, name="v3-subscriptions"),
    re_path(
        rf"{EVENTS}/subscriptions/(?P<subscription_id>{NUMBER})/?$",
        subscriptions.single,
        name="v3-subscription",
    ),
    re_path(
        rf"{EVENTS}/broadcast/test/(?P<subscription_id>{NUMBER})/?$",
        subscriptions.testing,
        name="v3-broadcast-test",
    ),
]
