"""A sale as told by a shop, shipped by us or not."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from rientro.kit.ids import uuid7
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand
from rientro.models.documents import StoredDocument
from rientro.models.integrations import Integration
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class Order(TenantModel):
    """A sale. ``number_norm`` and ``postal_norm`` are what look-ups compare (kit.text, kit.postal_codes)."""

    class Channel(models.TextChoices):
        WEB = "web", "Online"
        STORE = "store", "In a store"
        PHONE = "phone", "By phone"
        MARKETPLACE = "marketplace", "Marketplace"

    merchant = merchant_key("orders", implied=True)
    integration = TenantForeignKey(Integration, models.PROTECT, related_name="orders")
    shipment_uuid = models.UUIDField(default=uuid7, editable=False)
    external_order_id = models.CharField(max_length=200)
    external_shipment_id = models.CharField(max_length=200, blank=True, default="")
    # Of the client that made it as a parcel (version 2): the same again is the same parcel.
    external_reference = models.CharField(
        max_length=255, blank=True, default="", db_default="", editable=False
    )
    number = models.CharField(max_length=200)
    number_norm = models.CharField(max_length=200)
    channel = models.CharField(max_length=12, default=Channel.WEB.value)
    status = models.CharField(max_length=120, blank=True, default="")  # the shop's word, not ours
    language = models.CharField(max_length=8, blank=True, default="")

    name = models.CharField(max_length=200, blank=True, default="")
    company = models.CharField(max_length=200, blank=True, default="")
    street = models.CharField(max_length=200, blank=True, default="")
    house_number = models.CharField(max_length=40, blank=True, default="")
    address_2 = models.CharField(max_length=200, blank=True, default="")
    postal_code = models.CharField(max_length=40, blank=True, default="")
    postal_norm = models.CharField(max_length=40, blank=True, default="")
    city = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=80, blank=True, default="")
    country = models.CharField(max_length=2)
    email = models.CharField(max_length=254, blank=True, default="")
    email_norm = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    receipt_norm = models.CharField(max_length=80, blank=True, default="")  # in-store second factor

    currency = models.CharField(max_length=3, default="EUR")
    total_minor = models.BigIntegerField(default=0)
    weight_g = models.PositiveIntegerField(default=0)
    tags = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    ordered_at = models.DateTimeField()
    fulfilled_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    shop_updated_at = models.DateTimeField(null=True, blank=True)
    # Of what the shop last said: the same again changes nothing.
    said_digest = models.CharField(max_length=32, blank=True, default="", editable=False)
    outbound_tracking_number = models.CharField(max_length=120, blank=True, default="")
    # Made for a return that an API client asked for without an order: in no list, found by no shopper.
    standalone = models.BooleanField(default=False, db_default=False)
    has_outbound = models.BooleanField(default=False)  # its outbound parcel is known (S2, ADR 0012)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    redacted_at = models.DateTimeField(null=True, blank=True)

    sender_address = TenantForeignKey(
        SenderAddress, models.PROTECT, related_name="orders", null=True, blank=True
    )
    brand = TenantForeignKey(Brand, models.PROTECT, related_name="orders", null=True, blank=True)
    brand_by_default = models.BooleanField(default=False)  # no rule chose: the default address did
    rule_trace = models.JSONField(default=list, blank=True)
    facts = models.JSONField(default=dict, blank=True)  # what the shop said and we do not interpret
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["Order"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "number_norm", "postal_norm"], name="order_lookup"),
            models.Index(fields=["merchant", "-ordered_at", "-id"], name="order_newest"),
            models.Index(
                fields=["merchant", "integration", "-id"],
                name="order_of_integration",
                condition=Q(standalone=False),
            ),
            models.Index(fields=["merchant", "brand", "-ordered_at", "-id"], name="order_of_brand"),
            models.Index(fields=["merchant", "email_norm"], name="order_email"),
            models.Index(
                fields=["merchant", "-id"],
                name="order_on_default_brand",
                condition=Q(brand_by_default=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "integration", "external_order_id", "external_shipment_id"],
                name="order_once_per_integration",
            ),
            models.UniqueConstraint(
                fields=["merchant", "shipment_uuid"], name="shipment_uuid_once"
            ),
            models.UniqueConstraint(
                fields=["merchant", "integration", "external_reference"],
                condition=~Q(external_reference=""),
                name="order_reference_once",
            ),
            *references("order", "integration", "sender_address", "brand"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(TenantModel):
    """Units of one product in an order. ``returned_quantity`` counts living returns; the database caps it."""

    merchant = merchant_key("order_lines", implied=True)
    order = TenantForeignKey(Order, models.CASCADE, related_name="lines")
    line_key = models.CharField(max_length=200)  # the shop's line id, else a stable one of ours
    position = models.PositiveSmallIntegerField(default=0)
    sku = models.CharField(max_length=120, blank=True, default="")
    product_id = models.CharField(max_length=120, blank=True, default="")
    variant_id = models.CharField(max_length=120, blank=True, default="")
    name = models.CharField(max_length=500)
    variant = models.CharField(max_length=200, blank=True, default="")
    quantity = models.PositiveIntegerField()
    returned_quantity = models.PositiveIntegerField(default=0)
    price_minor = models.BigIntegerField(
        default=0
    )  # paid per unit, after discounts, order's currency
    weight_g = models.PositiveIntegerField(default=0)  # per unit
    hs_code = models.CharField(max_length=12, blank=True, default="")
    origin_country = models.CharField(max_length=2, blank=True, default="")
    final_sale = models.BooleanField(default=False)
    image_url = models.CharField(max_length=1000, blank=True, default="")
    properties = models.JSONField(default=dict, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["OrderLine"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "line_key"], name="line_key_once"),
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("quantity")), name="no_more_back_than_bought"
            ),
            *references("order_line", "order", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductPicture(TenantModel):
    """What a product looks like: kept by us, because the portal asks nobody else for anything."""

    merchant = merchant_key("product_pictures")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="pictures")
    sku = models.CharField(max_length=120)
    picture = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+")

    objects = TenantQuerySet["ProductPicture"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "integration", "sku"], name="picture_once"),
            *references("picture", "integration", on_delete="CASCADE"),
            *references("picture", "picture"),
        ]

    def __str__(self) -> str:
        return self.sku
