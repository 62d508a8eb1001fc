"""What a shop shall be told about a return: money back, goods back on the shelf, a note. Written down, then done."""

from django.db import models
from django.db.models import Q

from rientro.models.integrations import Integration
from rientro.models.money import Refund
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class ShopErrand(TenantModel):
    """One thing for one shop. ``request`` is what the adapter is handed, as JSON; ``reference`` finds it there.

    `waiting` is surely not done; `asking` may have been carried out, so it is looked for before it is asked again;
    `unknown` waits for a person. ``tries`` counts how often it was asked, ``doubt_since`` is the first time of which
    nobody knows what came. ``error`` are the last words of the shop, or ours. Nobody's name or address is in here.
    """

    class Kind(models.TextChoices):
        REFUND = "refund", "Refund"
        NOTE = "note", "Note on the order"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ASKING = "asking", "Being done"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused by the shop"
        UNKNOWN = "unknown", "Not known"

    merchant = merchant_key("shop_errands")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="errands")
    ret = TenantForeignKey(Return, models.CASCADE, related_name="errands")
    refund = TenantForeignKey(Refund, models.PROTECT, related_name="errands", null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING.value)
    reference = models.CharField(max_length=60)
    request = models.JSONField(default=dict)
    answer = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    doubt_since = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")  # a person, after a doubt

    objects = TenantQuerySet["ShopErrand"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "ret"], name="errand_of_return"),
            models.Index(
                fields=["merchant", "next_at"],
                name="errand_due",
                condition=Q(state__in=["waiting", "asking"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="errand_reference_once"),
            models.UniqueConstraint(
                fields=["merchant", "refund"],
                condition=Q(refund__isnull=False),
                name="one_errand_a_refund",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "asking", "done", "refused", "unknown"]),
                name="errand_state_known",
            ),
            *references("errand", "integration", "ret", on_delete="CASCADE"),
            *references("errand", "refund"),
        ]

    def __str__(self) -> str:
        return self.reference
