"""A member says which place is meant when no rule says anything."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.addresses import SenderAddress
from rientro.models.events import Event
from rientro.models.holding import hold_settings


class AddressGone(RientroError):
    """A deleted place cannot be the default."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "address_gone"


@transaction.atomic
def set_default_address(*, address: SenderAddress, actor: str, now: datetime) -> SenderAddress:
    """Make ``address`` the one default. Safe to repeat; raises AddressGone.

    Orders that came in before keep their address and brand.
    """
    hold_settings()
    row = SenderAddress.objects.locked().get(pk=address.pk)
    if row.deleted_at:
        raise AddressGone("This address has been deleted.")
    if row.is_default:
        return row
    SenderAddress.objects.filter(is_default=True).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])
    Event.record("address.made_default", actor=actor, at=now, address=row.pk, label=row.label)
    return row
