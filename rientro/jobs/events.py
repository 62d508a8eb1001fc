"""The clock's door to news and mails: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.deliver_event import deliver_event
from rientro.flows.send_mail import send_mail
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import Event, Mail


@app.task(name="deliver_event", queue="default", retry=Patience())
def run_deliver_event(*, merchant_id: int, event_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            event = Event.objects.get(pk=event_id)
        deliver_event(event=event, now=clock.now())


@app.task(name="send_mail", queue="default", retry=Patience(first_s=20, most_s=3600))
def run_send_mail(*, merchant_id: int, mail_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            mail = Mail.objects.get(pk=mail_id)
        send_mail(mail=mail, now=clock.now())
