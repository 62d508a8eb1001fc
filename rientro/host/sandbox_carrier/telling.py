"""Webhooks of the sandbox: signed, sent again until somebody says 2xx, never in a promised order.

Signature: hex HMAC-SHA256 with the hook's secret over ``<timestamp>.<delivery id>.`` + the raw body.
"""

import hashlib
import hmac
import logging
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from rientro.host.sandbox_carrier.store import Row, Store
from rientro.kit import clock

TIMEOUT_S = 5
WAITS_S = (1, 3, 10, 30, 120, 600, 3600, 3 * 3600, 12 * 3600)
PAUSE_S = 0.2
log = logging.getLogger(__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


# No proxy: a receiver on this machine is reached directly.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


class Teller(threading.Thread):
    """Takes due deliveries from the store and sends them, a few at a time."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="teller", daemon=True)
        self._store = store
        self._stopping = threading.Event()

    def run(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            while not self._stopping.wait(PAUSE_S):
                list(pool.map(self._send, self._store.due(time.time())))

    def stop(self) -> None:
        self._stopping.set()
        self.join(TIMEOUT_S + 1)

    def _send(self, delivery: Row) -> None:
        done, answer = send(delivery)
        attempts = int(delivery["attempts"])
        tired = attempts >= len(WAITS_S)
        wait = None if done or tired else time.time() + WAITS_S[attempts]
        self._store.settle(delivery["id"], done=done or tired, next_at=wait, answer=answer)


def send(delivery: Row) -> tuple[bool, str]:
    """(did the receiver say yes, what it said)."""
    body = delivery["body"].encode()
    headers = signed_headers(delivery["secret"], delivery["id"], body, int(clock.now().timestamp()))
    request = urllib.request.Request(delivery["url"], data=body, headers=headers, method="POST")
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as response:
            return True, str(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return False, str(error.code)
    except (OSError, ValueError) as error:
        return False, type(error).__name__


def signed_headers(secret: str, delivery_id: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of one attempt; ``at`` is in seconds and is new for each."""
    signed = f"{at}.{delivery_id}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "SandboxCarrier/1",
        "X-Sandbox-Delivery": delivery_id,
        "X-Sandbox-Timestamp": str(at),
        "X-Sandbox-Signature": hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }
