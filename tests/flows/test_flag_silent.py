"""Days without a scan are said once."""

from datetime import timedelta

import pytest

from rientro.flows.flag_silent import flag_silent
from rientro.models import Parcel, PortalSettings, Return
from tests.makers import NOW, make_brand, make_order, make_return
from tests.parcels import make_parcel

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def on_the_road(last_scan_at=NOW - 6 * DAY, *, days=5, ret=None, **fields):
    brand = make_brand(portal={"silent_after_days": days})
    ret = make_return(make_order(brand), **{"carrier": "in_transit"} | (ret or {}))
    return make_parcel(ret, **{"status": "in_transit", "last_scan_at": last_scan_at} | fields)


def test_a_silent_parcel_is_flagged_once(merchant):
    parcel = on_the_road()

    assert [flag_silent(now=NOW), flag_silent(now=NOW)] == [1, 0]

    parcel.refresh_from_db()
    ret = Return.objects.get(pk=parcel.ret_id)
    assert (parcel.silent_since, ret.silent_since) == (NOW - 6 * DAY, NOW - 6 * DAY)
    [event] = ret.events.all()
    assert (event.name, event.actor) == ("return.silent", "clock")


@pytest.mark.parametrize(
    ("case", "given"),
    [
        ("the fifth day counts", {"last_scan_at": NOW - 5 * DAY}),
        ("never handed in", {"status": "label_ready", "last_scan_at": None}),
        ("arrived", {"status": "delivered"}),
        ("lost is known already", {"status": "lost"}),
        ("switched off", {"days": 0}),
        ("looked at already", {"ret": {"inspection": "received"}}),
        ("cancelled", {"ret": {"approval": "cancelled"}}),
    ],
)
def test_nothing_is_said_of_others(merchant, case, given):
    parcel = on_the_road(**given)

    assert flag_silent(now=NOW) == 0
    assert Parcel.objects.get(pk=parcel.pk).silent_since is None


def test_each_brand_has_its_own_days(merchant):
    on_the_road(days=10)
    patient = on_the_road(days=3)

    assert flag_silent(now=NOW) == 1
    assert Parcel.objects.exclude(silent_since=None).get() == patient
    assert PortalSettings.objects.count() == 2
