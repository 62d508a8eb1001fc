"""News from carriers: first the bytes as they came, then what they mean."""

from django.db import models

from rientro.models.parcels import CarrierAccount, Parcel
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class TrackingEvent(TenantModel):
    """One scan, stored once. ``key`` is the carrier's own id of it, else a hash of what it says."""

    merchant = merchant_key("tracking_events")
    parcel = TenantForeignKey(Parcel, models.CASCADE, related_name="tracking_events")
    key = models.CharField(max_length=80)
    status = models.CharField(max_length=20)  # ours: policy.tracking
    code = models.CharField(max_length=60, blank=True, default="")  # theirs
    description = models.CharField(max_length=300, blank=True, default="")
    place = models.CharField(max_length=120, blank=True, default="")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = TenantQuerySet["TrackingEvent"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "parcel", "key"], name="scan_once"),
            *references("tracking_event", "parcel", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.occurred_at:%Y-%m-%d %H:%M}"


class InboxMessage(TenantModel):
    """A webhook as it came: raw body first, meaning later. One row per delivery, however often it comes."""

    merchant = merchant_key("inbox")
    account = TenantForeignKey(CarrierAccount, models.CASCADE, related_name="inbox")
    delivery_key = models.CharField(max_length=120)  # the sender's id, else the hash of the body
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    objects = TenantQuerySet["InboxMessage"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "account", "delivery_key"], name="delivery_once"
            ),
            *references("inbox", "account", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.delivery_key
