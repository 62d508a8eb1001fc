"""A shopper may cancel while the carrier takes the label back, is told until when, and afterwards why not."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from rientro.carriers import registry
from rientro.flows.cancel_return import TooLateToCancel, cancel_return
from rientro.models import Event, Label
from tests.makers import NOW, make_carrier_account, make_label, make_return

DAY = timedelta(days=1)


@pytest.fixture
def label(merchant, monkeypatch):
    known = replace(registry.KNOWN["sandbox"], void_days=14)
    monkeypatch.setitem(registry.KNOWN, "sandbox", known)
    ret = make_return(carrier="label_ready")
    return make_label(ret, make_carrier_account(), charged_at=NOW)


def pages(client, label):
    ret = label.parcel.ret
    address = f"/{ret.brand.slug}/r/{ret.link_token}/"
    return client.get(address).content.decode(), client.get(f"{address}cancel/").content.decode()


def test_inside_the_window_it_says_until_when(client, label):
    with time_machine.travel(NOW + DAY):
        page, cancel = pages(client, label)

    assert "possible until 8 December 2026" in page
    assert "You can cancel until" in cancel


def test_after_it_there_are_words_and_no_button(client, label):
    with time_machine.travel(NOW + 15 * DAY):
        page, cancel = pages(client, label)

    assert "Cancel this return" not in page
    assert "the carrier no longer takes this label back" in page
    assert "write to the shop" in cancel
    assert "<button" not in cancel.split("<main")[1].split("</main")[0]


def test_a_shopper_cannot_leave_the_shop_with_a_paid_label_but_the_desk_may(label):
    late = NOW + 15 * DAY
    with pytest.raises(TooLateToCancel):
        cancel_return(ret=label.parcel.ret, actor="shopper", now=late)

    cancelled = cancel_return(ret=label.parcel.ret, actor="member:1", now=late)

    assert cancelled.approval == "cancelled"
    assert Label.objects.get().void == "none"
    assert Event.objects.get(name="return.label_kept").facts["tracking_number"]


def test_a_label_that_costs_nothing_until_it_is_scanned_may_be_left(label):
    Label.objects.update(charged_on="first_scan", charged_at=None)

    cancelled = cancel_return(ret=label.parcel.ret, actor="shopper", now=NOW + 15 * DAY)

    assert cancelled.approval == "cancelled"
