"""Two clicks at once: a step of a return is taken by one of them, and the others are told so."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, LabelPurchase, LedgerEntry, Note, Refund, Return
from tests import makers
from tests.api.conftest import Machine

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/api/rientro/v1/returns"
MANY = 8


@pytest.fixture
def machine(new_client):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        makers.make_carrier_account()
        integration = makers.make_integration()
    with acting_for(merchant.pk):
        return Machine(new_client(), integration)


def made(machine, **fields):
    with merchant_transaction(machine.integration.merchant_id):
        return makers.make_return(makers.make_order(integration=machine.integration), **fields)


def at_once(machine, new_client, ret, name, body=None, **headers):
    """The statuses that so many callers hear who ask in the same moment."""
    barrier = Barrier(MANY)

    def ask(_):
        caller = object.__new__(Machine)
        caller.__dict__ |= machine.__dict__ | {"client": new_client()}
        try:
            barrier.wait(30)
            answer = caller.ask("POST", f"{BASE}/{ret.number}/{name}", body, headers=headers)
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(ask, range(MANY)))


def inside(machine):
    return merchant_transaction(machine.integration.merchant_id)


def test_one_of_them_approves_and_one_label_is_asked_for(machine, new_client):
    ret = made(machine, approval="requested", carrier="none", approved_at=None)

    assert at_once(machine, new_client, ret, "approve") == {200: 1, 409: MANY - 1}
    with inside(machine):
        assert LabelPurchase.objects.count() == 1
        assert Event.objects.filter(name="return.approved").count() == 1


def test_one_of_them_pays_the_whole(machine, new_client):
    ret = made(machine, carrier="delivered")

    heard = at_once(machine, new_client, ret, "refunds", {"amount": "46.00"})

    assert heard == {201: 1, 409: MANY - 1}
    with inside(machine):
        assert Refund.objects.get().amount_minor == 4600
        assert LedgerEntry.objects.count() == 1


def test_parts_with_one_key_are_paid_once(machine, new_client):
    ret = made(machine, carrier="delivered")
    key = {"idempotency-key": "part-1"}

    heard = at_once(machine, new_client, ret, "refunds", {"amount": "5.00"}, **key)

    assert set(heard) <= {201, 409}
    assert heard[201] >= 1
    with inside(machine):
        assert Refund.objects.count() == 1


def test_parts_by_who_saw_the_same_version_are_paid_once(machine, new_client):
    ret = made(machine, carrier="delivered")
    seen = machine.ask("GET", f"{BASE}/{ret.number}")["ETag"]

    heard = at_once(machine, new_client, ret, "refunds", {"amount": "5.00"}, **{"if-match": seen})

    assert heard == {201: 1, 412: MANY - 1}
    with inside(machine):
        assert Refund.objects.count() == 1


def test_parts_of_many_never_sum_to_more_than_is_owed(machine, new_client):
    ret = made(machine, carrier="delivered")  # 46.00

    heard = at_once(machine, new_client, ret, "refunds", {"amount": "10.00"})

    assert heard[201] == 4
    with inside(machine):
        assert sum(refund.amount_minor for refund in Refund.objects.all()) == 4000


def test_one_of_them_cancels(machine, new_client):
    ret = made(machine, approval="requested", carrier="none", approved_at=None)

    assert at_once(machine, new_client, ret, "cancel") == {200: 1, 409: MANY - 1}
    with inside(machine):
        assert Return.objects.get().order.lines.get().returned_quantity == 0


def test_a_note_with_one_key_is_written_once(machine, new_client):
    ret = made(machine)

    heard = at_once(machine, new_client, ret, "notes", {"words": "x"}, **{"idempotency-key": "n"})

    assert set(heard) <= {201, 409}
    with inside(machine):
        assert Note.objects.count() == 1
