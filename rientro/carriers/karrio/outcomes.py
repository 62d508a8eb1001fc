"""What an exchange means: did it happen, may it have happened, and which of the house's errors says so.

Read from the journal (transport.Exchange), never from Karrio's result: for Karrio an empty answer, a page of HTML
and a 429 all look alike.
"""

import json
from collections.abc import Iterable
from typing import Any

from rientro.carriers.base import (
    AuthFailed,
    CarrierError,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from rientro.carriers.karrio.tokens import Tokens
from rientro.carriers.karrio.transport import Exchange, Role
from rientro.carriers.wire import retry_after_s
from rientro.kit.sentences import Sentence

# Karrio's own codes: its words are for its makers, not for a merchant.
INTERNAL = "SHIPPING_SDK"
UNREADABLE = Sentence("The carrier answered something we cannot read.")
CREDENTIALS = Sentence("The carrier refuses these credentials.")
REFUSED = frozenset({401, 403})
REPEATED = ("already been void", "already void", "already been cancel", "already cancel")


def failure(exchange: Exchange | None, said: str, tokens: Tokens, *, acts: bool) -> CarrierError:
    """The error that ``exchange`` amounts to, for a carrier that ``said`` something or nothing.

    ``acts``: it changes something at the carrier, so that silence is doubt. None: nothing was sent at all.
    """
    if exchange is None or (exchange.status == 0 and not exchange.sent):
        return _unsent(exchange, said)
    if exchange.role is Role.TOKEN:
        return _no_token(exchange, said)
    silence = OutcomeUnknown if acts else Unavailable
    status = exchange.status
    if status in REFUSED:
        return _refused(said, tokens, status)
    if status == 429:
        return _busy(exchange)
    if 400 <= status < 500 and status not in (408, 425):
        return InvalidRequest(
            said or Sentence("The carrier answered %(status)s.", status=status), status=status
        )
    if 200 <= status < 300:
        return silence(UNREADABLE, status=status)
    if status:
        return silence(Sentence("The carrier answered %(status)s.", status=status), status=status)
    return silence(Sentence("The carrier did not answer clearly."))


def words_of(messages: Iterable[Any]) -> str:
    """What the carrier said, for people; empty when only Karrio spoke."""
    told = []
    for message in messages or ():
        words = str(getattr(message, "message", "") or "").strip()
        code = str(getattr(message, "code", "") or "")
        if words and not code.startswith(INTERNAL) and words not in told:
            told.append(words)
    return " ".join(told).replace("\x00", "")[:300]


def is_repeat(said: str) -> bool:
    """Does the refusal of a void say that it was voided before?"""
    return any(words in said.lower() for words in REPEATED)


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``; empty when it holds none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def told_in(body: bytes) -> dict[str, Any]:
    """The JSON object that an answer is. Raises ValueError for what is none: no news is said in JSON too."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("This is no JSON object.")
    return found


def _unsent(exchange: Exchange | None, said: str) -> CarrierError:
    if exchange is None:
        return InvalidRequest(
            said
            or Sentence(
                "This parcel cannot be put into the carrier's words. Look at its addresses."
            )
        )
    return Unavailable(Sentence("The carrier cannot be reached."))


def _no_token(exchange: Exchange, said: str) -> CarrierError:
    """Whoever gave no token has sold no label."""
    if exchange.status in (400, *REFUSED):
        return AuthFailed(said or CREDENTIALS, status=exchange.status)
    if exchange.status == 429:
        return _busy(exchange)
    return Unavailable(Sentence("The carrier gave no access."), status=exchange.status)


def _refused(said: str, tokens: Tokens, status: int) -> CarrierError:
    tokens.forget()
    if status == 401 and tokens.reused:
        return Unavailable(
            Sentence("The carrier has ended our access early; a new one is asked for.")
        )
    return AuthFailed(said or CREDENTIALS, status=status)


def _busy(exchange: Exchange) -> CarrierError:
    wait = retry_after_s(exchange.headers.get("Retry-After", ""))
    return RateLimited(Sentence("The carrier asks us to slow down."), retry_after_s=wait)
