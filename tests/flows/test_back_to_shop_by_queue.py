"""From the press of a button to the shopper's mail, as the worker does it: task by task."""

import pytest

from rientro.flows.refund_return import refund_return
from rientro.jobs import schedule
from rientro.models import Event, Mail, Refund, ShopErrand, ShopLink
from tests.makers import NOW
from tests.small_shop import ORDER, connect, returned, small_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    with small_shop() as server:
        yield server


@pytest.fixture
def ret(merchant, shop):
    return returned(connect(shop))


def press(ret):
    return refund_return(ret=ret, amount_minor=8750, kind="money", actor="member:1", now=NOW)


def test_the_shop_pays_and_then_the_shopper_reads_of_it(ret, shop, jobs, mailoutbox):
    press(ret)
    assert Mail.objects.count() == 0
    jobs.run()

    assert shop.paid(ORDER) == 8750
    assert Refund.objects.get().state == "paid"
    assert [mail.to for mail in mailoutbox] == [[ret.from_email]]
    assert "€87.50" in mailoutbox[0].body


def test_a_lost_answer_is_mended_by_the_sweeper(ret, shop, jobs, mailoutbox):
    shop.faults = ["lose"]
    press(ret)
    jobs.run()
    assert ShopErrand.objects.get().state == "asking"
    assert mailoutbox == []

    # Some minutes later.
    ShopErrand.objects.update(asked_at=NOW, doubt_since=NOW, next_at=NOW)
    ShopLink.objects.update(rest_until=NOW)
    schedule.run_run_errands_all(timestamp=0)
    jobs.run()

    assert shop.paid(ORDER) == 8750
    assert Refund.objects.get().state == "paid"
    assert len(mailoutbox) == 1


def test_a_return_that_has_its_label_is_noted_on_the_order(ret, shop, jobs):
    Event.record("return.label_bought", actor="carrier:x", at=NOW, ret=ret)
    jobs.run()

    (words,) = shop.notes[ORDER]
    assert ret.number in words
