"""When a label costs: on its creation, on its first scan, or when the carrier's invoice tells the price."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import Scan
from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.kit.money import Money
from rientro.models import Charge, Event, Label
from rientro.models.ledger import balances, mismatches, owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from rientro.models.statement import statement_of
from tests.flows.scripted import KNOWN
from tests.makers import NOW, make_carrier_account, make_return

HOUR = timedelta(hours=1)


@pytest.fixture
def on_scan(merchant, depot, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, charged="first_scan"))
    return make_carrier_account(
        carrier="scripted", settings={"prices": {"*": 450}, "currency": "EUR"}
    )


def bought():
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)
    return Label.objects.select_related("parcel").order_by("-pk")[0]


def scans_of(label, *, most=6):
    states = ["announced", "handed_in", "in_transit", "in_transit", "delayed", "delivered"][:most]
    return [
        Scan(
            tracking_number=label.tracking_number,
            status=state,
            occurred_at=NOW + HOUR * place,
            key=f"{place}",
        )
        for place, state in enumerate(states)
    ]


def test_an_unscanned_label_costs_nothing(on_scan, merchant):
    label = bought()

    assert (label.charged_on, label.charged_at) == ("first_scan", None)
    assert owed_to_carrier(on_scan) == {}
    assert set_aside() == {"EUR": 450}
    assert Charge.objects.count() == 0
    assert statement_of(merchant, NOW.date()).totals[0].due == Money(0, "EUR")
    assert mismatches() == []


def test_word_that_it_was_announced_is_no_first_scan(on_scan):
    label = bought()

    take_scans(parcel=label.parcel, scans=scans_of(label, most=1), now=NOW)

    assert Charge.objects.count() == 0


@pytest.mark.parametrize("seed", range(8))
def test_the_first_scan_charges_once_in_whatever_order_and_however_often(on_scan, seed):
    label, rng = bought(), random.Random(seed)
    told = scans_of(label) * 2
    rng.shuffle(told)

    while told:
        batch = [told.pop() for _each in range(min(len(told), rng.randint(1, 4)))]
        take_scans(parcel=label.parcel, scans=batch, now=NOW + 9 * HOUR)

    charge = Charge.objects.get()
    assert (charge.amount_minor, charge.cost_minor) == (490, 490)
    assert owed_to_carrier(on_scan) == {"EUR": 490}
    assert set_aside() == {}
    assert mismatches() == []
    assert sum(balances().values()) == 0


def test_an_unscanned_label_given_back_frees_what_was_set_aside(on_scan):
    label = request_void(label=bought(), actor="member:1", now=NOW)

    void_label(label=label, now=NOW)

    assert set_aside() == {}
    assert set(balances().values()) <= {0}
    assert mismatches() == []


def test_a_label_given_back_is_not_charged_by_a_late_scan(on_scan):
    label = request_void(label=bought(), actor="member:1", now=NOW)
    void_label(label=label, now=NOW)

    take_scans(parcel=label.parcel, scans=scans_of(label), now=NOW + HOUR)

    assert Charge.objects.count() == 0  # if the carrier bills it, its invoice is where that shows


def test_a_label_without_a_price_waits_for_the_invoice(merchant, depot):
    account = make_carrier_account(carrier="scripted")
    depot.priced, depot.price = False, Money(0, "EUR")

    label = bought()

    assert (label.priced, label.charged_at) == (False, None)
    take_scans(parcel=label.parcel, scans=scans_of(label), now=NOW + HOUR)
    assert owed_to_carrier(account) == {}
    assert Charge.objects.count() == 0
    assert not Event.objects.filter(name="return.label_price_differs").exists()
