"""A purchase that nobody knows about reaches a person within five minutes: mail, webhook and panel."""

from datetime import timedelta

import pytest

from rientro.carriers.base import Can, OutcomeUnknown
from rientro.flows.sweep_purchases import AFTER_S, sweep_purchases
from rientro.kit import clock
from rientro.models import Delivery, Event, LabelPurchase, Mail, WebhookEndpoint
from rientro.models.purchasing import intend_label
from tests.makers import make_carrier_account, make_member, make_return, make_user

pytestmark = pytest.mark.django_db
WITHIN = timedelta(minutes=5)
TICK = timedelta(seconds=10)  # of the sweeper (jobs.schedule)


@pytest.fixture
def purchase(merchant, depot, jobs):
    """From a carrier that can neither look up nor deduplicate, and that sells before its line breaks."""
    depot.can = Can.NOTHING
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    make_carrier_account(carrier="scripted")
    make_member(merchant, role="owner", user=make_user("owner@shop.example"))
    make_member(merchant, role="desk", user=make_user("desk@shop.example"))
    WebhookEndpoint.objects.create(
        url="https://hooks.example/", event_names=["return.label_unknown"], created_at=clock.now()
    )
    return intend_label(make_return(), at=clock.now())


def alerted_after(purchase):
    """From the question to the carrier until the mail that asks a person."""
    purchase.refresh_from_db()
    mail = Mail.objects.get(kind="label_unknown")
    assert (purchase.status, mail.to, mail.state) == ("unknown", "owner@shop.example", "sent")
    delivery = Delivery.objects.get(event=Event.objects.get(name="return.label_unknown"))
    assert delivery.endpoint.url == "https://hooks.example/"
    return max(mail.created_at, delivery.created_at) - purchase.asked_at


def test_a_lost_answer_is_told_at_once(purchase, jobs, mailoutbox):
    jobs.run()

    took = alerted_after(purchase)
    assert took < WITHIN
    assert "hooks.example" not in mailoutbox[0].body
    assert f"/panel/settings/carriers/unknown/{purchase.pk}/" in mailoutbox[0].body


def test_a_buyer_that_died_is_found_and_told_in_time(purchase, depot, jobs, mailoutbox):
    """It died after it had asked: only the sweeper is left to notice."""
    jobs.clear()
    depot.script = []
    asked = clock.now() - timedelta(seconds=AFTER_S) - TICK
    LabelPurchase.objects.filter(pk=purchase.pk).update(asked_at=asked, attempts=1)

    sweep_purchases(now=clock.now())
    jobs.run()

    took = alerted_after(purchase)
    assert took < WITHIN
    assert depot.count() == 0  # and nothing was bought on suspicion


def test_it_is_told_once_however_often_it_is_looked_at(purchase, jobs, mailoutbox):
    jobs.run()
    sweep_purchases(now=clock.now() + timedelta(hours=1))
    jobs.run()

    assert len(mailoutbox) == 1
