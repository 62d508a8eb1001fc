from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import (
    AuthFailed,
    Can,
    CancelResult,
    InvalidRequest,
    Scan,
    Unavailable,
    Unsupported,
)
from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import CannotVoid, request_void
from rientro.flows.settle_void import NotWaiting, settle_void
from rientro.flows.sweep_purchases import sweep_purchases
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.models import CarrierAccount, Charge, Event, Label, LedgerEntry
from rientro.models.ledger import balances, owed_to_carrier
from rientro.models.purchasing import intend_label
from tests.flows.scripted import KNOWN
from tests.makers import NOW, make_carrier_account, make_return

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def label(merchant, depot):
    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)
    buy_label(purchase=purchase, now=NOW)
    return request_void(label=Label.objects.get(), actor="member:1", now=NOW)


def scan(label, status="handed_in", words=""):
    return Scan(
        tracking_number=label.tracking_number,
        status=status,
        occurred_at=LATER,
        key=f"k-{status}",
        description=words,
    )


def voids():
    names = Event.objects.filter(name__startswith="return.label_void").order_by("pk")
    return list(names.values_list("name", flat=True))


def test_a_voided_label_is_credited_once(label, depot):
    for moment in (NOW, LATER):
        void_label(label=label, now=moment)

    label.refresh_from_db()
    assert (label.void, label.voided_at) == ("voided", NOW)
    assert label.purchase.status == "voided"
    assert Charge.objects.get().credited_at == NOW
    assert owed_to_carrier(label.purchase.account) == {"EUR": 0} == {"EUR": depot.bill()}
    assert set(balances().values()) == {0}
    assert LedgerEntry.objects.filter(key__endswith=":credit").count() == 1
    assert voids() == ["return.label_void_asked", "return.label_voided"]


def test_a_return_without_its_label_waits_for_a_new_one(label):
    void_label(label=label, now=NOW)

    ret = label.parcel.ret
    ret.refresh_from_db()
    assert (ret.approval, ret.carrier) == ("approved", "failed")
    assert ret.carrier_problem.startswith("The label was given back.")


def test_a_refusal_stands_in_the_carriers_words(label, depot):
    depot.cancelling = [CancelResult(outcome="refused", message="It has been scanned.")]

    void_label(label=label, now=NOW)

    label.refresh_from_db()
    assert (label.void, label.void_message) == ("refused", "It has been scanned.")
    assert owed_to_carrier(label.purchase.account) == {"EUR": 490}
    assert voids() == ["return.label_void_asked", "return.label_void_refused"]


def test_a_carrier_that_decides_later_is_asked_again(label, depot):
    depot.cancelling = [CancelResult(outcome="requested")]

    first = void_label(label=label, now=NOW)
    second = void_label(label=label, now=LATER)

    assert (first.void, second.void) == ("requested", "voided")
    assert (first.void_waits_since, second.void_waits_since) == (NOW, None)
    assert voids() == [
        "return.label_void_asked",
        "return.label_void_waits",
        "return.label_voided",
    ]


def test_a_carrier_that_says_later_twice_is_told_of_once(label, depot):
    depot.cancelling = [CancelResult(outcome="requested"), CancelResult(outcome="requested")]

    void_label(label=label, now=NOW)
    again = void_label(label=label, now=LATER)

    assert (again.void, again.void_waits_since, again.void_requested_at) == (
        "requested",
        NOW,
        LATER,
    )
    assert owed_to_carrier(label.purchase.account) == {"EUR": 490}  # credited only when granted
    assert voids().count("return.label_void_waits") == 1


def test_a_label_scanned_while_it_was_being_given_back_is_used(label, depot):
    take_scans(parcel=label.parcel, scans=[scan(label)], now=LATER)

    assert void_label(label=label, now=LATER).void == "refused"
    assert depot.voided == []
    assert owed_to_carrier(label.purchase.account) == {"EUR": 490}


@pytest.mark.parametrize(
    ("status", "state", "owed"),
    [("label_voided", "voided", 0), ("label_void_refused", "refused", 490)],
)
def test_the_carrier_tells_its_decision_by_webhook_or_poll(label, depot, status, state, owed):
    depot.cancelling = [CancelResult(outcome="requested")]
    void_label(label=label, now=NOW)

    for _again in range(2):
        take_scans(parcel=label.parcel, scans=[scan(label, status, "So it is.")], now=LATER)

    label.refresh_from_db()
    assert (label.void, label.void_message, label.void_waits_since) == (state, "So it is.", None)
    assert owed_to_carrier(label.purchase.account) == {"EUR": owed}
    assert label.parcel.tracking_events.count() == 0  # a decision is no scan


@pytest.mark.parametrize(
    ("granted", "state", "owed"), [(True, "voided", 0), (False, "refused", 490)]
)
def test_a_person_writes_down_what_the_carrier_decided(label, depot, granted, state, owed):
    depot.cancelling = [CancelResult(outcome="requested")]
    void_label(label=label, now=NOW)

    settled = settle_void(
        label=label, granted=granted, words="By mail.", actor="member:1", now=LATER
    )

    assert (settled.void, settled.void_message) == (state, "By mail.")
    assert owed_to_carrier(label.purchase.account) == {"EUR": owed}
    with pytest.raises(NotWaiting):
        settle_void(label=label, granted=True, words="", actor="member:1", now=LATER)


@pytest.mark.parametrize(
    ("facts", "days", "words"),
    [
        ({"can": Can.FIND_BY_REFERENCE}, 0, "takes no labels back"),
        ({"void_days": 30}, 31, "is over"),
    ],
)
def test_outside_the_carriers_window_nothing_is_asked(
    merchant, depot, monkeypatch, jobs, facts, days, words
):
    make_carrier_account(carrier="scripted")
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, **facts))
    jobs.clear()

    with pytest.raises(CannotVoid, match=words):
        request_void(label=Label.objects.get(), actor="member:1", now=NOW + timedelta(days=days))

    assert jobs.names() == []


def test_what_may_pass_credits_nothing_yet(label, depot):
    depot.cancelling = [Unavailable("Not reached.")]

    with pytest.raises(Unavailable):
        void_label(label=label, now=NOW)

    assert owed_to_carrier(label.purchase.account) == {"EUR": 490}
    assert void_label(label=label, now=LATER).void == "voided"


def test_refused_credentials_break_the_account_and_the_label_waits(label, depot, jobs):
    depot.cancelling = [AuthFailed("Unknown token.")]
    jobs.clear()

    with pytest.raises(AuthFailed):
        void_label(label=label, now=NOW)

    label.purchase.account.refresh_from_db()
    assert label.purchase.account.state == "broken"
    assert sweep_purchases(now=LATER) == 0
    CarrierAccount.objects.update(state="ok")
    assert sweep_purchases(now=LATER) == 1


@pytest.mark.parametrize("error", [Unsupported("Cannot."), InvalidRequest("No.")])
def test_a_carrier_that_takes_nothing_back_says_so(label, depot, error):
    depot.cancelling = [error]

    assert void_label(label=label, now=NOW).void == "refused"


def test_a_live_label_is_given_back_only_when_somebody_asked(merchant, depot):
    make_carrier_account(carrier="scripted")
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)

    assert void_label(label=Label.objects.get(), now=NOW).void == "none"


def test_the_request_posts_the_task_once(label, jobs):
    with pytest.raises(CannotVoid):
        request_void(label=label, actor="member:1", now=LATER)

    assert jobs.names().count("void_label") == 1


def test_a_refusal_may_be_asked_again(label, depot):
    depot.cancelling = [CancelResult(outcome="refused", message="Not today.")]
    void_label(label=label, now=NOW)

    again = request_void(label=label, actor="member:1", now=LATER)

    assert void_label(label=again, now=LATER).void == "voided"


def test_a_parcel_on_the_road_keeps_its_label(merchant, depot):
    make_carrier_account(carrier="scripted")
    ret = make_return()
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)
    ret.refresh_from_db()
    ret.move(carrier="in_transit")

    with pytest.raises(CannotVoid):
        request_void(label=Label.objects.get(), actor="member:1", now=NOW)
