"""Sendcloud's webhooks: verified over the raw bytes, then read. Source: its version 3 webhooks page (2026)."""

import hashlib
import hmac
import json
from collections.abc import Sequence

from rientro.carriers.base import BadSignature, InvalidRequest, RawWebhook, Scan
from rientro.carriers.sendcloud import words
from rientro.carriers.sendcloud.statuses import row_of
from rientro.carriers.wire import Words


def verify(raw: RawWebhook, keys: Sequence[str]) -> None:
    """``Sendcloud-Signature``: hex HMAC-SHA256 over the body, with the secret key or one of its own."""
    given = raw.headers.get("sendcloud-signature", "").strip().lower().encode("utf-8", "replace")
    good = [
        hmac.compare_digest(
            hmac.new(key.encode(), raw.body, hashlib.sha256).hexdigest().encode(), given
        )
        for key in keys
    ]
    if not any(good):
        raise BadSignature("This webhook is not signed by Sendcloud.")


def scans_in(raw: RawWebhook) -> list[Scan]:
    """The news of a parcel's way; none in a webhook about anything else. Raises InvalidRequest."""
    doubt = InvalidRequest("This webhook of Sendcloud cannot be read.")
    try:
        found = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise doubt from error
    if not isinstance(found, dict):
        raise doubt
    if found.get("action") != "parcel_status_changed":
        return []
    parcel = Words(found, doubt).inner("parcel")
    status = parcel.inner("status")
    message = status.text("message", required=False)
    row = row_of(number=status.whole("id"), message=message)
    number = parcel.text("tracking_number", limit=80, required=False)
    if row is None or row.state is None or not number:
        return []
    moments = (
        words.moment_of(found.get(name))
        for name in ("carrier_status_change_timestamp", "timestamp")
    )
    at = next((moment for moment in moments if moment), raw.received_at)
    return [words.scan_in(number, row, at, description=message)]
