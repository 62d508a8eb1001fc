"""What an agency bills its merchants: monthly invoices and the credit notes that correct them."""

from django.db import models
from django.db.models import F, Q

from rientro.models.merchants import Merchant
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class SalesInvoice(TenantModel):
    """Issued once and never changed, never deleted (a trigger says so); a mistake is corrected by a credit note.

    ``facts`` is everything the paper says, so that it is drawn the same for ever. A credit note's amounts are
    below zero. ``attempt`` counts the invoices of one month: a second one needs the first credited whole.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    merchant = merchant_key("sales_invoices")  # the recipient
    issuer = models.ForeignKey(
        Merchant, models.PROTECT, related_name="issued_invoices", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.CharField(max_length=32)  # prefix, year, place in the series: R-2026-0042
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    month = models.DateField()  # its first day
    attempt = models.PositiveSmallIntegerField(default=1)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    facts = models.JSONField()
    corrects = TenantForeignKey(
        "self", models.PROTECT, related_name="credit_notes", null=True, blank=True
    )
    actor = models.CharField(max_length=80)
    issued_at = models.DateTimeField()

    objects = TenantQuerySet["SalesInvoice"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "issued_at"], name="sales_invoice_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "year", "serial"], name="invoice_serial_once"
            ),
            models.UniqueConstraint(
                fields=["merchant", "month", "currency", "attempt"],
                condition=Q(kind="invoice"),
                name="one_invoice_a_month",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor")),
                name="sales_invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects=None)
                | Q(kind="credit_note", corrects__isnull=False),
                name="credit_note_corrects_something",
            ),
            *references("sales_invoice", "corrects"),
        ]

    def __str__(self) -> str:
        return self.number
