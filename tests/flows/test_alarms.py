"""What waits for a person is mailed to whoever may mend it, once per incident."""

from datetime import timedelta

import pytest

from rientro.flows.deliver_event import MOST_ALARMS, deliver_event
from rientro.flows.send_mail import send_mail
from rientro.models import CarrierAccount, Event, LabelPurchase, Mail, Member, Parcel, Role
from rientro.models.account_health import break_account
from rientro.policy.abilities import ABILITIES
from tests.makers import (
    NOW,
    make_brand,
    make_carrier_account,
    make_member,
    make_order,
    make_return,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ret(merchant):
    return make_return(make_order(make_brand(name="Brina")), carrier="failed", number="R-10001")


@pytest.fixture
def people(merchant):
    """{role: address} of one member in each role; the owner reads Italian."""
    found = {}
    for role in Role.values:
        language = "it" if role == "owner" else "en"
        user = make_user(f"{role}@shop.example", language=language)
        found[role] = make_member(merchant, role=role, user=user).user.email
    return found


def tell(ret, name, *, at=NOW, **facts):
    event = Event.record(name, actor="clock", at=at, ret=ret, **facts)
    return deliver_event(event=event, now=at)


def readers(mails):
    return {mail.to.partition("@")[0] for mail in mails}


def test_every_role_is_known_by_what_it_may():
    assert set(ABILITIES) == set(Role.values)


def test_who_may_ask_again_hears_of_a_label_that_failed(ret, people):
    mails = tell(ret, "return.label_failed", code="rejected", words="Bad address.")

    assert readers(mails) == {"owner", "admin", "desk"}
    assert {mail.kind for mail in mails} == {"label_failed"}


def test_who_may_settle_hears_of_a_doubt(ret, people):
    assert readers(tell(ret, "return.label_unknown", purchase=7)) == {"owner", "admin"}


def test_a_second_try_at_the_same_label_is_no_news(ret, people):
    tell(ret, "return.label_failed")
    again = tell(ret, "return.label_failed")
    Event.record("return.label_bought", actor="clock", at=NOW, ret=ret)
    another = tell(ret, "return.label_failed")

    assert again == []
    assert readers(another) == {"owner", "admin", "desk"}


def test_a_carrier_that_refuses_everything_fills_no_mailbox(ret, people):
    rets = [make_return(make_order(ret.brand)) for _more in range(MOST_ALARMS + 2)]

    told = [mail for each in rets for mail in tell(each, "return.label_failed")]
    later = tell(ret, "return.label_failed", at=NOW + timedelta(hours=2))

    assert len(told) == 3 * MOST_ALARMS
    assert readers(later) == {"owner", "admin", "desk"}


def test_a_person_who_left_and_another_merchants_people_hear_nothing(
    ret, people, django_user_model
):
    Member.objects.filter(role="admin").delete()
    django_user_model.objects.filter(email=people["desk"]).update(is_active=False)

    assert readers(tell(ret, "return.label_failed")) == {"owner"}


def test_an_account_that_breaks_is_told_once(ret, people):
    account = make_carrier_account()

    broke = [break_account(account, "Key revoked.", at=NOW) for _twice in range(2)]
    events = list(Event.objects.filter(name="carrier.account_broken"))
    mails = [mail for event in events for mail in deliver_event(event=event, now=NOW)]

    assert broke == [True, False]
    assert readers(mails) == {"owner", "admin"}


def test_each_alarm_says_what_to_do_and_where(ret, people, mailoutbox):
    account = make_carrier_account(name="Nordpaket", state="ok")
    parcel = Parcel.objects.create(ret=ret, created_at=NOW)
    purchase = LabelPurchase.objects.create(
        parcel=parcel, account=account, reference="r", status="unknown", created_at=NOW
    )
    ret.carrier_problem = "Bad <address>."
    ret.save()
    tell(ret, "return.label_failed")
    tell(ret, "return.label_unknown", purchase=purchase.pk)
    break_account(account, "Key revoked.", at=NOW)
    deliver_event(event=Event.objects.get(name="carrier.account_broken"), now=NOW)

    for mail in Mail.objects.filter(to="owner@shop.example").order_by("pk"):
        send_mail(mail=mail, now=NOW)

    failed, doubt, broken = mailoutbox
    assert failed.subject == "Il reso R-10001 non ha etichetta"
    assert "/panel/returns/R-10001/" in failed.body
    assert "“Bad <address>.”" in failed.body
    assert "Bad &lt;address&gt;." in failed.alternatives[0][0]
    assert f"/panel/settings/carriers/unknown/{purchase.pk}/" in doubt.body
    assert broken.subject == "Nordpaket rifiuta le tue credenziali"
    assert f"/panel/settings/carriers/{account.pk}/" in broken.body
    assert "Key revoked." in broken.body
    assert not Event.objects.filter(
        name="return.mail_sent"
    ).exists()  # those tell of shoppers' mails


def test_a_mended_account_is_not_written_about(ret, people, mailoutbox):
    account = make_carrier_account()
    break_account(account, "Key revoked.", at=NOW)
    deliver_event(event=Event.objects.get(name="carrier.account_broken"), now=NOW)
    CarrierAccount.objects.update(state="ok")

    sent = send_mail(mail=Mail.objects.filter(to="owner@shop.example").get(), now=NOW)

    assert (mailoutbox, sent.state) == ([], "failed")
