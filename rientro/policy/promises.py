"""Dates that a shopper is told: until when to hand a parcel in, and when the money is to be expected."""

from datetime import date, timedelta

USUAL_TRANSIT_DAYS = 2  # an estimate for words such as "around": never part of a decision


def hand_in_by(asked_on: date, *, valid_days: int) -> date | None:
    """The last day on which a label is taken; None where it does not run out."""
    return asked_on + timedelta(days=valid_days) if valid_days else None


def refund_by(arrived_on: date, *, within_days: int) -> date:
    """The last day of the brand's promise, once the parcel has arrived."""
    return arrived_on + timedelta(days=within_days)


def refund_around(handed_in_on: date, *, within_days: int) -> date:
    """When the money is there if the parcel is handed in on a day and travels as usual."""
    return handed_in_on + timedelta(days=USUAL_TRANSIT_DAYS + within_days)
