"""Plays the stories: each step through the flow that a shopper, the desk or the carrier would have set off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import transaction

from rientro.carriers.base import Carrier
from rientro.flows.approve_return import approve_return
from rientro.flows.buy_label import buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.deliver_event import deliver_event
from rientro.flows.flag_silent import flag_silent
from rientro.flows.open_return import FromAddress, Pick, open_return
from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.refund_return import refund_return
from rientro.flows.reject_return import reject_return
from rientro.flows.send_mail import send_mail
from rientro.flows.store_label import store_label
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.host.demo_data.places import Places
from rientro.host.demo_data.stories import Seen, Story
from rientro.models import (
    Event,
    Integration,
    Label,
    LabelPurchase,
    Order,
    Parcel,
    Return,
    ReturnItem,
)
from rientro.policy.lifecycle import Approval
from rientro.portal.shopfront import spoken_by

SOON = timedelta(minutes=2)
ADDRESS = [name for name in FromAddress.__dataclass_fields__ if name not in {"proof"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What every story plays on."""

    now: datetime
    shops: tuple[Integration, Integration]
    places: Places
    token: str  # of our contract with the sandbox
    carrier: Carrier
    hands: httpx.Client  # the carrier's own people
    member: str  # the desk, as an actor

    def at(self, days_ago: float) -> datetime:
        return self.now - timedelta(days=days_ago)


@dataclass(slots=True)
class News:
    """Mails go out when the things happen, not when the worker first wakes up."""

    ret_id: int
    last: int = 0

    def pass_on(self) -> None:
        with transaction.atomic():
            new = list(Event.objects.filter(ret=self.ret_id, pk__gt=self.last).order_by("pk"))
        for event in new:
            self.last = event.pk
            for mail in deliver_event(event=event, now=event.happened_at):
                send_mail(mail=mail, now=event.happened_at + SOON)


def tell(stage: Stage, stories: Sequence[Story]) -> int:
    """Play what has not been played yet, oldest first; says how many returns there are now."""
    played = 0
    for story in sorted(stories, key=lambda story: -story.days_ago):
        order = _order(stage, story)
        if order is not None:
            _play(stage, story, order)
            played += 1
    flag_silent(now=stage.now)
    return played


@transaction.atomic
def _order(stage: Stage, story: Story) -> Order | None:
    """None when this order has a return already: a demo that is filled again tells nothing twice."""
    order = Order.objects.select_related("brand").get(
        number=story.order, integration__in=stage.shops
    )
    return None if Return.objects.filter(order=order).exists() else order


def _play(stage: Stage, story: Story, order: Order) -> None:
    ret = _open(stage, story, order)
    news = News(ret.pk)
    news.pass_on()
    if story.rejected is not None:
        reject_return(ret=ret, words=story.words, actor=stage.member, now=stage.at(story.rejected))
        news.pass_on()
        return
    if story.approved is not None:
        ret = approve_return(ret=ret, actor=stage.member, now=stage.at(story.approved))
    if ret.approval == Approval.APPROVED and story.method == Return.Method.PRINT_AT_HOME:
        _buy(stage, story, ret)
    news.pass_on()
    for seen in story.scans:
        _scan(stage, ret, seen)
        news.pass_on()
    _end(stage, story, ret)
    news.pass_on()


def _end(stage: Stage, story: Story, ret: Return) -> None:
    if story.cancelled is not None:
        _cancel(stage, ret, at=stage.at(story.cancelled))
    if story.counted is not None:
        _count(stage, story, ret, at=stage.at(story.counted))
    if story.refunded is not None:
        _refund(stage, ret, at=stage.at(story.refunded))


def _open(stage: Stage, story: Story, order: Order) -> Return:
    assert order.brand is not None
    with transaction.atomic():
        lines = {line.sku: line.pk for line in order.lines.order_by("position")}
    spoken = spoken_by(order.brand)
    in_store = story.method == Return.Method.IN_STORE
    return open_return(
        order=order,
        brand=order.brand,
        picks=[
            Pick(lines[want.sku], want.quantity, want.reason, want.note) for want in story.wants
        ],
        method=story.method,
        refund_type=story.refund_type,
        sender=_sender(story, order),
        language=order.language if order.language in spoken else "en",
        note=story.note,
        actor="shopper",
        now=stage.at(story.days_ago),
        to_address=stage.places.brera if in_store else None,
    )


def _sender(story: Story, order: Order) -> FromAddress:
    known = {name: getattr(order, name) for name in ADDRESS}
    return FromAddress(**known | ({"name": story.name} if story.name else {}))


# The carrier


def _buy(stage: Stage, story: Story, ret: Return) -> None:
    at = stage.at(story.approved if story.approved is not None else story.days_ago) + SOON
    with transaction.atomic():
        purchase = LabelPurchase.objects.get(parcel__ret=ret)
    if story.carrier_refuses:
        _tell(stage, "faults", {"fault": "refuse", "token": stage.token})
    buy_label(purchase=purchase, now=at)
    with transaction.atomic():
        label = Label.objects.filter(purchase=purchase).first()
    if label is not None:
        store_label(label=label, now=at)


def _scan(stage: Stage, ret: Return, seen: Seen) -> None:
    """The carrier's people scan; we ask what the carrier knows, as the clock would."""
    with transaction.atomic():
        parcel = Parcel.objects.get(ret=ret)
    words = {
        "tracking_number": parcel.tracking_number,
        "status": seen.status,
        "place": seen.place,
        "at": stage.at(seen.days_ago).isoformat(),
    }
    _tell(stage, "scan", words)
    told = stage.carrier.track([parcel.tracking_number])
    take_scans(
        parcel=parcel,
        scans=told.get(parcel.tracking_number, []),
        now=stage.at(seen.days_ago) + SOON,
    )


def _tell(stage: Stage, what: str, words: dict[str, Any]) -> None:
    stage.hands.post(f"/control/{what}", json=words).raise_for_status()


# The desk


def _cancel(stage: Stage, ret: Return, *, at: datetime) -> None:
    cancel_return(ret=ret, actor="shopper", now=at)
    with transaction.atomic():
        labels = list(Label.objects.filter(parcel__ret=ret))
    for label in labels:
        void_label(label=label, now=at + SOON)


def _count(stage: Stage, story: Story, ret: Return, *, at: datetime) -> None:
    with transaction.atomic():
        items = {
            item.order_line.sku: item.pk
            for item in ReturnItem.objects.filter(ret=ret).select_related("order_line")
        }
    found = [
        ReceivedItem(
            item_id=items[one.sku],
            quantity=one.quantity,
            grade=one.grade,
            disposition=one.disposition,
        )
        for one in story.found
    ]
    receive_return(ret=ret, items=found, actor=stage.member, now=at)


def _refund(stage: Stage, ret: Return, *, at: datetime) -> None:
    with transaction.atomic():
        ret = Return.objects.get(pk=ret.pk)
    refund_return(
        ret=ret,
        amount_minor=ret.refund_minor,
        kind=ret.refund_type,
        actor=stage.member,
        now=at,
    )
