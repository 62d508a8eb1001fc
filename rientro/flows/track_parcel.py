"""Step 4: a carrier told where a parcel is; each scan is kept once, and the return follows."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rientro.carriers.base import Scan
from rientro.models.parcels import Parcel
from rientro.models.scanning import write_scans


@transaction.atomic
def take_scans(*, parcel: Parcel, scans: Sequence[Scan], now: datetime) -> int:
    """Store what is new among ``scans`` and move parcel and return; says how many were new.

    Scans may come twice, late and in any order: the same set always ends in the same state. What the tables
    of moves forbid (a delivered return never leaves) is kept as a scan and moves nothing.
    """
    return write_scans(parcel, scans, at=now, actor=f"carrier:{parcel.carrier_code}")
