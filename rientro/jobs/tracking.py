"""The clock's door to tracking: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.connect_carrier import renew_webhooks
from rientro.flows.flag_silent import flag_silent
from rientro.flows.poll_tracking import poll_tracking
from rientro.flows.process_inbox import process_inbox
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import CarrierAccount, InboxMessage


@app.task(name="poll_tracking", queue="carriers")
def run_poll_tracking(*, merchant_id: int, account_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            account = CarrierAccount.objects.get(pk=account_id)
        poll_tracking(account=account, now=clock.now())


@app.task(name="process_inbox", queue="default", retry=Patience())
def run_process_inbox(*, merchant_id: int, message_id: int) -> None:
    with merchant_transaction(merchant_id):
        message = InboxMessage.objects.get(pk=message_id)
        process_inbox(message=message, now=clock.now())


@app.task(name="renew_webhooks", queue="carriers")
def run_renew_webhooks(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        renew_webhooks(now=clock.now())


@app.task(name="flag_silent", queue="default")
def run_flag_silent(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        flag_silent(now=clock.now())
