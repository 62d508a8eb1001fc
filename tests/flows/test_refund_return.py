import pytest

from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.refund_return import BadRefund, NotRefundable, refund_return, still_payable
from rientro.models import Event, LedgerEntry, Refund
from rientro.models.ledger import balances
from tests.makers import NOW, make_return


@pytest.fixture
def ret(merchant):
    """Two scarves of 46.00, a fee of 4.50: 87.50 may go back."""
    return make_return(quantity=2, carrier="delivered", fee_minor=450, refund_minor=8750)


def refund(ret, amount_minor, kind="money"):
    return refund_return(ret=ret, amount_minor=amount_minor, kind=kind, actor="member:1", now=NOW)


def test_the_promised_amount_goes_back(ret):
    made = refund(ret, 8750)

    ret.refresh_from_db()
    entry = LedgerEntry.objects.get()
    assert (made.amount_minor, made.state, made.currency) == (8750, "paid", "EUR")
    assert (ret.settlement, ret.tab, ret.closed_at) == ("refunded", "completed", NOW)
    assert (entry.debit, entry.credit, entry.amount_minor) == (
        "merchant",
        f"shopper:{ret.number}",
        8750,
    )
    assert sum(balances().values()) == 0
    assert Event.objects.get().name == "return.refunded"


def test_never_more_than_value_less_fee(ret):
    with pytest.raises(BadRefund):
        refund(ret, 8751)

    assert Refund.objects.count() == LedgerEntry.objects.count() == 0


def test_parts_add_up_to_the_ceiling_and_no_further(ret):
    refund(ret, 4000)
    assert still_payable(ret).minor == 4750
    refund(ret, 4750)

    with pytest.raises(BadRefund):
        refund(ret, 1)


def test_only_what_came_back_is_paid(ret):
    item = ret.items.get()
    receive_return(
        ret=ret, items=[ReceivedItem(item_id=item.pk, quantity=1)], actor="member:1", now=NOW
    )
    ret.refresh_from_db()

    assert still_payable(ret).minor == 4600 - 450


def test_nothing_owed_closes_the_return(ret):
    assert refund(ret, 0) is None

    ret.refresh_from_db()
    assert (ret.settlement, ret.tab) == ("closed", "completed")
    with pytest.raises(NotRefundable):
        refund(ret, 100)


@pytest.mark.parametrize(("amount", "kind"), [(-1, "money"), (100, "gold")])
def test_nonsense_is_refused(ret, amount, kind):
    with pytest.raises(BadRefund):
        refund(ret, amount, kind)


def test_only_an_approved_return_is_paid_back(merchant):
    ret = make_return(approval="requested", carrier="none")

    with pytest.raises(NotRefundable):
        refund(ret, 100)
