import pytest

from rientro.carriers.base import Can, OutcomeUnknown
from rientro.flows.buy_label import buy_label
from rientro.flows.retry_label import CannotRetry, retry_label
from rientro.flows.settle_purchase import (
    BadSettlement,
    NotBought,
    NothingToSettle,
    WasBought,
    settle_purchase,
)
from rientro.kit.money import Money
from rientro.models import Charge, Event, Label, LabelPurchase
from rientro.models.ledger import owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_return

BOUGHT = WasBought(tracking_number="SC 42", price=Money(490, "EUR"), carrier_reference="ref-1")


@pytest.fixture
def purchase(merchant, depot):
    """One whose outcome nobody knows: sold after all, by a carrier that cannot be asked."""
    depot.can = Can.NOTHING
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    make_carrier_account(carrier="scripted", settings={"prices": {"*": 490}})
    purchase = intend_label(make_return(), at=NOW)
    return buy_label(purchase=purchase, now=NOW)


def settle(purchase, outcome):
    return settle_purchase(purchase=purchase, outcome=outcome, actor="member:1", now=NOW)


def test_a_label_that_a_person_found_is_written_as_if_the_carrier_had_answered(
    purchase, depot, jobs
):
    settled = settle(purchase, BOUGHT)

    label = Label.objects.get()
    ret = label.parcel.ret
    assert (settled.status, ret.carrier, label.tracking_number) == ("bought", "label_ready", "SC42")
    assert owed_to_carrier(purchase.account) == {"EUR": depot.bill()}
    assert Charge.objects.get().amount_minor == 490
    assert Event.objects.get(name="return.label_bought").actor == "member:1"
    assert "store_label" in jobs.names()


def test_what_was_not_bought_frees_the_money_and_the_return(purchase, depot):
    settled = settle(purchase, NotBought())

    ret = purchase.parcel.ret
    ret.refresh_from_db()
    assert (settled.status, ret.carrier) == ("refused", "failed")
    assert (set_aside(), owed_to_carrier(purchase.account)) == ({}, {})

    again = retry_label(ret=ret, actor="member:1", now=NOW)
    assert again.status == "buying"
    assert again.reference != purchase.reference
    assert again.parcel_id == purchase.parcel_id


@pytest.mark.parametrize("second", [BOUGHT, NotBought()])
def test_a_purchase_is_settled_once(purchase, second):
    settle(purchase, BOUGHT)

    with pytest.raises(NothingToSettle):
        settle(purchase, second)

    assert Label.objects.count() == 1


def test_a_purchase_under_way_is_nobodys_to_settle(merchant, depot):
    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)

    with pytest.raises(NothingToSettle):
        settle(purchase, NotBought())


@pytest.mark.parametrize(
    "outcome",
    [
        WasBought(tracking_number="  ", price=Money(490, "EUR")),
        WasBought(tracking_number="X" * 81, price=Money(490, "EUR")),
        WasBought(tracking_number="SC42", price=Money(-1, "EUR")),
    ],
)
def test_what_cannot_be_a_label_is_refused(purchase, outcome):
    with pytest.raises(BadSettlement):
        settle(purchase, outcome)


def test_no_new_label_while_nobody_knows(purchase):
    ret = purchase.parcel.ret
    ret.move(carrier="failed")

    with pytest.raises(CannotRetry):
        retry_label(ret=ret, actor="member:1", now=NOW)


def test_a_return_with_a_label_gets_no_second_one(merchant, depot):
    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)
    buy_label(purchase=purchase, now=NOW)

    with pytest.raises(CannotRetry):
        retry_label(ret=purchase.parcel.ret, actor="member:1", now=NOW)


def test_a_voided_label_may_be_followed_by_a_new_one_in_a_new_parcel(merchant, depot, jobs):
    from rientro.flows.request_void import request_void
    from rientro.flows.void_label import void_label

    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)
    buy_label(purchase=purchase, now=NOW)
    request_void(label=Label.objects.get(), actor="member:1", now=NOW)
    void_label(label=Label.objects.get(), now=NOW)

    again = retry_label(ret=purchase.parcel.ret, actor="member:1", now=NOW)
    buy_label(purchase=again, now=NOW)

    assert again.parcel.position == 2
    assert [p.status for p in LabelPurchase.objects.order_by("pk")] == ["voided", "bought"]
    assert owed_to_carrier(purchase.account) == {"EUR": depot.bill()} == {"EUR": 490}
