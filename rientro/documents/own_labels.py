"""Labels that a merchant uploads: opened by a child process with little memory and no keys, one page each."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rientro import kit
from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence

MOST_BYTES = 20 * 1024 * 1024  # of all files together, as they come
MOST_PAGES = 500
MOST_KEPT = 60 * 1024 * 1024  # of all pages together, each with its own fonts and pictures
TIMEOUT_S = 110
WORKER = Path(kit.__path__[0]) / "pdf_pages_worker.py"
WORDS = {
    "too_many_bytes": Sentence(
        "These files are larger than 20 MB together. Upload them in several parts."
    ),
    "too_large": Sentence(
        "These files need too much memory or time. Upload fewer at once, or print them anew as PDF."
    ),
    "nothing": Sentence("There is no PDF in what you uploaded. Upload labels as PDF, one a page."),
}


class LabelsRefused(RientroError):
    """Nothing of the upload can be used; ``facts["because"]`` is a word of WORDS."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "labels_refused"

    def __init__(self, because: str) -> None:
        super().__init__(WORDS[because], because=because)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPage:
    """One page as a PDF of its own; ``thumb`` is a PNG, empty when it could not be drawn."""

    file: str
    page: int
    pages: int
    pdf: bytes
    thumb: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was in the files. ``refused`` are (word, file, page or 0); tables are (name, content)."""

    labels: list[LabelPage]
    tables: list[tuple[str, bytes]]
    refused: list[tuple[str, str, int]]


def open_labels(files: Sequence[tuple[str, bytes]]) -> Opened:
    """Read (name, content) of PDFs, ZIPs of PDFs and tables, by what they hold.

    A PDF that is locked, acts by itself or hides files is refused and named, and so is a page too many; the others
    are taken. Raises LabelsRefused when the whole cannot be read.
    """
    if sum(len(content) for _, content in files) > MOST_BYTES:
        raise LabelsRefused("too_many_bytes")
    facts, body = _ask_child(files)
    if "refused_all" in facts:
        raise LabelsRefused(facts["refused_all"])
    told = facts["labels"]
    sizes = [each["pdf"] for each in told] + [each["png"] for each in told]
    pieces = _cut(body, sizes + [size for _, size in facts["tables"]])
    count = len(told)
    return Opened(
        labels=[
            LabelPage(
                file=each["file"],
                page=each["page"],
                pages=each["pages"],
                pdf=pieces[place],
                thumb=pieces[count + place],
            )
            for place, each in enumerate(told)
        ],
        tables=[
            (name, pieces[2 * count + place]) for place, (name, _) in enumerate(facts["tables"])
        ],
        refused=[(word, name, number) for word, name, number in facts["refused"]],
    )


def _cut(body: bytes, sizes: Sequence[int]) -> list[bytes]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(body[start : start + size])
        start += size
    return pieces


def _ask_child(files: Sequence[tuple[str, bytes]]) -> tuple[dict[str, Any], bytes]:
    wish = {
        "files": [[name, len(content)] for name, content in files],
        "most_pages": MOST_PAGES,
        "most_bytes": MOST_KEPT,
    }
    try:
        # -I: neither our package nor the environment of this process is within the child's reach.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(WORKER)],
            input=json.dumps(wish).encode() + b"\n" + b"".join(content for _, content in files),
            capture_output=True,
            timeout=TIMEOUT_S,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabelsRefused("too_large") from error
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise LabelsRefused("too_large")
    facts: dict[str, Any] = json.loads(head)
    return facts, body
