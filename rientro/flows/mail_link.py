"""The other way to step 1: a link to the order's own address, for whom the look-up is closed."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import token_hash
from rientro.kit.queue import post
from rientro.kit.text import normal_email, normal_number
from rientro.models.brands import Brand, PortalSettings
from rientro.models.events import Mail
from rientro.models.lookup import Ticket, TicketQuerySet
from rientro.models.lookup_counting import Counted, count, hidden, longest_wait_s
from rientro.models.orders import Order
from rientro.policy.lookup_limits import MAIL_LIMITS


class TooManyLinks(RientroError):
    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "too_many_links"


class DeadLink(RientroError):
    """Opened before, too old, or never ours."""

    kind: ClassVar[Kind] = "missing"
    code: ClassVar[str] = "dead_link"


@transaction.atomic
def mail_link(
    *, brand: Brand, number: str, email: str, network: str, language: str, now: datetime
) -> None:
    """Post a mail with a link that opens the order, if number and e-mail are those of one; else do nothing.

    Answers the same either way. An attacker who has used up the look-ups of an order does not lock out its
    shopper: this way stays open. Raises TooManyLinks.
    """
    wanted, address = normal_number(number), normal_email(email)
    keys = {"mail_order": hidden(f"number {wanted}"), "mail_network": network}
    counted = [Counted(limit, keys[limit.scope]) for limit in MAIL_LIMITS]
    wait_s = longest_wait_s(counted, now=now)
    if wait_s:
        raise TooManyLinks("Too many mails were asked for.", retry_after_s=wait_s)
    count(counted, now=now)
    order = _matching(brand, wanted, address)
    if order is None:
        return
    ticket = Ticket.issue_link(order=order, brand=brand, language=language, now=now)
    mail = Mail.objects.create(
        key=f"order_link:{ticket.pk}",
        kind="order_link",
        to=order.email,
        language=language,
        created_at=now,
    )
    post("send_mail", merchant_id=mail.merchant_id, mail_id=mail.pk)


def _matching(brand: Brand, wanted: str, address: str) -> Order | None:
    found = Order.objects.filter(
        brand=brand,
        number_norm=wanted or "-",
        email_norm=address or "-",
        redacted_at=None,
        cancelled_at=None,
        standalone=False,
    ).first()
    settings = PortalSettings.objects.get(brand=brand)
    if found is None or not settings.active:
        return None
    return found if found.has_outbound or settings.allow_without_outbound else None


def is_open_link(*, brand: Brand, token: str, now: datetime) -> bool:
    """Would ``open_link`` open something? Uses nothing up."""
    return _waiting(brand, token, now=now).exists()


def _waiting(brand: Brand, token: str, *, now: datetime) -> TicketQuerySet:
    return Ticket.objects.alive(now).filter(
        brand=brand, token_hash=token_hash(token[:100]), draft__has_key="link"
    )


@transaction.atomic
def open_link(*, brand: Brand, token: str, now: datetime) -> str:
    """Turn a mailed link into a ticket of level 2 and give its token; the link is used up. Raises DeadLink."""
    waiting = _waiting(brand, token, now=now).select_related("order").locked().first()
    if waiting is None:
        raise DeadLink("This link does not work any more.")
    _, fresh = Ticket.issue(
        order=waiting.order, brand=brand, level=2, language=waiting.language, now=now
    )
    waiting.delete()
    return fresh
