"""Places of the merchant's: where parcels start, where returns go, where stores are."""

from django.db import models
from django.db.models import Q

from rientro.models.brands import Brand
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class SenderAddressQuerySet(TenantQuerySet["SenderAddress"]):
    def living(self) -> "SenderAddressQuerySet":
        return self.filter(deleted_at=None)

    def default_or_none(self) -> "SenderAddress | None":
        """The merchant's one default address; None before the first is made."""
        return self.living().filter(is_default=True).first()


class SenderAddress(TenantModel):
    """A place of the merchant's. The brand is chosen here, under *Miscellaneous*."""

    merchant = merchant_key("addresses")
    label = models.CharField(max_length=80)
    is_sender = models.BooleanField(default=True)
    is_return = models.BooleanField(default=True)
    is_store = models.BooleanField(default=False)
    company = models.CharField(max_length=120)
    contact_name = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    street = models.CharField(max_length=120)
    house_number = models.CharField(max_length=20, blank=True, default="")
    address_2 = models.CharField(max_length=120, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=60, blank=True, default="")
    country = models.CharField(max_length=2)
    vat_number = models.CharField(max_length=40, blank=True, default="")
    eori_number = models.CharField(max_length=40, blank=True, default="")
    opening_hours = models.CharField(max_length=200, blank=True, default="")  # shown for a store
    brand = TenantForeignKey(Brand, models.PROTECT, related_name="addresses", null=True, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SenderAddressQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "brand"], name="address_of_brand")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(is_default=True), name="one_default_address"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(deleted_at=None),
                name="default_address_is_not_deleted",
            ),
            *references("address", "brand"),
        ]

    def __str__(self) -> str:
        return self.label
