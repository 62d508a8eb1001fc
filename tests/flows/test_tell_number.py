"""A parcel that the shopper sends: its number, who can track it, and how it travels."""

from datetime import timedelta

import pytest

from rientro.flows.approve_return import approve_return
from rientro.flows.buy_label import buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.mark_delivered import mark_delivered
from rientro.flows.mark_sent import NotSent, mark_sent
from rientro.flows.open_return import BadPicks, FromAddress, Pick, open_return
from rientro.flows.poll_tracking import poll_tracking
from rientro.flows.tell_number import BadNumber, OwnParcel, TooLateForNumber, tell_number
from rientro.models import Charge, Event, Label, LabelPurchase, LedgerEntry, Parcel, Return
from rientro.models.own_parcels import MOST_CHANGES, own_parcel
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return
from tests.parcels import sealed
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db
NUMBER = "RR473124829IT"
LATER = NOW + timedelta(hours=1)


def opened(*, portal=None, own=None, **options):
    brand = make_brand(portal={"self_sent": True, "fee_minor": 400} | (portal or {}))
    order = make_order(brand)
    line = order.lines.get()
    return open_return(
        order=order,
        brand=brand,
        picks=[Pick(line.pk, 1, "too-small")],
        method="self_sent",
        refund_type="money",
        sender=FromAddress(country="IT"),
        language="en",
        note="",
        actor="shopper",
        now=NOW,
        own=own,
        **options,
    )


def tell(ret, number=NUMBER, name="Poste Italiane", code="", actor="shopper", now=NOW):
    told = OwnParcel(number=number, carrier_name=name, carrier_code=code)
    return tell_number(ret=ret, told=told, actor=actor, now=now)


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_it_is_off_until_the_brand_offers_it(merchant):
    with pytest.raises(BadPicks):
        opened(portal={"self_sent": False})


def test_no_label_is_bought_and_nothing_is_charged(merchant, jobs):
    make_carrier_account()

    ret = opened()

    assert (ret.approval, ret.carrier, ret.method) == ("approved", "none", "self_sent")
    assert (ret.fee_minor, ret.refund_minor) == (0, 4600)
    assert ret.trace["fee"]["waived"] == "own_postage"
    assert LabelPurchase.objects.count() == LedgerEntry.objects.count() == 0
    assert Charge.objects.count() == 0
    assert "buy_label" not in jobs.names()


def test_a_number_told_with_the_return(merchant):
    ret = opened(own=OwnParcel(number=" rr 473124829 it ", carrier_name="Poste"))

    parcel = own_parcel(ret)
    assert (parcel.tracking_number, parcel.carrier_name) == (NUMBER, "Poste")
    assert Event.objects.get(name="return.number_told").facts["tracking_number"] == NUMBER


def test_a_number_that_cannot_be_leaves_the_return_open(merchant):
    ret = opened(own=OwnParcel(number="<script>", carrier_name="x"))

    assert ret.approval == "approved"
    assert Parcel.objects.count() == 0


def test_a_number_is_told_later_and_corrected_until_the_first_scan(merchant):
    ret = opened()

    tell(ret)
    tell(ret)
    tell(ret, "RR473124830IT", name="SDA")

    parcel = Parcel.objects.get()
    assert (parcel.tracking_number, parcel.carrier_name) == ("RR473124830IT", "SDA")
    assert Event.objects.filter(name="return.number_told").count() == 2
    assert again(ret).carrier == "none"
    tell(ret, "")
    assert (again(parcel).tracking_number, again(parcel).carrier_code) == ("", "")
    tell(ret)
    mark_sent(ret=ret, actor="member:1", now=NOW)
    with pytest.raises(TooLateForNumber):
        tell(ret, "RR473124830IT")


@pytest.mark.parametrize("number", ["12", "no number", "'; DROP TABLE", "A" * 300, "１２\x0034"])
def test_what_is_no_number_is_refused(merchant, number):
    ret = opened()

    with pytest.raises(BadNumber):
        tell(ret, number)

    assert Parcel.objects.count() == 0


def test_a_number_of_another_return_is_refused(merchant):
    tell(opened())

    with pytest.raises(BadNumber, match="another parcel"):
        tell(opened())


def test_the_same_number_at_another_merchant_is_nobodys_business(merchant, db):
    from rientro.kit.tenancy import acting_for
    from tests.makers import make_merchant

    tell(opened())
    with acting_for(make_merchant().pk):
        assert tell(opened()).tracking_number == NUMBER


def test_it_is_not_changed_for_ever(merchant):
    ret = opened()
    for turn in range(MOST_CHANGES):
        tell(ret, f"RR{turn:09d}IT")

    with pytest.raises(TooLateForNumber, match="too often"):
        tell(ret, "RR999999999IT")


@pytest.mark.parametrize("over", ["cancelled", "delivered"])
def test_a_return_that_is_over_keeps_its_number(merchant, over):
    ret = opened()
    tell(ret)
    if over == "cancelled":
        cancel_return(ret=ret, actor="shopper", now=NOW)
    else:
        mark_delivered(ret=ret, actor="member:1", now=NOW)

    with pytest.raises(TooLateForNumber):
        tell(ret, "RR473124830IT")


def test_by_hand_it_is_on_its_way_and_arrives(merchant, jobs):
    ret = opened()

    mark_sent(ret=ret, actor="member:1", now=NOW)
    mark_sent(ret=ret, actor="member:1", now=LATER)
    assert again(ret).carrier == "in_transit"
    mark_delivered(ret=ret, actor="member:1", now=LATER)

    ret = again(ret)
    assert (ret.carrier, ret.delivered_at, ret.tab) == ("delivered", LATER, "returned")
    names = list(Event.objects.filter(ret=ret).order_by("pk").values_list("name", flat=True))
    assert names == [
        "return.requested",
        "return.approved",
        "return.in_transit",
        "return.delivered",
    ]


def test_nothing_is_sent_before_it_is_approved(merchant):
    ret = opened(portal={"review": "all"})
    assert ret.approval == "requested"
    tell(ret)

    with pytest.raises(NotSent):
        mark_sent(ret=ret, actor="member:1", now=NOW)
    approve_return(ret=ret, actor="member:1", now=NOW)
    assert mark_sent(ret=ret, actor="member:1", now=NOW).carrier == "in_transit"


def test_a_connected_carrier_tracks_it(merchant, customer):
    account = make_carrier_account(
        credentials=sealed(token=customer.token), settings=customer.settings, abilities=["track"]
    )
    address = {"name": "A", "street": "Via Roma 1", "city": "Torino", "country": "IT"}
    words = {"reference": "S-1", "from": address, "to": address, "weight_g": 900}
    bought = customer.ask("POST", "/v1/labels", json=words | {"service": "sandbox_return"}).json()
    ret = opened()
    parcel = tell(ret, bought["tracking_number"], name="Sandbox", code="sandbox")
    assert (parcel.watched_by, parcel.carrier_code) == (account, "sandbox")
    customer.scan(bought["tracking_number"], "in_transit", at=LATER.isoformat())

    poll_tracking(account=account, now=LATER)

    assert again(ret).carrier == "in_transit"
    assert again(parcel).next_poll_at > LATER
    customer.scan(bought["tracking_number"], "delivered", at=LATER.isoformat())
    poll_tracking(account=account, now=again(parcel).next_poll_at)
    assert again(ret).carrier == "delivered"


def test_the_desk_may_tell_one_where_no_carrier_sold_a_label(merchant):
    ret = make_return(carrier="failed", carrier_problem="No.")

    tell(ret, actor="member:1")

    ret = again(ret)
    assert (ret.carrier, ret.carrier_problem) == ("none", "")
    mark_sent(ret=ret, actor="member:1", now=NOW)
    assert again(ret).carrier == "in_transit"


def test_a_return_with_a_label_of_ours_has_its_number_already(merchant):
    from rientro.models.purchasing import intend_label

    make_carrier_account()
    ret = make_return()
    intend_label(ret, at=NOW)

    with pytest.raises(TooLateForNumber, match="label of ours"):
        tell(ret, actor="member:1")
    assert Return.objects.get().carrier == "label_pending"


def test_a_typed_number_does_not_spoil_a_label_that_is_bought_with_it(merchant, depot):
    depot.number = "SC000000042"
    account = make_carrier_account(carrier="scripted", state="ok", abilities=["track"])
    guessed = opened()
    assert tell(guessed, number=depot.number, code="scripted").watched_by == account

    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)

    assert Label.objects.get().void == "none"
    told = guessed.parcels.get()
    assert (told.tracking_number, told.watched_by) == ("", None)
