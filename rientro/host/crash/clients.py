"""Machines that ask the house for returns at a steady pace, and ask again with the same key until it answers."""

import base64
import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ANSWER_S = 30.0
AGAIN_S = 0.3
REPEATED = 0.2  # share of answers that are asked for once more
PATH = "/api/v3/returns"
SENDER = {
    "name": "Giulia Ferrero", "address_line_1": "Corso Moncalieri", "house_number": "14",
    "postal_code": "10131", "city": "Torino", "state_province_code": "IT-TO", "country_code": "IT",
}  # fmt: skip
RECEIVER = {
    "name": "Returns", "company_name": "Crash S.r.l.", "address_line_1": "Via Tortona",
    "house_number": "27", "postal_code": "20144", "city": "Milano", "country_code": "IT",
}  # fmt: skip


def wish(reference: str, number: int) -> dict[str, Any]:
    """A return in the API's words. Every second one has no reference of its own: only the key holds it apart."""
    made: dict[str, Any] = {
        "from_address": SENDER,
        "to_address": RECEIVER,
        "ship_with": {
            "type": "shipping_option_code",
            "shipping_option_code": "sandbox:sandbox_return",
        },
        "weight": {"value": 1.0, "unit": "kg"},
        "parcel_items": [
            {
                "item_id": "1", "description": "Scarf", "quantity": 1, "sku": "SC-1",
                "weight": {"value": 300, "unit": "g"}, "price": {"value": 46.0, "currency": "EUR"},
            }
        ],
        "order_number": reference,
    }  # fmt: skip
    return made | ({"external_reference": reference} if number % 2 else {})


@dataclass(slots=True)
class Told:
    """What the clients heard. Times in seconds."""

    answers: dict[str, bytes] = field(default_factory=dict)  # key -> first 201
    tries: int = 0
    late: int = 0  # answered by a repeat only: the first answer was lost on the way
    repeated: int = 0
    differing: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


class Clients:
    """``rate`` requests a second, each kept up until it is answered."""

    def __init__(
        self, port: int, public_key: str, secret_key: str, *, rate: float, seed: int
    ) -> None:
        self._port, self._rate, self._seed = port, rate, seed
        word = base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()
        self._headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._give_up_at = float("inf")
        self.told = Told()
        self.asked: list[str] = []

    def start(self) -> None:
        self._run(self._pace)

    def finish(self, within_s: float) -> Sequence[str]:
        """No new wishes; the open ones are asked until answered. The keys that were never answered."""
        self._over.set()
        self._give_up_at = time.monotonic() + within_s
        for thread in list(self._threads):
            thread.join(max(0.1, self._give_up_at + ANSWER_S - time.monotonic()))
        return sorted(set(self.asked) - set(self.told.answers))

    def _pace(self) -> None:
        due, number = time.monotonic(), 0
        while not self._over.is_set():
            number += 1
            key = f"c3-{self._seed}-{number}"
            self.asked.append(key)
            self._run(self._keep_asking, key, number)
            due += 1 / self._rate
            self._over.wait(max(0.0, due - time.monotonic()))

    def _run(self, work: Any, *given: Any) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()

    def _keep_asking(self, key: str, number: int) -> None:
        body = json.dumps(wish(key, number)).encode()
        chance = random.Random(f"{self._seed}-{number}")
        began, tries = time.monotonic(), 0
        while time.monotonic() < self._give_up_at:
            tries += 1
            status, said = self._ask(key, body)
            if status == 201:
                break
            if status in (400, 401, 403, 404, 422):
                with self._lock:
                    self.told.refused.append(f"{key}: {status} {said[:200]!r}")
                return
            time.sleep(AGAIN_S * chance.uniform(0.5, 1.5))
        else:
            return
        again = self._ask(key, body) if chance.random() < REPEATED else (0, b"")
        with self._lock:
            self._note(key, said, tries, time.monotonic() - began, again)

    def _note(
        self, key: str, said: bytes, tries: int, took: float, again: tuple[int, bytes]
    ) -> None:
        told = self.told
        told.answers[key] = said
        told.tries += tries
        told.late += tries > 1
        told.slowest_s = max(told.slowest_s, took)
        if again[0] == 201:
            told.repeated += 1
            if again[1] != said:
                told.differing.append(key)

    def _ask(self, key: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; (0, b"") when no answer came."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
        try:
            line.request("POST", PATH, body, {**self._headers, "Idempotency-Key": key})
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            line.close()
