"""One request to a carrier or a shop and what became of it: every failure turned into one of a family's errors.

The question that decides everything is whether the request may have been carried out. Before the first
byte is sent the answer is no; once it is on its way, only a clear answer counts. ``acts`` says that the
request changes something over there, so that silence means ``unknown`` and not ``unavailable``.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

import httpx

from rientro.kit import http
from rientro.kit.errors import RientroError
from rientro.kit.refusals import refusal_in

JSON_LIMIT = 1024 * 1024
DOCUMENT_LIMIT = 5 * 1024 * 1024  # bytes
RETRY_AFTER_S = 60  # when somebody who is tired does not say for how long
LONGEST_RETRY_S = 3600

# Raised before the first byte of the request has left us.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The errors of one kind of partner. ``limited`` takes ``retry_after_s``; all take a sentence and facts."""

    invalid: type[RientroError]
    auth: type[RientroError]
    limited: type[RientroError]
    unavailable: type[RientroError]
    unknown: type[RientroError]
    unsupported: type[RientroError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer with a status below 300."""

    status: int
    headers: httpx.Headers
    body: bytes


class Wire:
    """The connection of one adapter for one unit of work. ``name`` is the partner's, for its messages.

    A room of adapters gives its own ``family`` and says what its answers may weigh (carriers.wire, shops.wire).
    """

    family: ClassVar[Family]

    def __init__(
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        deadline_s: float,
        harmless: frozenset[str] = frozenset(),
    ) -> None:
        self._name = name
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._deadline_s = deadline_s
        self._harmless = harmless  # codes of a 503 by which this partner says that it did nothing

    def ask(
        self,
        method: str,
        path: str,
        *,
        acts: bool = False,
        limit: int = JSON_LIMIT,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        words: Any = None,
        content: bytes | None = None,
        until: float | None = None,
    ) -> Reply:
        """Send one request, once, and read the whole answer within the deadline. Raises an error of the family.

        ``until`` (of ``time.monotonic``) ends it sooner: what is left of a call that takes several requests.
        """
        left = (
            self._deadline_s if until is None else min(until - time.monotonic(), self._deadline_s)
        )
        if left <= 0:
            raise self.family.unavailable(f"{self._name} took too long before this could be asked.")
        try:
            with (
                http.client(
                    deadline_s=left,
                    limit_bytes=limit,
                    allow_private=http.are_private_targets_open(),
                ) as client,
                client.stream(
                    method,
                    self._base_url + path,
                    headers={**self._headers, **(headers or {})},
                    params=params,
                    json=words,
                    content=content,
                ) as response,
            ):
                return self._read(response, acts=acts)
        except http.TargetRefused as error:
            raise self.family.invalid(
                f"The address of {self._name} is refused: {error} The operator of this installation "
                "opens private addresses with RIENTRO_ALLOW_PRIVATE_TARGETS=1."
            ) from error
        except NEVER_SENT as error:
            raise self.family.unavailable(f"{self._name} cannot be reached.") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._silence(acts, f"{self._name} did not answer clearly.") from error

    def ask_json(self, method: str, path: str, *, acts: bool = False, **more: Any) -> "Words":
        """Like ``ask``, for an answer that must be a JSON object."""
        reply = self.ask(method, path, acts=acts, **more)
        found = _object(reply.body)
        if found is None:
            raise self._silence(acts, f"{self._name} answered something we cannot read.")
        return Words(found, self._silence(acts, f"{self._name} left out what it must say."))

    def ask_document(self, path: str, **more: Any) -> bytes:
        """The bytes of a document, at most DOCUMENT_LIMIT of them; unchecked."""
        return self.ask("GET", path, limit=DOCUMENT_LIMIT, **more).body

    def _read(self, response: httpx.Response, *, acts: bool) -> Reply:
        body = response.read()
        if response.status_code >= 300:
            raise self._refusal(response.status_code, response.headers, body, acts=acts)
        return Reply(status=response.status_code, headers=response.headers, body=body)

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        """A room may know more shapes of refusals: it reads those first."""
        told = refusal_in(body)
        said = told.words or f"{self._name} answered {status}."
        if status in (401, 403):
            return self.family.auth(said, status=status)
        if status == 429:
            wait = retry_after_s(headers.get("Retry-After", ""))
            return self.family.limited(f"{self._name} asks us to slow down.", retry_after_s=wait)
        if status == 501:
            return self.family.unsupported(said, status=status)
        if status == 503 and told.code in self._harmless:
            return self.family.unavailable(said, status=status)
        if status in (408, 425) or status >= 500 or status < 400:
            return self._silence(acts, f"{self._name} answered {status}.", status=status)
        return self.family.invalid(
            said,
            status=status,
            reason=told.code,
            fields=told.fields,
            wordless=not told.words,
            cut=told.cut,
        )

    def _silence(self, acts: bool, message: str, **facts: object) -> RientroError:
        made = self.family.unknown if acts else self.family.unavailable
        return made(message, **facts)


class Words:
    """A JSON object from a partner, read with care: what is missing or misshapen raises ``doubt``."""

    def __init__(self, found: Mapping[str, Any], doubt: RientroError) -> None:
        self._found = found
        self._doubt = doubt

    def text(self, name: str, *, limit: int = 300, required: bool = True) -> str:
        value = self._found.get(name)
        if isinstance(value, str) and (value.strip() or not required):
            return value.replace("\x00", "").strip()[:limit]
        if required or value is not None:
            raise self._doubt
        return ""

    def whole(self, name: str) -> int:
        """A whole number, as such or in digits."""
        value = self._found.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._doubt
        return value

    def amount(self, name: str) -> str:
        """A decimal number as a string, however it was written; never through a float."""
        value = self._found.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._doubt
        return str(value).strip()

    def is_told(self, name: str) -> bool:
        """Is there anything under ``name`` at all?"""
        return self._found.get(name) not in (None, "", [], {})

    def is_true(self, name: str) -> bool:
        return self._found.get(name) is True

    def inner(self, name: str) -> Self:
        value = self._found.get(name)
        if not isinstance(value, dict):
            raise self._doubt
        return type(self)(value, self._doubt)

    def each(self, name: str) -> list[Self]:
        value = self._found.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._doubt
        return [type(self)(item, self._doubt) for item in value]

    def moment(self, name: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise self._doubt from error
        # Some leave the zone out; a wrong hour is better than no news.
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def doubt(self) -> RientroError:
        return self._doubt


def retry_after_s(value: str, now: datetime | None = None) -> int:
    """Seconds from a Retry-After header (RFC 9110, section 10.2.3): a number or a date."""
    if value.strip().isascii() and value.strip().isdigit():
        return min(max(int(value), 1), LONGEST_RETRY_S)
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return RETRY_AFTER_S
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    wait = int((until - (now or datetime.now(UTC))).total_seconds())
    return min(max(wait, 1), LONGEST_RETRY_S)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
