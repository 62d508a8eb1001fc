"""Access tokens of this process, each kept under a hash: Karrio's own cache keys hold the client secrets."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

BUFFER_S = 120  # a token that ends sooner than this is not used any more
LONGEST_S = 3600
MOST = 500


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Mapping[str, Any]
    ends_at: float  # time.monotonic


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


class Tokens:
    """What Karrio takes for its cache. ``scope`` keeps accounts, environments and stand-in hosts apart.

    ``reused`` says that a kept token was handed out: if it is refused, a new one may do.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self.reused = False
        self._used: set[str] = set()

    def get(self, key: str) -> Mapping[str, Any] | None:
        found = _kept.get(self._hashed(key))
        return found.value if found and found.ends_at > time.monotonic() else None

    def set(self, key: str, value: Any, **_: Any) -> None:
        told = value() if callable(value) else value
        lives_s = min(_seconds(told), LONGEST_S) - BUFFER_S
        if lives_s > 0:
            with _lock:
                if len(_kept) >= MOST:
                    _kept.clear()
                _kept[self._hashed(key)] = _Kept(told, time.monotonic() + lives_s)

    def thread_safe(
        self,
        refresh_func: Callable[[], Mapping[str, Any]],
        cache_key: str,
        token_field: str = "access_token",  # noqa: S107
        **_: Any,
    ) -> "_Held":
        return _Held(self, refresh_func, cache_key, token_field)

    def forget(self) -> None:
        """Every token handed out by this cache was refused: none of them is used again."""
        with _lock:
            for hashed in self._used:
                _kept.pop(hashed, None)

    def hand_out(self, key: str) -> Mapping[str, Any] | None:
        found = self.get(key)
        self._used.add(self._hashed(key))
        self.reused = found is not None
        return found

    def _hashed(self, key: str) -> str:
        return hashlib.sha256(f"{self._scope}\0{key}".encode()).hexdigest()


class _Held:
    """A token that is fetched when there is none."""

    def __init__(
        self, tokens: Tokens, fetch: Callable[[], Mapping[str, Any]], key: str, name: str
    ) -> None:
        self._tokens, self._fetch, self._key, self._name = tokens, fetch, key, name

    def get_token(self) -> str:
        told = self._tokens.hand_out(self._key)
        if told is None:
            told = self._fetch()
            self._tokens.set(self._key, told)
        token = told.get(self._name)
        if not isinstance(token, str) or not token:
            raise ValueError("The carrier gave no access token.")
        return token

    get_state = get_token


def _seconds(told: Any) -> float:
    try:
        return float(told.get("expires_in", 0))
    except (AttributeError, TypeError, ValueError):
        return 0.0


def forget_all() -> None:
    """Every token of this process, as after a restart."""
    with _lock:
        _kept.clear()
