"""Send one mail: claim it, hand it to the mail server, write down what came of it."""

from datetime import datetime, timedelta
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.queue import post
from rientro.kit.text import clean_line
from rientro.models.events import Event, Mail
from rientro.models.mail_facts import TO_DESK, Letter, NothingToSay, Paper, letter_of

DAY = timedelta(days=1)
MOST_PER_RETURN = 5
MOST_PER_ADDRESS = 20
LATER_S = 6 * 3600
TRIES = 12
SHORT_LIVED = frozenset({"access_code", "order_link"})  # worth nothing after a wait


class MailNotSent(RientroError):
    """The mail server would not take it; the task tries again."""

    kind: ClassVar[Kind] = "upstream"
    code: ClassVar[str] = "mail_not_sent"


def send_mail(*, mail: Mail, now: datetime) -> Mail:
    """Send ``mail`` unless it was sent; put it off when its return or its reader has had enough today.

    Each mail carries an id of its own, so that a copy sent twice by a crash is one to a mail program. Raises
    MailNotSent; the failure is written down. Never holds a transaction while the mail server is asked.
    """
    letter = _claim(mail, now=now)
    if letter is None:
        return mail
    try:
        _message(mail, letter).send()
    except OSError as error:  # smtplib's errors are among them
        _write_failure(mail, str(error))
        raise MailNotSent("The mail server did not take the mail.") from error
    _write_sent(mail, letter, now=now)
    return mail


@transaction.atomic
def _claim(mail: Mail, *, now: datetime) -> Letter | None:
    row = Mail.objects.locked().get(pk=mail.pk)
    mail.__dict__.update(row.__dict__)
    if mail.state == Mail.State.SENT.value:
        return None
    problem = _problem(mail, now=now)
    if problem:
        _give_up(mail, problem)
        return None
    if _is_too_much(mail, now=now):
        _put_off(mail)
        return None
    try:
        letter = letter_of(mail)
    except NothingToSay as nothing:
        _give_up(mail, nothing.message)
        return None
    mail.attempts += 1
    mail.save(update_fields=["attempts"])
    return letter


def _problem(mail: Mail, *, now: datetime) -> str:
    try:
        validate_email(mail.to)
    except ValidationError:
        return "This is not one mail address."
    return "The copy was put off too often." if mail.attempts >= TRIES else ""


def _is_too_much(mail: Mail, *, now: datetime) -> bool:
    """Mails about one return, and to one reader, in the last 24 hours: nobody's box is to be flooded."""
    sent = Mail.objects.filter(state=Mail.State.SENT.value, sent_at__gt=now - DAY)
    if mail.ret_id and sent.filter(ret=mail.ret_id, to=mail.to).count() >= MOST_PER_RETURN:
        return True
    return sent.filter(to=mail.to).count() >= MOST_PER_ADDRESS


def _put_off(mail: Mail) -> None:
    if mail.kind in SHORT_LIVED:
        _give_up(mail, "This reader has had enough mails today.")
        return
    mail.attempts += 1
    mail.error = "Put off: enough mails for today."
    mail.save(update_fields=["attempts", "error"])
    post("send_mail", in_s=LATER_S, merchant_id=mail.merchant_id, mail_id=mail.pk)


def _give_up(mail: Mail, why: str) -> None:
    mail.state, mail.error = Mail.State.FAILED.value, why
    mail.save(update_fields=["state", "error"])


def _message(mail: Mail, letter: Letter) -> EmailMultiAlternatives:
    own_address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    host = own_address.rpartition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        subject=clean_line(letter.subject, 180),
        body=letter.text,
        from_email=formataddr((clean_line(letter.brand_name, 120), own_address)),
        to=[mail.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": f"<{mail.merchant_id}.{mail.pk}.{mail.kind}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    for paper in letter.papers:
        if paper.inline:
            message.attach(_picture(paper))
        else:
            message.attach(paper.name, paper.content, paper.content_type)
    return message


def _picture(paper: Paper) -> MIMEImage:
    """A picture that the HTML body shows: known by its Content-ID."""
    part = MIMEImage(paper.content, _subtype=paper.content_type.partition("/")[2])
    part.add_header("Content-ID", f"<{paper.inline}>")
    part.add_header("Content-Disposition", "inline")
    return part


@transaction.atomic
def _write_failure(mail: Mail, why: str) -> None:
    mail.error = why[:500]
    if mail.attempts >= TRIES:
        mail.state = Mail.State.FAILED.value
    mail.save(update_fields=["error", "state"])


@transaction.atomic
def _write_sent(mail: Mail, letter: Letter, *, now: datetime) -> None:
    mail.state, mail.sent_at, mail.error = Mail.State.SENT.value, now, ""
    mail.subject = clean_line(letter.subject, 180)
    mail.save(update_fields=["state", "sent_at", "error", "subject"])
    if mail.ret is not None and mail.kind not in TO_DESK:  # the event tells of the shopper's mails
        Event.record("return.mail_sent", actor="clock", at=now, ret=mail.ret, kind=mail.kind)
