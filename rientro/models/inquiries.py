"""A question to a carrier that a page asked and the worker puts: it is written down, answered, and shown."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from rientro.kit.queue import post
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


TASKS = {
    CarrierInquiry.Kind.CHECK: "check_carrier",
    CarrierInquiry.Kind.SERVICES: "read_services",
    CarrierInquiry.Kind.QUOTE: "quote_label",
}
# A page stops waiting after this: longer than a carrier may take (30 s) and than a busy queue should.
PATIENCE = timedelta(seconds=90)


def ask_worker(
    account: CarrierAccount,
    kind: CarrierInquiry.Kind,
    *,
    actor: str,
    at: datetime,
    **more: Any,
) -> CarrierInquiry:
    """Write the question and post the task that puts it, in the caller's transaction."""
    inquiry = CarrierInquiry.objects.create(
        account=account, kind=kind.value, actor=actor, asked_at=at, **more
    )
    post(TASKS[kind], merchant_id=inquiry.merchant_id, inquiry_id=inquiry.pk)
    return inquiry


def close_inquiry(
    inquiry: CarrierInquiry,
    *,
    at: datetime,
    answer: dict[str, Any] | None = None,
    words: str = "",
    tried: bool = True,
) -> CarrierInquiry:
    """Write what came of it, once; ``words`` say why there is no answer.

    A proposal that the carrier was ``tried`` with is forgotten; one that never reached it is kept for another time.
    """
    state = CarrierInquiry.State.FAILED if answer is None else CarrierInquiry.State.ANSWERED
    CarrierInquiry.objects.filter(pk=inquiry.pk, answered_at=None).update(
        state=state.value,
        answer=answer or {},
        words=words[:300],
        proposal="" if tried else inquiry.proposal,
        answered_at=at,
    )
    with suppress(CarrierInquiry.DoesNotExist):  # its account was disconnected meanwhile
        inquiry.refresh_from_db()
    return inquiry


def newest_inquiry(account: CarrierAccount, kind: CarrierInquiry.Kind) -> CarrierInquiry | None:
    """The last question of this kind to ``account``."""
    rows = CarrierInquiry.objects.filter(account=account, kind=kind.value)
    return rows.order_by("-pk").first()


def still_waiting(inquiry: CarrierInquiry | None, *, at: datetime) -> bool:
    """Is an answer still to be expected?"""
    asked = CarrierInquiry.State.ASKED.value
    return inquiry is not None and inquiry.state == asked and at - inquiry.asked_at < PATIENCE


def forget_inquiries(*, before: datetime) -> int:
    """Delete old questions; what came of them stands on the accounts."""
    return CarrierInquiry.objects.filter(asked_at__lt=before).delete()[0]
