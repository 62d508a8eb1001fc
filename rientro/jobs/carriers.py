"""The clock's door to questions that pages have for carriers: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.ask_quotes import quote_label
from rientro.flows.connect_carrier import try_credentials
from rientro.flows.read_services import read_services
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import CarrierInquiry


@app.task(name="check_carrier", queue="carriers")
def run_check_carrier(*, merchant_id: int, inquiry_id: int) -> None:
    with acting_for(merchant_id):
        for inquiry in _inquiry(inquiry_id):
            try_credentials(inquiry=inquiry, now=clock.now())


@app.task(name="read_services", queue="carriers")
def run_read_services(*, merchant_id: int, inquiry_id: int) -> None:
    with acting_for(merchant_id):
        for inquiry in _inquiry(inquiry_id):
            read_services(inquiry=inquiry, now=clock.now())


@app.task(name="quote_label", queue="carriers")
def run_quote_label(*, merchant_id: int, inquiry_id: int) -> None:
    with acting_for(merchant_id):
        for inquiry in _inquiry(inquiry_id):
            quote_label(inquiry=inquiry, now=clock.now())


@transaction.atomic
def _inquiry(inquiry_id: int) -> list[CarrierInquiry]:
    """None where the account was disconnected meanwhile."""
    return list(CarrierInquiry.objects.select_related("account").filter(pk=inquiry_id))
