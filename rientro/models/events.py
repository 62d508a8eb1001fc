"""What happened in our house, and the mails about it."""

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Q
from psycopg.types.json import Jsonb

from rientro.kit.queue import post
from rientro.kit.tenancy import current_merchant
from rientro.models.orders import Order
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)

# An import writes one of these per batch: a job that would find nobody to write to is not worth its while.
WITHOUT_MAILS = frozenset({"order.imported"})
# A return writes a handful of these, and each was four statements of Django's.
RECORD = """
    WITH told AS (
        INSERT INTO rientro_event
            (merchant_id, name, actor, ret_id, order_id, facts, happened_at)
        VALUES (%(merchant)s, %(name)s, %(actor)s, %(ret)s, %(order)s, %(facts)s, %(at)s)
        RETURNING id),
    entry AS (
        INSERT INTO rientro_feedentry (merchant_id, event_id)
        SELECT %(merchant)s, id FROM told)
    SELECT id,
        EXISTS (SELECT FROM rientro_integration
                WHERE merchant_id = %(merchant)s AND webhook_active
                  AND (deleted_at IS NULL OR deleted_at = %(at)s))
        OR EXISTS (SELECT FROM rientro_webhookendpoint
                   WHERE merchant_id = %(merchant)s AND active AND style <> 'integration')
    FROM told
"""


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
        """Write the event and post its telling, by mail and to webhooks; all join the caller's transaction."""
        event = cls(
            merchant_id=current_merchant(),
            name=name,
            actor=actor,
            ret=ret,
            order=order,
            facts=facts,
            happened_at=at,
        )
        listened_to = event._write()
        if name not in WITHOUT_MAILS:
            post("deliver_event", merchant_id=event.merchant_id, event_id=event.pk)
        if listened_to:
            post("fan_out_event", merchant_id=event.merchant_id, event_id=event.pk)
        return event

    def _write(self) -> bool:
        """The row and its place in the feed's queue, in one statement; does anybody listen to this merchant?"""
        told: dict[str, Any] = {
            "merchant": self.merchant_id,
            "name": self.name,
            "actor": self.actor,
            "ret": self.ret_id,
            "order": self.order_id,
            "facts": Jsonb(self.facts),
            "at": self.happened_at,
        }
        with connection.cursor() as cursor:
            cursor.execute(RECORD, told)
            self.pk, listened_to = cursor.fetchone()
        self._state.adding, self._state.db = False, connection.alias
        return bool(listened_to)


class FeedEntry(TenantModel):
    """An event's place in the feed. Written with the event; ``position`` is given after both are committed.

    Ids are handed out before a transaction commits, so a reader who goes by them passes over what commits late.
    Places are handed out behind a lock, to what is committed: models.event_feed.
    """

    merchant = merchant_key("feed")
    event = TenantForeignKey(Event, models.PROTECT, related_name="feed_entries")
    position = models.BigIntegerField(null=True, blank=True)

    objects = TenantQuerySet["FeedEntry"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["merchant", "event"], name="feed_waiting", condition=Q(position=None)
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "event"], name="event_once_in_feed"),
            models.UniqueConstraint(fields=["merchant", "position"], name="feed_place_once"),
            *references("feed_entry", "event"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of the feed"


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
