"""The box, the contract with a carrier, the purchase, and the paper bought for it."""

from django.db import models
from django.db.models import Q

from rientro.models.documents import StoredDocument
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.lifecycle import CarrierState, PurchaseStatus


class CarrierAccount(TenantModel):
    """A contract with its credentials. ``credentials`` is a MultiFernet token of JSON (kit.crypto)."""

    class State(models.TextChoices):
        OK = "ok", "Working"
        BROKEN = "broken", "Credentials refused"
        UNCHECKED = "unchecked", "Not checked yet"

    class Resting(models.TextChoices):
        BUSY = "busy", "It asked us to slow down"
        TROUBLE = "trouble", "It did not answer too often"

    merchant = merchant_key("carrier_accounts")
    carrier = models.CharField(max_length=40)  # the adapter's CODE
    name = models.CharField(max_length=80)
    credentials = models.TextField(blank=True, default="")
    settings = models.JSONField(default=dict, blank=True)
    service = models.CharField(max_length=80, blank=True, default="")  # the usual return service
    test_mode = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCHECKED.value)
    last_error = models.CharField(max_length=300, blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)
    # What the adapter could do when it was asked last (names of carriers.base.Can, lower case), so that nobody
    # has to load it only to know; None: never asked.
    abilities = models.JSONField(null=True, blank=True, default=None)
    paused_until = models.DateTimeField(
        null=True, blank=True
    )  # too many requests, or too many failures
    # Why it rests or has rested: until the next clear answer it is only tried, one request at a time.
    resting = models.CharField(max_length=8, choices=Resting.choices, blank=True, default="")
    # [{code, name, lanes: [["IT", "DE"], …], max_weight_g, price_minor, currency}], as the carrier told them last
    services = models.JSONField(default=list, blank=True)
    services_read_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    # "<merchant>-<account>-<random>" is the token; the first two find the row, the hash proves it.
    webhook_token_hash = models.BinaryField(default=bytes, blank=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["CarrierAccount"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(is_default=True), name="one_default_carrier"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Parcel(TenantModel):
    """A box on its way back. Its status is policy.tracking's; scans move it."""

    merchant = merchant_key("parcels")
    ret = TenantForeignKey(Return, models.PROTECT, related_name="parcels")
    position = models.PositiveSmallIntegerField(default=1)
    weight_g = models.PositiveIntegerField(default=0)
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)
    contents = models.JSONField(default=list, blank=True)  # [[id of the ReturnItem, units], …]
    status = models.CharField(max_length=20, default=CarrierState.LABEL_PENDING.value)
    carrier_code = models.CharField(max_length=40, blank=True, default="")
    # Of a parcel that the shopper sends: who carries it, as they say, and the contract that can ask about it.
    carrier_name = models.CharField(max_length=60, blank=True, default="")
    watched_by = TenantForeignKey(
        CarrierAccount, models.PROTECT, related_name="watched_parcels", null=True, blank=True
    )
    tracking_number = models.CharField(max_length=80, blank=True, default="")
    first_scan_at = models.DateTimeField(null=True, blank=True)
    last_scan_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["Parcel"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "ret"], name="parcel_of_return"),
            models.Index(
                fields=["merchant", "next_poll_at"],
                name="parcel_to_poll",
                condition=Q(next_poll_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "ret", "position"], name="parcel_position_once"
            ),
            models.UniqueConstraint(
                fields=["merchant", "carrier_code", "tracking_number"],
                condition=~Q(tracking_number=""),
                name="tracking_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[state.value for state in CarrierState]),
                name="parcel_status_known",
            ),
            *references("parcel", "ret", "watched_by"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"parcel {self.pk}"


class LabelPurchase(TenantModel):
    """The intent to buy one label, and what came of it. Committed before the carrier hears of it.

    ``request`` is the LabelRequest as it was meant (JSON), so that a second try says the same words.
    """

    merchant = merchant_key("label_purchases")
    parcel = TenantForeignKey(Parcel, models.PROTECT, related_name="purchases")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="purchases")
    reference = models.CharField(max_length=64)  # ours, unique; the carrier is asked by it
    status = models.CharField(max_length=12, default=PurchaseStatus.BUYING.value)
    service = models.CharField(max_length=80, blank=True, default="")
    request = models.JSONField(default=dict)
    quoted_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    # [{contract_id, service}]: who is asked next if this carrier turns the parcel down
    others = models.JSONField(default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(
        max_length=80, blank=True, default=""
    )  # the person, where one did
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects = TenantQuerySet["LabelPurchase"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["merchant", "created_at"],
                name="purchase_open",
                condition=Q(status__in=["buying", "unknown"]),
            ),
            models.Index(fields=["merchant", "parcel"], name="purchase_of_parcel"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="reference_once"),
            models.UniqueConstraint(
                fields=["merchant", "parcel"],
                condition=Q(status__in=["buying", "bought", "unknown"]),
                name="one_live_purchase_per_parcel",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in PurchaseStatus]),
                name="purchase_status_known",
            ),
            *references("purchase", "parcel", "account"),
        ]

    def __str__(self) -> str:
        return self.reference


class Label(TenantModel):
    """The paper bought for a parcel. ``facts`` is all that drawing it again needs."""

    class Void(models.TextChoices):
        NONE = "none", "Live"
        REQUESTED = "requested", "Being voided"
        VOIDED = "voided", "Voided"
        REFUSED = "refused", "The carrier would not void it"

    merchant = merchant_key("labels")
    parcel = TenantForeignKey(Parcel, models.PROTECT, related_name="labels")
    purchase = TenantForeignKey(LabelPurchase, models.PROTECT, related_name="labels")
    carrier_reference = models.CharField(max_length=120)
    tracking_number = models.CharField(max_length=80)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    facts = models.JSONField(default=dict)
    pdf_a6 = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    pdf_a4 = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    zpl = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    # A labelless parcel has a code that a drop-off point reads: as the carrier gave it, and made safe to show.
    code_came = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    code = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    code_link = models.CharField(max_length=500, blank=True, default="")  # the carrier's page of it
    expires_on = models.DateField(null=True, blank=True)  # as the carrier says
    bought_at = models.DateTimeField()
    void = models.CharField(max_length=12, choices=Void.choices, default=Void.NONE.value)
    void_requested_at = models.DateTimeField(null=True, blank=True)
    void_message = models.CharField(max_length=300, blank=True, default="")
    # The carrier said that it will decide later: its answer comes by question, by webhook or by a person.
    void_waits_since = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    priced = models.BooleanField(default=True)  # False: the carrier's invoice will tell the price
    charged_on = models.CharField(max_length=12, default="creation")  # creation | first_scan
    charged_at = models.DateTimeField(null=True, blank=True)  # when its price was posted

    objects = TenantQuerySet["Label"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "bought_at"], name="label_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "purchase"], name="one_label_per_purchase"),
            models.UniqueConstraint(
                fields=["merchant", "parcel"],
                condition=Q(voided_at=None),
                name="one_live_label_per_parcel",
            ),
            models.CheckConstraint(
                condition=Q(charged_on__in=["creation", "first_scan"]),
                name="label_charged_on_known",
            ),
            *references(
                "label", "parcel", "purchase", "pdf_a6", "pdf_a4", "zpl", "code_came", "code"
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_number
