"""Words with a Medusa over its own API, as the admin's browser and the shopper's would have them."""

from collections.abc import Mapping
from typing import Any

import httpx

TIMEOUT_S = 60


class Refused(RuntimeError):
    """Medusa said no; its own words."""


class Talk:
    """One connection with one way to prove oneself."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._client = httpx.Client(base_url=url, headers=dict(headers), timeout=TIMEOUT_S)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._said(self._client.get(path, params=query))

    def post(self, path: str, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._said(self._client.post(path, json=dict(words or {})))

    @staticmethod
    def _said(reply: httpx.Response) -> dict[str, Any]:
        if reply.status_code >= 400:
            request = reply.request
            raise Refused(f"{request.method} {request.url.path}: {reply.status_code} {reply.text}")
        said: dict[str, Any] = reply.json()
        return said


def as_admin(url: str, email: str, password: str) -> Talk:
    """With a token of the admin's, as after the login page."""
    token = httpx.post(
        f"{url}/auth/user/emailpass", json={"email": email, "password": password}, timeout=TIMEOUT_S
    ).json()["token"]
    return Talk(url, {"Authorization": f"Bearer {token}"})


def as_shopper(url: str, publishable_key: str) -> Talk:
    return Talk(url, {"x-publishable-api-key": publishable_key})
