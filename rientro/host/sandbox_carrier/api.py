"""/v1: what a customer of this carrier can ask. One function per resource and verb.

Every access token that begins with ``sandbox-`` is a customer of its own, with its own labels and bill.
"""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from rientro.host.sandbox_carrier import codes, paper, prices
from rientro.host.sandbox_carrier.store import Row, Store
from rientro.host.sandbox_carrier.wire import Answer, Refusal, Request, said
from rientro.kit import clock

TOKEN = re.compile(r"sandbox-[A-Za-z0-9_-]{3,60}")
NUMBERS_LIMIT = 50
ABILITIES = ("idempotency", "lookup", "labelless", "pickup", "validate")
PICKUP_WITHIN_DAYS, FRIDAY = 14, 4
REFUSED_CITY = "Nowhere"  # a city by this name makes the carrier say no, for trying that out


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """How a fault bends a sale: another price, a number that was given out before, a code that is none."""

    extra_minor: int = 0
    number: str = ""
    code: str = ""  # "no_code", "broken_code" or "script_code"


Handler = Callable[["Api", str, Request, dict[str, str], Bend], Answer]


class Api:
    def __init__(self, store: Store) -> None:
        self.store = store
        self._lacking: set[tuple[str, str]] = set()  # (token, ability); an empty token is everybody

    def offers(self, ability: str, token: str) -> bool:
        """Does this carrier offer ``ability`` (of ABILITIES) to this customer today?"""
        return not {(token, ability), ("", ability)} & self._lacking

    def switch(self, ability: str, token: str, *, on: bool) -> None:
        (self._lacking.discard if on else self._lacking.add)((token, ability))

    def match(self, request: Request) -> tuple[str, Handler, dict[str, str]]:
        """(name of the operation, its function, the words in its path). Raises Refusal."""
        known = False
        for method, pattern, name, handler in ROUTES:
            found = pattern.fullmatch(request.path)
            if found:
                known = True
                if method == request.method:
                    return name, handler, found.groupdict()
        if known:
            raise Refusal(405, "wrong_method", "That cannot be done here.")
        raise Refusal(404, "not_found", "There is nothing here.")

    # The account

    def account(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        return said({"account": account, "currency": prices.CURRENCY, "test": True})

    def put_webhook(
        self, account: str, request: Request, path: dict[str, str], bend: Bend
    ) -> Answer:
        url = str(request.words().get("url", ""))
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 500:
            raise Refusal(422, "bad_url", "Give an http or https address.", "url")
        secret = f"whs_{secrets.token_urlsafe(32)}"
        self.store.set_hook(account, url, secret)
        return said({"url": url, "secret": secret})

    def drop_webhook(
        self, account: str, request: Request, path: dict[str, str], bend: Bend
    ) -> Answer:
        self.store.drop_hook(account)
        return Answer(status=204)

    def statement(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        after = request.param("after", "0")
        if not after.isdigit():
            raise Refusal(422, "bad_cursor", "“after” is the number of a line.", "after")
        lines = self.store.bill(account, int(after))
        totals = self.store.totals(account)
        return said(
            {
                "account": account,
                "lines": [_line_out(line) for line in lines],
                "charged": prices.amount(totals["charge"]),
                "credited": prices.amount(totals["credit"]),
                "due": prices.amount(totals["charge"] - totals["credit"]),
                "next": str(lines[-1]["id"]) if len(lines) == 1000 else None,
            }
        )

    # What is sold

    def services(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        return said({"services": prices.products(request.param("from"), request.param("to"))})

    def price_list(
        self, account: str, request: Request, path: dict[str, str], bend: Bend
    ) -> Answer:
        return said({"prices": prices.whole_list()})

    def quote(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        words = request.words()
        asked = words.get("service") or ""
        quotes = [
            {
                "service": product.code,
                "days": product.days,
                "price": prices.amount(
                    prices.price_minor(
                        str(words.get("from", "")), str(words.get("to", "")),
                        _whole(words, "weight_g"), product.code,
                    )
                ),
            }
            for product in prices.PRODUCTS.values()
            if asked in ("", product.code)
        ]  # fmt: skip
        if not quotes:
            raise Refusal(422, "unknown_service", f"There is no service “{asked}”.", "service")
        return said({"quotes": quotes})

    # Labels

    def sell(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        words, price = self._asked(account, request)
        key = request.headers.get("idempotency-key", "")
        if len(key) > 255:
            raise Refusal(422, "bad_key", "A key has at most 255 characters.")
        label, new = self.store.sell(
            account=account,
            key=key if self.offers("idempotency", account) else "",
            request=words,
            price_minor=price + bend.extra_minor,
            number=bend.number,
            now=clock.now(),
        )
        told = _with_code(label, bend.code)
        if new:
            return said(told, 201)
        return said(told, 200, Idempotent_Replayed="true")

    def validate(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        if not self.offers("validate", account):
            raise Refusal(501, "not_offered", "This carrier checks nothing beforehand.")
        _words, price = self._asked(account, request)
        return said({"price": prices.amount(price)})

    def _asked(self, account: str, request: Request) -> tuple[dict[str, Any], int]:
        """(what is asked for, its price). Raises Refusal for what this carrier would not sell."""
        words = _label_words(request.words())
        for ability, asked in (("labelless", "labelless"), ("pickup", "pickup_on")):
            if words.get(asked) and not self.offers(ability, account):
                raise Refusal(422, "not_offered", "This contract does not include that.", asked)
        price = prices.price_minor(
            words["from"]["country"], words["to"]["country"], words["weight_g"], words["service"]
        )
        return words, price + (prices.PICKUP_MINOR if words.get("pickup_on") else 0)

    def find(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        if not self.offers("lookup", account):
            raise Refusal(501, "not_offered", "This carrier cannot look up labels.")
        reference = request.param("reference")
        if not reference:
            raise Refusal(422, "missing", "Name a reference.", "reference")
        found = self.store.labels_by_reference(account, reference)
        return said({"labels": [_with_code(label) for label in found]})

    def label(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        return said(_with_code(self.store.label(account, path["label"])))

    def document(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        label = self.store.label(account, path["label"])
        if request.param("format", "pdf") != "pdf":
            raise Refusal(422, "bad_format", "Documents come as pdf.", "format")
        return Answer(body=label_paper(label), content_type="application/pdf")

    def void(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        return said(label_out(self.store.void(account, path["label"], clock.now())))

    # News

    def tracking(self, account: str, request: Request, path: dict[str, str], bend: Bend) -> Answer:
        numbers = [number for number in request.param("numbers").split(",") if number]
        if not 0 < len(numbers) <= NUMBERS_LIMIT:
            raise Refusal(422, "bad_numbers", f"Ask for 1 to {NUMBERS_LIMIT} numbers.", "numbers")
        told: dict[str, list[Row]] = {number: [] for number in numbers}
        for scan in self.store.scans(account, numbers):
            number = scan["tracking_number"]
            told[number].append({key: scan[key] for key in ("id", "code", "text", "place", "at")})
        return said({"parcels": [{"number": n, "scans": scans} for n, scans in told.items()]})


ROUTES: list[tuple[str, re.Pattern[str], str, Handler]] = [
    ("GET", re.compile("/v1/account"), "account", Api.account),
    ("PUT", re.compile("/v1/webhook"), "webhook.put", Api.put_webhook),
    ("DELETE", re.compile("/v1/webhook"), "webhook.drop", Api.drop_webhook),
    ("GET", re.compile("/v1/statement"), "statement", Api.statement),
    ("GET", re.compile("/v1/services"), "services", Api.services),
    ("GET", re.compile("/v1/prices"), "prices", Api.price_list),
    ("POST", re.compile("/v1/quotes"), "quote", Api.quote),
    ("POST", re.compile("/v1/labels"), "labels.create", Api.sell),
    ("GET", re.compile("/v1/labels"), "labels.find", Api.find),
    ("POST", re.compile("/v1/labels/validate"), "labels.validate", Api.validate),
    ("GET", re.compile("/v1/labels/(?P<label>[a-z0-9_]+)"), "labels.get", Api.label),
    ("DELETE", re.compile("/v1/labels/(?P<label>[a-z0-9_]+)"), "labels.void", Api.void),
    (
        "GET",
        re.compile("/v1/labels/(?P<label>[a-z0-9_]+)/document"),
        "labels.document",
        Api.document,
    ),
    ("GET", re.compile("/v1/tracking"), "tracking", Api.tracking),
]
OPERATIONS = [name for _, _, name, _ in ROUTES]


def customer(request: Request) -> str:
    """The account of the bearer token. Raises Refusal 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not TOKEN.fullmatch(token.strip()):
        raise Refusal(
            401, "unauthorized", "This access token is not known. Test tokens begin with sandbox-."
        )
    return token.strip()


def _label_words(words: dict[str, Any]) -> dict[str, Any]:
    sender, receiver = _address(words, "from"), _address(words, "to")
    reference = str(words.get("reference", ""))
    if not 0 < len(reference) <= 80:
        raise Refusal(422, "missing", "Give a reference of 1 to 80 characters.", "reference")
    if REFUSED_CITY in (sender["city"], receiver["city"]):
        raise Refusal(422, "unknown_place", f"There is no place called {REFUSED_CITY}.", "city")
    asked = {
        "reference": reference,
        "from": sender,
        "to": receiver,
        "weight_g": _whole(words, "weight_g"),
        "service": str(words.get("service", "")),
        "description": str(words.get("description", ""))[:200],
    }
    if words.get("labelless"):
        asked["labelless"] = True
    if words.get("pickup_on"):
        asked["pickup_on"] = _pickup_day(str(words["pickup_on"]))
    if words.get("customs") is not None:
        asked["customs"] = _customs(words["customs"])
    return asked


def _customs(told: object) -> dict[str, Any]:
    """What this carrier's customs agent asks for: a list of goods, each with its code and where it was made."""
    if not isinstance(told, dict) or not isinstance(told.get("items"), list) or not told["items"]:
        raise Refusal(422, "missing", "A customs declaration lists its goods.", "customs.items")
    for at, item in enumerate(told["items"]):
        for name in ("description", "hs_code", "origin_country", "value"):
            if not isinstance(item, dict) or not str(item.get(name) or "").strip():
                field = f"customs.items.{at}.{name}"
                raise Refusal(422, "missing", f"“{field}” is missing.", field)
    return told


def _pickup_day(word: str) -> str:
    """This carrier's drivers come from Monday to Friday, within two weeks."""
    today = clock.now().date()
    try:
        day = date.fromisoformat(word)
    except ValueError as error:
        raise Refusal(422, "bad_day", "“pickup_on” is a day as 2026-12-31.", "pickup_on") from error
    if not today <= day <= today + timedelta(days=PICKUP_WITHIN_DAYS) or day.weekday() > FRIDAY:
        raise Refusal(422, "no_pickup", f"No driver comes on {day}.", "pickup_on")
    return day.isoformat()


def _address(words: dict[str, Any], side: str) -> dict[str, str]:
    given = words.get(side)
    if not isinstance(given, dict):
        raise Refusal(422, "missing", f"Say whom the parcel is {side}.", side)
    names = ("name", "company", "street", "address_2", "postal_code", "city", "state", "country")
    address = {name: str(given.get(name) or "")[:120] for name in names}
    for name in ("street", "city", "country"):
        if not address[name].strip():
            raise Refusal(422, "missing", f"“{side}.{name}” is missing.", f"{side}.{name}")
    if not (address["name"].strip() or address["company"].strip()):
        raise Refusal(422, "missing", f"“{side}” needs a name.", f"{side}.name")
    return address


def _whole(words: dict[str, Any], name: str) -> int:
    value = words.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise Refusal(422, "bad_number", f"“{name}” must be a whole number.", name)
    return value


def label_out(label: Row) -> dict[str, Any]:
    """A label in the words of this carrier."""
    return {
        "id": label["id"],
        "reference": label["reference"],
        "tracking_number": label["tracking_number"],
        "service": label["service"],
        "service_name": prices.PRODUCTS[label["service"]].name,
        "price": prices.amount(label["price_minor"]),
        "status": label["status"],
        "routing": _routing(json.loads(label["request"])),
        "pickup_on": json.loads(label["request"]).get("pickup_on"),
        "created_at": label["created_at"],
        "voided_at": label["voided_at"],
    }


def _with_code(label: Row, bent: str = "") -> dict[str, Any]:
    """The label, and the code of one that needs no paper."""
    if not json.loads(label["request"]).get("labelless") or bent == "no_code":
        return label_out(label)
    return label_out(label) | {"code": codes.code_out(label, bent)}


def _routing(words: Row) -> str:
    to = words["to"]
    return f"{to['country']}-{to['postal_code'][:2] or '00'}"


def label_paper(label: Row) -> bytes:
    """The carrier's own A6 page for a label."""
    words = json.loads(label["request"])
    sender, receiver = words["from"], words["to"]
    return paper.pdf(
        [
            (18, "TEST - SANDBOX CARRIER"),
            (9, "Not a real label. No parcel will be moved."),
            (14, label["tracking_number"]),
            (11, _routing(words)),
            (9, f"From: {sender['name'] or sender['company']}"),
            (9, f"{sender['postal_code']} {sender['city']} {sender['country']}"),
            (11, f"To: {receiver['company'] or receiver['name']}"),
            (11, receiver["street"]),
            (11, f"{receiver['postal_code']} {receiver['city']} {receiver['country']}"),
            (9, f"Reference {label['reference']}"),
        ]
    )


def _line_out(line: Row) -> dict[str, Any]:
    sign = -1 if line["kind"] == "credit" else 1
    return {
        "id": str(line["id"]),
        "kind": line["kind"],
        "label": line["label_id"],
        "reference": line["reference"],
        "tracking_number": line["tracking_number"],
        "amount": prices.amount(sign * line["amount_minor"]),
        "at": line["at"],
    }
