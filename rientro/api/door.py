"""The one decorator of the API: who is calling, which method, and what a refusal looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from rientro.api.auth import Caller, caller_of
from rientro.api.errors import Refused, error_response
from rientro.kit import clock
from rientro.kit.errors import Missing, RientroError
from rientro.kit.tenancy import acting_for
from rientro.models import Integration


@dataclass(frozen=True, slots=True)
class Call:
    """One request after the door has let it in. The tenant is set, no transaction is open."""

    request: HttpRequest
    caller: Caller
    now: datetime

    @property
    def actor(self) -> str:
        return self.caller.actor

    def integration(self, asked: str) -> Integration:
        """The caller's own integration; any other number is not there, whoever's it is."""
        if asked.lstrip("0") != str(self.caller.integration.pk):
            raise Missing("No Integration matches the given query.")
        return self.caller.integration


Handler = Callable[..., HttpResponse]


def methods(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A view that answers each named method by its handler, ``handler(call, **parts of the path)``."""

    @csrf_exempt  # a key is no cookie: no other site can make a browser send it
    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            now = clock.now()
            caller = caller_of(request, now=now)
            handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
            if handler is None:
                return _wrong_method(request, sorted(handlers))
            with acting_for(caller.merchant_id):
                return handler(Call(request, caller, now), **parts)
        except RientroError as error:
            return error_response(request, error)

    return view


def json_response(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), content_type="application/json", status=status)


def _wrong_method(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    response = error_response(
        request, Refused(f"This address answers {', '.join(allowed)} only.", status=405)
    )
    response["Allow"] = ", ".join(allowed)
    return response
