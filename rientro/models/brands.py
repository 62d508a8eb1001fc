"""A shop front: its looks, words and links."""

from django.db import models

from rientro.models.documents import StoredDocument
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)

FONTS = [("sans", "Sans"), ("serif", "Serif headings")]


class Brand(TenantModel):
    """A shop front with its portal, looks and terms; it hangs on sender addresses.

    Colours are as the merchant chose them, ``#rrggbb``; the contrast correction runs when they are used.
    ``texts`` is {language: {key: words}}, ``links`` is {key: address} with the keys shop, help, policy,
    privacy, contact.
    """

    merchant = merchant_key("brands")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, db_index=False)
    tagline = models.CharField(max_length=80, blank=True, default="")
    website = models.URLField(blank=True, default="")
    reply_to = models.EmailField(blank=True, default="")
    legal_line = models.CharField(max_length=240, blank=True, default="")
    logo = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True, blank=True)
    background = TenantForeignKey(
        StoredDocument, models.PROTECT, related_name="+", null=True, blank=True
    )
    colour_accent = models.CharField(max_length=7, default="#0b5a6e")
    colour_paper = models.CharField(max_length=7, default="#f4f3ee")
    colour_surface = models.CharField(max_length=7, default="#ffffff")
    colour_ink = models.CharField(max_length=7, default="#1d1e1b")
    colour_head = models.CharField(max_length=7, default="#ffffff")
    colour_foot = models.CharField(max_length=7, default="#f4f3ee")
    font = models.CharField(max_length=8, choices=FONTS, default="sans")
    heading_weight = models.PositiveSmallIntegerField(default=650)
    roundness = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    languages = models.JSONField(default=list)  # empty: the default language alone
    default_language = models.CharField(max_length=8, default="en")
    texts = models.JSONField(default=dict, blank=True)
    links = models.JSONField(default=dict, blank=True)
    looks_version = models.PositiveIntegerField(default=1)  # part of the stylesheet's address
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Brand"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "slug"], name="brand_slug_once"),
            *references("brand", "logo", "background"),
        ]

    def __str__(self) -> str:
        return self.name


class PortalSettings(TenantModel):
    """A brand's portal: who may return what, until when, how, and at what cost."""

    class Review(models.TextChoices):
        NONE = "none", "Approve automatically"
        ALL = "all", "Approve every return by hand"
        VALUE = "value", "Approve by hand above a value"

    merchant = merchant_key("portal_settings")
    brand = TenantForeignKey(Brand, models.CASCADE, related_name="portal_settings")
    active = models.BooleanField(default=True)
    allow_without_outbound = models.BooleanField(default=False)  # the switch of S2
    # The public API look-up also tells name, street, e-mail and phone, as Sendcloud's does (ADR 0009).
    compatible_lookup = models.BooleanField(default=False)
    window_days = models.PositiveSmallIntegerField(default=30)
    # Where delivery is unknown the window starts later: at fulfilment, or at the order, plus days.
    fulfilment_buffer_days = models.PositiveSmallIntegerField(default=5)
    order_buffer_days = models.PositiveSmallIntegerField(default=10)
    fee_minor = models.PositiveIntegerField(default=0)
    fee_currency = models.CharField(max_length=3, default="EUR")
    review = models.CharField(max_length=8, choices=Review.choices, default=Review.NONE.value)
    review_above_minor = models.PositiveIntegerField(default=0)
    print_at_home = models.BooleanField(default=True)
    labelless = models.BooleanField(default=False)  # a code at the drop-off point, no printer
    pickup = models.BooleanField(default=False)  # the carrier comes to the door
    in_store = models.BooleanField(default=False)
    self_sent = models.BooleanField(default=False)  # with a label of the shopper's own
    most_parcels = models.PositiveSmallIntegerField(default=1)  # that a shopper may ask for
    refund_money = models.BooleanField(default=True)
    refund_credit = models.BooleanField(default=False)
    refund_exchange = models.BooleanField(default=False)
    refund_within_days = models.PositiveSmallIntegerField(default=14)
    label_valid_days = models.PositiveSmallIntegerField(default=14)
    silent_after_days = models.PositiveSmallIntegerField(default=5)
    # Labels that nobody used are given back after so many days; 0: never. Off by default: the label of a
    # shopper who posts late must not die without the merchant having said so.
    void_unused_days = models.PositiveSmallIntegerField(default=0)
    notify_email = models.EmailField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["PortalSettings"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "brand"], name="portal_settings_once"),
            *references("portal_settings", "brand", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"Portal of brand {self.brand_id}"


class ReturnReason(TenantModel):
    """Why, from the brand's list. ``labels`` is {language: words}; ``code`` is stable."""

    class Fault(models.TextChoices):
        SHOPPER = "shopper", "Shopper"
        MERCHANT = "merchant", "Merchant"
        CARRIER = "carrier", "Carrier"

    merchant = merchant_key("return_reasons")
    brand = TenantForeignKey(Brand, models.CASCADE, related_name="reasons")
    code = models.SlugField(max_length=40, db_index=False)
    labels = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    asks_note = models.BooleanField(default=False)
    fault = models.CharField(max_length=8, choices=Fault.choices, default=Fault.SHOPPER.value)

    objects = TenantQuerySet["ReturnReason"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "brand", "code"], name="reason_code_once"),
            *references("reason", "brand", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str) -> str:
        """The words in ``language``, else in English, else in any language there is."""
        words = self.labels.get(language) or self.labels.get("en")
        return words or next(iter(self.labels.values()), self.code)
