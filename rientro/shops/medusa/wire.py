"""Medusa's Admin API on the wire: a secret key by HTTP Basic, exact numbers, its errors.

Sources: docs.medusajs.com/api/admin (2.x), Authentication, Query Parameters; tests/shops/recordings/medusa, a run of
Medusa 2.21.2 of 2026-11-25. Amounts are JSON numbers both ways, so that they are read and written without a float.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx

from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.shops.base import ANSWER_LIMIT, AuthFailed, InvalidRequest, OutcomeUnknown, Unavailable
from rientro.shops.reading import text
from rientro.shops.wire import Reply, Wire

NAME = "Medusa"
UNKNOWN_KEY = Sentence(
    "Medusa does not know this key. Take one from Settings › Secret API Keys that begins with sk_ and is not revoked."
)
Row = Mapping[str, Any]
Asked = Sequence[tuple[str, str]]


class MedusaWire(Wire):
    """One backend, for one unit of work whose requests share its seconds."""

    def __init__(self, url: str, secret_key: str, *, deadline_s: float) -> None:
        basic = base64.b64encode(f"{secret_key}:".encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {basic}"}
        super().__init__(NAME, url, headers, deadline_s=deadline_s)

    def row(self, path: str, name: str, asked: Asked = ()) -> Row:
        """The one object under ``name``."""
        return self._under(self._read_json(self._send("GET", path, asked)), name)

    def listed(self, path: str, name: str, asked: Asked = ()) -> tuple[list[Row], int]:
        """(the objects of this page, how many there are in all)."""
        found = self._read_json(self._send("GET", path, asked))
        rows = found.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._unreadable()
        count = found.get("count")
        return rows, count if isinstance(count, int) else len(rows)

    def post(self, path: str, words: Mapping[str, Any], *, acts: bool = False) -> Row:
        """Change something; with ``acts`` silence is OutcomeUnknown. One request."""
        body = _written(words).encode()
        reply = self._send("POST", path, (), content=body, acts=acts)
        try:
            return self._read_json(reply)
        except Unavailable as error:
            if acts:
                raise OutcomeUnknown(error.message) from error
            raise

    def delete(self, path: str) -> None:
        self._send("DELETE", path, ())

    def _send(
        self,
        method: str,
        path: str,
        asked: Asked,
        content: bytes | None = None,
        *,
        acts: bool = False,
    ) -> Reply:
        return self.ask(
            method,
            f"/admin{path}" + (f"?{urlencode(asked)}" if asked else ""),
            headers={"Content-Type": "application/json"} if content else None,
            content=content,
            acts=acts,
            limit=ANSWER_LIMIT,
        )

    def _read_json(self, reply: Reply) -> Row:
        try:
            found = json.loads(reply.body, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise self._unreadable() from error
        if not isinstance(found, dict):
            raise self._unreadable()
        return found

    def _under(self, found: Row, name: str) -> Row:
        row = found.get(name)
        if not isinstance(row, dict):
            raise self._unreadable()
        return row

    def _unreadable(self) -> Unavailable:
        return Unavailable(f"{NAME} answered something we cannot read.")

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        words = _words_in(body)
        if status == 401:
            return AuthFailed(UNKNOWN_KEY, status=status)
        if status in (301, 302, 307, 308):
            place = headers.get("Location", "")[:200] or "?"
            return InvalidRequest(
                Sentence(
                    "The shop answers at another address: %(address)s. Type that one.",
                    address=place,
                ),
                status=status,
            )
        if 400 <= status < 500 and status not in (403, 408, 425, 429) and words:
            return InvalidRequest(words, status=status)
        return super()._refusal(status, headers, body, acts=acts)


def _words_in(body: bytes) -> str:
    """``message`` of ``{"type", "message"}``; "" for another shape, such as a page of HTML."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return text(found, "message") if isinstance(found, dict) else ""


def _written(value: Any) -> str:
    """JSON with amounts of money as exact numbers."""
    if isinstance(value, Money):
        return format(value.decimal(), "f")
    if isinstance(value, Mapping):
        return (
            "{"
            + ",".join(f"{json.dumps(name)}:{_written(inner)}" for name, inner in value.items())
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(_written(one) for one in value) + "]"
    return json.dumps(value)
