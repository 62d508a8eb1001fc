import pytest

from rientro.carriers.base import Can, OutcomeUnknown
from rientro.flows.buy_label import QUIET_S, NotNow, buy_label
from rientro.flows.cancel_return import TooLateToCancel, cancel_return
from rientro.models import Label, LabelPurchase, OrderLine
from rientro.models.ledger import owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from rientro.policy.lifecycle import IllegalMove
from tests.makers import NOW, make_carrier_account, make_return


@pytest.fixture
def purchase(merchant, depot):
    make_carrier_account(carrier="scripted", settings={"prices": {"*": 490}})
    return intend_label(make_return(), at=NOW)


def cancel(purchase):
    return cancel_return(ret=purchase.parcel.ret, actor="shopper", now=NOW)


def test_units_are_free_again(purchase):
    line = OrderLine.objects.get()
    assert line.returned_quantity == 1

    ret = cancel(purchase)

    line.refresh_from_db()
    assert line.returned_quantity == 0
    assert (ret.approval, ret.carrier) == ("cancelled", "none")


def test_a_purchase_that_no_carrier_heard_of_is_abandoned(purchase, depot):
    cancel(purchase)

    buy_label(purchase=purchase, now=NOW)

    purchase.refresh_from_db()
    assert purchase.status == "abandoned"
    assert depot.asked == []
    assert set_aside() == {}


def test_a_bought_label_is_given_back(purchase, depot, jobs):
    buy_label(purchase=purchase, now=NOW)
    jobs.clear()

    cancel(purchase)
    assert "void_label" in jobs.names()
    jobs.run()

    label = Label.objects.get()
    assert label.void == "voided"
    assert owed_to_carrier(purchase.account) == {"EUR": 0} == {"EUR": depot.bill()}


def test_a_cancellation_while_the_carrier_thinks_voids_the_label_that_comes(purchase, depot, jobs):
    jobs.clear()
    depot.during = lambda: cancel(purchase)

    bought = buy_label(purchase=purchase, now=NOW)
    assert bought.status == "bought"
    assert "store_label" not in jobs.names()
    jobs.run()

    assert Label.objects.get().void == "voided"
    assert LabelPurchase.objects.get().status == "voided"
    assert owed_to_carrier(purchase.account) == {"EUR": 0} == {"EUR": depot.bill()}


def test_a_doubtful_purchase_of_a_cancelled_return_is_looked_up_not_repeated(purchase, depot):
    from datetime import timedelta

    depot.can = Can.FIND_BY_REFERENCE
    depot.script = [OutcomeUnknown("The line broke.")]
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)
    cancel(purchase)

    settled = buy_label(purchase=purchase, now=NOW + timedelta(seconds=QUIET_S + 1))

    assert settled.status == "abandoned"
    assert depot.count() == 0
    assert set_aside() == {}


def test_a_parcel_on_its_way_cannot_be_cancelled(purchase):
    ret = purchase.parcel.ret
    ret.move(carrier="label_ready")
    ret.move(carrier="in_transit")

    with pytest.raises(TooLateToCancel):
        cancel(purchase)


def test_a_second_cancellation_changes_nothing(purchase):
    cancel(purchase)

    with pytest.raises(IllegalMove):
        cancel(purchase)

    assert OrderLine.objects.get().returned_quantity == 0
