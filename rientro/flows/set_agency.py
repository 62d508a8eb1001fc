"""An agency takes over the bills of a merchant: it pays the carriers and bills by a price list; or it ends that."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Event, Merchant, Role, User
from rientro.models.price_book import list_at

MANAGES = (Role.OWNER.value, Role.ADMIN.value)


class NotBoth(RientroError):
    """Only somebody who manages both businesses may join them, or part them."""

    kind: ClassVar[Kind] = "forbidden"
    code: ClassVar[str] = "manage_both"


class CannotJoin(RientroError):
    """A business bills neither itself, nor one that is billed by another, nor one that bills others."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_join"


def set_agency(
    *, client: Merchant, agency: Merchant, on: bool, user: User, now: datetime
) -> Merchant:
    """Join ``client`` to ``agency`` (``on``), or part them. Raises NotBoth and CannotJoin.

    Parting needs the price list ended first: what it charged must be billed by whoever wrote it.
    """
    with merchant_transaction(client.pk):
        return _set(client, agency, on=on, user=user, now=now)


@transaction.atomic
def _set(client: Merchant, agency: Merchant, *, on: bool, user: User, now: datetime) -> Merchant:
    managed = user.memberships.filter(merchant__in=[client.pk, agency.pk], role__in=MANAGES)
    member = managed.filter(merchant=client.pk).first()
    if managed.count() != 2 or member is None:
        raise NotBoth("Only an owner or an admin of both accounts may do this.")
    row = Merchant.objects.select_for_update().get(pk=client.pk)
    theirs = Merchant.objects.get(pk=agency.pk)
    if on and (row.agency_id not in (None, agency.pk) or row.clients.exists() or theirs.agency_id):
        raise CannotJoin("One of the two is an agency, or has one, already.")
    if not on and list_at(now) is not None:
        raise CannotJoin("End its price list first.")
    row.agency = agency if on else None
    row.save(update_fields=["agency"])
    Event.record(
        "business.agency_changed", actor=f"member:{member.pk}", at=now, account=row.agency_id
    )
    return row
