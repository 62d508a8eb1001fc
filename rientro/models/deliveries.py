"""What was sent to whom, try by try: one chain of tries for one event and one receiver."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from rientro.models.events import Event
from rientro.models.orders import Order
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.models.webhooks import WebhookEndpoint

KEPT_OF_ANSWER = 2048
# Longer than a try can take: whoever holds one has answered, or is dead.
LEASE = timedelta(seconds=60)


class DeliveryQuerySet(TenantQuerySet["Delivery"]):
    def forget(self, order: Order) -> int:
        """Empty what was said of this order's shopper; that it was said remains."""
        of_order = self.filter(Q(event__order=order) | Q(event__ret__order=order))
        for number in list(of_order.values_list("pk", flat=True)):
            DeliveryAttempt.objects.filter(delivery=number).update(answer="")
        return of_order.update(body="", forgotten=True)


class Delivery(TenantModel):
    """One event for one receiver. Every try has the same id and the same body, written down with the first."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    merchant = merchant_key("deliveries")
    endpoint = TenantForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = TenantForeignKey(Event, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING.value)
    body = models.TextField(blank=True, default="")
    forgotten = models.BooleanField(default=False)  # its body named a person who was redacted
    attempts = models.PositiveSmallIntegerField(default=0)  # ever
    tries = models.PositiveSmallIntegerField(default=0)  # since it was made, or sent again by hand
    since = models.DateTimeField()  # the first of those tries was due then
    next_at = models.DateTimeField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["merchant", "endpoint", "next_at", "id"],
                name="delivery_due",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["merchant", "endpoint", "-created_at", "-id"], name="delivery_log"
            ),
            models.Index(fields=["merchant", "created_at"], name="delivery_by_age"),
            models.Index(fields=["merchant", "event"], name="delivery_of_event"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "endpoint", "event"], name="delivery_once_per_endpoint"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_at__isnull=False)
                | (Q(state__in=["delivered", "failed"]) & Q(next_at__isnull=True)),
                name="only_the_waiting_have_a_next_try",
            ),
            *references("delivery", "endpoint", on_delete="CASCADE"),
            *references("delivery", "event"),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """What receivers tell repetitions by: the event's, whoever it goes to and however often."""
        return f"evt_{self.event_id}"

    # Claims

    @classmethod
    def claim_next(cls, endpoint: WebhookEndpoint, *, at: datetime) -> "DeliveryAttempt | None":
        """The next delivery that is due, for one try; None when none is.

        The claim is written before anything is sent: whoever else looks finds the delivery due only after
        the lease. Joins the caller's transaction.
        """
        due = cls.objects.filter(endpoint=endpoint, state="waiting", next_at__lte=at)
        row = (
            due.order_by("next_at", "id").select_for_update(skip_locked=True, of=("self",)).first()
        )
        if row is None:
            return None
        row.attempts += 1
        row.tries += 1
        row.next_at = at + LEASE
        row.save(update_fields=["attempts", "tries", "next_at"])
        return DeliveryAttempt.objects.create(delivery=row, number=row.attempts, started_at=at)

    # Mutators

    def give_up(self, error: str) -> None:
        """It is tried no more, unless a person sends it again."""
        self.state, self.next_at, self.error = self.State.FAILED.value, None, error
        self.save(update_fields=["state", "next_at", "error"])

    def send_again(self, *, at: datetime) -> None:
        """A new round of tries, with the same id and the same body."""
        self.state, self.tries = self.State.WAITING.value, 0
        self.since = self.next_at = at
        self.delivered_at = None
        self.save(update_fields=["state", "tries", "since", "next_at", "delivered_at"])


class DeliveryAttempt(TenantModel):
    """One try. It is written down before it is made: a try without an end is one whose worker died."""

    merchant = merchant_key("delivery_attempts")
    delivery = TenantForeignKey(Delivery, models.CASCADE, related_name="tries_made")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True, default="")
    answer = models.TextField(blank=True, default="")  # its first 2 KB

    objects = TenantQuerySet["DeliveryAttempt"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "delivery", "number"], name="attempt_number_once"
            ),
            *references("delivery_attempt", "delivery", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"try {self.number}"


def oldest_due(endpoint: WebhookEndpoint) -> datetime | None:
    """When the next delivery of ``endpoint`` may be tried; None when none waits."""
    waiting = Delivery.objects.filter(endpoint=endpoint, state="waiting")
    return waiting.order_by("next_at", "id").values_list("next_at", flat=True).first()
