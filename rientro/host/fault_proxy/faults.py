"""Every way a line or a carrier breaks, by name. ``_after`` means that the carrier has acted first."""

import gzip
import io
import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from rientro.host.fault_proxy.wire import Answer

if TYPE_CHECKING:
    from rientro.host.fault_proxy.proxy import Exchange

BOMB_MB = 50
MANY_HEADERS = 10_000
HTML = b"<!doctype html><html><body><h1>It works!</h1></body></html>"
# What stands in the body of an error, when nobody says what: carriers, gateways and load balancers differ.
ERROR_BODIES = (
    b"",
    HTML,
    b"{}",
    b'{"error": {"code": "odd", "message": "Something is odd."}}',
    b'{"errors": [{"code": "odd", "message": "Something is odd."}]}',
    b"upstream connect error or disconnect/reset before headers",
)


def well(x: "Exchange") -> None:
    x.send(x.forward())


# The line breaks


def reset_at_once(x: "Exchange") -> None:
    """The request was read and goes nowhere; the client sees a reset."""
    x.reset()


def close_at_once(x: "Exchange") -> None:
    x.hang_up()


def hang(x: "Exchange") -> None:
    x.gone(float(x.words.get("seconds", 60)))
    x.hang_up()


def reset_after(x: "Exchange") -> None:
    x.forward()
    x.reset()


def close_after(x: "Exchange") -> None:
    x.forward()
    x.hang_up()


def hang_after(x: "Exchange") -> None:
    x.forward()
    hang(x)


def half_head_after(x: "Exchange") -> None:
    head = x.forward().head()
    x.raw(head[: x.chance.randrange(1, len(head) - 4)])
    x.hang_up()


def half_body_after(x: "Exchange") -> None:
    answer = x.forward()
    x.raw(_cut(x, answer))
    x.hang_up()


def half_body_reset_after(x: "Exchange") -> None:
    answer = x.forward()
    x.raw(_cut(x, answer))
    x.reset()


def broken_chunks_after(x: "Exchange") -> None:
    answer = x.forward()
    x.raw(answer.head(Content_Length=None, Transfer_Encoding="chunked"))
    x.raw(f"{len(answer.body) + 7:x}\r\n".encode() + answer.body)
    x.hang_up()


def slow_body_after(x: "Exchange") -> None:
    """A byte now and then: time-outs that start anew with each byte never end."""
    answer = x.forward()
    if answer.body:
        x.raw(answer.head())
    x.drip(answer.body or answer.head(), every_s=float(x.words.get("every_s", 0.05)))
    x.hang_up()


def slow_head_after(x: "Exchange") -> None:
    answer = x.forward()
    x.drip(answer.head() + answer.body, every_s=float(x.words.get("every_s", 0.05)))
    x.hang_up()


def stale(x: "Exchange") -> None:
    """A connection that was kept and is closed just when it is used again."""
    x.raw(b"")
    x.hang_up()


# The carrier answers oddly, having acted


def html_after(x: "Exchange") -> None:
    x.forward()
    x.send(Answer(headers=(("Content-Type", "text/html"),), body=HTML))


def empty_after(x: "Exchange") -> None:
    x.send(x.forward().but(body=b""))


def no_content_after(x: "Exchange") -> None:
    x.forward()
    x.raw(b"HTTP/1.1 204 No Content\r\n\r\n")


def cut_json_after(x: "Exchange") -> None:
    """Whole by its length, cut by whoever stored it."""
    answer = x.forward()
    x.send(answer.but(body=_part(x, answer.body)))


def other_json_after(x: "Exchange") -> None:
    x.send(x.forward().but(body=x.chance.choice([b"{}", b"[]", b"[1, 2]", b"null", b'"ok"', b"7"])))


def deep_json_after(x: "Exchange") -> None:
    x.send(x.forward().but(body=b'{"a":' * 50_000))


def not_utf8_after(x: "Exchange") -> None:
    x.send(x.forward().but(body=b"\xff\xfe\x00{" + bytes(range(128, 256))))


def huge_after(x: "Exchange") -> None:
    """Fifty megabytes, of which nobody said anything beforehand."""
    answer = x.forward()
    x.raw(answer.head(Content_Length=None, Connection="close"))
    for _ in range(BOMB_MB):
        x.raw(b" " * 1_000_000)
    x.hang_up()


def huge_told_after(x: "Exchange") -> None:
    answer = x.forward()
    x.raw(answer.head(Content_Length=str(BOMB_MB * 1_000_000)) + answer.body)
    x.hang_up()


def gzip_bomb_after(x: "Exchange") -> None:
    answer = x.forward().but(body=_packed(b" " * 1_000_000, times=BOMB_MB))
    x.send(answer, Content_Encoding="gzip")


def many_headers_after(x: "Exchange") -> None:
    answer = x.forward()
    noise = tuple((f"X-Noise-{number}", "0" * 60) for number in range(MANY_HEADERS))
    x.send(answer.but(headers=answer.headers + noise))
    x.hang_up()


def not_http_after(x: "Exchange") -> None:
    x.forward()
    x.raw(b"220 mail.example ESMTP ready\r\n")
    x.hang_up()


def another_parcel_after(x: "Exchange") -> None:
    """The answer to somebody else's request: two requests crossed in a gateway."""
    x.forward()
    x.send(x.another())


def says(x: "Exchange") -> None:
    """An answer instead of acting: ``status``, ``headers``, ``body``."""
    x.send(_said(x))


def says_after(x: "Exchange") -> None:
    x.forward()
    x.send(_said(x))


def body_after(x: "Exchange") -> None:
    """The carrier's own answer with another body: a function of it, or bytes."""
    answer, body = x.forward(), x.words["body"]
    x.send(answer.but(body=body(answer.body) if callable(body) else body))


# Odd, and right all the same


def continue_first(x: "Exchange") -> None:
    x.raw(b"HTTP/1.1 100 Continue\r\n\r\n")
    well(x)


def hints_first(x: "Exchange") -> None:
    x.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n")
    well(x)


def wrong_type(x: "Exchange") -> None:
    answer = x.forward()
    x.send(answer, Content_Type=x.chance.choice(["text/html", "text/plain", "image/png"]))


def no_length(x: "Exchange") -> None:
    """The end of the connection is the end of the answer."""
    answer = x.forward()
    x.raw(answer.head(Content_Length=None, Connection="close") + answer.body)
    x.hang_up()


def chunked(x: "Exchange") -> None:
    answer = x.forward()
    x.raw(answer.head(Content_Length=None, Transfer_Encoding="chunked"))
    at = 0
    while at < len(answer.body):
        piece = answer.body[at : at + x.chance.randrange(1, 60)]
        x.raw(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        at += len(piece)
    x.raw(b"0\r\n\r\n")


def late(x: "Exchange") -> None:
    """Slow, but within the deadline."""
    answer = x.forward()
    x.gone(float(x.words.get("seconds", 0.1)))
    x.send(answer)


def answered_twice(x: "Exchange") -> None:
    """The same answer once more on the same connection, which nobody waits for."""
    answer = x.forward()
    x.send(answer)
    x.send(answer)
    x.hang_up()


def _cut(x: "Exchange", answer: Answer) -> bytes:
    """The head and a part of the body; of an answer without one, a part of the head."""
    head = answer.head()
    return (
        head + _part(x, answer.body)
        if answer.body
        else head[: x.chance.randrange(1, len(head) - 4)]
    )


def _part(x: "Exchange", body: bytes) -> bytes:
    """As much of ``body`` as its seed says, never all of it."""
    return body[: x.chance.randrange(0, max(1, len(body) - 1))]


def _said(x: "Exchange") -> Answer:
    body = x.words.get("body")
    if body is None:
        body = x.chance.choice(ERROR_BODIES)
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
    headers = tuple(dict(x.words.get("headers", {})).items())
    return Answer(status=int(x.words["status"]), headers=headers, body=body)


@cache
def _packed(piece: bytes, *, times: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for _ in range(times):
            file.write(piece)
    return out.getvalue()


PLAYS: dict[str, Callable[["Exchange"], None]] = {
    play.__name__: play
    for play in (
        reset_at_once, close_at_once, hang, stale, says,
        reset_after, close_after, hang_after, half_head_after, half_body_after, half_body_reset_after,
        broken_chunks_after, slow_body_after, slow_head_after, html_after, empty_after, no_content_after,
        cut_json_after, other_json_after, deep_json_after, not_utf8_after, huge_after, huge_told_after,
        gzip_bomb_after, many_headers_after, not_http_after, another_parcel_after, says_after, body_after,
        continue_first, hints_first, wrong_type, no_length, chunked, late, answered_twice,
    )
}  # fmt: skip
