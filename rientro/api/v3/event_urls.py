"""Addresses of version 3's event subscriptions, logs and what else is small."""

from django.urls import re_path

from rientro.api.v3 import connections, more, subscriptions

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
    re_path(r"^v3/integrations/logs/?$", more.all_logs, name="v3-all-logs"),
    re_path(rf"^v3/integrations/(?P<integration_id>{NUMBER})/logs/?$", more.logs, name="v3-logs"),
    re_path(r"^v3/service-points/?$", more.service_points, name="v3-service-points"),
    re_path(
        r"^v3/shipments/(?P<number>[0-9]{1,19})/return-portal-url/?$",
        more.portal_url,
        name="v3-portal-url",
    ),
]
