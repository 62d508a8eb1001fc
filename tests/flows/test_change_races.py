"""Two machines change one return at once: what each of them told is kept."""

import threading
import time

import pytest
from django.db import connection

from rientro.flows.announce_return import announce_return
from rientro.flows.change_announcement import change_announcement
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Order
from rientro.policy.announcements import AnnouncementChange
from tests import makers
from tests.flows.test_change_announcement import WISH

WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_waited_takes_nothing_of_the_other_back():
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        integration = makers.make_integration()
        ret = announce_return(integration=integration, wish=WISH, actor="key:1", now=makers.NOW)

    def change(**told):
        wanted = AnnouncementChange(**told)
        change_announcement(ret=ret, change=wanted, actor="key:1", now=makers.NOW)

    def second():
        try:
            with acting_for(merchant.pk):
                change(weight_g=900)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with merchant_transaction(merchant.pk):
        change(order_number="X-1")
        thread.start()
        deadline = time.monotonic() + 20
        while not is_waiting() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert is_waiting()
    thread.join(20)

    with merchant_transaction(merchant.pk):
        order = Order.objects.get(pk=ret.order_id)
        assert (order.number, order.number_norm, order.weight_g) == ("X-1", "x1", 900)
