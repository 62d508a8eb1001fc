"""Two requests with the same parcels in opposite orders: both are answered, neither with a deadlock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Order
from tests import makers
from tests.api.conftest import Machine
from tests.api.test_parcels_create import URL, order

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = [f"N-{number}" for number in range(30)]


@pytest.fixture
def machine(new_client):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        integration = makers.make_integration()
    with acting_for(merchant.pk):
        return Machine(new_client(), integration)


def test_the_same_parcels_in_opposite_orders_are_taken_twice(machine, new_client):
    assert _send(machine, NUMBERS, "Before").status_code == 200
    barrier = Barrier(2)

    def ask(numbers):
        caller = object.__new__(Machine)
        caller.__dict__ |= machine.__dict__ | {"client": new_client()}
        try:
            barrier.wait(30)
            return _send(caller, numbers, f"From {numbers[0]}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, [NUMBERS, NUMBERS[::-1]]))

    assert answers == [200, 200]
    with merchant_transaction(machine.integration.merchant_id):
        names = Order.objects.values_list("name", flat=True)
        assert set(names) in ({"From N-0"}, {"From N-29"})  # one after the other, each whole
        assert len(names) == len(NUMBERS)


def _send(machine, numbers, name):
    parcels = [order(order_number=number, name=name) for number in numbers]
    return machine.ask("POST", URL, {"parcels": parcels})
