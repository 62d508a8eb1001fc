"""One word for each way in which a receiver cannot be reached; the log keeps the word and the panel says it."""

import socket
import ssl

import httpx

from rientro.kit.http import AnswerRefused, TargetRefused

# The first that fits counts: the subclasses stand before their parents.
_BY_TYPE: tuple[tuple[type[Exception], str], ...] = (
    (TargetRefused, "refused_address"),
    (AnswerRefused, "answer_refused"),
    (httpx.ConnectTimeout, "connection_timeout"),
    (httpx.TimeoutException, "timeout"),
    (httpx.RemoteProtocolError, "no_http_answer"),
    (httpx.ConnectError, "connection_failed"),
    (httpx.NetworkError, "connection_lost"),
)
_BY_CAUSE: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "dns_lookup_failed"),
    (UnicodeError, "dns_lookup_failed"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "connection_refused"),
    (ConnectionResetError, "connection_lost"),
)
WORDS = frozenset(
    {word for _, word in _BY_TYPE + _BY_CAUSE}
    | {"bad_address", "interrupted", "forgotten", "no_signing_key", "cannot_unseal", "switched_off"}
)


def word_for(error: Exception) -> str:
    """The word for what went wrong on the wire."""
    if isinstance(error, TargetRefused | AnswerRefused):
        return next(word for kind, word in _BY_TYPE if isinstance(error, kind))
    cause: BaseException | None = error
    while cause is not None:
        for kind, word in _BY_CAUSE:
            if isinstance(cause, kind):
                return word
        cause = cause.__cause__ or cause.__context__
    for known, word in _BY_TYPE:
        if isinstance(error, known):
            return word
    return "bad_address"
