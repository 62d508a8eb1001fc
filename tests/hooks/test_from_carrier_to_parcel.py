"""The whole way over the wire: our address registered, a scan in the carrier's browser page, our parcel moved."""

import time
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import transaction

from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.jobs.tracking import run_process_inbox
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import InboxMessage, Parcel
from tests import makers
from tests.parcels import make_parcel
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 10


def inbox(merchant):
    """Wait for the webhook to arrive."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with acting_for(merchant.pk), transaction.atomic():
            found = list(InboxMessage.objects.all())
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("no webhook came")


def test_a_click_at_the_carriers_moves_our_parcel(live_server, settings, customer):
    settings.BASE_URL = live_server.url
    merchant = makers.make_merchant()
    with acting_for(merchant.pk):
        account = connect_carrier(
            contract=Contract(
                carrier="sandbox",
                credentials={"token": customer.token},
                settings={"url": customer.url},
            ),
            actor="member:1",
            now=clock.now(),
        )
    address = {"name": "A", "street": "Via Roma 1", "city": "Torino", "country": "IT"}
    label = customer.ask(
        "POST",
        "/v1/labels",
        json={"reference": "R-1", "from": address, "to": address, "service": "sandbox_return"},
    ).json()
    with acting_for(merchant.pk), transaction.atomic():
        parcel = make_parcel(account=account, tracking_number=label["tracking_number"])

    clicked = httpx.post(
        f"{customer.url}/control/scan",
        data={"tracking_number": label["tracking_number"], "status": "handed_in"},
    )
    [message] = inbox(merchant)
    run_process_inbox(merchant_id=merchant.pk, message_id=message.pk)

    assert (clicked.status_code, urlsplit(clicked.headers["Location"]).path) == (303, "/")
    with acting_for(merchant.pk), transaction.atomic():
        assert Parcel.objects.get(pk=parcel.pk).status == "handed_in"
        [scan] = parcel.tracking_events.all()
        assert scan.place == "Torino"
