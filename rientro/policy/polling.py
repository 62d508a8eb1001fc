"""When is a carrier asked again about a parcel? Often while something happens, seldom while nothing does.

Source of the intervals: reference/carriers.md, section 5 (adaptive schedule against daily quotas).
"""

from datetime import datetime, timedelta

from rientro.policy.lifecycle import CarrierState

HOUR = timedelta(hours=1)
EVERY: dict[str, timedelta] = {
    CarrierState.LABEL_PENDING: 12 * HOUR,
    CarrierState.LABEL_READY: 12 * HOUR,
    CarrierState.HANDED_IN: 4 * HOUR,
    CarrierState.IN_TRANSIT: 4 * HOUR,
    CarrierState.AT_CUSTOMS: 4 * HOUR,
    CarrierState.DELAYED: 2 * HOUR,
    CarrierState.EXCEPTION: 2 * HOUR,
    CarrierState.LOST: 24 * HOUR,  # parcels turn up again
    CarrierState.RETURNED_TO_SENDER: 24 * HOUR,
}
GIVE_UP_AFTER = timedelta(days=45)  # without any news
SPREAD = 11  # a prime: parcels bought together drift apart


def next_poll(
    *, status: str, last_news_at: datetime, now: datetime, parcel: int, every_s: int = 0
) -> datetime | None:
    """The moment to ask again; None when there is nothing more to learn.

    ``last_news_at`` is the last scan, else the purchase. ``every_s`` is the account's own interval, which
    may be shorter or longer than ours.
    """
    if status not in EVERY or now - last_news_at > GIVE_UP_AFTER:
        return None
    wait = timedelta(seconds=every_s) if every_s > 0 else EVERY[status]
    return now + wait + wait / 10 * (parcel % SPREAD) / SPREAD
