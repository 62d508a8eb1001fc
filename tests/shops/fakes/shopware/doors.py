"""What is read of a request to the fake Shopware, and its refusals in their real shape."""

import json
from typing import Any
from urllib.parse import parse_qsl

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shopware.search import Refused

TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
Words = dict[str, Any]


def told_in(heard: Heard) -> Words:
    """A body as JSON, or as a form where it says so."""
    if "form-urlencoded" in heard.headers.get("content-type", ""):
        return dict(parse_qsl(heard.body.decode()))
    try:
        words = json.loads(heard.body) if heard.body else {}
    except ValueError:
        words = None
    if not isinstance(words, dict):
        raise Refused(400, "0", "The JSON payload is malformed.", {})
    return words


def criteria_in(heard: Heard) -> Words:
    """Of a search by POST, or the plain ``limit`` and ``page`` of a list by GET."""
    if heard.method == "POST":
        return told_in(heard)
    return {
        name: heard.one(name)
        for name in ("limit", "page", "total-count-mode")
        if name in heard.query
    }


def plain(heard: Heard) -> bool:
    """JSON only where the first wish that the shop can serve is JSON; anything else is JSON:API."""
    for wish in heard.headers.get("accept", "").split(","):
        kind = wish.split(";")[0].strip()
        if kind in ("application/json", "application/vnd.api+json", "*/*"):
            return kind == "application/json"
    return False


def wrong(status: int, code: str, detail: str, parameters: Any) -> Answer:
    if status == 401:
        return oauth(401, code, detail, parameters)
    error = {"code": code, "status": str(status), "title": TITLES.get(status, ""), "detail": detail}
    return Answer(status, {"errors": [error | {"meta": {"parameters": parameters or []}}]})


def oauth(status: int, code: str, title: str, hint: str | None) -> Answer:
    """league/oauth2-server's refusals in Shopware's form: its words are the title, its hint is the detail."""
    return Answer(
        status, {"errors": [{"code": code, "status": str(status), "title": title, "detail": hint}]}
    )


def gone(entity: str, key: str) -> Refused:
    detail = f"The {entity} resource with the following primary key was not found: id({key})"
    return Refused(
        404,
        "FRAMEWORK__RESOURCE_NOT_FOUND",
        detail,
        {"resource": entity, "primaryKey": f"id({key})"},
    )


def blank_error(name: str) -> Words:
    return {
        "code": "c1051bb4-d103-4f74-8988-acbcafc7fdc3",
        "status": "400",
        "title": "Constraint violation error",
        "detail": "This value should not be blank.",
        "template": "This value should not be blank.",
        "meta": {"parameters": {"{{ value }}": "null"}},
        "source": {"pointer": f"/0/{name}"},
    }
