"""The merchant's own stock of prepaid labels: how it is kept, what was uploaded, and each label with its paper."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from rientro.kit.money import Money
from rientro.models.documents import StoredDocument
from rientro.models.parcels import CarrierAccount
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)

OWN_LABELS = "prepaid"  # the code of the carrier whose labels lie here
WARN_BELOW = 20


class LabelPool(TenantModel):
    """How one account's stock is kept. ``low_since`` is set while people know that it runs low."""

    class GivenBack(models.TextChoices):
        RETIRE = "retire", "Set aside"
        REUSE = "reuse", "Back into the pool"

    merchant = merchant_key("label_pools")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="pools")
    warn_below = models.PositiveIntegerField(default=WARN_BELOW)
    given_back = models.CharField(
        max_length=8, choices=GivenBack.choices, default=GivenBack.RETIRE.value
    )
    low_since = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["LabelPool"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "account"], name="one_pool_per_account"),
            *references("label_pool", "account"),
        ]

    def __str__(self) -> str:
        return f"pool of account {self.account_id}"


class LabelUpload(TenantModel):
    """Files that were uploaded at once. ``notes`` are [word, file name, number] of what was left out or odd."""

    merchant = merchant_key("label_uploads")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="label_uploads")
    file_name = models.CharField(max_length=200)
    notes = models.JSONField(default=list, blank=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["LabelUpload"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "account", "-created_at"], name="upload_by_time")
        ]
        constraints = [*references("label_upload", "account")]

    def __str__(self) -> str:
        return self.file_name


class PoolLabel(TenantModel):
    """One prepaid label. ``reference`` is the purchase that has it: the same purchase gets the same label again.

    A draft waits to be looked at; a taken label is a shopper's; a retired one is given to nobody. Empty
    countries and a zero weight mean: no limit. ``source`` says from which file and page it came.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "To be looked at"
        FREE = "free", "Free"
        TAKEN = "taken", "Used"
        RETIRED = "retired", "Set aside"

    merchant = merchant_key("pool_labels")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="pool_labels")
    upload = TenantForeignKey(LabelUpload, models.PROTECT, related_name="labels")
    place = models.PositiveIntegerField()  # within its upload
    source = models.CharField(max_length=160, blank=True, default="")
    carrier_name = models.CharField(max_length=60, blank=True, default="")
    tracking_number = models.CharField(max_length=80, blank=True, default="")
    paper = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+")
    thumb = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    origin_country = models.CharField(max_length=2, blank=True, default="")
    destination_country = models.CharField(max_length=2, blank=True, default="")
    max_weight_g = models.PositiveIntegerField(default=0)
    price_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    expires_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT.value)
    notes = models.JSONField(
        default=list, blank=True
    )  # [pattern, values] of cells nobody could read
    reference = models.CharField(max_length=64, blank=True, default="")
    taken_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["PoolLabel"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["merchant", "account", "expires_on", "id"],
                name="pool_label_to_take",
                condition=Q(state="free"),
            ),
            models.Index(
                fields=["merchant", "account", "-created_at", "-id"], name="pool_label_newest"
            ),
            models.Index(fields=["merchant", "upload", "place"], name="pool_label_of_upload"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "tracking_number"],
                condition=~Q(state="draft"),
                name="pool_number_once",
            ),
            models.UniqueConstraint(
                fields=["merchant", "reference"],
                condition=~Q(reference=""),
                name="pool_label_once",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(tracking_number=""), name="pool_label_numbered"
            ),
            models.CheckConstraint(
                condition=Q(state="taken", taken_at__isnull=False) & ~Q(reference="")
                | ~Q(state="taken") & Q(reference=""),
                name="pool_label_taken_by",
            ),
            *references("pool_label", "account", "upload", "paper", "thumb"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"draft {self.pk}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def max_weight_kg(self) -> Decimal:
        return Decimal(self.max_weight_g).scaleb(-3).normalize()
