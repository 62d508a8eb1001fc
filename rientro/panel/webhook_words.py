"""How a receiver fares and what went wrong, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.models import WebhookEndpoint

ERRORS = {
    "refused_address": lazy("The address lies inside a private network"),
    "answer_refused": lazy("The answer could not be read"),
    "connection_timeout": lazy("No connection within five seconds"),
    "timeout": lazy("No answer within 15 seconds"),
    "no_http_answer": lazy("The answer was no HTTP"),
    "connection_failed": lazy("No connection"),
    "connection_refused": lazy("The connection was refused"),
    "connection_lost": lazy("The connection broke"),
    "dns_lookup_failed": lazy("The name of the host is unknown"),
    "tls": lazy("The certificate is not valid"),
    "bad_address": lazy("The address cannot be used"),
    "interrupted": lazy("We were interrupted and try again"),
    "forgotten": lazy("Its shopper was forgotten"),
    "no_signing_key": lazy("There is no API key to sign with"),
    "cannot_unseal": lazy("The secret cannot be opened; make a new one"),
    "switched_off": lazy("The webhook was off for too long"),
}
SWITCHED_OFF = {
    "gone": lazy("The receiver answered 410: it is gone."),
    "silent": lazy("The receiver took nothing for five days."),
}


def error_said(word: str, status: int | None) -> str:
    """What a try came to, in words; a status speaks for itself."""
    if word:
        return str(ERRORS.get(word, word))
    return str(status) if status else ""


def health_said(row: WebhookEndpoint) -> tuple[str, str, str]:
    """(tone of the badge, its word, a sentence or nothing) of a receiver."""
    if not row.is_on():
        return "", _("Off"), str(SWITCHED_OFF.get(row.disabled_because, ""))
    if row.failures:
        return "warn", _("Failing"), ""
    return "ok", _("On"), ""
