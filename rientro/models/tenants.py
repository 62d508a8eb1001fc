"""What every tenant table is made of."""

from django.db import models

from rientro.kit.tenancy import (
    CompositeReference,
    ScopedRow,
    TenantForeignKey,
    TenantQuerySet,
    references,
)

__all__ = [
    "CompositeReference",
    "TenantForeignKey",
    "TenantModel",
    "TenantQuerySet",
    "merchant_key",
    "references",
]


class TenantModel(ScopedRow):
    """A row of one merchant. The concrete class says ``merchant = merchant_key("plural")`` first."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


def merchant_key(
    related_name: str, *, implied: bool = False
) -> "models.ForeignKey[Merchant, Merchant]":
    """The tenant column. No index of its own: every index of a tenant table begins with it.

    ``implied``: a composite reference that is never null already holds the merchant to its row. The database
    then checks no second one: in a bulk import those checks are a fifth of its work.
    """
    return models.ForeignKey(
        "rientro.Merchant",
        models.PROTECT,
        related_name=related_name,
        db_index=False,
        db_constraint=not implied,
    )


from rientro.models.merchants import Merchant  # noqa: E402  the annotation above needs the name
