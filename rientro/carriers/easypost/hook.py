"""EasyPost's webhooks: verified over the raw bytes, then read. Source: docs.easypost.com, webhooks guide (2026)."""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from rientro.carriers.base import BadSignature, InvalidRequest, RawWebhook, Scan
from rientro.carriers.easypost import words
from rientro.carriers.wire import Words

PREFIX = "hmac-sha256-hex="
ABOUT_TRACKERS = "tracker."
ABOUT_REFUNDS = "refund."


def verify(raw: RawWebhook, secrets: Sequence[str]) -> None:
    """``X-Hmac-Signature``: hex HMAC-SHA256 over the body; the secret is brought into NFKD form first."""
    given = raw.headers.get("x-hmac-signature", "").strip().encode("utf-8", "replace")
    good = [hmac.compare_digest(signature(secret, raw.body).encode(), given) for secret in secrets]
    if not any(good):
        raise BadSignature("This webhook is not signed by EasyPost.")


def signature(secret: str, body: bytes) -> str:
    key = unicodedata.normalize("NFKD", secret).encode()
    return PREFIX + hmac.new(key, body, hashlib.sha256).hexdigest()


def event_id(raw: RawWebhook) -> str:
    """EasyPost's number of the event, which the signature covers; the same for each try to deliver it."""
    try:
        told = _event(raw).get("id")
    except InvalidRequest:
        return ""
    return told[:80] if isinstance(told, str) else ""


def scans_in(raw: RawWebhook) -> list[Scan]:
    """The news of a parcel that an event tells, or of a label given back; none in other events.

    Raises InvalidRequest.
    """
    event = _event(raw)
    about = str(event.get("description", ""))
    if about.startswith(ABOUT_TRACKERS):
        return words.scans_in(Words(event, _unreadable()).inner("result"))
    if about.startswith(ABOUT_REFUNDS):
        refund = Words(event, _unreadable()).inner("result")
        return words.refund_news_in(refund, at=raw.received_at)
    return []


def _event(raw: RawWebhook) -> dict[str, Any]:
    try:
        found = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(found, dict):
        raise _unreadable()
    return found


def _unreadable() -> InvalidRequest:
    return InvalidRequest("This webhook of EasyPost cannot be read.")
