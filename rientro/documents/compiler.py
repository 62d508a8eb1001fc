"""typst at work: one compiler per thread and template, fonts of a package of ours, no clock, no network."""

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_fira_sans
import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FONTS = fontpkg_fira_sans.ROOT / "files"  # the same letters on every machine (ADR 0008)

_mine = threading.local()  # a compiler that is shared between threads answers "Already borrowed"


def pdf(template: str, facts: Mapping[str, Any]) -> bytes:
    """The PDF of ``templates/<template>.typ``, with ``facts`` as JSON. Same facts, same bytes."""
    compilers = _mine.__dict__.setdefault("compilers", {})
    if template not in compilers:
        compilers[template] = typst.Compiler(
            TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=_fonts(), sys_inputs={}
        )
    made = compilers[template].compile(
        format="pdf",
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        timestamp=0,
        pdf_tags=False,
    )
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
