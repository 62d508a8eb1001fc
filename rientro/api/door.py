"""The one door of the API: who is calling, may they, how often, once only, and what a refusal looks like."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from rientro.api.auth import Caller, TooManyWrongKeys, caller_of
from rientro.api.errors import Refused, error_response
from rientro.api.idempotency import key_of, once
from rientro.api.operations import Operation
from rientro.kit import clock
from rientro.kit.errors import Missing, RientroError
from rientro.kit.tenancy import acting_for
from rientro.models import Integration
from rientro.models.rate_limits import READS, WRITES, take


@dataclass(frozen=True, slots=True)
class Call:
    """One request after the door has let it in. The tenant is set, no transaction is open."""

    request: HttpRequest
    caller: Caller
    now: datetime

    @property
    def actor(self) -> str:
        return self.caller.actor

    @property
    def once_key(self) -> str:
        """Unique to this caller and its Idempotency-Key; nothing when none was sent.

        An operation that makes something lasting keeps it as the thing's external reference, so that a repeat
        after a crash finds what is there already.
        """
        key = key_of(self.request)
        # Hashed: a key may be as long as the reference itself, and end in what looks like a place in a batch.
        told = blake2b(key.encode(), digest_size=24).hexdigest()
        return f"idempotency:{self.caller.key_id}:{told}" if key else ""

    def integration(self, asked: str) -> Integration:
        """The caller's own integration; any other number is not there, whoever's it is."""
        if asked.lstrip("0") != str(self.caller.integration.pk):
            raise Missing("No Integration matches the given query.")
        return self.caller.integration


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A request that needs no key: its operation finds the merchant by itself."""

    request: HttpRequest
    now: datetime


class View:
    """What an address answers: one Operation per method. The documents read ``operations``."""

    csrf_exempt = True  # a key is no cookie: no other site can make a browser send it

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self.operations = dict(operations)

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            return self._answer(request, parts)
        except TooManyWrongKeys as error:
            return too_often(error.wait_s)
        except RientroError as error:
            return error_response(request, error)

    def _answer(self, request: HttpRequest, parts: dict[str, str]) -> HttpResponse:
        now = clock.now()
        method = "GET" if request.method == "HEAD" else request.method or ""
        found = self.operations.get(method)
        if found is not None and found.auth != "key":
            return found.run(OpenCall(request, now), **parts)
        if found is None and all(one.auth != "key" for one in self.operations.values()):
            return _wrong_method(request, sorted(self.operations))
        caller = caller_of(request, now=now)
        with acting_for(caller.merchant_id):
            if (limited := _limit(caller, method)) is not None:
                return limited
            if found is None:
                return _wrong_method(request, sorted(self.operations))
            caller.need(found.scope)
            call = Call(request, caller, now)
            if method != "POST":
                return found.run(call, **parts)
            return once(
                request,
                lambda: found.run(call, **parts),
                subject=f"key:{caller.key_id}",
                costs=found.costs,
                now=now,
            )


def methods(**operations: Operation) -> View:
    """A view that answers each named method by its operation, ``run(call, **parts of the path)``."""
    return View(operations)


def _limit(caller: Caller, method: str) -> HttpResponse | None:
    """429 with an empty body, as Sendcloud's clients expect, when the key has called too often."""
    if not settings.API_LIMITS:
        return None
    kind, rate = ("read", READS) if method in ("GET", "OPTIONS") else ("write", WRITES)
    with transaction.atomic():
        wait = take(f"key:{caller.key_id}:{kind}", rate)
    return too_often(wait) if wait else None


def too_often(wait_s: float) -> HttpResponse:
    response = HttpResponse(status=429)
    response["Retry-After"] = str(math.ceil(wait_s))
    return response


def json_response(body: Any, status: int = 200) -> HttpResponse:
    content = msgspec.json.encode(body, enc_hook=_plain)
    return HttpResponse(content, content_type="application/json", status=status)


def _plain(value: Any) -> str:
    """A text that knows more than its words, such as how to be translated."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _wrong_method(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    response = error_response(
        request, Refused(f"This address answers {', '.join(allowed)} only.", status=405)
    )
    response["Allow"] = ", ".join(allowed)
    return response
