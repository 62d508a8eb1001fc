"""Money: an append-only ledger of transfers, what labels cost, and what shoppers get back."""

from django.db import models
from django.db.models import F, Q

from rientro.models.parcels import Label, LabelPurchase
from rientro.models.prices import PriceList
from rientro.models.returns import Return
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class LedgerEntry(TenantModel):
    """One transfer: the same amount leaves ``debit`` and reaches ``credit``, so the books always balance.

    Never changed, never deleted (a trigger and the role's rights say so). A pending transfer is settled by
    a later row that names the same ``subject``: posted or voided. ``key`` makes each happen once.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        POSTED = "posted", "Posted"
        VOIDED = "voided", "Voided"

    merchant = merchant_key("ledger")
    # label:<purchase reference>:pending | posted | price | void | credit …; invoice:<line>:accepted
    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=80)  # what it is about: label:<purchase reference>
    state = models.CharField(max_length=8, choices=State.choices)
    debit = models.CharField(max_length=60)  # account that owes: merchant
    credit = models.CharField(max_length=60)  # account that is owed: carrier:<account id>
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    purchase = TenantForeignKey(
        LabelPurchase, models.PROTECT, related_name="ledger", null=True, blank=True
    )
    ret = TenantForeignKey(Return, models.PROTECT, related_name="ledger", null=True, blank=True)
    happened_at = models.DateTimeField()

    objects = TenantQuerySet["LedgerEntry"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "subject"], name="ledger_subject"),
            models.Index(fields=["merchant", "happened_at"], name="ledger_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="ledger_key_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="ledger_amount_not_negative"
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_two_accounts"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "posted", "voided"]), name="ledger_state_known"
            ),
            *references("ledger", "purchase", "ret"),
        ]

    def __str__(self) -> str:
        return self.key


class Charge(TenantModel):
    """What a label costs the merchant. An import of orders never makes one.

    ``cost_minor`` is what the carrier takes for it; with ``price_list`` the merchant pays by that list instead,
    and the agency bears the cost.
    """

    merchant = merchant_key("charges")
    label = TenantForeignKey(Label, models.PROTECT, related_name="charges")
    ret = TenantForeignKey(Return, models.PROTECT, related_name="charges")
    description = models.CharField(max_length=200)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    cost_minor = models.PositiveBigIntegerField(default=0)
    cost_currency = models.CharField(max_length=3, default="EUR")
    price_list = TenantForeignKey(
        PriceList, models.PROTECT, related_name="charges", null=True, blank=True
    )
    charged_at = models.DateTimeField()
    credited_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Charge"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "charged_at"], name="charge_time"),
            models.Index(
                fields=["merchant", "credited_at"],
                name="charge_credit_time",
                condition=Q(credited_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "label"], name="one_charge_per_label"),
            *references("charge", "label", "ret", "price_list"),
        ]

    def __str__(self) -> str:
        return self.description


class Refund(TenantModel):
    """Money that goes back to a shopper, and whether it has gone.

    ``amount_minor`` is all of it; ``shipping_minor`` is the part that stands for postage. ``method`` is how the shop
    pays it (shops.base.Method), empty where a person paid it by another road. ``reference`` is the shop's own, and
    ``code`` what a coupon is redeemed by.
    """

    class State(models.TextChoices):
        PENDING = "pending", "With the shop"
        PAID = "paid", "Paid"
        FAILED = "failed", "Failed"

    merchant = merchant_key("refunds")
    ret = TenantForeignKey(Return, models.PROTECT, related_name="refunds")
    kind = models.CharField(max_length=12, default=Return.RefundType.MONEY.value)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    method = models.CharField(max_length=12, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING.value)
    reference = models.CharField(max_length=120, blank=True, default="")
    code = models.CharField(max_length=120, blank=True, default="")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Refund"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "ret"], name="refund_of_return")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_has_amount"),
            models.CheckConstraint(
                condition=Q(shipping_minor__lte=F("amount_minor")), name="postage_is_part_of_refund"
            ),
            # Two at once would each be within what is left, and together more.
            models.UniqueConstraint(
                fields=["merchant", "ret"],
                condition=Q(state="pending"),
                name="one_pending_refund_a_return",
            ),
            *references("refund", "ret"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
