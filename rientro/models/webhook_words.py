"""What the sending of webhooks asks of those who know the words: the doors that speak them.

The words are named in the settings (``WEBHOOK_WORDS``) as Django's own adapters are, so that no flow learns a
field of anybody's API and no room reaches upwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.webhooks import WebhookEndpoint


class NoSigningKey(RientroError):
    """There is no key to sign with, and nothing is sent unsigned."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "no_signing_key"


@dataclass(frozen=True, slots=True)
class Message:
    """What is about to be sent. ``body`` is exactly what goes over the wire."""

    id: str
    body: bytes
    at: datetime
    endpoint: WebhookEndpoint


class WebhookWords(Protocol):
    """How one kind of receiver is spoken to."""

    delays_s: Sequence[int]  # before the first try, the second, …
    gone_switches_off: bool  # does 410 mean: never again?

    def wants(self, event: Event) -> bool:
        """Is there a word for this event at all? Asks no table."""

    def body(self, event: Event, endpoint: WebhookEndpoint) -> str:
        """The event as this receiver reads it. Reads tables, inside the caller's transaction."""

    def headers(self, message: Message) -> dict[str, str]:
        """Signature and what belongs to it. Raises NoSigningKey, CannotUnseal."""


def words_for(endpoint_style: str) -> WebhookWords:
    """The words of a style; raises KeyError for one that the settings do not name."""
    found: WebhookWords = import_string(settings.WEBHOOK_WORDS[endpoint_style])
    return found
