"""What happened in our house, and whom we told."""

from datetime import datetime
from typing import Any

from django.db import models

from rientro.kit.queue import post
from rientro.models.orders import Order
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class Event(TenantModel):
    """What happened, written in the transaction of the thing itself; never changed.

    The timeline, the mails, the webhooks and the audit export all read this one table. It replaces signals.
    """

    merchant = merchant_key("events")
    name = models.CharField(max_length=60)  # noun.verb in the past: return.label_bought
    actor = models.CharField(max_length=80)  # shopper, member:12, key:3, clock, carrier:sandbox
    ret = TenantForeignKey(Return, models.PROTECT, related_name="events", null=True, blank=True)
    order = TenantForeignKey(Order, models.PROTECT, related_name="events", null=True, blank=True)
    facts = models.JSONField(default=dict)
    happened_at = models.DateTimeField()

    objects = TenantQuerySet["Event"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "ret", "id"], name="event_of_return"),
            models.Index(fields=["merchant", "order", "id"], name="event_of_order"),
            models.Index(fields=["merchant", "-id"], name="event_newest"),
        ]
        constraints = [*references("event", "ret", "order")]

    def __str__(self) -> str:
        return self.name

    # Factories

    @classmethod
    def record(
        cls,
        name: str,
        /,
        *,
        actor: str,
        at: datetime,
        ret: Return | None = None,
        order: Order | None = None,
        **facts: Any,
    ) -> "Event":
        """Write the event and post its delivery; both join the caller's transaction."""
        event = cls.objects.create(
            name=name, actor=actor, ret=ret, order=order, facts=facts, happened_at=at
        )
        post("deliver_event", merchant_id=event.merchant_id, event_id=event.pk)
        return event


class WebhookEndpoint(TenantModel):
    """Where a merchant wants to be told. ``secret`` is a MultiFernet token (kit.crypto)."""

    merchant = merchant_key("webhook_endpoints")
    url = models.CharField(max_length=1000)
    secret = models.TextField()
    event_names = models.JSONField(default=list)  # empty: every event
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    disabled_because = models.CharField(max_length=200, blank=True, default="")

    objects = TenantQuerySet["WebhookEndpoint"].as_manager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.url


class Delivery(TenantModel):
    """One attempt-chain of telling one endpoint one event."""

    merchant = merchant_key("deliveries")
    endpoint = TenantForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = TenantForeignKey(Event, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=12, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer_body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Delivery"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "endpoint", "event"], name="delivery_once_per_endpoint"
            ),
            *references("delivery", "endpoint", on_delete="CASCADE"),
            *references("delivery", "event"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Mail(TenantModel):
    """A mail that was or will be sent. ``key`` makes each go out at most once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    merchant = merchant_key("mails")
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    ret = TenantForeignKey(Return, models.CASCADE, related_name="mails", null=True, blank=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Mail"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "ret"], name="mail_of_return"),
            models.Index(fields=["merchant", "to", "-created_at"], name="mail_to_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="mail_once"),
            *references("mail", "ret", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.kind
