"""Between steps 1 and 2: whoever reads the mail of the order proves it with a code, and sees its address."""

import hmac
import unicodedata
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import token_hash
from rientro.kit.queue import post
from rientro.models.events import Mail
from rientro.models.lookup import CODE_MISSES, AccessCode, Ticket
from rientro.models.lookup_counting import Counted, count, hidden, longest_wait_s
from rientro.policy.lookup_limits import MAIL_LIMITS


class WrongCode(RientroError):
    """Not the code, too old, used, or missed too often: one answer for all."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "wrong_code"


class TooManyCodes(RientroError):
    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "too_many_codes"


@transaction.atomic
def ask_code(*, ticket: Ticket, network: str, now: datetime) -> None:
    """Make a code for ``ticket`` and post its mail to the order's own address.

    Answers the same whether the order has an address or not. Raises TooManyCodes when the order or the network
    has asked too often; the count itself is kept only by a call that raises nothing.
    """
    keys = {"mail_order": hidden(f"order {ticket.order_id}"), "mail_network": network}
    counted = [Counted(limit, keys[limit.scope]) for limit in MAIL_LIMITS]
    wait_s = longest_wait_s(counted, now=now)
    if wait_s:
        raise TooManyCodes("Too many codes were asked for.", retry_after_s=wait_s)
    count(counted, now=now)
    code = AccessCode.issue(ticket, now=now)
    if not ticket.order.email:
        return
    mail = Mail.objects.create(
        key=f"access_code:{code.pk}",
        kind="access_code",
        to=ticket.order.email,
        language=ticket.language,
        created_at=now,
    )
    post("send_mail", merchant_id=mail.merchant_id, mail_id=mail.pk)


def prove_identity(*, ticket: Ticket, code: str, now: datetime) -> Ticket:
    """Lift ``ticket`` to level 2 if ``code`` is the one that was mailed for it.

    Raises WrongCode; a miss is counted in the caller's transaction, so the caller catches the error inside it.
    Five misses end the code.
    """
    ticket = Ticket.objects.locked().get(pk=ticket.pk)
    current = (
        AccessCode.objects.locked()
        .filter(ticket=ticket, used_at=None, expires_at__gt=now, misses__lt=CODE_MISSES)
        .order_by("-pk")
        .first()
    )
    if current is None:
        raise WrongCode("This code does not work any more.")
    if not hmac.compare_digest(bytes(current.code_hash), token_hash(_as_typed(code))):
        AccessCode.objects.filter(pk=current.pk).update(misses=F("misses") + 1)
        raise WrongCode("This is not the code.")
    current.used_at = now
    current.save(update_fields=["used_at"])
    ticket.level = 2
    ticket.save(update_fields=["level"])
    return ticket


def _as_typed(code: str) -> str:
    """Spaces, dashes and case do not count."""
    plain = unicodedata.normalize("NFKC", code[:40]).upper()
    return "".join(letter for letter in plain if letter.isalnum())
