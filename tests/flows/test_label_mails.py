"""The mail with the labels: one for all parcels, the code to show, the day of the driver."""

from datetime import date

import pytest

from rientro.carriers.base import Can, InvalidRequest
from rientro.flows.buy_label import buy_label
from rientro.flows.deliver_event import deliver_event
from rientro.flows.send_mail import send_mail
from rientro.flows.store_label import store_label
from rientro.models import Event, Label, LabelPurchase, Mail, Return
from rientro.models.purchasing import intend_label
from tests.flows.test_labelless import picture
from tests.makers import NOW, make_carrier_account, make_order, make_return


@pytest.fixture
def account(merchant, depot):
    depot.can |= Can.LABELLESS | Can.PICKUP
    depot.code = picture()
    return make_carrier_account(carrier="scripted", abilities=["labelless", "pickup"])


def go(ret):
    """Buy, store, and tell of everything that happened."""
    intend_label(Return.objects.get(pk=ret.pk), at=NOW)
    told = set()
    for _round in range(3):
        for purchase in LabelPurchase.objects.filter(status="buying").order_by("pk"):
            buy_label(purchase=purchase, now=NOW)
            told |= tell(ret, told)
        for label in Label.objects.filter(pdf_a6=None, code=None, void="none").order_by("pk"):
            store_label(label=label, now=NOW)
            told |= tell(ret, told)


def tell(ret, told):
    events = Event.objects.filter(ret=ret).exclude(pk__in=told).order_by("pk")
    for event in events:
        deliver_event(event=event, now=NOW)
    return {event.pk for event in events}


def sent(mailoutbox):
    for mail in Mail.objects.filter(kind="label_ready").order_by("pk"):
        send_mail(mail=mail, now=NOW)
    return mailoutbox


def test_the_code_stands_in_the_mail_itself(account, mailoutbox):
    go(make_return(method="labelless", language="en"))

    [mail] = sent(mailoutbox)

    assert mail.subject.startswith("Your return code R-")
    html = mail.alternatives[0][0]
    assert 'src="cid:code-1"' in html
    assert [part["Content-ID"] for part in mail.attachments] == ["<code-1>"]
    assert "they print the label and stick it on" in mail.body
    assert "The code is good until Sunday 31 January 2027." in mail.body.replace(",", "")


def test_no_code_came_so_the_label_is_attached(account, depot, mailoutbox):
    depot.code = None

    go(make_return(method="labelless", language="en"))

    [mail] = sent(mailoutbox)
    assert "The carrier’s code cannot be shown. Print this label instead" in mail.body
    assert [name for name, _content, _kind in mail.attachments] == [f"{ret_number()}-label.pdf"]


def test_the_carrier_gives_no_codes_and_the_mail_says_so(account, depot, mailoutbox):
    depot.script = [InvalidRequest("No codes.")]

    go(make_return(method="labelless", language="en"))

    [mail] = sent(mailoutbox)
    assert "The carrier gives no code for this parcel" in mail.body


def test_the_day_of_the_driver_is_in_the_mail(account, mailoutbox):
    go(make_return(method="pickup", pickup_on=date(2026, 11, 26), language="en"))

    [mail] = sent(mailoutbox)
    assert "The driver comes on Thursday 26 November 2026." in mail.body.replace(",", "")


def two(**fields):
    order = make_order(lines=[{"quantity": 2}])
    return make_return(order, quantity=2, parcel_count=2, language="en", **fields)


def test_two_parcels_are_one_mail_with_two_labels(account, mailoutbox):
    go(two())

    [mail] = sent(mailoutbox)
    number = ret_number()
    names = [name for name, _content, _kind in mail.attachments]
    assert names == [f"{number}-label-1.pdf", f"{number}-label-2.pdf"]
    for label in Label.objects.all():
        assert label.tracking_number in mail.body


def test_one_of_two_was_refused_and_the_mail_says_so(account, depot, mailoutbox):
    depot.script = [InvalidRequest("No.")]

    go(two())

    [mail] = sent(mailoutbox)
    assert len(mail.attachments) == 1
    assert "The carrier made no label for 1 of your parcels." in mail.body


def test_the_second_of_two_was_refused_last_and_one_mail_goes_all_the_same(
    account, depot, mailoutbox
):
    depot.script = [None, InvalidRequest("No.")]

    go(two())

    assert len(sent(mailoutbox)) == 1


def ret_number():
    return Return.objects.get().number
