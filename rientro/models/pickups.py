"""The day on which a driver comes to a shopper's door."""

from datetime import datetime

from rientro.kit.workdays import workdays_after
from rientro.models.events import Event
from rientro.models.merchants import Merchant
from rientro.models.returnable import day_of
from rientro.models.returns import Return


def keep_pickup_ahead(ret: Return, *, at: datetime, actor: str) -> None:
    """Move a pick-up whose day has come, while the desk was deciding, to the next working day, and say so.

    The caller holds the lock of ``ret``.
    """
    if ret.pickup_on is None:
        return
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=ret.merchant_id)
    today = day_of(at, zone)
    if ret.pickup_on > today:
        return
    was, ret.pickup_on = ret.pickup_on, next(workdays_after(today, ret.from_country))
    ret.save(update_fields=["pickup_on", "updated_at"])
    Event.record(
        "return.pickup_moved",
        actor=actor,
        at=at,
        ret=ret,
        day=ret.pickup_on.isoformat(),
        was=was.isoformat(),
    )
