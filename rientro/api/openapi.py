"""The OpenAPI document, made from the addresses and the operations behind them; nothing is written twice."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from rientro.api.describe import SCHEMAS, STRING, Schema, ref
from rientro.api.door import View
from rientro.api.operations import Operation

ERRORS = {"v2": "V2Error", "v3": "V3Errors"}
WORDS = {
    200: "Done.",
    201: "Made.",
    202: "Accepted.",
    204: "Done; there is nothing to say.",
    400: "Something in the request is wrong.",
    401: "The key is missing, unknown, wrong or revoked.",
    403: "The key is right and may not do this.",
    404: "It is not there, or not yours.",
    405: "This address answers other methods.",
    409: "It is there, but not in a state that allows this.",
    410: "It is gone.",
    412: "If-Match names another version; read it again.",
    413: "The body is too large.",
    415: "Send JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too often; Retry-After says when to come back. The body is empty.",
    500: "The announcement failed.",
    502: "The carrier failed us.",
}


def operations() -> Iterator[tuple[str, str, str, Operation]]:
    """(path, method, family, operation) of everything that the API answers."""
    for pattern in _patterns():
        if not isinstance(pattern.callback, View):
            continue
        path = path_of(pattern)
        family = path.split("/")[2]
        for method, operation in sorted(pattern.callback.operations.items()):
            yield path, method, family, operation


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1 of all of it."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method, family, operation in operations():
        paths.setdefault(path, {})[method.lower()] = _described(path, method, family, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rientro",
            "version": "1",
            "description": "Sendcloud\u2019s public API as far as returns need it, and our own endpoints.",
        },
        "servers": [{"url": settings.BASE_URL}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
                "portal": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def path_of(pattern: URLPattern) -> str:
    """``/api/v2/integrations/{integration_id}``, from the expression that Django matches."""
    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", str(pattern.pattern))
    return "/api/" + text.removeprefix("^").replace("/?$", "").replace("$", "").replace("\\", "")


def _patterns() -> Iterator[URLPattern]:
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "api/":
            yield from (one for one in resolver.url_patterns if isinstance(one, URLPattern))


def _described(path: str, method: str, family: str, operation: Operation) -> dict[str, Any]:
    first, _, rest = operation.about.partition("\n")
    out: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": first.strip(),
        "parameters": [*_parts(path, operation), *_query(operation), *_headers(method, operation)],
        "responses": _answers(method, family, operation),
    }
    if rest.strip():
        out["description"] = re.sub(r"\n\s+", " ", rest.strip())
    if operation.scope:
        out["x-scope"] = operation.scope
        out["description"] = (
            f"{out.get('description', '')} Needs the scope `{operation.scope}`.".strip()
        )
    if operation.auth == "key":
        out["security"] = [{"key": []}, {"token": []}]
    elif operation.auth == "portal":
        out["security"] = [{"portal": []}]
    else:
        out["security"] = []
    if operation.body is not None:
        out["requestBody"] = {
            "required": True,
            "content": {operation.media: {"schema": _schema(operation.body)}},
        }
    return out


def _parts(path: str, operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": dict(operation.parts.get(name, _usual_part(name))),
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _usual_part(name: str) -> dict[str, Any]:
    if name.endswith("_id"):
        return {"type": "integer", "minimum": 1}
    return {"type": "string"}


def _query(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": param.name,
            "in": "query",
            "required": param.needed,
            "description": param.about,
            "schema": dict(param.schema),
        }
        for param in operation.query
    ]


def _headers(method: str, operation: Operation) -> list[dict[str, Any]]:
    if method != "POST" or operation.auth != "key":
        return []
    days = "30 days" if operation.costs else "24 hours"
    about = f"Repeats with the same key have one effect and one answer for {days}."
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": about,
            "schema": {**STRING, "maxLength": 255},
        }
    ]


def _answers(method: str, family: str, operation: Operation) -> dict[str, Any]:
    error = ERRORS.get(family, "Problem")
    answers: dict[int, Any] = dict(operation.answers)
    if operation.auth == "key":
        answers |= {401: error, 403: error, 429: None}
        if method == "POST":  # an odd Idempotency-Key, one in flight, one of another request
            answers |= {status: _or(answers.get(status), error) for status in (400, 409, 422)}
    if method in ("POST", "PUT", "PATCH"):
        answers = {400: error, 413: error, 415: error} | answers
    return {str(status): _answer(status, answers[status]) for status in sorted(answers)}


def _or(own: str | Schema | None, error: str) -> str | Schema:
    """What the operation says by itself, or what the door says before it."""
    return error if own in (None, error) else {"anyOf": [_schema(own or error), ref(error)]}


def _answer(status: int, what: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"description": WORDS.get(status, "Answer.")}
    if what is None:
        return out
    if isinstance(what, str) and "/" in what:
        out["content"] = {kind: {} for kind in what.split(" ")}
    else:
        out["content"] = {"application/json": {"schema": _schema(what)}}
    return out


def _schema(what: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{what}"} if isinstance(what, str) else dict(what)
