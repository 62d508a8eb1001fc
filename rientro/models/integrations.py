"""A merchant's connections to shops and to the API, their keys, and what came in through them."""

from django.db import models
from django.db.models import Q

from rientro.kit.ids import uuid7
from rientro.models.documents import StoredDocument
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class Integration(TenantModel):
    """A connection to a shop system or to the API. ``system`` names the adapter: api, csv, shopify …"""

    merchant = merchant_key("integrations")
    shop_name = models.CharField(max_length=250)
    shop_url = models.CharField(max_length=500, blank=True, default="")
    system = models.CharField(max_length=50, default="api")
    settings = models.JSONField(default=dict, blank=True)
    service_point_enabled = models.BooleanField(default=False)
    service_point_carriers = models.JSONField(default=list, blank=True)
    webhook_active = models.BooleanField(default=False)
    webhook_url = models.CharField(max_length=500, blank=True, default="")
    failing_since = models.DateTimeField(null=True, blank=True)
    last_fetch_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Integration"].as_manager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.shop_name


class ApiKey(TenantModel):
    """A machine acting for a merchant. ``public_key`` is ``rk_<merchant>_<random>``; the secret is hashed.

    It is sealed as well: webhooks of its integration are signed with it (docs/decisions/0010).
    """

    merchant = merchant_key("api_keys")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80, blank=True, default="")
    public_key = models.CharField(max_length=64)
    secret_hash = models.BinaryField()
    secret_last4 = models.CharField(max_length=4)
    sealed_secret = models.TextField(blank=True, default="")  # a MultiFernet token (kit.crypto)
    scopes = models.JSONField(default=list, blank=True)
    # In our own API it sees what belongs to any of the merchant's integrations; in Sendcloud's its own alone.
    every_shop = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    network = models.CharField(max_length=50, blank=True, default="")  # where it was let in last
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["ApiKey"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "integration"], name="key_of_integration")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "public_key"], name="public_key_once"),
            *references("api_key", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.public_key


class ColumnMapping(TenantModel):
    """How the columns of a file were last read: ``mapping`` is {our field: their heading}."""

    merchant = merchant_key("column_mappings")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="column_mappings")
    signature = models.CharField(max_length=64)  # of the headings: the same kind of file again
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    objects = TenantQuerySet["ColumnMapping"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "integration", "signature"], name="mapping_once_per_headings"
            ),
            *references("column_mapping", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.signature[:12]


class ImportRun(TenantModel):
    """One file, or one batch, on its way in; what came of it."""

    class Status(models.TextChoices):
        PREVIEW = "preview", "Waiting for its columns"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    merchant = merchant_key("import_runs")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="import_runs")
    public_id = models.UUIDField(default=uuid7, editable=False)
    source = models.CharField(max_length=8)  # csv, xlsx
    file = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)  # delimiter, encoding, sheet
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PREVIEW.value)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    orders_created = models.PositiveIntegerField(default=0)
    orders_updated = models.PositiveIntegerField(default=0)
    orders_unchanged = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["ImportRun"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "-id"], name="import_run_newest")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "public_id"], name="import_run_public_id"),
            models.CheckConstraint(
                condition=Q(status__in=["preview", "queued", "running", "done", "failed"]),
                name="import_run_status_known",
            ),
            *references("import_run", "integration", on_delete="CASCADE"),
            *references("import_run", "file"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRefusal(TenantModel):
    """A row that could not be taken in, and why, in words."""

    merchant = merchant_key("import_refusals")
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="refusals")
    row_number = models.PositiveIntegerField()  # as a spreadsheet shows it: the heading is row 1
    order_number = models.CharField(max_length=120, blank=True, default="")
    reason = models.TextField()
    cells = models.JSONField(default=list)

    objects = TenantQuerySet["ImportRefusal"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "run", "row_number"], name="refused_row_once"
            ),
            *references("import_refusal", "run", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number}"


class Counter(TenantModel):
    """The last number given out to people, per merchant and kind: ``return`` gives R-10001 and on."""

    merchant = merchant_key("counters")
    name = models.CharField(max_length=40)
    value = models.BigIntegerField(default=0)

    objects = TenantQuerySet["Counter"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"

    @classmethod
    def next(cls, name: str, *, start: int = 10001) -> int:
        """The next number of ``name``; its row is locked until the transaction ends."""
        from django.db import connection

        from rientro.kit.tenancy import current_merchant

        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rientro_counter (merchant_id, name, value) VALUES (%s, %s, %s) "
                "ON CONFLICT (merchant_id, name) DO UPDATE SET value = rientro_counter.value + 1 "
                "RETURNING value",
                [current_merchant(), name, start],
            )
            row = cursor.fetchone()
        assert row is not None
        return int(row[0])
