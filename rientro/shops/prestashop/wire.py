"""PrestaShop's webservice on the wire: JSON out of it, XML into it, and its own errors with their numbers.

Sources: devdocs.prestashop-project.org (8 and 9), Webservice › Cheat sheet, Testing access, Additional list
parameters; classes/webservice/WebserviceRequest.php (numbers and statuses of errors), 8.1.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.shops.base import ANSWER_LIMIT, AuthFailed, InvalidRequest, OutcomeUnknown, Unavailable
from rientro.shops.wire import Reply, Wire

NAME = "PrestaShop"
KEY_REFUSED = {16, 17, 18, 20, 21}
NOT_THIS_SHOP = 132
NO_RESOURCE, NO_METHOD = 26, 25
SWITCHED_OFF = 22
MOST_IDS = 50  # in one filter, so that the address stays short

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Row = Mapping[str, Any]
Fields = Mapping[str, str | Mapping[str, str]]  # {field: words, or {id of a language: words}}


class PrestaWire(Wire):
    """One shop's webservice. The key is the user of HTTP Basic, without a password."""

    def __init__(self, url: str, key: str, *, id_shop: str = "", deadline_s: float) -> None:
        basic = base64.b64encode(f"{key}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
        super().__init__(NAME, url, headers, deadline_s=deadline_s)
        self._always = {"output_format": "JSON"} | ({"id_shop": id_shop} if id_shop else {})

    def rights(self, until: float) -> Reply:
        """``/api/``: what the key may do, as XML (the JSON of this one page says no rights)."""
        shop = {name: value for name, value in self._always.items() if name == "id_shop"}
        return self.ask(
            "GET",
            "/api/",
            params=shop,
            headers={"Accept": "text/xml"},
            limit=ANSWER_LIMIT,
            until=until,
        )

    def rows(self, resource: str, until: float, **params: str) -> list[Row]:
        """The rows of a list. Nothing found is ``[]``, or an empty list under the resource's name (since 8)."""
        reply = self.ask(
            "GET",
            f"/api/{resource}",
            params=self._always | params,
            limit=ANSWER_LIMIT,
            until=until,
        )
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"{NAME} answered something we cannot read.") from error
        if isinstance(found, dict) and len(found) == 1:
            found = next(iter(found.values()))
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise Unavailable(f"{NAME} answered something we cannot read.")
        return found

    def rows_of(
        self, resource: str, field: str, values: Sequence[str], until: float, display: str = "full"
    ) -> list[Row]:
        """All rows whose ``field`` is one of ``values`` (digits), asked for a few at a time."""
        wanted = sorted({value for value in values if value.isascii() and value.isdigit()})
        rows: list[Row] = []
        for start in range(0, len(wanted), MOST_IDS):
            some = "|".join(wanted[start : start + MOST_IDS])
            query = {f"filter[{field}]": f"[{some}]", "display": display}
            rows += self.rows(resource, until, **query)
        return rows

    def add(self, resource: str, node: str, fields: Fields, until: float) -> str:
        """Make one thing, with exactly one request; its id."""
        reply = self.ask(
            "POST",
            f"/api/{resource}",
            acts=True,
            params=self._always,
            headers={"Content-Type": "text/xml; charset=utf-8"},
            content=xml_of(node, fields),
            limit=ANSWER_LIMIT,
            until=until,
        )
        found = re.search(rb'"id":\s*"?(\d+)|<id>\s*(?:<!\[CDATA\[)?(\d+)', reply.body)
        if found is None:
            raise OutcomeUnknown(f"{NAME} did not say what became of it.")
        return (found[1] or found[2]).decode()

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        if 300 <= status < 400:
            return _moved(headers.get("Location", ""), status)
        number, words = error_in(body)
        if number in KEY_REFUSED or (status == 401 and number is None):
            said = Sentence(
                "PrestaShop does not take this key: “%(said)s”. A key is made, and switched on, under Advanced "
                "Parameters › Webservice.",
                said=words or status,
            )
            return AuthFailed(said, status=status)
        if number in (NO_RESOURCE, NO_METHOD):
            scope = _scope(words)
            return AuthFailed(lacking(scope), scope=scope, status=status)
        if number == NOT_THIS_SHOP:
            said = Sentence(
                "The key is not meant for this shop of the multistore: tick the shop at the key, under Advanced "
                "Parameters › Webservice."
            )
            return AuthFailed(said, status=status)
        if number == SWITCHED_OFF:
            said = Sentence(
                "The webservice of PrestaShop is switched off: Advanced Parameters › Webservice."
            )
            return Unavailable(said, status=status)
        if words and 400 <= status < 500 and status not in (401, 403, 408, 425, 429):
            said = Sentence("PrestaShop refused: %(said)s", said=words)
            return InvalidRequest(said, status=status, reason=str(number or ""))
        return super()._refusal(status, headers, body, acts=acts)


def lacking(scope: str) -> Sentence:
    """``scope`` is a resource and a method, such as "orders GET"."""
    return Sentence(
        "The key lacks the permission “%(scope)s” in PrestaShop. Open the key under Advanced Parameters › Webservice "
        "and tick it (GET is View, POST is Add).",
        scope=scope,
    )


def xml_of(node: str, fields: Fields) -> bytes:
    """The webservice takes XML only. What XML 1.0 cannot hold is left out."""
    inner = "".join(f"<{name}>{_xml_words(value)}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<prestashop><{node}>{inner}</{node}></prestashop>'.encode()


def _xml_words(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return escape(NOT_XML.sub("", value))
    return "".join(
        f'<language id="{number}">{_xml_words(words)}</language>' for number, words in value.items()
    )


def error_in(body: bytes) -> tuple[int | None, str]:
    """The number and the words of the first error, of either form. Words of pages of HTML are none."""
    text = body[:20_000].decode(errors="replace")
    try:
        first = json.loads(text)["errors"][0]
        return int(first.get("code") or 0) or None, str(first.get("message") or "")[:300]
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    code = re.search(r"<code>\s*(?:<!\[CDATA\[)?(\d+)", text)
    words = re.search(r"<message>\s*(?:<!\[CDATA\[)?([^\]<]+)", text)
    return (int(code[1]) if code else None), (words[1].strip()[:300] if words else "")


def _scope(words: str) -> str:
    """“orders GET” out of the shop's own sentence."""
    resource = re.search(r'"(\w+)"', words) or re.search(r"resource (\w+)", words)
    method = re.search(r"Method (\w+)", words)
    return f"{resource[1] if resource else words} {method[1] if method else 'GET'}"


def _moved(location: str, status: int) -> RientroError:
    parts = urlsplit(location)
    if not parts.netloc:
        return InvalidRequest(Sentence("The shop sends us elsewhere without saying where."))
    folder = parts.path.split("/api/")[0].rstrip("/") if "/api" in parts.path else ""
    address = f"{parts.scheme}://{parts.netloc}{folder}"[:200]
    said = Sentence(
        "The shop answers at another address: %(address)s. Type that one.", address=address
    )
    return InvalidRequest(said, status=status)
