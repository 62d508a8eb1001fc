"""One file at an address of the web, asked for with what the last answer said of itself."""

import base64
from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from rientro.kit import http
from rientro.kit.sentences import Sentence
from rientro.shops.base import AuthFailed, InvalidRequest, RateLimited, Unavailable
from rientro.shops.sources.base import (
    DEADLINE_S,
    Listed,
    Outcome,
    StillWritten,
    TooLarge,
    Where,
    is_plain,
)

MOST_BYTES = 20 * 1024 * 1024
MOST_HOPS = 3  # published sheets are handed on to the machine that has them
HOPS = (301, 302, 303, 307, 308)


class Web:
    movable: ClassVar[bool] = False

    def __init__(self, where: Where) -> None:
        self._url = str(where.place.get("url", ""))
        self._told = where.credentials
        self._private = http.are_private_targets_open()
        self._before, self.mark = where.mark, where.mark
        self._content = b""
        if _place(self._url)[0] != "https" and not self._private:
            raise InvalidRequest("The address must begin with https://.")

    def look(self) -> Sequence[Listed]:
        """Nothing where the server says that the file is the one of the last time."""
        response = self._asked()
        if response is None:
            return []
        self._content = response.content
        tag, day = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
        self.mark = f"etag {tag}" if tag else f"date {day}" if day else ""
        self.mark = self.mark if len(self.mark) <= 300 else ""
        return [Listed(name=name_in(self._url), size=len(self._content))]

    def read(self, listed: Listed, *, most_bytes: int) -> bytes:
        if len(self._content) > most_bytes:
            raise TooLarge(Sentence("“%(name)s” is larger than 20 MB.", name=listed.name))
        return self._content

    def move(self, listed: Listed, outcome: Outcome, *, stamp: str) -> str:
        raise StillWritten("A file of the web stays where it is.")

    def close(self) -> None:
        self._content = b""

    def _asked(self) -> httpx.Response | None:
        url = self._url
        try:
            with http.client(
                deadline_s=DEADLINE_S, limit_bytes=MOST_BYTES, allow_private=self._private
            ) as client:
                for _ in range(MOST_HOPS + 1):
                    response = client.get(url, headers=self._headers(url))
                    if response.status_code not in HOPS:
                        return _judged(response)
                    url = self._next(url, response.headers.get("Location", ""))
        except http.AnswerRefused as error:
            raise TooLarge(
                "The file at this address is larger than 20 MB, or it is sent packed."
            ) from error
        except http.TargetRefused as error:
            raise InvalidRequest(str(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable("The address does not answer, or broke off.") from error
        raise InvalidRequest("The address sends us on and on.")

    def _headers(self, url: str) -> dict[str, str]:
        headers = {"Accept": "text/csv, application/vnd.ms-excel, */*"}
        kind, _, mark = self._before.partition(" ")
        if mark:
            headers["If-None-Match" if kind == "etag" else "If-Modified-Since"] = mark
        if _place(url) != _place(self._url):
            return headers  # keys are for the machine that they were given for
        if bearer := self._told.get("bearer"):
            headers["Authorization"] = f"Bearer {bearer}"
        elif user := self._told.get("user"):
            pair = f"{user}:{self._told.get('password', '')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers

    def _next(self, url: str, told: str) -> str:
        try:
            there = urljoin(url, told)
        except ValueError as error:
            raise InvalidRequest("The address sends us on and on.") from error
        if not told or (_place(there)[0] != "https" and not self._private):
            raise InvalidRequest("The address sends us to one that is not https://.")
        return there


def name_in(url: str) -> str:
    """What the file is called: the end of its address."""
    name = unquote(urlsplit(url).path.rpartition("/")[2]).strip()
    return name if is_plain(name) else "orders.csv"


def _place(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidRequest("This is not an address such as https://shop.example.") from error


def _judged(response: httpx.Response) -> httpx.Response | None:
    status = response.status_code
    if status == 304:
        return None
    if status in (401, 403):
        raise AuthFailed(
            Sentence("The address refuses what we are let in with (%(status)s).", status=status)
        )
    if status == 429:
        raise RateLimited("The address asks for fewer requests.", retry_after_s=900)
    if status >= 500:
        raise Unavailable(
            Sentence("The server has a fault of its own (%(status)s).", status=status)
        )
    if status != 200:
        raise InvalidRequest(
            Sentence("There is no file at this address (%(status)s).", status=status)
        )
    return response
