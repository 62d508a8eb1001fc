"""Step 4, afterwards: read a kept webhook and write its scans to the parcels it speaks of."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from rientro.carriers.base import CarrierError, RawWebhook, Scan
from rientro.carriers.registry import UnknownCarrier, open_carrier
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.models.parcels import CarrierAccount, Parcel
from rientro.models.scanning import write_scans
from rientro.models.tracking import InboxMessage


@transaction.atomic
def process_inbox(*, message: InboxMessage, now: datetime) -> int:
    """Write down what ``message`` says; says how many scans were new. A message is read once.

    Numbers that are nobody's (yet) are named in the message's ``error``; polling finds their scans later.
    """
    message = InboxMessage.objects.locked().get(pk=message.pk)
    if message.processed_at:
        return 0
    account = CarrierAccount.objects.get(pk=message.account_id)
    new = 0
    try:
        scans = _read(account, message)
    except (CarrierError, UnknownCarrier, CannotUnseal) as error:
        message.error = error.message
    else:
        new, message.error = _write(account, scans, now=now)
    message.processed_at = now
    message.save(update_fields=["processed_at", "error"])
    return new


def _read(account: CarrierAccount, message: InboxMessage) -> Sequence[Scan]:
    carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
    return carrier.parse_webhook(
        RawWebhook(
            headers=message.headers, body=bytes(message.body), received_at=message.received_at
        )
    )


def _write(account: CarrierAccount, scans: Sequence[Scan], *, now: datetime) -> tuple[int, str]:
    """(scans that were new, words about numbers that are nobody's)."""
    by_number: dict[str, list[Scan]] = defaultdict(list)
    for scan in scans:
        by_number[scan.tracking_number].append(scan)
    parcels = Parcel.objects.filter(
        Q(purchases__account=account) | Q(watched_by=account),
        tracking_number__in=by_number,
        carrier_code=account.carrier,
    ).distinct()
    # One order for everybody: two messages about the same returns must not wait for each other.
    found = sorted(parcels, key=lambda parcel: (parcel.ret_id, parcel.pk))
    new = 0
    for parcel in found:
        told = by_number.pop(parcel.tracking_number)
        new += write_scans(parcel, told, at=now, actor=f"carrier:{account.carrier}")
    unknown = ", ".join(sorted(by_number))
    return new, f"No parcel of this account has the number {unknown[:500]}." if unknown else ""
