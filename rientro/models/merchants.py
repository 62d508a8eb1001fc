"""Tables without a tenant: the tenants themselves, the people, and the two directories that lead to a tenant."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models

from rientro.kit.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A login. E-mail addresses are kept in lower case, so that one person is one login."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person who can log in. What they may do is said by their memberships."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    language = models.CharField(max_length=8, default="en")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.email


class Merchant(models.Model):
    """A tenant: a shop, a group, or one client of an agency."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, default="IT")
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=64, default="Europe/Rome")
    language = models.CharField(max_length=8, default="en")
    # Who pays the carriers for this merchant and bills it by a price list; None: it pays them itself.
    agency = models.ForeignKey(
        "self", models.PROTECT, related_name="clients", null=True, blank=True
    )
    # What invoices say of this business, as issuer or as recipient.
    legal_name = models.CharField(max_length=160, blank=True, default="")
    legal_address = models.CharField(max_length=400, blank=True, default="")  # lines
    vat_number = models.CharField(
        max_length=20, blank=True, default=""
    )  # with its country's letters
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)  # of its own sales
    invoice_prefix = models.CharField(max_length=8, default="R")  # of the series of its invoices
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(vat_percent__gte=0, vat_percent__lte=100),
                name="vat_percent_possible",
            ),
            models.CheckConstraint(
                condition=~models.Q(agency=models.F("id")), name="no_agency_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InvoiceSeries(models.Model):
    """The last number of an issuer's invoices in one year. A directory: issuer and recipient are two tenants.

    Counted up in the transaction that writes the invoice, so that no number is left out or given twice.
    """

    issuer = models.ForeignKey(Merchant, models.PROTECT, related_name="invoice_series")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year"], name="one_series_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.year}"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    DESK = "desk", "Returns desk"
    WAREHOUSE = "warehouse", "Warehouse"
    READ_ONLY = "read_only", "Read only"


class Member(models.Model):
    """A person acting for a merchant. A directory: it is read before any tenant is known (ADR 0003)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="members")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.DESK.value)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="member_once_per_merchant"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.merchant_id}"


class PortalName(models.Model):
    """Which brand answers at ``/<slug>``. A directory: it is read before any tenant is known (ADR 0003)."""

    slug = models.SlugField(max_length=60, primary_key=True)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="portal_names")
    brand_id = (
        models.BigIntegerField()
    )  # a one-column reference could not be checked with its merchant

    class Meta:
        indexes = [models.Index(fields=["merchant", "brand_id"], name="portal_name_of_brand")]

    def __str__(self) -> str:
        return self.slug
