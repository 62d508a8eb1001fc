"""Real threads on PostgreSQL: who comes too late is told so, and nothing is given out twice."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import pytest
from django.db import connections

from rientro.flows.approve_return import approve_return
from rientro.flows.cancel_return import cancel_return
from rientro.flows.open_return import FromAddress, NotReturnable, Pick, open_return
from rientro.flows.refund_return import BadRefund, refund_return
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Brand, LabelPurchase, Order, OrderLine, Refund, Return
from rientro.models.ledger import set_aside
from rientro.models.quantities import NotEnoughUnits
from tests.makers import NOW, make_carrier_account, make_merchant, make_order, make_return

THREADS, UNITS, ROUNDS = 100, 3, 20
SENDER = FromAddress(
    name="Giulia Ferrero",
    street="Corso Moncalieri",
    house_number="14",
    postal_code="10131",
    city="Torino",
    country="IT",
)

pytestmark = pytest.mark.django_db(transaction=True)


def rounds(call, threads, times):
    """In each of ``times`` rounds let ``threads`` threads run ``call(round)`` at one moment; the answers by round."""
    barrier = Barrier(threads)

    def one(_):
        try:
            connections["default"].ensure_connection()
            return [answer_of(number) for number in range(times)]
        finally:
            connections.close_all()

    def answer_of(number):
        barrier.wait(60)
        try:
            return call(number)
        except RientroError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(zip(*pool.map(one, range(threads)), strict=True))


def together(call, threads):
    """One round, in which every thread has a number of its own."""
    numbers = count()
    return rounds(lambda _: call(next(numbers)), threads, 1)[0]


@pytest.fixture
def shop():
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        make_carrier_account()
        order = make_order(lines=[])
    return merchant, order


def test_a_hundred_ask_for_the_last_three_units(shop):
    merchant, order = shop
    with merchant_transaction(merchant.pk):
        lines = [
            OrderLine.objects.create(
                order=order, line_key=f"L{n}", name="Scarf", quantity=UNITS, price_minor=4600
            )
            for n in range(ROUNDS)
        ]

    def ask(number):
        with merchant_transaction(merchant.pk):
            return open_return(
                order=Order.objects.get(pk=order.pk),
                brand=Brand.objects.get(pk=order.brand_id),
                picks=[Pick(lines[number].pk, 1)],
                method="print_at_home",
                refund_type="money",
                sender=SENDER,
                language="en",
                note="",
                actor="shopper",
                now=NOW,
            ).pk

    for answers in rounds(ask, THREADS, ROUNDS):
        accepted = [answer for answer in answers if isinstance(answer, int)]
        refused = {type(answer) for answer in answers if not isinstance(answer, int)}
        assert len(accepted) == UNITS
        assert refused <= {NotEnoughUnits, NotReturnable}

    with merchant_transaction(merchant.pk):
        assert Return.objects.count() == LabelPurchase.objects.count() == UNITS * ROUNDS
        assert set(order.lines.values_list("returned_quantity", flat=True)) == {UNITS}


def test_two_clicks_on_approve_ask_for_one_label(shop):
    merchant, _ = shop
    with merchant_transaction(merchant.pk):
        ret = make_return(approval="requested", carrier="none", approved_at=None)

    def approve(number):
        with merchant_transaction(merchant.pk):
            return approve_return(ret=ret, actor="member:1", now=NOW).pk

    answers = together(approve, 8)

    assert sum(isinstance(answer, int) for answer in answers) == 1
    with merchant_transaction(merchant.pk):
        assert LabelPurchase.objects.count() == 1


def test_approving_and_cancelling_at_once_leave_no_money_aside(shop):
    merchant, _ = shop
    with merchant_transaction(merchant.pk):
        rets = [
            make_return(approval="requested", carrier="none", approved_at=None) for _ in range(6)
        ]

    def act(number):
        ret = rets[number // 2]
        with merchant_transaction(merchant.pk):
            flow = approve_return if number % 2 else cancel_return
            return flow(ret=ret, actor="member:1", now=NOW).pk

    together(act, 12)

    with merchant_transaction(merchant.pk):
        for ret in rets:
            ret.refresh_from_db()
            assert ret.approval == "cancelled"
        assert set(LabelPurchase.objects.values_list("status", flat=True)) <= {"abandoned"}
        assert set_aside() == {}
        assert {line.returned_quantity for line in OrderLine.objects.all()} == {0}


def test_refunds_at_once_never_pay_more_than_is_owed(shop):
    merchant, _ = shop
    with merchant_transaction(merchant.pk):
        ret = make_return(carrier="delivered")

    def refund(number):
        with merchant_transaction(merchant.pk):
            return refund_return(
                ret=ret, amount_minor=2300, kind="money", actor="member:1", now=NOW
            ).pk

    answers = together(refund, 10)

    assert sum(isinstance(answer, int) for answer in answers) == 2
    assert {type(answer) for answer in answers if not isinstance(answer, int)} == {BadRefund}
    with merchant_transaction(merchant.pk):
        assert sum(Refund.objects.values_list("amount_minor", flat=True)) == 4600
