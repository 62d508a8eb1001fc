"""News becomes mail: the right one, to the right reader, once."""

import pytest

from rientro.flows.deliver_event import ALARMS, KINDS, deliver_event
from rientro.models import Event, Mail, Order
from rientro.models.events import WITHOUT_MAILS
from tests.makers import NOW, make_brand, make_order, make_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def ret(merchant):
    return make_return(make_order(make_brand()), language="it", from_email="typed@else.example")


def told(ret, name, **facts) -> list[tuple[str, str]]:
    event = Event.record(name, actor="clock", at=NOW, ret=ret, **facts)
    return [(mail.kind, mail.to) for mail in deliver_event(event=event, now=NOW)]


@pytest.mark.parametrize(
    ("name", "facts", "kinds"),
    [
        ("return.requested", {"review": True}, ["requested"]),
        ("return.requested", {"review": False}, []),
        ("return.approved", {"at_once": True}, []),
        ("return.rejected", {}, ["rejected"]),
        ("return.cancelled", {}, ["cancelled"]),
        ("return.label_bought", {}, []),
        ("return.label_stored", {}, ["label_ready"]),
        ("return.label_failed", {}, []),
        ("return.scanned", {"status": "in_transit"}, []),
        ("return.handed_in", {}, ["handed_in"]),
        ("return.in_transit", {}, ["handed_in"]),
        ("return.delivered", {}, ["received"]),
        ("return.received", {}, ["received"]),
        ("return.refunded", {"amount_minor": 4600}, ["refunded"]),
        ("return.mail_sent", {}, []),
    ],
)
def test_each_kind_of_news_has_its_mail_or_none(ret, name, facts, kinds):
    assert [kind for kind, _ in told(ret, name, **facts)] == kinds


def test_mails_go_to_the_orders_address_whatever_was_typed(ret):
    assert told(ret, "return.label_stored") == [("label_ready", "giulia.ferrero@example.test")]


def test_an_order_without_address_is_told_at_the_typed_one(ret):
    Order.objects.update(email="")

    assert told(ret, "return.label_stored") == [("label_ready", "typed@else.example")]


def test_nobody_is_told_about_a_redacted_order(ret):
    Order.objects.update(redacted_at=NOW)

    assert told(ret, "return.label_stored") == []


def test_the_same_event_twice_is_one_mail(ret):
    event = Event.record("return.label_stored", actor="clock", at=NOW, ret=ret)

    first, second = (deliver_event(event=event, now=NOW) for _ in range(2))

    assert (len(first), len(second), Mail.objects.count()) == (1, 0, 1)


def test_arrival_is_told_once_though_carrier_and_desk_both_report_it(ret):
    assert [told(ret, "return.delivered"), told(ret, "return.received")] == [
        [("received", "giulia.ferrero@example.test")],
        [],
    ]


def test_a_second_label_is_news_again(ret):
    assert len(told(ret, "return.label_stored") + told(ret, "return.label_stored")) == 2


def test_a_return_to_a_store_is_told_where_to_go(merchant):
    ret = make_return(method="in_store", carrier="none")

    assert [kind for kind, _ in told(ret, "return.approved", at_once=True)] == ["approved"]


def test_the_desk_is_told_of_what_waits_for_it(merchant):
    ret = make_return(make_order(make_brand(portal={"notify_email": "desk@shop.example"})))

    mails = told(ret, "return.requested", review=True)

    assert mails == [("requested", "giulia.ferrero@example.test"), ("desk", "desk@shop.example")]


def test_news_that_is_about_no_return_is_no_mail(merchant):
    event = Event.record("order.imported", actor="key:1", at=NOW, rows=3)

    assert deliver_event(event=event, now=NOW) == []


def test_the_sending_is_posted_with_the_mail(ret, jobs):
    jobs.clear()

    told(ret, "return.cancelled")

    assert jobs.names() == ["deliver_event", "send_mail"]


def test_the_desk_is_warned_once_when_somebody_guesses_on_a_large_scale(merchant, client):
    make_brand(slug="brina", portal={"notify_email": "desk@shop.example"})

    for n in range(103):
        client.post("/brina/", {"order": f"A-{n}", "postcode": "1"}, REMOTE_ADDR=f"10.{n}.0.1")
    events = list(Event.objects.filter(name="lookups.paused"))
    mails = [mail for event in events for mail in deliver_event(event=event, now=NOW)]

    assert [(mail.kind, mail.to) for mail in mails] == [("lookups_paused", "desk@shop.example")]


def test_an_event_that_is_told_to_nobody_by_mail_posts_no_job_and_needs_none():
    assert not WITHOUT_MAILS & (KINDS.keys() | ALARMS.keys())
