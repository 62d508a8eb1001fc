"""What a carrier says when it refuses: one code and one sentence out of the usual shapes of an error body.

{"error": {"code", "message", "errors"?: [...]}}      EasyPost, Sendcloud version 2, our own
{"errors": [{"code"?, "detail" | "message", "field"? | "source": {"pointer"}?}, ...]}   Sendcloud version 3
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LONGEST = 300
MOST = 3  # details that a person still reads


@dataclass(frozen=True, slots=True)
class Refusal:
    """``fields`` are the carrier's names of what it minds, without the way to them.

    ``cut``: it began to say something in JSON, and the rest was lost.
    """

    code: str = ""
    words: str = ""
    fields: tuple[str, ...] = ()
    cut: bool = False


def refusal_in(body: bytes) -> Refusal:
    """What ``body`` says; all empty for a body in no shape that is known here. Never raises."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Refusal(cut=body.lstrip().startswith(b"{"))
    if not isinstance(found, dict):
        return Refusal()
    error = found.get("error")
    if isinstance(error, dict):
        details = _each(error.get("errors"))
        words = [_text(error.get("message")), *(_sentence(detail) for detail in details)]
        return _refusal(error.get("code"), words, details)
    details = _each(found.get("errors"))
    if not details:
        return Refusal(words=_text(found.get("detail") or found.get("message")))
    first = details[0] if isinstance(details[0], dict) else {}
    return _refusal(first.get("code"), [_sentence(detail) for detail in details], details)


def _refusal(code: Any, words: Iterable[str], details: list[Any]) -> Refusal:
    said = list(dict.fromkeys(part for part in words if part))
    fields = tuple(name for name in (_field(detail) for detail in details) if name)
    return Refusal(_text(code)[:60], " ".join(said)[:LONGEST], fields)


def _each(value: Any) -> list[Any]:
    return value[:MOST] if isinstance(value, list) else []


def _sentence(detail: Any) -> str:
    if not isinstance(detail, dict):
        return _text(detail)
    said, field = _text(detail.get("detail") or detail.get("message")), _field(detail)
    return f"{field}: {said}" if said and field and field not in said else said


def _field(detail: Any) -> str:
    """The last part of ``/data/attributes/weight/value``, which is what people know it by."""
    if not isinstance(detail, dict):
        return ""
    source = detail.get("source")
    pointer = source.get("pointer") if isinstance(source, dict) else ""
    return _text(detail.get("field") or _text(pointer).rsplit("/", 1)[-1])[:60]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
