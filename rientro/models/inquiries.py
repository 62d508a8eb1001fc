"""A question to a carrier that a page asked and the worker puts: it is written down, answered, and shown."""

from django.db import models

from rientro.models.parcels import CarrierAccount
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class CarrierInquiry(TenantModel):
    """One question to one contract. Questions that were asked together share a ``batch``.

    ``question`` of a quote is a LabelRequest as JSON; ``proposal`` of a check holds the sealed credentials that
    are tried, until they are. ``answer`` of a quote is {"offers": [{service, minor, currency, days}]}, of the
    services {"count": n}.
    """

    class Kind(models.TextChoices):
        CHECK = "check", "Are the credentials taken?"
        SERVICES = "services", "Which services are there?"
        QUOTE = "quote", "What does it cost?"

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "No answer"

    merchant = merchant_key("carrier_inquiries")
    account = TenantForeignKey(CarrierAccount, models.CASCADE, related_name="inquiries")
    ret = TenantForeignKey(Return, models.CASCADE, related_name="inquiries", null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED.value)
    batch = models.CharField(max_length=32, blank=True, default="")
    question = models.JSONField(default=dict, blank=True)
    proposal = models.TextField(blank=True, default="")  # a MultiFernet token of JSON (kit.crypto)
    answer = models.JSONField(default=dict, blank=True)
    words = models.CharField(max_length=300, blank=True, default="")  # why there is no answer
    actor = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["CarrierInquiry"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "account", "kind", "id"], name="inquiry_of_account"),
            models.Index(
                fields=["merchant", "ret"],
                name="inquiry_of_return",
                condition=models.Q(ret__isnull=False),
            ),
            models.Index(fields=["merchant", "batch"], name="inquiry_batch"),
        ]
        constraints = [*references("inquiry", "account", "ret", on_delete="CASCADE")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
