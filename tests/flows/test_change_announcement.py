"""A machine changes a return before it has a label, and never after."""

import pytest

from rientro.flows.announce_return import announce_return
from rientro.flows.cancel_return import cancel_return
from rientro.flows.change_announcement import CannotChange, change_announcement
from rientro.models import Event, LabelPurchase, Return
from rientro.policy.announcements import AnnouncedItem, AnnouncedReturn, AnnouncementChange
from rientro.policy.sender import BadAddress, FromAddress
from tests import makers
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db

WISH = AnnouncedReturn(
    sender=FromAddress(
        name="Giulia Ferrero",
        street="Corso Moncalieri",
        house_number="14",
        postal_code="10131",
        city="Torino",
        country="IT",
    ),
    to=None,
    items=[AnnouncedItem(name="Merino scarf", price_minor=4600)],
    asks_label=False,
)


@pytest.fixture
def ret(merchant, depot):
    makers.make_address(makers.make_brand())
    makers.make_carrier_account(carrier="scripted", settings={"default_weight_g": 700})
    return announce_return(
        integration=makers.make_integration(), wish=WISH, actor="key:1", now=makers.NOW
    )


def change(ret, **told):
    wanted = AnnouncementChange(**told)
    return change_announcement(ret=ret, change=wanted, actor="key:1", now=makers.NOW)


def test_a_return_without_a_wish_for_a_label_waits_and_buys_nothing(ret, jobs):
    assert (ret.approval, ret.carrier, ret.parcels.get().weight_g) == ("requested", "none", 0)
    assert not LabelPurchase.objects.exists()
    assert "buy_label" not in jobs.names()


def test_what_is_changed_is_what_the_carrier_hears(ret, jobs):
    change(ret, sender={"street": "Via Po", "house_number": "1"}, order_number="X-1", length_mm=300)

    done = change(ret, asks_label=True)

    request = LabelPurchase.objects.get().request
    assert (request["sender"]["street"], request["sender"]["city"]) == ("Via Po", "Torino")
    assert request["parcel"] == {
        "weight_g": 700,
        "length_mm": 300,
        "width_mm": 0,
        "height_mm": 0,
    }
    assert (done.approval, done.carrier, done.order.number) == ("approved", "label_pending", "X-1")
    assert Event.objects.get(name="return.changed").facts["fields"] == [
        "from.street",
        "from.house_number",
        "length_mm",
        "order_number",
    ]
    assert "buy_label" in jobs.names()


@pytest.mark.parametrize("case", ["being bought", "bought", "cancelled", "in a store", "received"])
def test_it_is_too_late_once(case, ret, jobs):
    if case in ("being bought", "bought"):
        change(ret, asks_label=True)
    if case == "bought":
        jobs.run()
    if case == "cancelled":
        cancel_return(ret=ret, actor="x", now=makers.NOW)
    if case == "in a store":
        Return.objects.update(method="in_store")
    if case == "received":
        Return.objects.update(inspection="received")

    for told in ({"weight_g": 1}, {"asks_label": True}):
        with pytest.raises(CannotChange):
            change(ret, **told)

    assert not Event.objects.filter(name="return.changed").exists()
    assert LabelPurchase.objects.count() == (case in ("being bought", "bought"))


def test_a_false_address_changes_nothing_and_asks_for_nothing(ret):
    with pytest.raises(BadAddress):
        change(ret, weight_g=900, sender={"postal_code": "ABC"}, asks_label=True)

    ret.refresh_from_db()
    assert (ret.approval, ret.from_postal_code, ret.parcels.get().weight_g) == (
        "requested",
        "10131",
        0,
    )
