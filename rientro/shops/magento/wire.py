"""Magento's REST API on the wire: signed by OAuth 1.0a, lists asked for by search criteria, errors with holes in them.

Sources: Adobe Commerce web API guide (2.4), "OAuth-based authentication", "Search using REST endpoints", "Status
codes and responses"; RFC 5849, section 3.4.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.shops.base import ANSWER_LIMIT, AuthFailed, InvalidRequest, OutcomeUnknown, Unavailable
from rientro.shops.wire import Wire

NAME = "Magento"
API = "/rest/V1"
MOST_IDS = 50  # in one filter, so that the address stays short
MOST_ROWS = 300  # Magento's own largest page, as it is installed
MOST_PAGES = 20  # of what belongs to the orders of one page
PAGE_LIMIT = re.compile(
    r"pageSize is (\d{1,4})"
)  # "Input Limiting", where a shop has switched it on
NOT_SAVED = "Could not save"  # a credit memo; the gateway may have paid before

# What is wrong with the form of a key is told as a bad request (Oauth\OauthInputException).
OF_KEYS = re.compile("oauth|token length|consumer key", re.IGNORECASE)

Row = Mapping[str, Any]
Filter = tuple[str, str, str]  # (field, condition, value)

# Where an integration is allowed what (its page › API), by the name in etc/acl.xml that a refusal tells.
WHERE = {
    "Magento_Sales::actions_view": "Sales › Operations › Orders › Actions › View",
    "Magento_Sales::creditmemo": "Sales › Operations › Orders › Actions › Credit Memos",
    "Magento_Sales::comment": "Sales › Operations › Orders › Actions › Comment",
    "Magento_Sales::sales_invoice": "Sales › Operations › Invoices",
    "Magento_Sales::shipment": "Sales › Operations › Shipments",
    "Magento_Sales::ship": "Sales › Operations › Orders › Actions › Ship",
    "Magento_Sales::sales_creditmemo": "Sales › Operations › Credit Memos",
    "Magento_Catalog::products": "Catalog › Inventory › Products",
    "Magento_Backend::store": "Stores › Settings › All Stores",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """The four values of an integration; with the access token alone it is sent as a bearer's."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str

    @property
    def sign(self) -> bool:
        return bool(self.consumer_key and self.consumer_secret and self.token_secret)

    def header(self, method: str, address: str, params: Mapping[str, str]) -> str:
        """``address`` is without its query, which counts among the signed words."""
        if not self.sign:
            return f"Bearer {self.token}"
        told = {
            "oauth_consumer_key": self.consumer_key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_token": self.token,
            "oauth_version": "1.0",
        }
        told["oauth_signature"] = self._signature(method, address, {**told, **params})
        return "OAuth " + ", ".join(f'{name}="{_coded(value)}"' for name, value in told.items())

    def _signature(self, method: str, address: str, words: Mapping[str, str]) -> str:
        base = base_string(method, address, words)
        secret = f"{_coded(self.consumer_secret)}&{_coded(self.token_secret)}"
        made = hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()
        return base64.b64encode(made).decode()


class MagentoWire(Wire):
    """One shop's API. ``url`` may end in a folder."""

    def __init__(self, url: str, keys: Keys, *, deadline_s: float) -> None:
        super().__init__(NAME, url, {"Accept": "application/json"}, deadline_s=deadline_s)
        self._url, self._keys = url, keys
        self._largest = MOST_ROWS

    def get(self, path: str, until: float, params: Mapping[str, str] | None = None) -> Any:
        """The JSON of an answer, whose decimals stay words."""
        signed = {"Authorization": self._keys.header("GET", self._url + API + path, params or {})}
        query = query_of(params) if params else ""
        reply = self.ask("GET", API + path + query, headers=signed, limit=ANSWER_LIMIT, until=until)
        try:
            return json.loads(reply.body, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"{NAME} answered something we cannot read.") from error

    def one(self, path: str, until: float) -> Row:
        found = self.get(path, until)
        if not isinstance(found, dict):
            raise Unavailable(f"{NAME} answered something we cannot read.")
        return found

    def most(self, size: int) -> int:
        """How many rows come at once where ``size`` are wanted: a shop may allow fewer."""
        return min(size, self._largest)

    def listed(
        self,
        path: str,
        until: float,
        filters: Sequence[Filter],
        *,
        sort: Sequence[str] = (),
        size: int = MOST_ROWS,
        page: int = 1,
        fields: str = "",
    ) -> tuple[list[Row], int]:
        """(rows, how many there are in all): those to whom every filter applies, the least first."""
        more = {"fields": fields} if fields else {}
        try:
            found = self._list(path, until, criteria(filters, sort, self.most(size), page) | more)
        except InvalidRequest as error:
            limit = PAGE_LIMIT.search(error.message)
            if limit is None or not 0 < int(limit[1]) < self.most(size):
                raise
            self._largest = int(limit[1])
            found = self._list(path, until, criteria(filters, sort, self.most(size), page) | more)
        rows, count = found.get("items") or [], found.get("total_count")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Unavailable(f"{NAME} answered something we cannot read.")
        return rows, count if isinstance(count, int) else len(rows)

    def _list(self, path: str, until: float, params: Mapping[str, str]) -> Row:
        found = self.get(path, until, params)
        if not isinstance(found, dict) or "items" not in found:
            raise Unavailable(f"{NAME} answered something we cannot read.")
        return found

    def rows_of(
        self, path: str, field: str, values: Sequence[str], until: float, *, fields: str = ""
    ) -> list[Row]:
        """All rows whose ``field`` is one of ``values``, asked for a few at a time."""
        wanted = sorted({value for value in values if value and "," not in value})
        sort = () if path == "/products" else ("entity_id",)
        rows: list[Row] = []
        for start in range(0, len(wanted), MOST_IDS):
            some = [(field, "in", ",".join(wanted[start : start + MOST_IDS]))]
            got = 0
            for page in range(1, MOST_PAGES + 1):
                found, count = self.listed(path, until, some, sort=sort, page=page, fields=fields)
                rows += found
                got += len(found)
                if got >= count or not found:
                    break
        return rows

    def post(self, path: str, words: Mapping[str, Any], until: float) -> Any:
        """Change something, with exactly one request. None where its answer cannot be read."""
        signed = {"Authorization": self._keys.header("POST", self._url + API + path, {})}
        reply = self.ask(
            "POST",
            API + path,
            acts=True,
            headers=signed,
            words=words,
            limit=ANSWER_LIMIT,
            until=until,
        )
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError):
            return None

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        if 300 <= status < 400:
            return _moved(headers.get("Location", ""), status)
        words, resource = error_in(body)
        if status in (401, 403) or (status == 400 and OF_KEYS.search(words)):
            return self._not_let_in(words, resource, status)
        if acts and NOT_SAVED in words:
            return OutcomeUnknown(Sentence("Magento says: %(said)s", said=words), status=status)
        if status == 404 and not words:
            said = Sentence(
                "There is no API of Magento at %(address)s. Is this the address of the shop, with its folder if it "
                "lies in one?",
                address=self._url + API,
            )
            return InvalidRequest(said, status=status)
        if words and 400 <= status < 500 and status not in (408, 425, 429):
            said = Sentence("Magento refused: %(said)s", said=words)
            return InvalidRequest(said, status=status)
        return super()._refusal(status, headers, body, acts=acts)

    def _not_let_in(self, words: str, resource: str, status: int) -> RientroError:
        if resource and self._keys.sign:
            return AuthFailed(lacking(resource), scope=resource, status=status)
        if resource:
            said = Sentence(
                "Magento does not take the access token, or it lacks “%(where)s” (%(scope)s). A token alone is taken "
                "only where Stores › Configuration › Services › OAuth allows it: give all four values of the "
                "integration.",
                where=WHERE.get(resource, resource),
                scope=resource,
            )
            return AuthFailed(said, scope=resource, status=status)
        said = Sentence(
            "Magento does not take these keys: “%(said)s”. They stand under System › Extensions › Integrations, and "
            "the integration must be active. If they are right, Magento thinks that it is called at another address "
            "(http for https, behind a proxy).",
            said=words or status,
        )
        return AuthFailed(said, status=status)


def base_string(method: str, address: str, words: Mapping[str, str]) -> str:
    """What is signed (RFC 5849, 3.4.1)."""
    pairs = sorted((_coded(name), _coded(value)) for name, value in words.items())
    signed = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join([method, _coded(_plain(address)), _coded(signed)])


def criteria(
    filters: Sequence[Filter], sort: Sequence[str], size: int, page: int = 1
) -> dict[str, str]:
    """Every filter in a group of its own: groups are joined by "and"."""
    said = {"searchCriteria[pageSize]": str(size), "searchCriteria[currentPage]": str(page)}
    for place, (field, condition, value) in enumerate(filters):
        start = f"searchCriteria[filterGroups][{place}][filters][0]"
        said[f"{start}[field]"] = field
        said[f"{start}[conditionType]"] = condition
        said[f"{start}[value]"] = value
    for place, field in enumerate(sort):
        said[f"searchCriteria[sortOrders][{place}][field]"] = field
        said[f"searchCriteria[sortOrders][{place}][direction]"] = "ASC"
    return said


def query_of(params: Mapping[str, str]) -> str:
    """A space is %20: older Magentos read "+" as a plus when they check a signature (Oauth\\Helper\\Request)."""
    return "?" + "&".join(f"{_coded(name)}={_coded(value)}" for name, value in params.items())


def lacking(resource: str) -> Sentence:
    return Sentence(
        "The integration lacks the permission “%(where)s” (%(scope)s) in Magento: System › Extensions › Integrations, "
        "open it, API, tick it, save, and reauthorize.",
        where=WHERE.get(resource, resource),
        scope=resource,
    )


def error_in(body: bytes) -> tuple[str, str]:
    """(the sentence with its holes filled, the resource that is refused). Words of pages of HTML are none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict) or not isinstance(found.get("message"), str):
        return "", ""
    told, words = found.get("parameters"), found["message"]
    named = told if isinstance(told, dict) else {}
    if isinstance(told, list):
        named = {str(place): value for place, value in enumerate(told, 1)}
    for name in sorted(map(str, named), key=len, reverse=True):
        words = words.replace(f"%{name}", str(named[name])[:100])
    resource = named.get("resources", "")
    return words[:300], str(resource).split(",")[0].strip()[:100]


def _coded(words: str) -> str:
    return quote(words, safe="-._~")


def _plain(address: str) -> str:
    """RFC 5849, 3.4.1.2: scheme and host in lower case, without the usual port."""
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return f"{parts.scheme.lower()}://{host}{port}{parts.path}"


def _moved(location: str, status: int) -> RientroError:
    parts = urlsplit(location)
    if not parts.netloc:
        return InvalidRequest(Sentence("The shop sends us elsewhere without saying where."))
    folder = re.split("/(?:index.php/)?rest", parts.path)[0].rstrip("/")
    address = f"{parts.scheme}://{parts.netloc}{folder}"[:200]
    said = Sentence(
        "The shop answers at another address: %(address)s. Type that one.", address=address
    )
    return InvalidRequest(said, status=status)
