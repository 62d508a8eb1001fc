"""Scans arrive twice, late and in any order; the end is the same."""

import random
from itertools import permutations

import pytest

from rientro.flows.track_parcel import take_scans
from rientro.models import Label, Parcel, Return
from tests.makers import NOW, make_return
from tests.parcels import make_parcel, moment, scan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(merchant):
    return make_parcel()


def seen(parcel):
    parcel = Parcel.objects.get(pk=parcel.pk)
    ret = Return.objects.get(pk=parcel.ret_id)
    return (
        parcel.status,
        parcel.first_scan_at,
        parcel.last_scan_at,
        parcel.delivered_at,
        parcel.next_poll_at,
        ret.carrier,
        ret.delivered_at,
        sorted(parcel.tracking_events.values_list("key", flat=True)),
    )


def names(parcel):
    return list(parcel.ret.events.order_by("pk").values_list("name", flat=True))


def test_first_scan_moves_parcel_and_return(parcel, jobs):
    new = take_scans(parcel=parcel, scans=[scan_of(parcel, "handed_in", 2)], now=NOW)

    assert new == 1
    assert seen(parcel) == (
        "handed_in", moment(2), moment(2), None, NOW, "handed_in", None, ["handed_in-2"],
    )  # fmt: skip
    assert names(parcel) == ["return.scanned", "return.handed_in"]
    assert jobs.names() == ["deliver_event"] * 2


def test_scan_is_told_with_its_place(parcel):
    take_scans(parcel=parcel, scans=[scan_of(parcel, "handed_in", 2)], now=NOW)

    event = parcel.ret.events.get(name="return.scanned")
    assert event.actor == "carrier:sandbox"
    assert event.facts["status"] == "handed_in"
    assert event.facts["place"] == "Torino"
    assert event.facts["occurred_at"] == moment(2).isoformat()


def test_the_same_scan_twice_changes_nothing(parcel):
    scans = [scan_of(parcel, "handed_in", 2)]
    take_scans(parcel=parcel, scans=scans, now=NOW)
    before = seen(parcel), names(parcel)

    assert take_scans(parcel=parcel, scans=scans * 2, now=NOW) == 0
    assert (seen(parcel), names(parcel)) == before


def test_delivery_ends_the_asking(parcel):
    take_scans(
        parcel=parcel,
        scans=[scan_of(parcel, "handed_in", 1), scan_of(parcel, "delivered", 60)],
        now=NOW,
    )

    assert seen(parcel)[:7] == (
        "delivered", moment(1), moment(60), moment(60), None, "delivered", moment(60),
    )  # fmt: skip
    assert names(parcel) == ["return.scanned", "return.scanned", "return.delivered"]


def test_a_late_scan_does_not_bring_a_delivered_parcel_back(parcel):
    take_scans(parcel=parcel, scans=[scan_of(parcel, "delivered", 60)], now=NOW)
    take_scans(parcel=parcel, scans=[scan_of(parcel, "in_transit", 70)], now=NOW)

    assert seen(parcel)[0] == "delivered"
    assert seen(parcel)[5] == "delivered"
    assert names(parcel)[-1] == "return.scanned"


STORY = [
    ("handed_in", 1),
    ("in_transit", 5),
    ("delayed", 20),
    ("in_transit", 30),
    ("delivered", 50),
]
LOST_AND_FOUND = [("handed_in", 1), ("lost", 40), ("returned_to_sender", 60), ("delivered", 90)]
AWAY = [("in_transit", 5), ("exception", 9), ("lost", 30), ("returned_to_sender", 20)]


@pytest.mark.parametrize("story", [LOST_AND_FOUND, AWAY])
def test_every_order_ends_the_same(merchant, story):
    ends = set()
    for order in permutations(story):
        parcel = make_parcel()
        for status, hours in order:
            take_scans(parcel=parcel, scans=[scan_of(parcel, status, hours)], now=NOW)
        ends.add(repr(seen(parcel)))

    assert len(ends) == 1


def test_shuffles_with_duplicates_end_the_same(merchant):
    chance = random.Random(2026)
    ends = set()
    for _ in range(60):
        parcel = make_parcel()
        scans = [scan_of(parcel, *part) for part in STORY * chance.randint(1, 3)]
        chance.shuffle(scans)
        while scans:
            cut = chance.randint(1, 4)
            take_scans(parcel=parcel, scans=scans[:cut], now=NOW)
            scans = scans[cut:]
        ends.add(repr(seen(parcel)))

    assert len(ends) == 1


def test_two_parcels_arrive_when_both_have(merchant):
    ret = make_return(carrier="label_ready")
    first, second = make_parcel(ret), make_parcel(ret)

    take_scans(parcel=first, scans=[scan_of(first, "delivered", 9)], now=NOW)
    after_one = Return.objects.get(pk=ret.pk).carrier
    take_scans(parcel=second, scans=[scan_of(second, "in_transit", 5)], now=NOW)
    under_way = Return.objects.get(pk=ret.pk).carrier
    take_scans(parcel=second, scans=[scan_of(second, "delivered", 12)], now=NOW)
    ret.refresh_from_db()

    assert (after_one, under_way) == ("in_transit", "in_transit")
    assert (ret.carrier, ret.delivered_at) == ("delivered", moment(12))


def test_a_scan_ends_the_silence(parcel):
    Parcel.objects.filter(pk=parcel.pk).update(silent_since=NOW)
    Return.objects.filter(pk=parcel.ret_id).update(silent_since=NOW)

    take_scans(parcel=parcel, scans=[scan_of(parcel, "in_transit", 5)], now=NOW)

    assert Parcel.objects.get(pk=parcel.pk).silent_since is None
    assert Return.objects.get(pk=parcel.ret_id).silent_since is None


def test_long_and_odd_words_are_cut_to_fit(parcel):
    odd = scan_of(
        parcel, "in_transit", 5, key="k" * 300, place="Città\x00" * 60, description="x" * 900
    )

    assert take_scans(parcel=parcel, scans=[odd], now=NOW) == 1
    assert take_scans(parcel=parcel, scans=[odd], now=NOW) == 0
    [event] = parcel.tracking_events.all()
    assert (len(event.key), len(event.place), len(event.description)) == (64, 120, 300)


def test_scan_before_the_label_is_written_down_moves_the_return_later(merchant):
    """The carrier may be quicker than our own second transaction."""
    ret = make_return(carrier="label_pending")
    parcel = make_parcel(ret, status="label_pending")
    scans = [scan_of(parcel, "handed_in", 2)]
    take_scans(parcel=parcel, scans=scans, now=NOW)
    Return.objects.filter(pk=ret.pk).update(carrier="label_ready")

    take_scans(parcel=parcel, scans=scans, now=NOW)

    assert Return.objects.get(pk=ret.pk).carrier == "handed_in"


def test_the_story_of_an_earlier_parcel_with_this_number_is_not_ours(parcel):
    old = [scan_of(parcel, "delivered", -24 * 300), scan_of(parcel, "in_transit", -24 * 3)]

    assert take_scans(parcel=parcel, scans=old, now=NOW) == 0
    assert seen(parcel)[0] == "label_ready"


def test_a_carriers_clock_may_be_a_day_off(parcel):
    scans = [scan_of(parcel, "handed_in", -24), scan_of(parcel, "in_transit", 24 * 7)]

    take_scans(parcel=parcel, scans=scans, now=NOW)

    assert seen(parcel)[0] == "in_transit"
    told = parcel.ret.events.filter(name="return.scanned").order_by("pk")
    assert [event.facts["clock_ahead"] for event in told] == [False, True]


def test_a_word_that_is_nobodys_says_that_it_was_seen(parcel):
    take_scans(parcel=parcel, scans=[scan_of(parcel, "beamed_up", 3, key="k")], now=NOW)

    assert seen(parcel)[0] == "in_transit"


@pytest.mark.parametrize("word", ["announced", "label_ready"])
def test_word_that_the_label_exists_is_no_scan_of_the_parcel(parcel, word):
    """Carriers say it minutes after the purchase: the label can still be given back, and is not used."""
    take_scans(parcel=parcel, scans=[scan_of(parcel, word, 1)], now=NOW)

    parcel.refresh_from_db()
    parcel.ret.refresh_from_db()
    assert (parcel.status, parcel.first_scan_at) == ("label_ready", None)
    assert parcel.ret.carrier == "label_ready"


def test_word_of_a_parcel_whose_label_was_given_back_stops_nobody(parcel):
    """Carriers go on saying that it was announced."""
    purchase = parcel.purchases.get()
    Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="ref",
        tracking_number=parcel.tracking_number,
        price_minor=490,
        currency="EUR",
        bought_at=NOW,
        void="voided",
        voided_at=NOW,
    )

    assert take_scans(parcel=parcel, scans=[scan_of(parcel, "announced", 1)], now=NOW) == 1

    parcel.ret.refresh_from_db()
    assert (parcel.ret.carrier, parcel.ret.delivered_at) == ("label_ready", None)
