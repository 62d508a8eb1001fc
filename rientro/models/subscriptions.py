"""Which events go to which connection of an integration."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.models.webhooks import WebhookEndpoint


class EventSubscription(TenantModel):
    """One kind of event for one connection. ``event_name`` is our own name for it (policy.event_names)."""

    merchant = merchant_key("event_subscriptions")
    endpoint = TenantForeignKey(WebhookEndpoint, models.CASCADE, related_name="subscriptions")
    event_name = models.CharField(max_length=60)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["EventSubscription"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "endpoint", "event_name"], name="event_once_per_connection"
            ),
            *references("event_subscription", "endpoint", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.event_name


def connections_that_listen(
    name: str, integration_id: int, *, at: datetime
) -> list[WebhookEndpoint]:
    """The connections of this integration that subscribed to events of this name."""
    there = Q(integration__deleted_at=None) | Q(integration__deleted_at=at)
    subscribed = EventSubscription.objects.filter(event_name=name, active=True).values("endpoint")
    return list(
        WebhookEndpoint.objects.filter(
            there, style="connection", active=True, integration=integration_id, pk__in=subscribed
        ).order_by("pk")
    )
