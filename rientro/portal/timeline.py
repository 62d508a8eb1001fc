"""A return as its shopper reads it: what happened, what is now, what comes next and by when."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from rientro.kit.template_words import day_in, money_in, when_in
from rientro.models import Event, Label, Return, TrackingEvent
from rientro.models.boxes import in_play
from rientro.models.own_parcels import own_parcel
from rientro.models.returnable import day_of
from rientro.policy.lifecycle import Approval, CarrierState, Inspection, Settlement
from rientro.policy.promises import refund_around, refund_by
from rientro.policy.return_methods import is_own
from rientro.portal.customs import waits_for_customs
from rientro.portal.papers import Paper
from rientro.portal.shopfront import Shopfront

BEFORE_THE_ROAD = {
    CarrierState.NONE,
    CarrierState.LABEL_PENDING,
    CarrierState.LABEL_READY,
    CarrierState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """``state`` is done, now or next; ``when`` is words already."""

    state: str
    what: str
    when: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The page's title, and the box under it: what is next, in bold and in a sentence."""

    title: str
    strong: str = ""
    more: str = ""


def is_over(ret: Return) -> bool:
    return ret.approval in (Approval.REJECTED, Approval.CANCELLED) or ret.settlement in (
        Settlement.REFUNDED,
        Settlement.CLOSED,
    )


def steps_of(ret: Return, paper: Paper, front: Shopfront) -> list[Step]:
    """Past, present and future in one list."""
    past = sorted(_past(ret), key=lambda told: told[0])
    steps = [Step("done", what, when_in(at, width="long")) for at, what in past]
    if not is_over(ret):
        last = steps.pop()
        steps.append(Step("now", last.what, last.when))
        steps += [Step("next", what, when) for what, when in _future(ret, paper, front)]
    return steps


def _past(ret: Return) -> list[tuple[datetime, str]]:
    told = [(ret.requested_at, _("Return registered"))]
    places = places_of(ret)
    events = Event.objects.filter(ret=ret).order_by("pk")
    told += [(e.happened_at, said) for e in events if (said := _event_words(e, ret))]
    told += _labels_of(ret, places)
    scans = TrackingEvent.objects.filter(parcel__ret=ret).order_by("occurred_at", "pk")
    told += [
        (scan.occurred_at, _of_parcel(_scan_words(scan), scan.parcel_id, places)) for scan in scans
    ]
    if ret.delivered_at and not any(s.status == CarrierState.DELIVERED for s in scans):
        told.append((ret.delivered_at, _("Arrived")))
    return told


def _event_words(event: Event, ret: Return) -> str:
    if event.name == "return.approved":
        return "" if event.facts.get("at_once") else _("Approved by the shop")
    if event.name == "return.refunded":
        return _("Refund of %(amount)s") % {"amount": money_in(ret.money("refund"))}
    return {
        "return.number_told": _("Tracking number told")
        if event.facts.get("tracking_number")
        else "",
        "return.received": _("Items checked by the shop"),
        "return.rejected": _("Not accepted by the shop"),
        "return.cancelled": _("Return cancelled"),
        "return.closed": _("Return completed"),
    }.get(event.name, "")


def _labels_of(ret: Return, places: dict[int, int]) -> list[tuple[datetime, str]]:
    """When each was made; one that nobody was ever to use is no news to its shopper."""
    labels = Label.objects.filter(parcel__ret=ret).order_by("pk")
    return [
        (label.bought_at, _of_parcel(_("Label created"), label.parcel_id, places))
        for label in labels
        if label.void_requested_at != label.bought_at
    ]


def places_of(ret: Return) -> dict[int, int]:
    """Id of the parcel -> its place from 1, where there are several; empty for the only one."""
    if ret.parcel_count == 1:
        return {}
    return {parcel.pk: place for place, parcel in enumerate(in_play(ret), start=1)}


def _of_parcel(words: str, parcel_id: int, places: dict[int, int]) -> str:
    place = places.get(parcel_id)
    if place is None:
        return words
    return _("Parcel %(n)d: %(said)s") % {"n": place, "said": words}


def _scan_words(scan: TrackingEvent) -> str:
    table = {
        CarrierState.HANDED_IN: _("Handed in"),
        CarrierState.IN_TRANSIT: _("On its way"),
        CarrierState.AT_CUSTOMS: _("At customs"),
        CarrierState.DELAYED: _("Delayed"),
        CarrierState.EXCEPTION: _("Needs attention"),
        CarrierState.DELIVERED: _("Arrived"),
        CarrierState.RETURNED_TO_SENDER: _("Coming back to you"),
        CarrierState.LOST: _("Lost on the way"),
    }
    said = table.get(scan.status, scan.description)  # type: ignore[call-overload]
    return f"{said}: {scan.place}" if scan.place else said


def _future(ret: Return, paper: Paper, front: Shopfront) -> list[tuple[str, str]]:
    refund = (
        _("Refund of %(amount)s") % {"amount": money_in(ret.money("refund"))},
        _refund_when(ret, paper, front),
    )
    check = (_("Check of the items"), "")
    arrival = (_("Arrival in %(city)s") % {"city": ret.to_address.city}, "")
    hand_in = _hand_in(ret, paper)
    if ret.approval == Approval.REQUESTED:
        return [(_("The shop decides"), ""), hand_in, refund]
    if ret.inspection != Inspection.PENDING:
        return [refund]
    if ret.carrier == CarrierState.DELIVERED:
        return [check, refund]
    if _is_in_store(ret):
        return [hand_in, check, refund]
    if ret.carrier in BEFORE_THE_ROAD:
        return [hand_in, arrival, check, refund]
    return [arrival, check, refund]


def _hand_in(ret: Return, paper: Paper) -> tuple[str, str]:
    if ret.pickup_on:
        day = day_in(ret.pickup_on, width="full")
        return _("The driver fetches the parcel"), _("on %(day)s") % {"day": day}
    what = _("Bring it to the store") if _is_in_store(ret) else _("Hand in the parcel")
    if not paper.hand_in_by:
        return what, ""
    return what, _("by %(day)s") % {"day": day_in(paper.hand_in_by, width="full")}


def _is_in_store(ret: Return) -> bool:
    return ret.method == Return.Method.IN_STORE.value


def refund_day(ret: Return, paper: Paper, front: Shopfront) -> tuple[date, bool]:
    """The day of the money, and whether it is promised (the parcel is here) or only to be expected."""
    within = front.settings.refund_within_days
    if ret.delivered_at:
        return refund_by(day_of(ret.delivered_at, front.zone), within_days=within), True
    return refund_around(paper.hand_in_by or front.today, within_days=within), False


def _refund_when(ret: Return, paper: Paper, front: Shopfront) -> str:
    on, promised = refund_day(ret, paper, front)
    words = _("by %(day)s") if promised else _("around %(day)s")
    return words % {"day": day_in(on, width="full")}


# The headline


def headline_of(ret: Return, paper: Paper, front: Shopfront) -> Headline:
    """One title for where the return stands, one next step."""
    over = _over_words(ret)
    if over is not None:
        return over
    if ret.approval == Approval.REQUESTED:
        return Headline(
            _("The shop is looking at your return"),
            _("The shop decides"),
            _("You get a mail as soon as it has. Nothing left for you to do until then."),
        )
    if ret.inspection != Inspection.PENDING or ret.carrier == CarrierState.DELIVERED:
        return _arrived_words(ret, paper, front)
    if ret.carrier in BEFORE_THE_ROAD:
        return _before_words(ret, paper)
    return _road_words(ret)


def _over_words(ret: Return) -> Headline | None:
    amount = {"amount": money_in(ret.money("refund"))}
    if ret.approval == Approval.CANCELLED:
        return Headline(_("This return was cancelled"))
    if ret.approval == Approval.REJECTED:
        return Headline(_("The shop did not accept this return"), "", ret.rejection)
    if ret.settlement == Settlement.REFUNDED:
        return Headline(
            _("Your refund is on its way"),
            _("%(amount)s is going back to you") % amount,
            _("It can take a few days until your bank or card shows it."),
        )
    if ret.settlement == Settlement.CLOSED:
        return Headline(_("This return is completed"))
    return None


def _arrived_words(ret: Return, paper: Paper, front: Shopfront) -> Headline:
    on, _promised = refund_day(ret, paper, front)
    checked = ret.inspection != Inspection.PENDING
    return Headline(
        _("Your items have been checked") if checked else _("Your parcel has arrived"),
        _("Refund by %(day)s") % {"day": day_in(on, width="full")},
        _("Nothing left for you to do."),
    )


def _before_words(ret: Return, paper: Paper) -> Headline:
    by = day_in(paper.hand_in_by, width="full") if paper.hand_in_by else ""
    if _is_in_store(ret):
        return Headline(
            _("Bring it to the store"),
            _("%(store)s, by %(day)s") % {"store": ret.to_address.label, "day": by}
            if by
            else ret.to_address.label,
            _("Show the number %(number)s at the till.") % {"number": ret.number},
        )
    if is_own(ret.method):
        return _own_words(ret, by)
    if waits_for_customs(ret):
        return Headline(
            _("Your label comes as soon as the customs papers are ready"),
            _("The shop completes the customs papers"),
            _(
                "Your parcel crosses a customs border, and the shop still has to say a little about the items. "
                "Nothing to do for you until your label is there."
            ),
        )
    if not paper.is_ready:
        return Headline(
            _("Your code is being made")
            if ret.method == Return.Method.LABELLESS.value
            else _("Your label is being made"),
            _("We mail it to you as soon as it is there"),
            _("It also appears on this page."),
        )
    return _ready_words(ret, paper, by)


def _own_words(ret: Return, by: str) -> Headline:
    parcel = own_parcel(ret)
    if parcel is not None and parcel.tracking_number:
        return Headline(
            _("We wait for your parcel"),
            _("It arrives in %(city)s") % {"city": ret.to_address.city},
            _("You may correct its number until the carrier has scanned it."),
        )
    return Headline(
        _("Send your parcel"),
        _("Send it by %(day)s") % {"day": by} if by else _("Send it"),
        _(
            "You choose the carrier and pay for the way. Put the packing slip into the box, and write the tracking "
            "number below as soon as you have it."
        ),
    )


def _ready_words(ret: Return, paper: Paper, by: str) -> Headline:
    hand_in = _("Hand the parcel in by %(day)s") % {"day": by} if by else _("Hand the parcel in")
    if paper.is_labelless:
        return Headline(
            _("Your codes are ready") if paper.of > 1 else _("Your code is ready"),
            _("Show it at a drop-off point by %(day)s") % {"day": by}
            if by
            else _("Show it at a drop-off point"),
            _("They print the label and stick it on. Keep the receipt."),
        )
    if paper.of > 1:
        return _several_ready_words(ret, by)
    if ret.pickup_on:
        return Headline(
            _("Your label is ready"),
            _("The driver comes on %(day)s") % {"day": by},
            _("Print the label, stick it on the box, and have the parcel ready."),
        )
    return Headline(
        _("Your label is ready"),
        hand_in,
        _("Print the label, stick it on the box, and keep the receipt."),
    )


def _several_ready_words(ret: Return, by: str) -> Headline:
    title = _("Your labels are ready")
    if ret.pickup_on:
        return Headline(
            title,
            _("The driver comes on %(day)s") % {"day": by},
            _("Print the labels, stick one on each box, and have the parcels ready."),
        )
    return Headline(
        title,
        _("Hand the parcels in by %(day)s") % {"day": by} if by else _("Hand the parcels in"),
        _("Print the labels, stick one on each box, and keep the receipts."),
    )


def _road_words(ret: Return) -> Headline:
    titles = {
        CarrierState.AT_CUSTOMS: _("Your parcel is at customs"),
        CarrierState.DELAYED: _("Your parcel is delayed"),
        CarrierState.EXCEPTION: _("Something holds your parcel up"),
        CarrierState.RETURNED_TO_SENDER: _("Your parcel is coming back to you"),
        CarrierState.LOST: _("Your parcel seems to be lost"),
    }
    state = CarrierState(ret.carrier)
    title = titles.get(state, _("Your parcel is on its way"))
    if state in (CarrierState.RETURNED_TO_SENDER, CarrierState.LOST):
        return Headline(title, _("The shop looks into it"), _("Keep the receipt of the hand-in."))
    return Headline(
        title,
        _("It arrives in %(city)s") % {"city": ret.to_address.city},
        _("Then we check the items. Nothing left for you to do."),
    )
