"""What an agency takes of a merchant for a label: price lists, in versions, each valid for a time."""

from django.db import models
from django.db.models import F, Q

from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class PriceList(TenantModel):
    """One version of a merchant's prices. A version that has charged a label is never changed, only ended.

    A label is charged by the version that was valid when it was asked for: ``valid_from`` counts,
    ``valid_to`` does not any more.
    """

    merchant = merchant_key("price_lists")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["PriceList"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "version"], name="price_list_version_once"),
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(valid_to=None), name="one_price_list_without_end"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="price_list_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PriceStep(TenantModel):
    """The price of a lane up to a weight: ``fixed_minor`` and ``percent`` of what the carrier takes.

    Empty countries stand for every country, ``up_to_g`` 0 for every weight. Percent 0 is a price of its own,
    100 passes the carrier's on, 115 adds 15 %.
    """

    merchant = merchant_key("price_steps")
    price_list = TenantForeignKey(PriceList, models.CASCADE, related_name="steps")
    origin = models.CharField(max_length=2, blank=True, default="")
    destination = models.CharField(max_length=2, blank=True, default="")
    up_to_g = models.PositiveIntegerField(default=0)
    fixed_minor = models.PositiveBigIntegerField(default=0)
    percent = models.DecimalField(max_digits=6, decimal_places=2, default=0)

    objects = TenantQuerySet["PriceStep"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "price_list", "origin", "destination", "up_to_g"],
                name="price_step_once",
            ),
            models.CheckConstraint(condition=Q(percent__gte=0), name="price_step_percent_positive"),
            *references("price_step", "price_list", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.origin or '*'}-{self.destination or '*'}"
