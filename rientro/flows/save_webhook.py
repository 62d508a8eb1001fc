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
from rientro.models import Event, Integration, WebhookEndpoint
from rientro.policy import webhook_access
from rientro.policy.event_names import EVENTS
from rientro.policy.webhook_access import Access
from rientro.policy.webhook_signatures import secret_of

MOST = 20  # of one merchant: each event is written once for each
MOST_CONNECTIONS = 10  # of one integration
SECRET_BYTES = 32


class BadWebhook(RientroError):
    """``facts["fields"]`` is {field: sentence}."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """``event_names`` empty means every event, also those that do not exist yet.

    ``access`` is what the receiver asks for besides our signature; None leaves what it was.
    """

    url: str
    event_names: Sequence[str] = ()
    detail: str = "ids"
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class SavedWebhook:
    """``secret`` is there only when it is new: it is shown once."""

    endpoint: WebhookEndpoint
    secret: str = ""


@transaction.atomic
def save_webhook(
    *,
    endpoint: WebhookEndpoint | None,
    facts: WebhookFacts,
    actor: str,
    now: datetime,
    integration: Integration | None = None,
) -> SavedWebhook:
    """Make a webhook, or change one that the merchant made. Raises BadWebhook; then nothing is written.

    A new one with an ``integration`` is a connection of that integration. A connection that we switched off
    because its receiver was gone or silent listens again once it is changed.
    """
    problems = _problems(facts)
    if endpoint is None and (many := _too_many(integration)):
        problems["url"] = many
    if problems:
        raise BadWebhook(" ".join(problems.values()), fields=problems)
    own = WebhookEndpoint.objects.made_by_hand()
    row = own.locked().get_or_missing(pk=endpoint.pk) if endpoint else None
    secret = "" if row else secret_of(secrets.token_bytes(SECRET_BYTES))
    if row is None:
        row = WebhookEndpoint(created_at=now, secret=seal({"secret": secret}))
        if integration is not None:
            row.style, row.integration = WebhookEndpoint.Style.CONNECTION.value, integration
    row.url, row.detail = facts.url.strip(), facts.detail
    row.event_names = sorted(set(facts.event_names))
    if facts.access is not None:
        row.access = seal(facts.access.facts())
    woken = _wake(row)
    row.save()
    word = "webhook.created" if secret else "webhook.changed"
    Event.record(word, actor=actor, at=now, **row.named())
    if woken:
        row.kick(anew=True)
    return SavedWebhook(row, secret)


def _too_many(integration: Integration | None) -> str:
    if integration is None:
        many = WebhookEndpoint.objects.filter(style="standard").count() >= MOST
        return f"You have {MOST} webhooks already. Delete one first." if many else ""
    # One after the other, so that two at once do not both find the last place free.
    Integration.objects.locked().get_or_missing(pk=integration.pk)
    own = WebhookEndpoint.objects.filter(style="connection", integration=integration)
    if own.count() < MOST_CONNECTIONS:
        return ""
    return f"This integration has {MOST_CONNECTIONS} connections already. Delete one first."


def _wake(row: WebhookEndpoint) -> bool:
    if row.active or row.style != WebhookEndpoint.Style.CONNECTION.value:
        return False
    row.active, row.disabled_because = True, ""
    row.failures, row.failing_since, row.paused_until = 0, None, None
    return True


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
    return found | (webhook_access.problems(facts.access) if facts.access else {})
