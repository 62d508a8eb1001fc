"""The door of version 2's return portal: a brand instead of a key, and tokens that live a quarter of an hour.

HS256 and nothing else; a key per merchant, made from the installation's secret; the audience names the brand and
what the token is for. A look-up's token stands for a ticket of the portal, so it dies with the ticket; a return
is opened once with it, however often it is sent.
"""

import hmac
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ClassVar

import jwt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from rientro.api.auth import network
from rientro.api.door import OpenCall
from rientro.api.errors import Refused
from rientro.kit.errors import Missing, RientroError
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Brand, Merchant, PortalName, PortalSettings

LIVES = timedelta(minutes=15)
ALGORITHM = "HS256"
LONGEST = 2000


class TokenRefused(Refused):
    """Not ours, of another brand, for another use, or too old: told apart by nobody."""

    code: ClassVar[str] = "invalid_token"

    def __init__(self) -> None:
        super().__init__("This token is not valid, or no longer.", status=401, slug="invalid_token")


class PortalMissing(Missing):
    slug = "return_portal_not_found"


@dataclass(frozen=True, slots=True)
class PortalCall:
    """A request to one brand's return portal; the tenant is set, and a transaction is open unless the call is wired."""

    request: HttpRequest
    merchant: Merchant
    brand: Brand
    portal: PortalSettings
    now: datetime

    @property
    def network(self) -> str:
        return network(self.request)

    def issue(self, use: str, subject: int) -> str:
        """A token for ``use`` (lookup, label) that stands for the row ``subject``."""
        claims = {
            "aud": f"{use}:{self.brand.slug}",
            "sub": str(subject),
            "id": subject,
            "iat": int(self.now.timestamp()),
            "exp": int((self.now + LIVES).timestamp()),
        }
        key = _key(settings.SECRET_KEY, self.merchant)
        return jwt.encode(claims, key, algorithm=ALGORITHM)

    def read(self, use: str, token: str) -> int:
        """The row that ``token`` stands for; raises TokenRefused."""
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            claims = self._claims(use, token, _key(secret, self.merchant))
            if claims and claims["exp"] > self.now.timestamp() and claims["sub"].isdigit():
                return int(claims["sub"])
        raise TokenRefused

    def _claims(self, use: str, token: str, key: bytes) -> dict[str, Any] | None:
        try:
            claims: dict[str, Any] = jwt.decode(
                token[:LONGEST],
                key,
                algorithms=[ALGORITHM],
                audience=f"{use}:{self.brand.slug}",
                # The house has one clock, and a demo may move it: the time is compared by ``read``.
                options={
                    "require": ["exp", "sub", "aud"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        return claims

    def bearer(self) -> str:
        """The token of the Authorization header; raises TokenRefused."""
        header: str = self.request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenRefused
        return token.strip()


def portal_call(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """``run(call: PortalCall)`` inside the transaction of the brand's merchant; errors keep what was counted."""
    return _called(run, wire=False)


def portal_wire_call(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A ``portal_call`` that may talk to a shop: no transaction is open, ``run`` opens short ones itself."""
    return _called(run, wire=True)


def _called(run: Callable[..., HttpResponse], *, wire: bool) -> Callable[..., HttpResponse]:
    around = acting_for if wire else merchant_transaction
    short = transaction.atomic if wire else nullcontext

    @wraps(run)
    def answer(call: OpenCall, domain: str) -> HttpResponse:
        name = PortalName.objects.select_related("merchant").filter(slug=domain.lower()).first()
        if name is None:
            raise PortalMissing("No return portal matches the given query.")
        with around(name.merchant_id):
            with short():
                found = _portal(name)
            if found is None:
                raise PortalMissing("No return portal matches the given query.")
            brand, portal = found
            try:
                response = run(PortalCall(call.request, name.merchant, brand, portal, call.now))
            except RientroError as refusal:
                error = refusal  # a miss was counted: the transaction has to commit
            else:
                return _private(response)
        if error.kind == "limited":
            return _private(_limited(error))
        raise error

    return answer


def _portal(name: PortalName) -> tuple[Brand, PortalSettings] | None:
    portal = (
        name.merchant.portal_settings.select_related("brand")
        .filter(brand=name.brand_id, active=True, brand__archived_at=None)
        .first()
    )
    return (portal.brand, portal) if portal else None


def _limited(error: RientroError) -> HttpResponse:
    response = HttpResponse(status=429)
    wait = error.facts.get("retry_after_s", 60)
    response["Retry-After"] = str(math.ceil(float(str(wait))))
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _key(secret: str, merchant: Merchant) -> bytes:
    return hmac.digest(secret.encode(), b"return portal v1 " + merchant.public_id.bytes, "sha256")
