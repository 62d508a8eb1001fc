import pytest

from rientro.flows.approve_return import approve_return
from rientro.flows.reject_return import NoWords, reject_return
from rientro.models import Event, LabelPurchase, OrderLine
from rientro.models.quantities import NotEnoughUnits
from rientro.policy.lifecycle import IllegalMove
from tests.makers import NOW, make_carrier_account, make_return


@pytest.fixture
def ret(merchant, depot):
    make_carrier_account(carrier="scripted")
    return make_return(approval="requested", carrier="none", approved_at=None, quantity=2)


def approve(ret):
    return approve_return(ret=ret, actor="member:1", now=NOW)


def reject(ret, words="These boots were worn."):
    return reject_return(ret=ret, words=words, actor="member:1", now=NOW)


def names(ret):
    return list(Event.objects.filter(ret=ret).order_by("pk").values_list("name", flat=True))


def test_a_yes_asks_for_a_label(ret, jobs):
    approved = approve(ret)

    assert (approved.approval, approved.carrier) == ("approved", "label_pending")
    assert approved.approved_at == NOW
    assert LabelPurchase.objects.get().status == "buying"
    assert names(ret) == ["return.approved", "return.label_asked"]
    assert "buy_label" in jobs.names()


def test_a_return_to_a_store_needs_no_label(ret, jobs):
    ret.method = "in_store"
    ret.save(update_fields=["method"])

    assert approve(ret).carrier == "none"
    assert LabelPurchase.objects.count() == 0


def test_a_second_yes_buys_no_second_label(ret):
    approve(ret)

    with pytest.raises(IllegalMove):
        approve(ret)

    assert LabelPurchase.objects.count() == 1


def test_a_no_frees_the_units_and_keeps_the_words(ret):
    rejected = reject(ret, "  These boots were worn.\x00 ")

    assert (rejected.approval, rejected.rejection) == ("rejected", "These boots were worn.")
    assert rejected.closed_at == NOW
    assert OrderLine.objects.get().returned_quantity == 0
    assert names(ret) == ["return.rejected"]


@pytest.mark.parametrize("words", ["", "   ", "\x00"])
def test_a_no_without_words_is_refused(ret, words):
    with pytest.raises(NoWords):
        reject(ret, words)

    ret.refresh_from_db()
    assert ret.approval == "requested"


def test_an_approved_return_cannot_be_rejected(ret):
    approve(ret)

    with pytest.raises(IllegalMove):
        reject(ret)

    assert OrderLine.objects.get().returned_quantity == 2


def test_a_desk_that_changes_its_mind_takes_the_units_back(ret):
    reject(ret)

    approved = approve(ret)

    assert (approved.approval, approved.rejection, approved.closed_at) == ("approved", "", None)
    assert OrderLine.objects.get().returned_quantity == 2


def test_units_that_went_into_another_return_stay_there(ret):
    reject(ret)
    make_return(ret.order, quantity=1)

    with pytest.raises(NotEnoughUnits):
        approve(ret)

    ret.refresh_from_db()
    assert OrderLine.objects.get().returned_quantity == 1
