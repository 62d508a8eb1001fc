"""One mail: rendered in its language, sent once, put off when it is too much, kept as failed when it must be."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from django.core.mail import EmailMessage

from rientro.flows.deliver_event import KINDS
from rientro.flows.send_mail import MailNotSent, send_mail
from rientro.models import Event, Label, LabelPurchase, Mail, Parcel, Return, StoredDocument
from rientro.models.mail_facts import TO_DESK
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def ret(merchant) -> Return:
    brand = make_brand(
        name="Sartoria Brina",
        font="serif",
        reply_to="resi@brina.example",
        legal_line="Sartoria Brina S.r.l. · Milano",
        texts={"it": {"pack_note": "Entro {{ window_days }} giorni, {{ brand }}."}},
    )
    return make_return(make_order(brand), language="it", carrier="label_ready", number="R-10001")


def make_mail(ret: Return, kind: str, **fields: Any) -> Mail:
    event = Event.record("return.refunded", actor="member:1", at=NOW, ret=ret, amount_minor=4600)
    values = {
        "key": f"{kind}:{ret.pk}:{event.pk}",
        "kind": kind,
        "ret": ret,
        "to": ret.order.email,
        "language": ret.language,
        "created_at": NOW,
    }
    return Mail.objects.create(**values | fields)


def make_label(ret: Return) -> Label:
    parcel = Parcel.objects.create(ret=ret, created_at=NOW, tracking_number="TN123")
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=make_carrier_account(),
        reference="ref-1",
        status="bought",
        created_at=NOW,
    )
    paper = StoredDocument.objects.keep(b"%PDF-1.7 paper", content_type="application/pdf")
    return Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="c1",
        tracking_number="TN123",
        price_minor=495,
        currency="EUR",
        pdf_a4=paper,
        pdf_a6=paper,
        bought_at=NOW,
    )


@pytest.mark.parametrize("language", ["it", "en", "de"])
@pytest.mark.parametrize("kind", sorted({*KINDS.values(), "desk", "label_failed"}))
def test_every_mail_says_who_what_and_where_in_both_bodies(ret, mailoutbox, kind, language):
    make_label(ret)
    Return.objects.update(rejection="Worn <b>outside</b>.")

    send_mail(mail=make_mail(ret, kind, language=language), now=NOW)

    sent = mailoutbox[0]
    html = sent.alternatives[0][0]
    assert "R-10001" in sent.subject
    assert "\n" not in sent.subject
    for body in (sent.body, html):
        assert (f"/r/{ret.link_token}/" in body) is (kind not in TO_DESK)
        assert ("46,00" in body.replace("46.00", "46,00")) is True
        assert "Merino scarf" in body
        assert "Sartoria Brina S.r.l." in body
        assert "{{" not in body
    assert "<b>outside</b>" not in html
    assert 'src="http' not in html
    assert "\n\n\n" not in sent.body


@pytest.mark.parametrize("kind", ["rejected", "cancelled", "desk", "label_failed"])
def test_a_mail_promises_no_money_that_does_not_come(ret, mailoutbox, kind):
    Return.objects.update(rejection="Worn.")

    send_mail(mail=make_mail(ret, kind, language="en"), now=NOW)

    assert "You get" not in mailoutbox[0].body + mailoutbox[0].alternatives[0][0]


def test_the_label_is_attached_and_linked(ret, mailoutbox):
    make_label(ret)

    send_mail(mail=make_mail(ret, "label_ready"), now=NOW)

    sent = mailoutbox[0]
    assert sent.attachments == [("R-10001-label.pdf", b"%PDF-1.7 paper", "application/pdf")]
    assert "TN123" in sent.body
    assert "label?format=a4" in sent.body
    assert "Entro 30 giorni, Sartoria Brina." in sent.body
    assert "martedì 8 dicembre 2026" in sent.body


def test_it_comes_from_the_brand_and_answers_go_to_it(ret, mailoutbox):
    send_mail(mail=make_mail(ret, "cancelled"), now=NOW)

    sent = mailoutbox[0]
    assert parseaddr(sent.from_email)[0] == "Sartoria Brina"
    assert sent.reply_to == ["resi@brina.example"]
    assert sent.to == ["giulia.ferrero@example.test"]


def test_sent_once_however_often_it_is_asked(ret, mailoutbox):
    mail = make_mail(ret, "cancelled")

    for _ in range(2):
        send_mail(mail=mail, now=NOW)

    mail.refresh_from_db()
    assert len(mailoutbox) == 1
    assert (mail.state, mail.sent_at, mail.attempts) == ("sent", NOW, 1)
    assert mail.subject == "Il tuo reso R-10001 è annullato"
    assert Event.objects.filter(name="return.mail_sent", facts__kind="cancelled").count() == 1


def test_a_name_cannot_write_headers(ret, mailoutbox):
    ret.brand.name = "Brina\r\nBcc: everybody@example.test"
    ret.brand.save()

    send_mail(mail=make_mail(ret, "cancelled"), now=NOW)

    message = mailoutbox[0].message()
    assert message["Bcc"] is None
    assert "\n" not in str(message["From"])


def test_what_a_stranger_typed_is_said_by_no_mail(ret, mailoutbox):
    Return.objects.update(from_name="Visit evil.example now", note="Visit evil.example now")

    send_mail(mail=make_mail(ret, "handed_in"), now=NOW)

    assert "evil" not in mailoutbox[0].body + mailoutbox[0].alternatives[0][0]
    assert "Ciao Giulia," in mailoutbox[0].body


@pytest.mark.parametrize(
    "address",
    ["no-address", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", ""],
)
def test_what_is_not_one_address_gets_nothing(ret, mailoutbox, address):
    mail = make_mail(ret, "cancelled", to=address)

    send_mail(mail=mail, now=NOW)

    mail.refresh_from_db()
    assert (mailoutbox, mail.state) == ([], "failed")


def test_the_sixth_mail_of_a_day_about_one_return_waits(ret, mailoutbox, jobs):
    for _ in range(5):
        send_mail(mail=make_mail(ret, "cancelled"), now=NOW)
    jobs.clear()
    sixth = make_mail(ret, "refunded")

    send_mail(mail=sixth, now=NOW)
    waiting = (len(mailoutbox), sixth.state, jobs.names())
    send_mail(mail=sixth, now=NOW + timedelta(hours=25))

    assert waiting == (5, "waiting", ["deliver_event", "send_mail"])
    assert (len(mailoutbox), sixth.state) == (6, "sent")


def test_a_reader_gets_twenty_mails_a_day_at_most(ret, mailoutbox):
    for _ in range(21):
        make_mail(ret, "cancelled")
    Mail.objects.update(ret=None, state="sent", sent_at=NOW)
    last = Mail.objects.order_by("-pk").first()
    Mail.objects.filter(pk=last.pk).update(state="waiting", ret=ret)

    send_mail(mail=last, now=NOW)

    assert mailoutbox == []
    assert last.state == "waiting"


def test_a_mail_server_that_refuses_is_written_down_and_asked_again(ret, monkeypatch, mailoutbox):
    mail = make_mail(ret, "cancelled")

    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError("nobody listens")

    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", refuse)
        with pytest.raises(MailNotSent):
            send_mail(mail=mail, now=NOW)
    mail.refresh_from_db()
    failed = (mail.state, mail.attempts, mail.error)
    send_mail(mail=mail, now=NOW)

    assert failed == ("waiting", 1, "nobody listens")
    assert (len(mailoutbox), mail.state, mail.error) == (1, "sent", "")


def test_a_label_that_was_voided_meanwhile_is_not_sent(ret, mailoutbox):
    label = make_label(ret)
    Label.objects.filter(pk=label.pk).update(void="voided", voided_at=NOW)
    mail = make_mail(ret, "label_ready")

    send_mail(mail=mail, now=NOW)

    assert (mailoutbox, mail.state) == ([], "failed")


def test_the_logo_travels_inside_the_mail(ret, mailoutbox):
    picture = StoredDocument.objects.keep(b"\x89PNG logo", content_type="image/png")
    ret.brand.logo = picture
    ret.brand.save()

    send_mail(mail=make_mail(ret, "cancelled"), now=NOW)

    part = mailoutbox[0].attachments[0]
    assert part["Content-ID"] == "<logo>"
    assert 'src="cid:logo"' in mailoutbox[0].alternatives[0][0]


@pytest.mark.parametrize("language", ["it", "en", "de"])
def test_the_warning_of_a_spray_names_the_portal_and_no_order(merchant, mailoutbox, language):
    brand = make_brand(name="Sartoria Brina", reply_to="resi@brina.example")
    event = Event.record("lookups.paused", actor="clock", at=NOW, brand=brand.pk)
    mail = Mail.objects.create(
        key=f"lookups_paused:{event.pk}",
        kind="lookups_paused",
        to="desk@brina.example",
        language=language,
        created_at=NOW,
    )

    send_mail(mail=mail, now=NOW)

    assert mail.state == "sent"
    assert "Sartoria Brina" in mailoutbox[0].subject
    assert "{{" not in mailoutbox[0].body + mailoutbox[0].alternatives[0][0]
