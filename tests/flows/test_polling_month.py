"""A month of polling, hour by hour: who is asked how often, what a 429 puts off, and when it ends."""

import itertools
from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from rientro.carriers.base import Can, RateLimited
from rientro.flows import poll_tracking as polling
from rientro.models import CarrierAccount, Parcel
from tests.makers import NOW, make_carrier_account
from tests.parcels import START, make_parcel, scan_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# (status, hours after START); the parcel's clock begins six days before NOW.
ROAD = [("handed_in", 10 * 24), ("in_transit", 10 * 24 + 6), ("in_transit", 12 * 24)]
ARRIVED = [*ROAD, ("delivered", 14 * 24)]
STUCK = [*ROAD, ("exception", 13 * 24)]


@pytest.fixture
def account(merchant, depot):
    depot.can |= Can.TRACK
    return make_carrier_account(carrier="scripted")


class Month:
    """The clock's door opens every hour; ``asked`` is {number: moments at which the carrier was asked}."""

    def __init__(self, account, depot):
        self.account, self.depot = account, depot
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.stories: dict[str, list] = {}

    def add(self, story, **fields):
        parcel = make_parcel(account=self.account, **fields)
        self.stories[parcel.tracking_number] = [scan_of(parcel, *part) for part in story]
        return parcel

    def live(self, days, since=NOW):
        now = since
        while now < since + days * DAY:
            self.depot.tracked.clear()
            self.depot.news = {
                number: [scan for scan in story if scan.occurred_at <= now]
                for number, story in self.stories.items()
            }
            account = CarrierAccount.objects.get(pk=self.account.pk)
            polling.poll_tracking(account=account, now=now)
            for question in self.depot.tracked:
                assert len(question) <= polling.BATCH
                for number in question:
                    self.asked[number].append(now)
            now += HOUR

    def gaps(self, parcel, start, end):
        """Hours between questions that were asked from hour ``start`` to ``end`` after START."""
        times = [at for at in self.asked[parcel.tracking_number]
                 if START + start * HOUR <= at < START + end * HOUR]  # fmt: skip
        return {round((b - a) / HOUR) for a, b in itertools.pairwise(times)}


def test_a_month_of_parcels_is_asked_about_as_the_schedule_says(account, depot, monkeypatch):
    monkeypatch.setattr(polling, "BATCH", 4)
    month = Month(account, depot)
    arrived = [month.add(ARRIVED) for _each in range(6)]
    stuck = [month.add(STUCK) for _each in range(2)]
    unused = month.add([])
    forgotten = month.add([], created_at=NOW - 40 * DAY)

    month.live(days=31)

    for parcel in arrived:
        assert month.gaps(parcel, 150, 240) <= {12, 13, 14}  # the label waits in a drawer
        assert month.gaps(parcel, 255, 330) <= {4, 5}  # on the road
        asked = month.asked[parcel.tracking_number]
        assert asked[-1] <= START + (14 * 24 + 6) * HOUR  # never again after its arrival
        assert Parcel.objects.get(pk=parcel.pk).status == "delivered"
    for parcel in stuck:
        assert month.gaps(parcel, 13 * 24 + 8, 36 * 24) <= {2, 3}  # trouble is looked at more often
    assert month.gaps(unused, 144, 36 * 24) <= {12, 13, 14}
    last = month.asked[forgotten.tracking_number][-1]
    assert (
        NOW + 4 * DAY <= last <= NOW + 6 * DAY
    )  # forty-five days without any news, and then no more
    assert Parcel.objects.get(pk=forgotten.pk).next_poll_at is None
    in_all = sum(len(times) for times in month.asked.values())
    assert in_all < 10 * 31 * 24 / 4  # far from once an hour each


def test_a_429_rests_the_whole_account_until_the_carrier_said_and_loses_nothing(
    account, depot, monkeypatch
):
    monkeypatch.setattr(polling, "BATCH", 4)
    month = Month(account, depot)
    parcels = [month.add([("in_transit", 140)]) for _each in range(10)]
    depot.tracking = [RateLimited("Slow down.", retry_after_s=5 * 3600)]

    month.live(days=0.25)

    first = {number: times[0] for number, times in month.asked.items()}
    assert sorted(set(first.values())) == [NOW, NOW + 5 * HOUR]
    assert list(first.values()).count(NOW) == 4  # one batch was on its way; the others waited
    assert set(first) == {parcel.tracking_number for parcel in parcels}
    assert len(month.asked) == len(parcels)
    assert set(Parcel.objects.values_list("status", flat=True)) == {"in_transit"}


def test_the_rest_of_one_account_slows_no_other(account, depot, monkeypatch):
    other = make_carrier_account(carrier="scripted", is_default=False)
    slow, quick = make_parcel(account=account), make_parcel(account=other)
    depot.tracking = [RateLimited("Slow down.", retry_after_s=3600)]

    polling.poll_tracking(account=account, now=NOW)
    polling.poll_tracking(account=other, now=NOW)

    assert depot.tracked == [[slow.tracking_number], [quick.tracking_number]]
    account.refresh_from_db()
    other.refresh_from_db()
    assert (account.paused_until, other.paused_until) == (NOW + HOUR, None)
