"""typst at work: one compiler per thread, fonts of a package of ours, no clock, no network."""

import json
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import fontpkg_fira_sans
import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FONTS = fontpkg_fira_sans.ROOT / "files"  # the same letters on every machine (ADR 0008)

_mine = threading.local()  # a compiler that is shared between threads answers "Already borrowed"


def pdf(
    template: str, facts: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF that ``drawn(facts)`` of ``templates/<template>.typ`` makes. Same facts, same bytes.

    ``pictures`` (PNG) join the facts as typst bytes: typst then keeps a picture's PDF form from label to label.
    """
    made = _compiler().compile(
        input=_source(template, facts, pictures or {}),
        format="pdf",
        timestamp=0,
        pdf_tags=False,
    )
    assert isinstance(made, bytes)
    return made


def _source(template: str, facts: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """A main file that hands ``facts`` over, as one string of JSON in ASCII.

    sys.inputs would say the same, but each new value makes typst build and hash its whole library anew.
    """
    seen = "".join(f"{name}: bytes({_json(_numbers(it))}), " for name, it in pictures.items())
    return (
        f'#import "/{template}.typ": drawn\n#drawn({_json(json.dumps(facts))} + ({seen or ":"}))\n'
    ).encode("ascii")


def _json(text: str) -> str:
    """typst for what the JSON in ``text`` says: nothing in a string without quotes and backslashes is code."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'json(bytes("{quoted}"))'


@lru_cache(maxsize=64)
def _numbers(picture: bytes) -> str:
    """typst takes no bytes from outside, but makes them of numbers."""
    return json.dumps(list(picture), separators=(",", ":"))


def _compiler() -> typst.Compiler:
    if not hasattr(_mine, "compiler"):
        _mine.compiler = typst.Compiler(root=TEMPLATES, font_paths=_fonts())
    compiler: typst.Compiler = _mine.compiler
    return compiler


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
