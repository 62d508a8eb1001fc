"""What a refusal looks like in version 2: ``{"error": {"code", "request", "message"}}``."""

import json
from typing import ClassVar

from django.http import HttpRequest, HttpResponse

from rientro.kit.errors import Kind, RientroError

LONGEST_PATH = 300  # of the path that is repeated in an answer


class Refused(RientroError):
    """A request that goes no further, with an HTTP status of its own."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, status: int = 400, **facts: object) -> None:
        super().__init__(message, **facts)
        self._status = status

    @property
    def status(self) -> int:
        return self._status


class KeyRefused(Refused):
    """No key, an unknown one, a wrong secret or a revoked one: told apart by nobody."""

    code: ClassVar[str] = "authentication_failed"

    def __init__(self) -> None:
        super().__init__("Invalid username/password.", status=401)


def error_response(request: HttpRequest, error: RientroError) -> HttpResponse:
    """``error`` in the words of version 2."""
    body = {
        "error": {
            "code": error.status,
            "request": request.path.lstrip("/")[:LONGEST_PATH],
            "message": error.message,
        }
    }
    response = HttpResponse(json.dumps(body), content_type="application/json", status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="Rientro API"'
    return response
