"""A parcel that the shopper sends with a label of their own: its number, corrected until its first scan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.kit.text import clean_line
from rientro.models.boxes import label_in_hand, label_on_its_way
from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount, Parcel
from rientro.models.returns import Return
from rientro.policy.lifecycle import DEAD, CarrierState, Inspection, Settlement
from rientro.policy.return_methods import is_own
from rientro.policy.tracking_numbers import normal_tracking, tracking_problem

NOBODYS = "own"  # the carrier code of a parcel that none of the merchant's contracts can ask about
MOST_CHANGES = 20
TOLD = "return.number_told"


class BadNumber(RientroError):
    """This is no tracking number, or it is another parcel's."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_tracking_number"


class TooLateForNumber(RientroError):
    """The parcel was scanned, or the return is over: its number stands."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "tracking_number_stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParcel:
    """What somebody typed. ``carrier_code`` is the adapter that carries this name, "" where there is none."""

    number: str
    carrier_name: str = ""
    carrier_code: str = ""


def own_parcel(ret: Return) -> Parcel | None:
    """The parcel of a return whose label is not ours; None where we have or had one to give."""
    if not is_own(ret.method) and (label_in_hand(ret) or label_on_its_way(ret)):
        return None
    rows = Parcel.objects.filter(ret=ret, labels=None).order_by("position")
    return rows.select_related("watched_by").first()


def may_tell_number(ret: Return, parcel: Parcel | None) -> bool:
    """May the number still be told or corrected? The caller decides again under the return's lock."""
    return (
        ret.approval not in DEAD
        and ret.carrier in (CarrierState.NONE, CarrierState.FAILED)
        and ret.inspection == Inspection.PENDING
        and ret.settlement == Settlement.OPEN
        and (parcel is None or parcel.first_scan_at is None)
    )


def write_own_number(ret: Return, told: OwnParcel, *, at: datetime, actor: str) -> Parcel:
    """Write the number of ``ret``'s own parcel, or take it away when it is empty; the same again is no news.

    The caller holds the lock of ``ret``. Where a contract of the merchant can ask this carrier, it asks from now on.
    Raises BadNumber and TooLateForNumber.
    """
    number = normal_tracking(told.number)
    problem = tracking_problem(number)
    if number and problem:
        raise BadNumber(problem)
    parcel = own_parcel(ret)
    _stop_if_late(ret, parcel)
    parcel = parcel or _made(ret, at=at)
    watcher = _watcher(told.carrier_code) if number else None
    wanted: dict[str, Any] = {
        "tracking_number": number,
        "carrier_name": clean_line(told.carrier_name, 60) if number else "",
        "carrier_code": (watcher.carrier if watcher else NOBODYS) if number else "",
        "watched_by": watcher,
        "next_poll_at": at if watcher else None,
    }
    same = ("tracking_number", "carrier_name", "carrier_code")
    if all(getattr(parcel, name) == wanted[name] for name in same):
        _leave_failure(ret)
        return parcel
    _save(parcel, wanted)
    _leave_failure(ret)
    Event.record(
        TOLD,
        actor=actor,
        at=at,
        ret=ret,
        parcel=parcel.pk,
        tracking_number=number,
        carrier=watcher.carrier if watcher else "",
    )
    return parcel


def keep_own_number(ret: Return, told: OwnParcel, *, at: datetime, actor: str) -> None:
    """The same while a return is opened: a number that cannot be is asked for again, and the return stands."""
    try:
        write_own_number(ret, told, at=at, actor=actor)
    except BadNumber:
        return


def _stop_if_late(ret: Return, parcel: Parcel | None) -> None:
    if not is_own(ret.method) and (label_in_hand(ret) or label_on_its_way(ret)):
        raise TooLateForNumber(
            Sentence("This return has a label of ours. Its number is on the label.")
        )
    if not may_tell_number(ret, parcel):
        raise TooLateForNumber(Sentence("This parcel is on its way already, so its number stands."))
    if Event.objects.filter(ret=ret, name=TOLD).count() >= MOST_CHANGES:
        raise TooLateForNumber(Sentence("The number was changed too often. Write to the shop."))


def _made(ret: Return, *, at: datetime) -> Parcel:
    return Parcel.objects.create(
        ret=ret,
        position=Parcel.objects.filter(ret=ret).count() + 1,
        status=CarrierState.NONE.value,
        created_at=at,
    )


def _watcher(carrier_code: str) -> CarrierAccount | None:
    """The contract that can be asked where a parcel of this carrier is."""
    if not carrier_code:
        return None
    living = CarrierAccount.objects.filter(
        carrier=carrier_code, deleted_at=None, state=CarrierAccount.State.OK.value
    )
    able = [row for row in living.order_by("pk") if "track" in (row.abilities or ())]
    return able[0] if able else None


def _save(parcel: Parcel, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        setattr(parcel, name, value)
    try:
        with transaction.atomic():
            parcel.save(update_fields=list(wanted))
    except IntegrityError as error:
        raise BadNumber(
            Sentence("This number belongs to another parcel. Look at it again.")
        ) from error


def _leave_failure(ret: Return) -> None:
    """A return for which no carrier sold a label travels all the same."""
    if ret.carrier == CarrierState.FAILED:
        ret.move(save=False, carrier=CarrierState.NONE.value)
        ret.carrier_problem = ""
        ret.save(update_fields=["carrier", "carrier_problem", "updated_at"])
