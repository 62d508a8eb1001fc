"""Labels that nobody used go back by themselves, where the brand says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import Scan
from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.flows.void_unused import void_unused
from rientro.models import CarrierAccount, Event, Label, PortalSettings
from rientro.models.ledger import balances
from rientro.models.purchasing import intend_label
from tests.flows.scripted import KNOWN
from tests.makers import NOW, make_carrier_account, make_order, make_return

DAY = timedelta(days=1)


@pytest.fixture
def label(merchant, depot):
    make_carrier_account(carrier="scripted")
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)
    PortalSettings.objects.update(void_unused_days=30)
    return Label.objects.select_related("parcel").get()


def test_an_unused_label_goes_back_once_and_says_why(label, jobs):
    jobs.clear()

    assert [void_unused(now=NOW + 31 * DAY) for _again in range(3)] == [1, 0, 0]

    assert jobs.names().count("void_label") == 1
    event = Event.objects.get(name="return.label_unused")
    assert (event.actor, event.facts["days"]) == ("clock", 30)
    assert void_label(label=label, now=NOW + 31 * DAY).void == "voided"
    assert set(balances().values()) == {0}


def test_by_default_no_label_goes_back_by_itself(label):
    PortalSettings.objects.update(void_unused_days=PortalSettings().void_unused_days)

    assert void_unused(now=NOW + 365 * DAY) == 0


def test_never_before_the_brands_days(label):
    assert void_unused(now=NOW + 30 * DAY) == 0


@pytest.mark.parametrize(("word", "asked"), [("handed_in", 0), ("announced", 1)])
def test_a_label_that_was_scanned_is_never_touched(label, word, asked):
    """Carriers announce a label by themselves: that is no use of it."""
    news = Scan(tracking_number=label.tracking_number, status=word, occurred_at=NOW + DAY, key="1")
    take_scans(parcel=label.parcel, scans=[news], now=NOW + DAY)

    assert void_unused(now=NOW + 31 * DAY) == asked


def test_a_label_that_is_being_given_back_is_left_alone(label):
    request_void(label=label, actor="member:1", now=NOW)

    assert void_unused(now=NOW + 31 * DAY) == 0


def test_a_carrier_whose_time_is_over_is_not_asked(label, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, void_days=28))

    assert void_unused(now=NOW + 31 * DAY) == 0


def test_labels_that_nobody_takes_back_leave_room_for_those_that_go(label, monkeypatch):
    monkeypatch.setattr("rientro.flows.void_unused.MOST", 1)
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, void_days=40))
    ret = make_return(make_order(label.parcel.ret.brand))
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW + 5 * DAY)

    assert void_unused(now=NOW + 42 * DAY) == 1


def test_a_label_of_a_disconnected_carrier_stands_on_the_desk(label):
    request_void(label=label, actor="member:1", now=NOW)
    CarrierAccount.objects.update(deleted_at=NOW)

    asked = void_label(label=label, now=NOW)

    assert (asked.void, asked.void_waits_since) == ("requested", NOW)
    assert "ask the carrier yourself" in asked.void_message
