"""A merchant says where machines are to be told what happens."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from rientro.kit import http
from rientro.kit.crypto import seal
from rientro.kit.errors import Kind, RientroError
from rientro.models import Event, WebhookEndpoint
from rientro.policy.event_names import EVENTS
from rientro.policy.webhook_signatures import secret_of

MOST = 20  # of one merchant: each event is written once for each
SECRET_BYTES = 32


class BadWebhook(RientroError):
    """``facts["fields"]`` is {field: sentence}."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """``event_names`` empty means every event, also those that do not exist yet."""

    url: str
    event_names: Sequence[str] = ()
    detail: str = "ids"


@dataclass(frozen=True, slots=True)
class SavedWebhook:
    """``secret`` is there only when it is new: it is shown once."""

    endpoint: WebhookEndpoint
    secret: str = ""


@transaction.atomic
def save_webhook(
    *, endpoint: WebhookEndpoint | None, facts: WebhookFacts, actor: str, now: datetime
) -> SavedWebhook:
    """Make a webhook, or change one that the merchant made. Raises BadWebhook; then nothing is written."""
    problems = _problems(facts)
    own = WebhookEndpoint.objects.filter(style="standard")
    if endpoint is None and own.count() >= MOST:
        problems["url"] = f"You have {MOST} webhooks already. Delete one first."
    if problems:
        raise BadWebhook(" ".join(problems.values()), fields=problems)
    row = own.locked().get_or_missing(pk=endpoint.pk) if endpoint else None
    secret = "" if row else secret_of(secrets.token_bytes(SECRET_BYTES))
    if row is None:
        row = WebhookEndpoint(created_at=now, secret=seal({"secret": secret}))
    row.url, row.detail = facts.url.strip(), facts.detail
    row.event_names = sorted(set(facts.event_names))
    row.save()
    word = "webhook.created" if secret else "webhook.changed"
    Event.record(word, actor=actor, at=now, endpoint=row.pk)
    return SavedWebhook(row, secret)


def _problems(facts: WebhookFacts) -> dict[str, str]:
    found: dict[str, str] = {}
    private = settings.ALLOW_PRIVATE_TARGETS
    wrong = http.problem(facts.url, allow_private=private)
    if wrong is None and not private and not facts.url.strip().lower().startswith("https:"):
        wrong = "Use an address that begins with https://, so that nobody reads along."
    if wrong is None and len(facts.url) > 1000:
        wrong = "An address has at most 1000 characters."
    if wrong:
        found["url"] = wrong
    if not set(facts.event_names) <= set(EVENTS):
        found["event_names"] = "Choose events from the list."
    if facts.detail not in WebhookEndpoint.Detail.values:
        found["detail"] = "Choose how much is told."
    return found
