"""What comes back of an order."""

from django.db import models
from django.db.models import Case, F, Q, Value, When

from rientro.kit.ids import new_token, uuid7
from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand, ReturnReason
from rientro.models.orders import Order, OrderLine
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.lifecycle import (
    Approval,
    CarrierState,
    Inspection,
    Settlement,
    Tab,
    check_move,
    may_move,
)


def _known(field: str, words: type) -> models.CheckConstraint:
    values = [word.value for word in words]  # type: ignore[attr-defined]
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": values}), name=f"return_{field}_known"
    )


# The same decision as policy.lifecycle.tab_of; tests/models compares the two over every combination.
TAB = Case(
    When(approval__in=["rejected", "cancelled"], then=Value(Tab.REJECTED.value)),
    When(approval="requested", then=Value(Tab.REQUESTS.value)),
    When(settlement__in=["refunded", "closed"], then=Value(Tab.COMPLETED.value)),
    When(~Q(inspection="pending") | Q(carrier="delivered"), then=Value(Tab.RETURNED.value)),
    default=Value(Tab.IN_TRANSIT.value),
)


class ReturnQuerySet(TenantQuerySet["Return"]):
    def alive(self) -> "ReturnQuerySet":
        return self.exclude(approval__in=[Approval.REJECTED.value, Approval.CANCELLED.value])


class Return(TenantModel):
    """One shopper's wish to send things back, and how far it has come on four separate roads."""

    class Method(models.TextChoices):
        PRINT_AT_HOME = "print_at_home", "Print at home"
        LABELLESS = "labelless", "Show a code at the drop-off point"
        PICKUP = "pickup", "Fetched at the door"
        IN_STORE = "in_store", "Bring to a store"
        SELF_SENT = "self_sent", "The shopper sends it"

    class RefundType(models.TextChoices):
        MONEY = "money", "Original payment method"
        CREDIT = "credit", "Store credit"
        EXCHANGE = "exchange", "Exchange"

    merchant = merchant_key("returns")
    public_id = models.UUIDField(default=uuid7, editable=False)
    number = models.CharField(max_length=40)  # R-10001
    external_reference = models.CharField(
        max_length=255, blank=True, default=""
    )  # an API client's own
    link_token = models.CharField(max_length=64, default=new_token, editable=False)
    order = TenantForeignKey(Order, models.PROTECT, related_name="returns")
    brand = TenantForeignKey(Brand, models.PROTECT, related_name="returns")
    to_address = TenantForeignKey(SenderAddress, models.PROTECT, related_name="returns")
    method = models.CharField(
        max_length=16, choices=Method.choices, default=Method.PRINT_AT_HOME.value
    )
    parcel_count = models.PositiveSmallIntegerField(
        default=1
    )  # boxes; each gets a label of its own
    pickup_on = models.DateField(null=True, blank=True)  # when the carrier comes to the door
    refund_type = models.CharField(
        max_length=12, choices=RefundType.choices, default=RefundType.MONEY.value
    )
    language = models.CharField(max_length=8, default="en")

    approval = models.CharField(max_length=12, default=Approval.REQUESTED.value)
    carrier = models.CharField(max_length=20, default=CarrierState.NONE.value)
    inspection = models.CharField(max_length=16, default=Inspection.PENDING.value)
    settlement = models.CharField(max_length=12, default=Settlement.OPEN.value)
    tab = models.GeneratedField(
        expression=TAB, output_field=models.CharField(max_length=12), db_persist=True
    )

    currency = models.CharField(max_length=3)
    value_minor = models.BigIntegerField(default=0)  # of the items, as paid
    fee_minor = models.BigIntegerField(default=0)
    refund_minor = models.BigIntegerField(default=0)  # promised: value less fee

    from_name = models.CharField(max_length=200, blank=True, default="")
    from_company = models.CharField(max_length=200, blank=True, default="")
    from_street = models.CharField(max_length=200, blank=True, default="")
    from_house_number = models.CharField(max_length=40, blank=True, default="")
    from_address_2 = models.CharField(max_length=200, blank=True, default="")
    from_postal_code = models.CharField(max_length=40, blank=True, default="")
    from_city = models.CharField(max_length=120, blank=True, default="")
    from_state = models.CharField(max_length=80, blank=True, default="")
    from_country = models.CharField(max_length=2, blank=True, default="")
    from_email = models.CharField(max_length=254, blank=True, default="")
    from_phone = models.CharField(max_length=60, blank=True, default="")

    note = models.TextField(blank=True, default="")  # the shopper's words
    rejection = models.TextField(blank=True, default="")  # the desk's words to the shopper
    carrier_problem = models.TextField(
        blank=True, default=""
    )  # the carrier's words, when it refused
    trace = models.JSONField(default=dict)  # what decided: rule, version, inputs
    actor = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    # Since when its label waits for what customs must know of its goods; None when nothing is missing.
    customs_wanted_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "tab", "-requested_at", "-id"], name="return_tab"),
            models.Index(
                fields=["merchant", "brand", "tab", "-requested_at", "-id"], name="return_brand_tab"
            ),
            models.Index(fields=["merchant", "order"], name="return_of_order"),
            models.Index(fields=["merchant", "-requested_at", "-id"], name="return_newest"),
            models.Index(fields=["merchant", "updated_at", "id"], name="return_changed"),
            models.Index(
                fields=["merchant", "customs_wanted_at"],
                name="return_waits_for_customs",
                condition=Q(customs_wanted_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="return_number_once"),
            models.UniqueConstraint(fields=["merchant", "public_id"], name="return_public_id_once"),
            models.UniqueConstraint(fields=["merchant", "link_token"], name="return_link_once"),
            models.UniqueConstraint(
                fields=["merchant", "external_reference"],
                condition=~Q(external_reference=""),
                name="external_reference_once",
            ),
            models.CheckConstraint(
                condition=Q(parcel_count__gte=1) & Q(parcel_count__lte=20),
                name="return_has_parcels",
            ),
            _known("approval", Approval),
            _known("carrier", CarrierState),
            _known("inspection", Inspection),
            _known("settlement", Settlement),
            models.CheckConstraint(
                condition=Q(value_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(refund_minor__gte=0)
                & Q(refund_minor__lte=F("value_minor")),
                name="return_amounts_make_sense",
            ),
            *references("return", "order", "brand", "to_address"),
        ]

    def __str__(self) -> str:
        return self.number

    # Mutators

    def move(self, *, save: bool = True, **targets: str) -> None:
        """Move one or more of the four lives along their tables; the caller holds the row lock.

        ``ret.move(approval="approved", carrier="label_pending")``. Raises IllegalMove; nothing is written
        then. ``save=False`` leaves writing to the caller.
        """
        for field, target in targets.items():
            check_move(field, getattr(self, field), target)
        for field, target in targets.items():
            setattr(self, field, str(target))
        if save:
            self.save(update_fields=[*targets, "updated_at"])

    # Questions

    def may(self, field: str, target: str) -> bool:
        """Is ``target`` a legal next state of ``field``?"""
        return may_move(field, getattr(self, field), target)

    def told_reference(self) -> str:
        """The client's own reference; not what stands in for one so that a repeated request finds it."""
        kept = self.external_reference or str(self.trace.get("external_reference", ""))
        return "" if kept == self.trace.get("once_key") else kept

    def money(self, name: str) -> Money:
        """``money("refund")``: one of value, fee, refund with the return's currency."""
        return Money(getattr(self, f"{name}_minor"), self.currency)


class ReturnItem(TenantModel):
    """Units of one order line in a return; what was decided about them, and in what state they came."""

    class Grade(models.TextChoices):
        NEW = "new", "As new"
        OPENED = "opened", "Opened"
        USED = "used", "Used"
        DAMAGED = "damaged", "Damaged"

    class Disposition(models.TextChoices):
        RESTOCK = "restock", "Back to stock"
        SECOND_CHOICE = "second_choice", "Second choice"
        REPAIR = "repair", "Repair"
        SCRAP = "scrap", "Scrap"
        DONATE = "donate", "Donate"

    merchant = merchant_key("return_items")
    ret = TenantForeignKey(Return, models.CASCADE, related_name="items")
    order_line = TenantForeignKey(OrderLine, models.PROTECT, related_name="return_items")
    quantity = models.PositiveIntegerField()
    price_minor = models.BigIntegerField()  # per unit, as paid, when the return was made
    reason = TenantForeignKey(ReturnReason, models.PROTECT, related_name="+", null=True, blank=True)
    reason_label = models.CharField(
        max_length=200, blank=True, default=""
    )  # as the shopper read it
    note = models.TextField(blank=True, default="")
    photos = models.JSONField(default=list, blank=True)  # ids of StoredDocument, redrawn by us
    decision = models.JSONField(default=dict)
    # What the desk filled in for customs, for this return alone: hs_code, origin_country, weight_g.
    customs = models.JSONField(default=dict, blank=True)
    received_quantity = models.PositiveIntegerField(default=0)
    grade = models.CharField(max_length=12, choices=Grade.choices, blank=True, default="")
    disposition = models.CharField(
        max_length=16, choices=Disposition.choices, blank=True, default=""
    )

    objects = TenantQuerySet["ReturnItem"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "order_line"], name="return_item_of_line")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "ret", "order_line"], name="line_once_per_return"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_item_has_units"),
            models.CheckConstraint(
                condition=Q(received_quantity__lte=F("quantity")), name="no_more_received_than_sent"
            ),
            *references("return_item", "ret", on_delete="CASCADE"),
            *references("return_item", "order_line", "reason"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"


class Note(TenantModel):
    """What the desk writes down about a return, for itself: the shopper never sees it."""

    merchant = merchant_key("notes")
    ret = TenantForeignKey(Return, models.CASCADE, related_name="notes")
    words = models.TextField()  # emptied when the order is redacted
    actor = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    objects = TenantQuerySet["Note"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "ret", "id"], name="note_of_return")]
        constraints = [*references("note", "ret", on_delete="CASCADE")]

    def __str__(self) -> str:
        return self.words[:60]


class Withdrawal(TenantModel):
    """A statutory statement of a consumer (art. 11a CRD). Never changed; a return may follow from it."""

    merchant = merchant_key("withdrawals")
    brand = TenantForeignKey(Brand, models.PROTECT, related_name="withdrawals")
    order = TenantForeignKey(
        Order, models.PROTECT, related_name="withdrawals", null=True, blank=True
    )
    order_number = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    statement = models.TextField()
    language = models.CharField(max_length=8, default="en")
    stated_at = models.DateTimeField()

    objects = TenantQuerySet["Withdrawal"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "-stated_at", "-id"], name="withdrawal_newest")]
        constraints = [*references("withdrawal", "brand", "order")]

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"
