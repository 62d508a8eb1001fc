"""How a receiver wants to be spoken to besides our signature: its own password, and headers of its choice. Pure."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "bearer": ("token",),
    "basic": ("username", "password"),
    "api_key": ("header_name", "api_key"),
}
MOST_HEADERS = 20
LONGEST = 1000
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[ -~]*")
# Ours to say, or the transport's: one of these set by a stranger could hide the signature or split a request.
_OURS = frozenset(
    {
        *("accept-encoding", "connection", "content-encoding", "content-length", "content-type"),
        *("expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade", "user-agent"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """``config`` has the fields that KINDS names for ``kind``; ``headers`` are sent along."""

    kind: str = "none"
    config: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Access":
        """From what ``facts()`` gave; an empty object is no access at all."""
        return cls(
            kind=facts.get("kind", "none"),
            config=facts.get("config", {}),
            headers=facts.get("headers", {}),
        )

    def facts(self) -> dict[str, Any]:
        return {"kind": self.kind, "config": dict(self.config), "headers": dict(self.headers)}


def problems(access: Access) -> dict[str, str]:
    """{field: sentence} of what cannot be sent; empty when all is well."""
    if access.kind not in KINDS:
        return {"auth_type": "Choose none, bearer, basic or api_key."}
    found: dict[str, str] = {}
    for name in KINDS[access.kind]:
        if wrong := _wrong_value(access.config.get(name)):
            found[f"auth_config/{name}"] = wrong
    if access.kind == "basic" and ":" in access.config.get("username", ""):
        found["auth_config/username"] = "A user name holds no colon."
    if access.kind == "api_key" and (wrong := _wrong_name(access.config.get("header_name", ""))):
        found["auth_config/header_name"] = wrong
    if len(access.headers) > MOST_HEADERS:
        found["extra_headers"] = f"Send at most {MOST_HEADERS} headers."
    for name, value in access.headers.items():
        if wrong := _wrong_name(name) or (_wrong_value(value) if value else ""):
            found["extra_headers"] = f"{name[:100]}: {wrong}"
    return found


def headers_of(access: Access) -> dict[str, str]:
    """What is added to a request. The way in wins over a header of the same name."""
    config, way_in = access.config, {}
    if access.kind == "bearer":
        way_in = {"Authorization": f"Bearer {config['token']}"}
    elif access.kind == "basic":
        plain = f"{config['username']}:{config['password']}".encode()
        way_in = {"Authorization": f"Basic {base64.b64encode(plain).decode()}"}
    elif access.kind == "api_key":
        way_in = {config["header_name"]: config["api_key"]}
    taken = {name.lower() for name in way_in}
    return {n: v for n, v in access.headers.items() if n.lower() not in taken} | way_in


def _wrong_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        return "This is not the name of a header."
    if name.lower() in _OURS or name.lower().startswith("webhook-"):
        return "This header is ours to send."
    return ""


def _wrong_value(value: str | None) -> str:
    if not value:
        return "This field is required."
    if len(value) > LONGEST:
        return f"Ensure this field has no more than {LONGEST} characters."
    return "" if _VALUE.fullmatch(value) else "Use plain letters, digits and signs."
