"""What carriers bill: their invoices, line by line, each held against our purchase and our books."""

from django.db import models
from django.db.models import Q

from rientro.kit.ids import uuid7
from rientro.models.documents import StoredDocument
from rientro.models.parcels import CarrierAccount, LabelPurchase
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.invoice_match import Match


class InvoiceFile(TenantModel):
    """An uploaded file of invoice lines; the file itself is kept until all of it is in."""

    class Status(models.TextChoices):
        PREVIEW = "preview", "Waiting for its columns"
        QUEUED = "queued", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    merchant = merchant_key("invoice_files")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="invoice_files")
    public_id = models.UUIDField(default=uuid7, editable=False)
    file = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+", null=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict)  # our field -> their heading
    options = models.JSONField(default=dict)  # delimiter, encoding, headings, decimal, currency …
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PREVIEW.value)
    rows_total = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)  # in since an earlier file
    rows_refused = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)  # [row number, cells, reason]
    error = models.TextField(blank=True, default="")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["InvoiceFile"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "public_id"], name="invoice_file_public_id"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["preview", "queued", "done", "failed"]),
                name="invoice_file_status_known",
            ),
            *references("invoice_file", "account", "file"),
        ]

    def __str__(self) -> str:
        return self.file_name


class InvoiceColumns(TenantModel):
    """How the files of one carrier account are read, remembered by their headings."""

    merchant = merchant_key("invoice_columns")
    account = TenantForeignKey(CarrierAccount, models.CASCADE, related_name="invoice_columns")
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    objects = TenantQuerySet["InvoiceColumns"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "account", "signature"], name="invoice_columns_once"
            ),
            *references("invoice_columns", "account", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.signature


class CarrierInvoice(TenantModel):
    """One invoice of a carrier under one contract, in one currency."""

    merchant = merchant_key("carrier_invoices")
    account = TenantForeignKey(CarrierAccount, models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField(null=True, blank=True)
    imported_at = models.DateTimeField()

    objects = TenantQuerySet["CarrierInvoice"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "account", "number", "currency"], name="carrier_invoice_once"
            ),
            *references("carrier_invoice", "account"),
        ]

    def __str__(self) -> str:
        return self.number


class CarrierInvoiceLine(TenantModel):
    """One line, and what the match made of it: ``amount = expected + difference``, to the cent.

    ``purchase_minor`` and ``ledger_minor`` are the two other sides as they stood when the line came in.
    """

    class State(models.TextChoices):
        MATCHED = "matched", "Agrees"
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DISPUTED = "disputed", "Disputed"
        SETTLED = "settled", "Settled by another line"

    merchant = merchant_key("carrier_invoice_lines")
    invoice = TenantForeignKey(CarrierInvoice, models.PROTECT, related_name="lines")
    line_key = models.CharField(
        max_length=80
    )  # the carrier's own number of the line, else its place
    position = models.PositiveIntegerField()
    tracking_number = models.CharField(max_length=80, blank=True, default="")
    reference = models.CharField(max_length=80, blank=True, default="")
    description = models.CharField(max_length=200, blank=True, default="")
    weight_g = models.PositiveIntegerField(null=True, blank=True)
    amount_minor = models.BigIntegerField()
    purchase = TenantForeignKey(
        LabelPurchase, models.PROTECT, related_name="invoice_lines", null=True, blank=True
    )
    match = models.CharField(max_length=16)
    purchase_minor = models.BigIntegerField(null=True, blank=True)
    ledger_minor = models.BigIntegerField(null=True, blank=True)
    expected_minor = models.BigIntegerField(default=0)
    difference_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices)
    note = models.CharField(max_length=500, blank=True, default="")
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["CarrierInvoiceLine"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "purchase"], name="invoice_line_of_purchase"),
            models.Index(fields=["merchant", "state", "created_at"], name="invoice_line_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "invoice", "line_key"], name="invoice_line_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=models.F("expected_minor") + models.F("difference_minor")),
                name="invoice_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(match__in=[match.value for match in Match]),
                name="invoice_line_match_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["matched", "open", "accepted", "disputed", "settled"]),
                name="invoice_line_state_known",
            ),
            *references("invoice_line", "invoice", "purchase"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.line_key}"
