"""Every way a carrier fails, to be asked for by name and played a number of times.

A fault meets one operation (``labels.create`` unless said otherwise), for every customer or for one
token. Those marked *after* act first: the label is sold and on the bill, and the answer goes wrong.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rientro.host.sandbox_carrier.api import OPERATIONS, Bend
from rientro.host.sandbox_carrier.wire import Answer, Refusal, refused, said

# Nothing is done; an ordinary answer says no.
BEFORE = {
    "refuse": refused(Refusal(422, "refused", "The carrier does not accept this parcel.")),
    "unauthorized": refused(Refusal(401, "unauthorized", "This access token was withdrawn.")),
    "forbidden": refused(Refusal(403, "forbidden", "This contract is closed.")),
    "too_many": refused(Refusal(429, "too_many", "Too many requests.")),
    "too_many_empty": Answer(status=429),
    "error_before": refused(Refusal(500, "error", "Something broke.")),
    "unavailable": refused(Refusal(503, "maintenance", "Back in a moment.")),
    "redirect": Answer(status=302, headers={"Location": "http://127.0.0.2:9/elsewhere"}),
}
# It is done; the answer is another one than it should be.
AFTER = {
    "error_after": refused(Refusal(500, "error", "Something broke.")),
    "gateway_after": Answer(
        status=504, body=b"<html>Gateway Timeout</html>", content_type="text/html"
    ),
    "garbage": Answer(body=b"<html><h1>It works!</h1></html>", content_type="text/html"),
    "empty": Answer(),
    "empty_object": said({}),
    "not_an_object": said([1, 2, 3]),
}
# The paper is wrong; its label is fine.
PAPER = {
    "truncated_document": Answer(body=b"%PDF-1.4\n1 0 obj<<", content_type="application/pdf"),
    "html_document": Answer(body=b"<html>Sign in</html>", content_type="text/html"),
    "empty_document": Answer(content_type="application/pdf"),
    "huge_document": Answer(body=b"%PDF-1.4\n" + b"0" * 6_000_000, content_type="application/pdf"),
    "script_document": Answer(
        body=b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n",
        content_type="application/pdf",
    ),
}
# The socket itself misbehaves; `server.py` plays these.
WIRE = {"hang", "hang_after", "reset_before", "reset_after", "half_body", "slow", "delay",
        "gzip_bomb", "many_headers"}  # fmt: skip
# The sale itself is bent.
SALE = {"wrong_price", "duplicate_number", "no_code", "broken_code", "script_code"}
NAMES = {*BEFORE, *AFTER, *PAPER, *WIRE, *SALE}
ACT_FIRST = {*AFTER, *SALE, "hang_after", "reset_after", "half_body", "slow", "delay",
             "gzip_bomb", "many_headers"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``count`` < 0 means until it is cleared. ``seconds`` is for hang, delay and slow."""

    name: str
    on: str = "labels.create"
    count: int = 1
    token: str = ""
    retry_after: str = ""
    seconds: float = 60.0
    extra_minor: int = 100
    number: str = ""

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> "Fault":
        """Read one from a request to the control door. Raises Refusal."""
        name = str(words.get("fault", ""))
        on = str(words.get("on") or ("labels.document" if name in PAPER else "labels.create"))
        if name not in NAMES:
            raise Refusal(422, "unknown_fault", f"Faults are: {', '.join(sorted(NAMES))}.", "fault")
        if on not in OPERATIONS:
            raise Refusal(
                422, "unknown_operation", f"Operations are: {', '.join(OPERATIONS)}.", "on"
            )
        try:
            return cls(
                name=name,
                on=on,
                count=int(words.get("count", 1)),
                token=str(words.get("token", "")),
                retry_after=str(words.get("retry_after", "")),
                seconds=min(float(words.get("seconds", 60)), 600),
                extra_minor=int(words.get("extra_minor", 100)),
                number=str(words.get("number", "")),
            )
        except (TypeError, ValueError) as error:
            raise Refusal(
                422, "bad_number", "count, seconds and extra_minor are numbers."
            ) from error

    @property
    def acts(self) -> bool:
        return self.name in ACT_FIRST

    def bend(self) -> Bend:
        if self.name == "wrong_price":
            return Bend(extra_minor=self.extra_minor)
        if self.name == "duplicate_number":
            return Bend(number=self.number)
        return Bend(code=self.name) if self.name.endswith("_code") else Bend()

    def answer(self, true_answer: Answer) -> Answer:
        """What is sent instead of ``true_answer``."""
        instead = BEFORE.get(self.name) or AFTER.get(self.name) or PAPER.get(self.name)
        if instead is None:
            return true_answer
        if self.retry_after:
            return replace(instead, headers={**instead.headers, "Retry-After": self.retry_after})
        return instead


class Faults:
    """The faults that wait to be played. In memory: a restart makes the carrier well again."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, operation: str, token: str) -> Fault | None:
        """The next fault for this operation and customer, counted down."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.on == operation and fault.token in ("", token):
                    left = fault.count - 1 if fault.count > 0 else fault.count
                    if left:
                        self._waiting[place] = replace(fault, count=left)
                    else:
                        del self._waiting[place]
                    return fault
        return None
