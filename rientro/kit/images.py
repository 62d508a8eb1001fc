"""Pictures from strangers: decoded and drawn anew by a child process with little memory and no keys."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
TIMEOUT_S = 20
WORKER = Path(__file__).with_name("image_worker.py")
# The first bytes of what we take (W3C PNG §5.2, ITU T.81 B.1.1.3, RFC 9649, GIF89a): SVG is not among them.
BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF87a", b"GIF89a")
WORDS = {
    "too_many_pixels": Sentence(
        "This picture has more than 25 million pixels. Make it smaller and try again."
    ),
    "too_large": Sentence("This picture needs too much memory. Make it smaller and try again."),
    "unreadable": Sentence("This file is no picture that can be read. Use PNG, JPEG, WebP or GIF."),
}


class PictureRefused(RientroError):
    """The upload is no picture we take; ``facts["because"]`` is a stable word."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "picture_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as we drew it anew: no metadata, first frame only, upright."""

    content: bytes
    content_type: str
    width: int
    height: int


def redraw(content: bytes, *, max_edge: int, png: bool = False) -> Picture:
    """Decode ``content`` in a child process and encode it anew, no side longer than ``max_edge`` pixels.

    PNG, JPEG, WebP and GIF only, by content and not by name. PNG comes out when ``png`` or when there is
    transparency, else JPEG. Raises PictureRefused; never decodes in this process.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused(
            "This file is larger than 5 MB. Make it smaller and try again.",
            because="too_many_bytes",
        )
    if not content.startswith(BEGINNINGS):
        raise PictureRefused(WORDS["unreadable"], because="unreadable")
    facts, out = _ask_child(content, max_edge=max_edge, png=png)
    if "refused" in facts:
        raise PictureRefused(WORDS[facts["refused"]], because=facts["refused"])
    return Picture(
        content=out,
        content_type=facts["content_type"],
        width=facts["width"],
        height=facts["height"],
    )


def _ask_child(content: bytes, *, max_edge: int, png: bool) -> tuple[dict[str, Any], bytes]:
    wish = json.dumps({"max_edge": max_edge, "max_pixels": MAX_PIXELS, "keep_alpha": png})
    try:
        # -I: neither our package nor the environment of this process is within the child's reach.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(WORKER)],
            input=wish.encode() + b"\n" + content,
            capture_output=True,
            timeout=TIMEOUT_S,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PictureRefused(WORDS["too_large"], because="too_large") from error
    head, _, out = done.stdout.partition(b"\n")
    if done.returncode or not head:
        return {"refused": "too_large"}, b""
    return json.loads(head), out
