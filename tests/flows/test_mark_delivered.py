"""A person says that it has arrived."""

import pytest

from rientro.flows.mark_delivered import NotOnItsWay, mark_delivered
from rientro.flows.track_parcel import take_scans
from rientro.models import Parcel
from tests.makers import NOW, make_return
from tests.parcels import make_parcel, scan_of

pytestmark = pytest.mark.django_db


def names(ret):
    return list(ret.events.order_by("pk").values_list("name", "actor"))


def test_parcel_and_return_are_delivered_by_hand(merchant):
    parcel = make_parcel()

    ret = mark_delivered(ret=parcel.ret, actor="member:7", now=NOW)

    parcel.refresh_from_db()
    assert (ret.carrier, ret.delivered_at) == ("delivered", NOW)
    assert (parcel.status, parcel.delivered_at, parcel.next_poll_at) == ("delivered", NOW, None)
    assert names(ret) == [("return.delivered", "member:7")]


def test_twice_is_once(merchant):
    parcel = make_parcel()
    mark_delivered(ret=parcel.ret, actor="member:7", now=NOW)

    ret = mark_delivered(ret=parcel.ret, actor="member:8", now=NOW)

    assert names(ret) == [("return.delivered", "member:7")]


def test_a_return_brought_to_a_store_has_no_parcel(merchant):
    ret = make_return(method="in_store", carrier="none")

    ret = mark_delivered(ret=ret, actor="member:7", now=NOW)

    assert (ret.carrier, ret.delivered_at) == ("delivered", NOW)
    assert names(ret) == [("return.delivered", "member:7")]


@pytest.mark.parametrize("approval", ["requested", "rejected", "cancelled"])
def test_only_an_approved_return_arrives(merchant, approval):
    ret = make_return(approval=approval)

    with pytest.raises(NotOnItsWay):
        mark_delivered(ret=ret, actor="member:7", now=NOW)

    assert names(ret) == []


def test_scans_that_come_later_do_not_undo_it(merchant):
    parcel = make_parcel()
    mark_delivered(ret=parcel.ret, actor="member:7", now=NOW)

    take_scans(parcel=parcel, scans=[scan_of(parcel, "in_transit", 5)], now=NOW)

    parcel.refresh_from_db()
    assert parcel.status == "delivered"
    assert Parcel.objects.get(pk=parcel.pk).ret.carrier == "delivered"


def test_the_carriers_earlier_arrival_is_the_true_one(merchant):
    parcel = make_parcel()
    mark_delivered(ret=parcel.ret, actor="member:7", now=NOW)
    scan = scan_of(parcel, "delivered", 20)

    take_scans(parcel=parcel, scans=[scan], now=NOW)

    parcel.refresh_from_db()
    assert parcel.delivered_at == scan.occurred_at
    assert parcel.ret.delivered_at == scan.occurred_at
