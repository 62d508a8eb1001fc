"""The fault matrix of a purchase: what breaks, and what has to come of it for each kind of carrier.

Rows follow the programme's table (connection, status, body, time), each with the class of its outcome. What must
hold then stands once, in ``OUTCOMES``, by what the carrier can do about doubt.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from rientro.carriers.base import Can

Variant = tuple[str, dict[str, Any]]  # a fault of the proxy (or a wrong place), and its words


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``outcome`` names a row of OUTCOMES; seeds take the ``variants`` in turn; ``slow`` ones run into
    the deadline."""

    name: str
    outcome: str
    variants: tuple[Variant, ...]
    slow: bool = False
    least: int = 1
    most: int = 2  # how often in a row the fault is played: the seed says
    all_variants: bool = False  # more variants than seeds: each is played once at least

    def __str__(self) -> str:
        return self.name

    def seeds(self, number: int) -> range:
        return range(max(number, len(self.variants)) if self.all_variants else number)

    def variant(self, seed: int) -> Variant:
        return self.variants[seed % len(self.variants)]

    def times(self, seed: int) -> int:
        """How often the fault is played for ``seed``; a slow one once, for the sake of the clock."""
        return 1 if self.slow else Random(seed).randint(self.least, self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``status`` of the purchase when all is over, and labels at the carrier by then.

    ``posts``: purchases on the wire when the fault was played ``n`` times: "1", "n" or "n+1".
    """

    status: str
    labels: int
    posts: str


def ability(can: Can) -> str:
    """The class of a carrier: what it can do about doubt."""
    keys, looks = Can.IDEMPOTENCY_KEY in can, Can.FIND_BY_REFERENCE in can
    return {(True, True): "both", (False, True): "lookup", (True, False): "keys"}.get(
        (keys, looks), "neither"
    )


BOUGHT_AGAIN = Outcome(status="bought", labels=1, posts="n+1")
ADOPTED = Outcome(status="bought", labels=1, posts="1")
ASKED_A_PERSON = Outcome(status="unknown", labels=0, posts="1")
SOLD_AND_ASKED = Outcome(status="unknown", labels=1, posts="1")
SAME = ("both", "lookup", "keys", "neither")

OUTCOMES: dict[str, dict[str, Outcome]] = {
    # Nothing left us: tried again and again, and bought when the line is back.
    "unreached": dict.fromkeys(SAME, Outcome(status="bought", labels=1, posts="1")),
    # Odd, and right: bought at once.
    "fine": dict.fromkeys(SAME, Outcome(status="bought", labels=1, posts="1")),
    # A clear no: nothing is bought, nothing is tried again, nothing is in the ledger.
    "refused": dict.fromkeys(SAME, Outcome(status="refused", labels=0, posts="1")),
    # Our credentials are refused: held, told once, bought after the re-key.
    "broken": dict.fromkeys(SAME, Outcome(status="bought", labels=1, posts="n+1")),
    # An access token that may have ended: a new one is asked for, then the credentials count as refused.
    "token": dict.fromkeys(SAME, BOUGHT_AGAIN),
    # Too many: this account waits, then buys.
    "later": dict.fromkeys(SAME, BOUGHT_AGAIN),
    # It may have been done, and was not.
    "doubt": {
        "both": BOUGHT_AGAIN, "lookup": BOUGHT_AGAIN, "keys": BOUGHT_AGAIN, "neither": ASKED_A_PERSON,
    },
    # It may have been done, and it was.
    "sold": {
        "both": ADOPTED, "lookup": ADOPTED, "keys": BOUGHT_AGAIN, "neither": SOLD_AND_ASKED,
    },
    # It was done, and what came back may say enough; for carriers that can do nothing about doubt.
    "told in part": {"neither": SOLD_AND_ASKED},
}  # fmt: skip


def _says(*statuses: int, after: bool = False, **more: Any) -> tuple[Variant, ...]:
    fault = "says_after" if after else "says"
    return tuple((fault, {"status": status, **more}) for status in statuses)


def _play(*faults: str) -> tuple[Variant, ...]:
    return tuple((fault, {}) for fault in faults)


REFUSED = (400, 402, 404, 405, 406, 409, 410, 413, 415, 422, 451)
ELSEWHERE = {"Location": "http://127.0.0.2:9/labels"}
CONNECTION = [
    # Three times: after the third try people are told.
    Row("connection refused", "unreached", _play("refused"), least=3, most=3),
    Row("no such name", "unreached", _play("dns"), least=3, most=3),
    Row("TLS fails", "unreached", _play("tls", "plain"), least=3, most=3),
    Row("reset before anything was read", "doubt", _play("slam")),
    Row("cut before it acted", "doubt", _play("reset_at_once", "close_at_once")),
    Row("a kept connection closed when it is used again", "doubt", _play("stale")),
    Row("silence, not acted", "doubt", _play("hang"), slow=True),
    Row("reset after it acted", "sold", _play("reset_after", "close_after")),
    Row("silence after it acted", "sold", _play("hang_after"), slow=True),
    Row(
        "half an answer",
        "sold",
        _play("half_body_after", "half_head_after", "broken_chunks_after", "half_body_reset_after"),
    ),
    Row("a byte at a time", "sold", _play("slow_body_after", "slow_head_after"), slow=True),
]
STATUS = [
    Row("a clear no", "refused", _says(*REFUSED), most=1, all_variants=True),
    Row("not made for this", "refused", _says(501), most=1),
    Row("401", "broken", _says(401)),
    Row("403", "broken", _says(403)),
    Row("429", "later", (*_says(429), *_says(429, body=b""))),
    Row(
        "429 with Retry-After",
        "later",
        (
            *_says(429, headers={"Retry-After": "7"}),
            *_says(429, headers={"Retry-After": "Wed, 25 Nov 2099 09:00:00 GMT"}),
            *_says(429, headers={"Retry-After": "soon"}),
        ),
    ),
    Row("5xx before it acted", "doubt", _says(500, 502, 503, 504, 520)),
    Row("408 and 425", "doubt", _says(408, 425)),
    Row("sent elsewhere", "doubt", _says(301, 302, 303, 307, 308, headers=ELSEWHERE)),
    Row("5xx after it acted", "sold", _says(500, 502, 503, 504, 524, after=True)),
    Row("sent elsewhere after it acted", "sold", _says(302, 307, after=True, headers=ELSEWHERE)),
]
BODY = [
    Row("200 with a web page", "sold", _play("html_after")),
    Row("200 with nothing, or 204", "sold", _play("empty_after", "no_content_after")),
    Row("JSON cut off", "sold", _play("cut_json_after")),
    Row("JSON of another shape", "sold", _play("other_json_after")),
    Row("JSON without end, or no text", "sold", _play("deep_json_after", "not_utf8_after")),
    Row("fifty megabytes", "sold", _play("huge_after", "huge_told_after")),
    Row("a gzip bomb", "sold", _play("gzip_bomb_after")),
    Row("ten thousand headers", "sold", _play("many_headers_after")),
    Row("no HTTP", "sold", _play("not_http_after")),
    Row("another parcel's answer", "sold", _play("another_parcel_after")),
]
ODD = [
    Row(
        "odd, and right",
        "fine",
        _play("continue_first", "hints_first", "wrong_type", "no_length", "chunked"),
        most=1,
    ),
    Row("late in time, or told twice", "fine", _play("late", "answered_twice"), most=1),
]
ROWS = [*CONNECTION, *STATUS, *BODY, *ODD]
