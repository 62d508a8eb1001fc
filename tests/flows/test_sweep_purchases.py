from datetime import timedelta

import pytest

from rientro.carriers.base import CancelResult
from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.sweep_purchases import AFTER_S, ASK_AGAIN_S, sweep_purchases
from rientro.flows.void_label import void_label
from rientro.models import Label, LabelPurchase
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_return

LATE = NOW + timedelta(seconds=AFTER_S + 1)


@pytest.fixture
def purchase(merchant, depot, jobs):
    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)
    jobs.clear()
    return purchase


@pytest.mark.parametrize("asked_at", [None, NOW])
def test_a_purchase_nobody_works_on_is_taken_up_again(purchase, jobs, asked_at):
    LabelPurchase.objects.update(asked_at=asked_at)

    assert sweep_purchases(now=LATE) == 1
    assert jobs.names() == ["buy_label"]


def test_a_purchase_that_is_young_is_left_to_its_buyer(purchase, jobs):
    assert sweep_purchases(now=NOW + timedelta(seconds=AFTER_S - 1)) == 0


def test_one_waiting_job_is_enough(purchase, jobs):
    sweep_purchases(now=LATE)

    assert sweep_purchases(now=LATE) == 0
    assert jobs.names() == ["buy_label"]


def test_broken_accounts_rest(purchase, jobs):
    purchase.account.state = "broken"
    purchase.account.save(update_fields=["state"])

    assert sweep_purchases(now=LATE) == 0


def test_paused_accounts_rest_until_their_time(purchase, jobs):
    purchase.account.paused_until = LATE + timedelta(seconds=1)
    purchase.account.save(update_fields=["paused_until"])

    assert sweep_purchases(now=LATE) == 0
    assert sweep_purchases(now=LATE + timedelta(seconds=2)) == 1


def test_a_label_without_paper_is_stored_again(purchase, jobs):
    buy_label(purchase=purchase, now=NOW)
    jobs.clear()

    assert sweep_purchases(now=LATE) == 1
    assert jobs.names() == ["store_label"]


def test_a_label_that_was_being_voided_is_asked_about_again(purchase, jobs):
    buy_label(purchase=purchase, now=NOW)
    Label.objects.update(void="requested", void_requested_at=NOW)
    jobs.clear()

    assert sweep_purchases(now=LATE) == 1
    assert jobs.names() == ["void_label"]


def test_a_carrier_that_decides_later_is_asked_every_hour(purchase, jobs, depot):
    buy_label(purchase=purchase, now=NOW)
    depot.cancelling = [CancelResult(outcome="requested", message="Tomorrow.")]
    void_label(label=request_void(label=Label.objects.get(), actor="x", now=NOW), now=NOW)
    jobs.clear()

    assert sweep_purchases(now=LATE) == 0
    assert sweep_purchases(now=NOW + timedelta(seconds=ASK_AGAIN_S + 1)) == 1


def test_settled_purchases_stay_settled(purchase, jobs):
    LabelPurchase.objects.update(status="unknown")

    assert sweep_purchases(now=LATE) == 0
