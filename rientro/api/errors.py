"""What a refusal looks like: one object in version 2, a list in version 3, ours in our own endpoints.

Version 2: ``{"error": {"code", "request", "message"}}``. Version 3: ``{"errors": [{"status", "code", "detail",
"source"?, "field"?, "message"?}]}``. Our own: ``{"error": {"code", "message", "facts"}}``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest, HttpResponse

from rientro.kit.errors import Kind, RientroError

LONGEST_PATH = 300  # of the path that is repeated in an answer
V3_CODES: dict[Kind, str] = {
    "invalid": "invalid",
    "forbidden": "forbidden",
    "missing": "not_found",
    "conflict": "invalid",
    "limited": "forbidden",
    "upstream": "parcel_announcement_error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. ``pointer`` leads into the body, ``parameter`` names a part of the query."""

    detail: str
    code: str = "invalid"
    pointer: str = ""
    parameter: str = ""
    title: str = ""
    field: str = ""


class Refused(RientroError):
    """A request that goes no further, with an HTTP status of its own.

    ``slug`` replaces the number in version 2's ``error.code`` (the return portal's own words); ``problems`` is
    the list of version 3, else it is made from the message.
    """

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "refused"

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        slug: str = "",
        problems: Sequence[Problem] = (),
        **facts: object,
    ) -> None:
        super().__init__(message, **facts)
        self._status = status
        self.slug = slug
        self.problems = tuple(problems)

    @property
    def status(self) -> int:
        return self._status


class KeyRefused(Refused):
    """No key, an unknown one, a wrong secret or a revoked one: told apart by nobody."""

    code: ClassVar[str] = "authentication_failed"

    def __init__(self) -> None:
        super().__init__(
            "Invalid username/password.",
            status=401,
            problems=[Problem(detail="Invalid username/password.", code="authentication_failed")],
        )


class ScopeMissing(Refused):
    """The key is right and may not do this."""

    code: ClassVar[str] = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        words = f"This key may not do that: it lacks the scope {scope}."
        super().__init__(words, status=403, problems=[Problem(detail=words, code="forbidden")])


def family_of(request: HttpRequest) -> str:
    """v2, v3 or rientro, by the address."""
    parts = request.path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[2] in ("v2", "v3", "rientro") else "rientro"


def error_response(request: HttpRequest, error: RientroError) -> HttpResponse:
    """``error`` in the words of the version that was asked."""
    family = family_of(request)
    if family == "v2":
        body = _v2(request, error)
    elif family == "v3":
        body = _v3(error)
    else:
        body = {"error": {"code": error.code, "message": error.message, "facts": error.facts}}
    response = HttpResponse(
        msgspec.json.encode(body, enc_hook=str),
        content_type="application/json",
        status=error.status,
    )
    if error.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="Rientro API", Bearer realm="Rientro API"'
    return response


def _v2(request: HttpRequest, error: RientroError) -> dict[str, Any]:
    return {
        "error": {
            "code": getattr(error, "slug", "") or _code_of(request, error),
            "request": request.path.lstrip("/")[:LONGEST_PATH],
            "message": error.message,
        }
    }


def _code_of(request: HttpRequest, error: RientroError) -> int | str:
    """A number; a word in the return portal, whose clients compare words (contract, section 1.1)."""
    if "/return-portal" not in request.path:
        return error.status
    return error.code if error.code != Refused.code else "invalid_request"


def _v3(error: RientroError) -> dict[str, Any]:
    problems = getattr(error, "problems", ()) or [
        Problem(
            detail=error.message, code=V3_CODES[error.kind] if error.status != 404 else "not_found"
        )
    ]
    return {"errors": [_problem_out(problem, error.status) for problem in problems]}


def _problem_out(problem: Problem, status: int) -> dict[str, Any]:
    """With copies under the names that older JavaScript clients read: field and message."""
    out: dict[str, Any] = {
        "status": str(status),
        "code": problem.code,
        "detail": problem.detail,
        "message": problem.detail,
    }
    if problem.title:
        out["title"] = problem.title
    out["source"] = {}  # always there: a client reads it without looking (contract, section 17)
    if problem.pointer:
        out["source"] = {"pointer": problem.pointer}
    elif problem.parameter:
        out["source"] = {"parameter": problem.parameter}
    if field := problem.field or problem.parameter or problem.pointer.rsplit("/", 1)[-1]:
        out["field"] = field
    return out
