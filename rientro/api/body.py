"""Bodies from strangers: never more than we said, never deeper, nothing the database cannot hold."""

from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.http import HttpRequest

from rientro.api.errors import Refused

MOST_BYTES = 5 * 1024 * 1024
MOST_DRAINED = 40 * 1024 * 1024
MOST_DEPTH = 32
LARGEST_WHOLE = 2**63 - 1
MOST_DIGITS = 40
WHERE_THE_POINT_MAY_BE = 30
BOM = b"\xef\xbb\xbf"
FORM = "application/x-www-form-urlencoded"


def read_json(request: HttpRequest) -> Any:
    """The body as JSON values; numbers with a fraction are Decimal. Raises Refused (400, 413, 415)."""
    kind = (request.content_type or "").lower()
    if kind and kind not in ("application/json", "text/json") and not kind.endswith("+json"):
        raise Refused("Send JSON, with Content-Type: application/json.", status=415)
    return _parsed(_read(request))


def read_json_or_form(request: HttpRequest) -> Any:
    """Like read_json, but a form is taken too: one client sends a form and calls it JSON."""
    body = _read(request)
    if (request.content_type or "").lower() != FORM:
        try:
            return _parsed(body)
        except Refused:
            if not _looks_like_a_form(body):
                raise
    return _form(body)


def raw_body(request: HttpRequest) -> bytes:
    """The bytes as they came, read once and kept. Raises Refused (413, 415)."""
    kept: bytes | None = getattr(request, "rientro_body", None)
    if kept is not None:
        return kept
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("Send the body uncompressed.", status=415)
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    # Django reads nothing without a length; the server hands the joined chunks on all the same.
    stream = request.META["wsgi.input"] if chunked else request
    body: bytes = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        _drain(stream)
        raise Refused(
            f"The body is larger than {MOST_BYTES // 1024 // 1024} MB. Send fewer orders at a time.",
            status=413,
        )
    request.rientro_body = body  # type: ignore[attr-defined]
    return body


def _read(request: HttpRequest) -> bytes:
    body = raw_body(request)
    if not body:
        raise Refused("The body is empty.")
    return body


def _drain(stream: Any) -> None:
    """Let a caller that is a little over the limit finish: one that is still sending never hears the answer."""
    left = MOST_DRAINED
    while left > 0 and (piece := stream.read(min(left, 1 << 20))):
        left -= len(piece)


def _parsed(body: bytes) -> Any:
    try:
        value = _DECODER.decode(body.removeprefix(BOM))
    except RecursionError as error:
        raise _too_deep() from error
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, ValueError) as error:
        # The parser's words name a place, never what stands there.
        raise Refused(f"The body is not valid JSON: {str(error)[:160]}.") from error
    _inspect(value)
    return value


def _number(digits: str) -> Decimal:
    if len(digits) > MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return Decimal(digits)


_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_number)


def _inspect(whole: Any) -> None:
    """Refuse what PostgreSQL cannot store or what nobody means: NUL, huge numbers, towers of lists.

    Level by level, because a call per value is a tenth of what a batch of orders costs.
    """
    level, depth = [whole], 0
    while level:
        if depth == MOST_DEPTH and any(type(value) in (dict, list) for value in level):
            raise _too_deep()
        inner: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                if "\0" in value:
                    raise _nul()
            elif kind is dict:
                if "\0" in "".join(value):
                    raise _nul()
                inner += value.values()
            elif kind is list:
                inner += value
            elif (kind is int and abs(value) > LARGEST_WHOLE) or (
                kind is Decimal and _is_absurd(value)
            ):
                raise Refused("A number is too large.")
        level, depth = inner, depth + 1


def _nul() -> Refused:
    return Refused("NUL characters cannot be stored. Leave them out.")


def _is_absurd(number: Decimal) -> bool:
    return not number.is_finite() or abs(number.adjusted()) > WHERE_THE_POINT_MAY_BE


def _too_deep() -> Refused:
    return Refused(f"The body is nested more than {MOST_DEPTH} levels deep.")


def _looks_like_a_form(body: bytes) -> bool:
    return body[:1] not in b'{["' and b"=" in body[:300]


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise Refused("This form cannot be read.") from error
    form = {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}
    _inspect(form)
    return form
