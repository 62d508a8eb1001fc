"""Mails about hostile shops and goods: one subject, no header more, the same tags as of a plain one."""

import email
import email.policy
from html.parser import HTMLParser

import pytest

from rientro.flows.send_mail import _message
from rientro.models import Brand, Label, Mail, Order, OrderLine, PortalSettings, Return
from rientro.models.mail_facts import letter_of
from tests.hostile.addresses import Hostile, addresses, mark, plain, storable
from tests.hostile.reading import squeezed
from tests.makers import NOW, make_brand, make_order, make_return
from tests.portal.papers import make_label

pytestmark = pytest.mark.django_db
KINDS = ("label_ready", "customs_wait", "customs_wanted", "rejected")
HEADERS = {
    "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip
SOME = [
    pytest.param(0, 20, id="every-20th"),
    *(pytest.param(at, 4, id=f"{at}-every-4th", marks=pytest.mark.deep) for at in range(4)),
]


class Tags(HTMLParser):
    """The tags of a page with their attributes' names, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[object] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.tags.append("comment")

    def handle_pi(self, data):
        self.tags.append("pi")


@pytest.fixture
def ret(merchant) -> Return:
    made = make_return(make_order(make_brand()), carrier="label_ready")
    make_label(made)
    PortalSettings.objects.update(notify_email="desk@example.test")
    return made


def dressed(ret: Return, hostile: Hostile) -> Return:
    """The hostile words wherever a mail says some: shop, goods, shopper, the desk's sentence."""
    ret.refresh_from_db()
    Brand.objects.filter(pk=ret.brand_id).update(
        name=hostile.company[:120] or "B", legal_line=hostile.city[:200]
    )
    Order.objects.filter(pk=ret.order_id).update(
        name=hostile.name[:200], number=hostile.phone[:200] or "1"
    )
    OrderLine.objects.filter(order=ret.order_id).update(
        name=hostile.street[:500] or "x", variant=hostile.city[:200]
    )
    Return.objects.filter(pk=ret.pk).update(
        rejection=hostile.street, carrier_problem=hostile.street
    )
    Label.objects.update(tracking_number=hostile.number)
    return ret


def sent(ret: Return, kind: str) -> tuple[email.message.EmailMessage, str, str]:
    mail = Mail(
        key=f"{kind}:{ret.pk}:1",
        kind=kind,
        ret=ret,
        to="x@example.test",
        language="it",
        created_at=NOW,
    )
    mail.merchant_id = ret.merchant_id
    mail.save()
    letter = letter_of(mail)
    told = _message(mail, letter).message().as_bytes()
    mail.delete()
    return email.message_from_bytes(told, policy=email.policy.default), letter.html, letter.text


@pytest.mark.parametrize(("start", "step"), SOME)
def test_no_words_become_headers_or_tags(start, step, ret):
    tags = {kind: Tags(sent(dressed(ret, plain(1)), kind)[1]).tags for kind in KINDS}
    lost = []
    for one in addresses()[start::step]:
        hostile = storable(one)
        dressed(ret, hostile)
        for kind in KINDS:
            message, html, text = sent(ret, kind)
            page = Tags(html)
            assert set(message.keys()) <= HEADERS
            assert len(message.keys()) == len(set(message.keys()))
            assert message["To"] == "x@example.test"
            assert "\n" not in message["Subject"]
            assert without_greeting(page.tags) == without_greeting(tags[kind]), (one.at, kind)
            word = mark("street", one.at)
            if kind != "label_ready" and word in hostile.street[:500]:
                lost += [] if word in squeezed(page.words) else [(one.at, kind, "html")]
                lost += [] if word in squeezed(text) else [(one.at, kind, "text")]

    assert lost == []


def without_greeting(tags: list[object]) -> list[object]:
    """A name that is no name is not greeted, and words with line ends are said on several lines."""
    return [
        tag
        for tag in tags
        if tag not in ("/p", "/br") and not (isinstance(tag, tuple) and tag[0] in ("p", "br"))
    ]
