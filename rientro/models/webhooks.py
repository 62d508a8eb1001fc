"""Where a merchant wants to be told what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from rientro.kit.crypto import unseal
from rientro.kit.queue import post, post_once
from rientro.models.integrations import Integration
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)

LANES = 2


class WebhookEndpointQuerySet(TenantQuerySet["WebhookEndpoint"]):
    def alive(self) -> "WebhookEndpointQuerySet":
        """Those that would be sent something now: switched on, and their shop still connected."""
        own = Q(style=WebhookEndpoint.Style.STANDARD.value, active=True)
        connections = Q(style="connection", active=True, integration__deleted_at=None)
        shops = Q(
            style="integration", integration__webhook_active=True, integration__deleted_at=None
        )
        return self.filter(own | connections | shops)

    def made_by_hand(self) -> "WebhookEndpointQuerySet":
        """Those with an address and a secret of their own; not the rows that belong to a shop's switch."""
        return self.exclude(style=WebhookEndpoint.Style.INTEGRATION.value)


class WebhookEndpoint(TenantModel):
    """A receiver of news, and how it has been doing.

    A *standard* one has an address and a secret of its own. A *connection* has them too, and hears of one
    integration alone, by its EventSubscriptions. One of an *integration* has neither: the address and the
    switch are the integration's, the key that signs is its API key; this row remembers how it fares.
    """

    class Style(models.TextChoices):
        STANDARD = "standard", "Standard Webhooks"
        INTEGRATION = "integration", "Integration"
        CONNECTION = "connection", "Connection"

    class Detail(models.TextChoices):
        IDS = "ids", "Ids and states"
        FULL = "full", "With the shopper's address"

    merchant = merchant_key("webhook_endpoints")
    style = models.CharField(max_length=12, choices=Style.choices, default=Style.STANDARD.value)
    integration = TenantForeignKey(
        Integration, models.CASCADE, related_name="webhook_endpoints", null=True, blank=True
    )
    url = models.CharField(max_length=1000, blank=True, default="")
    secret = models.TextField(blank=True, default="")  # a MultiFernet token (kit.crypto)
    old_secret = models.TextField(blank=True, default="")  # signs along until then
    old_secret_until = models.DateTimeField(null=True, blank=True)
    access = models.TextField(blank=True, default="")  # sealed: how the receiver lets us in
    event_names = models.JSONField(default=list)  # empty: every event
    detail = models.CharField(max_length=4, choices=Detail.choices, default=Detail.IDS.value)
    active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=200, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)  # the queue holds a job for this moment
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "integration"],
                name="one_webhook_per_integration",
                condition=Q(style="integration"),
            ),
            models.CheckConstraint(
                condition=Q(style__in=["integration", "connection"], integration__isnull=False)
                | Q(style="standard", integration__isnull=True),
                name="webhook_style_fits",
            ),
            *references("webhook_endpoint", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.url or f"webhook {self.pk}"

    # The queue

    def kick(self, *, anew: bool = False) -> None:
        """Let a worker look at what is due. Call it after the deliveries are committed, or with ``anew``.

        Without ``anew`` a job that waits already is enough, and such a job may be fetched before the caller
        commits. At most two of a merchant's receivers are spoken to at once, so that none of them, however
        slow, takes the workers from other merchants.
        """
        told: dict[str, Any] = {"merchant_id": self.merchant_id, "endpoint_id": self.pk}
        lock = f"webhooks:{self.merchant_id}:{self.pk % LANES}"
        if anew:
            post("send_webhooks", lock=lock, **told)
        else:
            post_once("send_webhooks", key=f"webhooks:{self.pk}", lock=lock, **told)

    # Questions

    def target(self) -> str:
        """The address to send to; of an integration's webhook, the integration's."""
        shop = self._shop()
        return shop.webhook_url if shop else self.url

    def is_on(self) -> bool:
        """Would it be sent something now? A disconnected shop is still told that it is disconnected."""
        shop = self._shop()
        return shop.webhook_active if shop else self.active

    def named(self) -> dict[str, Any]:
        """Facts of an event about it: a connection's integration alone hears of them in the feed."""
        whose = {"integration": self.integration_id} if self.integration_id else {}
        return {"endpoint": self.pk, **whose}

    def _shop(self) -> Integration | None:
        """Whose address and switch count, when they are not its own."""
        return self.integration if self.style == self.Style.INTEGRATION.value else None

    def listens_to(self, name: str) -> bool:
        """Is an event of this name among those that the merchant chose?"""
        return not self.event_names or name in self.event_names

    def secrets(self, *, at: datetime) -> list[str]:
        """The secrets that sign at this moment, the newest first. Raises CannotUnseal."""
        found = [unseal(self.secret).get("secret", "")]
        if self.old_secret and self.old_secret_until and self.old_secret_until > at:
            found.append(unseal(self.old_secret).get("secret", ""))
        return [secret for secret in found if secret]


def shops_that_listen(numbers: Sequence[int], *, at: datetime) -> list[WebhookEndpoint]:
    """The webhooks of these integrations; made when they are first needed."""
    shops = Q(webhook_active=True) & (Q(deleted_at=None) | Q(deleted_at=at))
    found = []
    for shop in Integration.objects.filter(shops, pk__in=numbers).exclude(webhook_url=""):
        row, _made = WebhookEndpoint.objects.get_or_create(
            integration=shop, style="integration", defaults={"created_at": at}
        )
        row.integration = shop
        found.append(row)
    return found
