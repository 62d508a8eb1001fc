"""A merchant's live connection to a shop system: its keys, how it is doing, how far our reading of it has come."""

from django.db import models
from django.db.models import Q

from rientro.models.documents import StoredDocument
from rientro.models.integrations import Integration
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class ShopLink(TenantModel):
    """The keys and the health of one integration whose ``system`` is a shop that we ask ourselves.

    ``filters`` are {statuses, tags, channels, countries: [words]}: an order enters only when it passes each that is
    not empty. ``status_map`` is {the shop's status: leave_out, sent, delivered or cancelled}. ``rest_until``: the
    shop asked for peace, or is down. ``facts`` are what it says of itself (shops.base.Facts).
    """

    class State(models.TextChoices):
        OK = "ok", "Connected"
        FAILING = "failing", "Cannot be reached"
        BROKEN = "broken", "Refuses our keys"
        PAUSED = "paused", "Paused"

    merchant = merchant_key("shop_links")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="links")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OK.value)
    credentials = models.TextField(
        blank=True, default=""
    )  # a MultiFernet token of JSON (kit.crypto)
    settings = models.JSONField(default=dict, blank=True)
    filters = models.JSONField(default=dict, blank=True)
    status_map = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_error = models.CharField(max_length=300, blank=True, default="")
    rest_until = models.DateTimeField(null=True, blank=True)
    webhook_token_hash = models.BinaryField(default=bytes)
    webhook_base = models.CharField(max_length=300, blank=True, default="")  # our address as told
    webhook_error = models.CharField(max_length=300, blank=True, default="")
    swept_pk = models.BigIntegerField(
        default=0
    )  # orders up to here were asked for again this round
    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)  # the last webhook

    objects = TenantQuerySet["ShopLink"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "integration"], name="one_link_each"),
            models.CheckConstraint(
                condition=Q(state__in=["ok", "failing", "broken", "paused"]),
                name="shop_link_state_known",
            ),
            *references("shop_link", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.integration_id} {self.state}"


class ShopWalk(TenantModel):
    """How far one reading of a shop's changed orders has come; it goes on from here after a crash or a day's rest.

    A poll begins where the last one ended; a back-fill reads the past once; a reconciliation reads again what
    changed since the last one began, whatever webhooks and polls brought.
    """

    class Kind(models.TextChoices):
        POLL = "poll", "New and changed orders"
        BACKFILL = "backfill", "Earlier orders"
        RECONCILE = "reconcile", "Comparing again"

    merchant = merchant_key("shop_walks")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="walks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateTimeField()
    cursor = models.TextField(blank=True, default="")
    newest = models.DateTimeField(null=True, blank=True)  # the latest stamp met on this walk
    seen = models.PositiveIntegerField(default=0)  # orders visited on this walk
    total = models.PositiveIntegerField(null=True, blank=True)  # about so many, as the shop counts
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)  # None: this walk is over for good

    objects = TenantQuerySet["ShopWalk"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "next_at"], name="shop_walk_due")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "link", "kind"], name="one_walk_each"),
            *references("shop_walk", "link", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since:%Y-%m-%d %H:%M}"


class ShopMessage(TenantModel):
    """A webhook of a shop as it came. One row per delivery, however often it comes; only its ids are believed.

    One about a person is ``answered_at`` when everything it asked for is done; ``document`` is what we hold of them.
    """

    merchant = merchant_key("shop_messages")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="messages")
    delivery_key = models.CharField(max_length=120)
    topic = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=12)  # shops.base.News.kind
    order_ids = models.JSONField(default=list)
    email = models.CharField(max_length=254, blank=True, default="")
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    document = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    objects = TenantQuerySet["ShopMessage"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["merchant", "link", "id"],
                name="shop_message_waiting",
                condition=Q(processed_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "link", "delivery_key"], name="shop_delivery_once"
            ),
            *references("shop_message", "link", on_delete="CASCADE"),
            *references("shop_message", "document"),
        ]

    def __str__(self) -> str:
        return self.delivery_key


class ShopRefusal(TenantModel):
    """An order of a shop that could not be taken in, and why, in words. Tried again until ``dead_at``, then by hand."""

    merchant = merchant_key("shop_refusals")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="refusals")
    external_order_id = models.CharField(max_length=200)
    number = models.CharField(max_length=200, blank=True, default="")
    reason = models.TextField()
    tries = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["ShopRefusal"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "next_at"], name="shop_refusal_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "link", "external_order_id"], name="refused_once_each"
            ),
            *references("shop_refusal", "link", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.external_order_id


class ShopPull(TenantModel):
    """One line of the import log: what one reading brought. Readings that met nothing new leave no line."""

    class Source(models.TextChoices):
        POLL = "poll", "Asked the shop"
        BACKFILL = "backfill", "Earlier orders"
        RECONCILE = "reconcile", "Compared again"
        SWEEP = "sweep", "Looked after old orders"
        WEBHOOK = "webhook", "The shop told us"
        LOOKUP = "lookup", "A shopper asked"
        RETRY = "retry", "Tried again"

    merchant = merchant_key("shop_pulls")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="pulls")
    source = models.CharField(max_length=10, choices=Source.choices)
    orders_created = models.PositiveIntegerField(default=0)
    orders_updated = models.PositiveIntegerField(default=0)
    orders_unchanged = models.PositiveIntegerField(default=0)
    orders_left_out = models.PositiveIntegerField(default=0)
    orders_refused = models.PositiveIntegerField(default=0)
    numbers = models.JSONField(default=list)  # of the first few that were new or changed
    error = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()

    objects = TenantQuerySet["ShopPull"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "link", "-id"], name="shop_pull_newest")]
        constraints = [*references("shop_pull", "link", on_delete="CASCADE")]

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d %H:%M}"
