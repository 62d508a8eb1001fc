"""What comes in and what goes out: small values between the socket and the sense."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

BODY_LIMIT = 256 * 1024


class Refusal(Exception):
    """An answer that says no: status, a code for machines, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    def param(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return parse_qs(self.query).get(name, [default])[-1]

    @property
    def is_form(self) -> bool:
        return "form-urlencoded" in self.headers.get("content-type", "")

    def words(self) -> dict[str, Any]:
        """The body as an object, from JSON or from a form. Raises Refusal."""
        if self.is_form:
            pairs = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
            return {name: values[-1] for name, values in pairs.items()}
        try:
            found = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "bad_json", "The body is not JSON.") from error
        if not isinstance(found, dict):
            raise Refusal(400, "bad_json", "The body must be a JSON object.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def said(facts: Any, status: int = 200, **headers: str) -> Answer:
    """``facts`` as a JSON answer; keyword names become headers, with dashes for underscores."""
    return Answer(
        status=status,
        body=json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def refused(refusal: Refusal) -> Answer:
    """A refusal in the words of this carrier."""
    error = {"code": refusal.code, "message": refusal.message}
    if refusal.field:
        error["field"] = refusal.field
    return said({"error": error}, refusal.status)
