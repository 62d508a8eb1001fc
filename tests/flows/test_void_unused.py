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
from rientro.models import Event, Label, PortalSettings
from rientro.models.ledger import balances
from rientro.models.purchasing import intend_label
from tests.flows.scripted import KNOWN
from tests.makers import NOW, make_carrier_account, make_return

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


def test_a_label_that_was_scanned_is_never_touched(label):
    news = Scan(
        tracking_number=label.tracking_number, status="announced", occurred_at=NOW + DAY, key="1"
    )
    take_scans(parcel=label.parcel, scans=[news], now=NOW + DAY)

    assert void_unused(now=NOW + 31 * DAY) == 0


def test_a_label_that_is_being_given_back_is_left_alone(label):
    request_void(label=label, actor="member:1", now=NOW)

    assert void_unused(now=NOW + 31 * DAY) == 0


def test_a_carrier_whose_time_is_over_is_not_asked(label, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, void_days=28))

    assert void_unused(now=NOW + 31 * DAY) == 0
