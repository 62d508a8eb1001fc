"""Rows around a parcel on its way, and scans of it."""

from datetime import datetime, timedelta
from typing import Any

from rientro.carriers.base import Scan
from rientro.kit.crypto import seal
from rientro.models import CarrierAccount, LabelPurchase, Parcel, Return
from tests.makers import NOW, make_carrier_account, make_return

HOUR = timedelta(hours=1)
# Past midnight of the day before NOW: room for a story before the present.
START = NOW - timedelta(days=6)


def make_parcel(
    ret: Return | None = None, account: CarrierAccount | None = None, **fields: Any
) -> Parcel:
    """A parcel whose label was bought, with its purchase; its return waits for the parcel."""
    ret = ret or make_return(carrier="label_ready")
    account = account or CarrierAccount.objects.first() or make_carrier_account()
    values = {
        "ret": ret,
        "position": ret.parcels.count() + 1,
        "weight_g": 1200,
        "status": "label_ready",
        "carrier_code": account.carrier,
        "next_poll_at": NOW,
        "created_at": START,
    }
    parcel = Parcel.objects.create(**values | fields)
    if "tracking_number" not in fields:
        parcel.tracking_number = f"TST{parcel.pk:010}"
        parcel.save()
    LabelPurchase.objects.create(
        parcel=parcel,
        account=account,
        reference=f"ref-{parcel.pk}",
        status="bought",
        created_at=START,
    )
    return parcel


def scan_of(parcel: Parcel, status: str, hours: float, **fields: Any) -> Scan:
    """A scan so many hours after START; its key follows from what it says."""
    values = {
        "tracking_number": parcel.tracking_number,
        "status": status,
        "occurred_at": START + hours * HOUR,
        "key": f"{status}-{hours}",
        "place": "Torino",
    }
    return Scan(**values | fields)


def sealed(**credentials: str) -> str:
    return seal(credentials)


def moment(hours: float) -> datetime:
    return START + hours * HOUR
