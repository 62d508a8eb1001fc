"""Faults of everything that is not the purchase: looking a label up, its paper, giving it back, news of parcels."""

from datetime import timedelta

import pytest

from rientro.carriers.base import RateLimited, Unavailable
from rientro.carriers.registry import open_carrier
from rientro.flows.buy_label import NotNow, buy_label
from rientro.flows.store_label import store_label
from rientro.flows.void_label import void_label
from rientro.kit.errors import RientroError
from rientro.models import CarrierAccount, Event, Label, LabelPurchase
from rientro.models.purchase_outcomes import ask_void
from rientro.models.returns import Return
from tests.carriers.fakes.paper import pdf
from tests.faults.playing import account_at, books_agree, deadline, order_at, purchase_at
from tests.makers import NOW, in_merchant, make_merchant

pytestmark = pytest.mark.django_db

SILENCES = (
    "reset_at_once", "close_at_once", "reset_after", "half_head_after", "half_body_after", "html_after",
    "empty_after", "cut_json_after", "other_json_after", "huge_after", "gzip_bomb_after", "not_http_after",
)  # fmt: skip
STATUSES = (408, 429, 500, 502, 503, 504, 302)
# What comes instead of a label's paper. Encrypted, scripted and over-long ones: tests/carriers, tests/documents.
PAPERS = {
    "a web page": b"<html>Sign in</html>",
    "nothing": b"",
    "half a document": pdf()[:90],
    "fifty megabytes": b"%PDF-1.4\n" + b"0" * 50_000_000,
    "another kind": b"\x89PNG\r\n\x1a\n" + b"0" * 200,
}


@pytest.fixture
def bought(merchant, world):
    """A label that was bought in peace."""
    account_at(world)
    order_at(world)
    purchase = purchase_at()
    buy_label(purchase=purchase, now=NOW)
    return Label.objects.select_related("parcel").get(purchase=purchase)


def every_fault(world, kind):
    """Breaks the next request of ``kind`` in one way after the other; yields the name of each."""
    method, path = kind
    for seed, fault in enumerate(SILENCES):
        world.proxy.begin(seed)
        world.proxy.play(fault, method=method, path=path)
        yield fault
    for seed, status in enumerate(STATUSES):
        world.proxy.begin(seed)
        world.proxy.play("says", method=method, path=path, status=status)
        yield status


def need(kind):
    if not kind[0]:
        pytest.skip("this carrier is not asked that, or not by the flow")


def test_a_look_that_fails_is_looked_again_and_nothing_is_bought_meanwhile(merchant, world):
    if "FIND_BY_REFERENCE" not in str(world.can):
        pytest.skip("this carrier cannot be asked what came of it")
    account = account_at(world)
    order_at(world)
    for fault in every_fault(world, world.looking):
        # The look comes second: the purchase before it was made, and its answer lost.
        plans, (method, path) = list(world.proxy._plans), world.buying
        world.proxy.well()
        world.proxy.play("reset_after", method=method, path=path)
        purchase, now = purchase_at(), NOW
        for turn in range(6):
            CarrierAccount.objects.update(paused_until=None)
            try:
                done = buy_label(purchase=LabelPurchase.objects.get(pk=purchase.pk), now=now)
                break
            except NotNow as error:
                now += timedelta(seconds=int(error.facts["retry_after_s"]) + 1)
            if turn == 0:
                world.proxy._plans.extend(plans)
        assert (done.status, world.posts()) == ("bought", 1), fault
    books_agree(world, account)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_label_whose_paper_is_bad_stays_paid_and_gets_it_later(bought, world, paper):
    need(world.paper)
    CarrierAccount.objects.update(settings=world.settings | {"paper": "carrier"})
    for seed in range(3):
        world.proxy.begin(seed)
        method, path = world.paper
        words = {"status": 200, "body": PAPERS[paper]}
        world.proxy.play("says", method=method, path=path, times=3, **words)
        for minutes in (0, 1, 6):
            with pytest.raises(RientroError):
                store_label(label=bought, now=NOW + timedelta(minutes=minutes))
    told = Event.objects.filter(name="return.label_paper_missing", ret=bought.parcel.ret_id)
    assert told.count() == 1
    world.proxy.well()

    stored = store_label(label=bought, now=NOW + timedelta(minutes=7))

    assert stored.pdf_a6_id
    books_agree(world, CarrierAccount.objects.get())


def test_a_void_whose_answer_is_lost_is_credited_once(bought, world):
    need(world.voiding)
    for place, fault in enumerate(every_fault(world, world.voiding)):
        if place:
            purchase = purchase_at()
            buy_label(purchase=purchase, now=NOW)
            bought = Label.objects.select_related("parcel").get(purchase=purchase)
        now = NOW
        ask_void(bought, Return.objects.get(pk=bought.parcel.ret_id), at=now, actor="member:1")
        for _ in range(4):
            CarrierAccount.objects.update(paused_until=None)
            try:
                void_label(label=Label.objects.get(pk=bought.pk), now=now)
            except RientroError:
                now += timedelta(minutes=20)
        label = Label.objects.get(pk=bought.pk)
        assert label.void in ("voided", "requested"), fault
        credits = Event.objects.filter(name="return.label_voided", ret=bought.parcel.ret_id).count()
        assert credits == (label.void == "voided"), fault
        if label.void == "voided":
            books_agree(world, CarrierAccount.objects.get())


def test_news_that_do_not_come_are_an_error_in_our_words(bought, world):
    need(world.tracking)
    carrier = open_carrier(world.code, world.credentials, world.settings)
    for fault in every_fault(world, world.tracking):
        try:
            told = carrier.track([bought.tracking_number])
        except (Unavailable, RateLimited):
            continue
        assert set(told) == {bought.tracking_number}, fault


def test_after_ten_failures_a_minute_the_account_rests_and_no_other(merchant, world):
    account = account_at(world)
    order_at(world)
    method, path = world.buying
    world.proxy.play("close_at_once", method=method, path=path, times=-1)
    for _ in range(10):
        purchase = purchase_at()
        try:
            buy_label(purchase=purchase, now=NOW)
        except NotNow:
            pass
    asked = world.posts()
    account.refresh_from_db()
    assert account.paused_until is not None
    assert account.paused_until - NOW <= timedelta(seconds=60)
    with pytest.raises(NotNow):
        buy_label(purchase=purchase_at(), now=NOW)
    assert world.posts() == asked
    world.proxy.well()
    with in_merchant(make_merchant()):
        account_at(world)
        order_at(world)
        assert buy_label(purchase=purchase_at(), now=NOW).status == "bought"


def test_a_busy_account_waits_and_another_merchant_does_not(merchant, world):
    account = account_at(world)
    order_at(world)
    method, path = world.buying
    world.proxy.play(
        "says", method=method, path=path, status=429, headers={"Retry-After": "90"}, body=b""
    )
    with pytest.raises(NotNow):
        buy_label(purchase=purchase_at(), now=NOW)
    account.refresh_from_db()
    assert account.paused_until == NOW + timedelta(seconds=90)

    with in_merchant(make_merchant()):
        account_at(world)
        order_at(world)
        assert buy_label(purchase=purchase_at(), now=NOW).status == "bought"


@pytest.mark.parametrize("fault", ["gzip_bomb_after", "many_headers_after", "huge_after"])
def test_what_is_too_much_is_refused_at_once(merchant, world, fault):
    """Within five seconds and without taking the memory that it would fill."""
    import resource
    import time

    account_at(world)
    order_at(world)
    purchase = purchase_at()
    method, path = world.buying
    world.proxy.play(fault, method=method, path=path)
    # The proxy, in this process, holds the bomb too: packed, that is fifty kilobytes.
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with deadline("20"):
        try:
            buy_label(purchase=purchase, now=NOW)
        except NotNow:
            pass
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
