"""What a shopper has proven, for how long, and how often somebody has guessed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rientro.models.brands import Brand
from rientro.models.orders import Order
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class Ticket(TenantModel):
    """A shopper's short pass to one order. Only the hash of its token is kept.

    ``level`` 1: number and postal code were right. 2: a mailed code as well. ``opened_returns`` are the
    returns made with this very ticket; ``draft`` is what was typed so far, so that Back keeps it.
    """

    merchant = merchant_key("tickets")
    token_hash = models.BinaryField()
    brand = TenantForeignKey(Brand, models.CASCADE, related_name="+")
    order = TenantForeignKey(Order, models.CASCADE, related_name="tickets")
    level = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=8, default="en")
    draft = models.JSONField(default=dict)
    opened_returns = ArrayField(models.BigIntegerField(), default=list, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = TenantQuerySet["Ticket"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "expires_at"], name="ticket_expiry"),
            models.Index(fields=["merchant", "order"], name="ticket_of_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "token_hash"], name="ticket_token_once"),
            *references("ticket", "brand", "order", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class AccessCode(TenantModel):
    """A code mailed to the order's own address: proof that the reader of that mail is asking."""

    merchant = merchant_key("access_codes")
    ticket = TenantForeignKey(Ticket, models.CASCADE, related_name="codes")
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    misses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["AccessCode"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "ticket", "-id"], name="code_of_ticket")]
        constraints = [*references("access_code", "ticket", on_delete="CASCADE")]

    def __str__(self) -> str:
        return f"code {self.pk}"


class LookupCounter(TenantModel):
    """Failed look-ups in one window of time. ``key`` is a hash or a network, never an order number."""

    merchant = merchant_key("lookup_counters")
    scope = models.CharField(max_length=16)  # order, network, merchant, code_mail …
    key = models.CharField(max_length=80)
    window_s = models.PositiveIntegerField()
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet["LookupCounter"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "window_start"], name="counter_window")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "scope", "key", "window_s", "window_start"],
                name="lookup_counter_once",
            ),
            models.CheckConstraint(condition=Q(window_s__gt=0), name="lookup_window_has_length"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"
