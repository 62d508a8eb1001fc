"""Text that strangers wrote, made fit to print: cleaned, measured with the font's own widths, sized for a box."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from PIL import ImageFont

from rientro.documents.compiler import FONTS

LONGEST_LINE = 120
MOST_LINES = 9
LONGEST_WORD = 24  # longer ones get places to break, or one word could leave its box
BREAK_EVERY = 12
PARTS = re.compile(r" |[^ -]*-|[^ -]+")  # typst breaks after a hyphen by itself
ZERO_WIDTH_SPACE = "\u200b"
ISOLATE, ISOLATED = "\u2068", "\u2069"
# Vietnamese needs two. More climb over the lines above, and around what is enclosed by a mark no font draws at all.
MOST_MARKS = 2
CAP_EM = 0.689  # Fira Sans: cap height, which typst takes for the top of a line
LEADING_EM = 0.5
MM_TO_PT = 72 / 25.4
UNITS = 1000
# typst draws nothing at all where no font has a letter: a box at least says that something stood there.
BOX = "□"
DRAWN = ((0x20, 0x6FF), (0x10A0, 0x10FF), (0x1E00, 0x2BFF), (0xFB00, 0xFDFF), (0xFE70, 0xFEFC))


def clean(text: str, *, longest: int = LONGEST_LINE) -> str:
    """One line of visible characters: composed, without control, format or private ones, never longer."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(_visible(unicodedata.normalize("NFC", text[: longest * 4])))
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _visible(text: str) -> Iterator[str]:
    marks = 0
    for letter in text:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if kind == "Me" or marks > MOST_MARKS:
            continue
        if kind in {"Cc", "Zs", "Zl", "Zp"}:
            yield " "
        elif kind not in {"Cf", "Cs", "Co", "Cn"}:
            yield letter if any(first <= ord(letter) <= last for first, last in DRAWN) else BOX


def apart(text: str) -> str:
    """``text`` for a line of several: what is written from the right turns no neighbour round (UAX 9, isolates)."""
    turns = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"{ISOLATE}{text}{ISOLATED}" if turns else text


def clean_lines(lines: Sequence[str]) -> list[str]:
    """The lines that say something. More than nine are run together on the last, so that none is lost."""
    kept = [line for line in map(clean, lines) if line]
    if len(kept) > MOST_LINES:
        kept[MOST_LINES - 1 :] = [clean(", ".join(kept[MOST_LINES - 1 :]))]
    return kept


def breakable(line: str) -> str:
    """``line`` with invisible places to break inside words that are longer than any real one."""
    return "".join(
        part
        if len(part) <= LONGEST_WORD
        else ZERO_WIDTH_SPACE.join(
            part[at : at + BREAK_EVERY] for at in range(0, len(part), BREAK_EVERY)
        )
        for part in PARTS.findall(line)
    )


def size_that_fits(
    lines: Sequence[str], *, width_mm: float, height_mm: float, sizes: Sequence[float], bold: bool
) -> float:
    """The largest of ``sizes`` (points, descending) at which ``lines`` wrap into the box; else the last."""
    width, height = width_mm * MM_TO_PT, height_mm * MM_TO_PT
    for size in sizes:
        rows = sum(len(wrapped(line, width=width, size=size, bold=bold)) for line in lines)
        if rows * (CAP_EM + LEADING_EM) * size - LEADING_EM * size <= height:
            return size
    return sizes[-1]


def wrapped(line: str, *, width: float, size: float, bold: bool = False) -> list[str]:
    """``line`` as rows no wider than ``width`` (same unit as ``size``), broken at spaces and break places."""
    rows, row, used, gap = [], "", 0.0, ""
    for part in PARTS.findall(line.replace(ZERO_WIDTH_SPACE, " \0")):
        if part == " ":
            gap = " "
            continue
        piece = part.removeprefix("\0")
        gap = gap if piece == part else ""
        wide = advance(piece, bold=bold) * size
        if row and used + advance(gap, bold=bold) * size + wide > width:
            rows.append(row)
            row, used = piece, wide
        else:
            row, used = row + gap + piece, used + advance(gap, bold=bold) * size + wide
        gap = ""
    return [*rows, row] if row else rows


@lru_cache(maxsize=4096)
def advance(text: str, *, bold: bool) -> float:
    """How wide ``text`` is, in em, as our font draws it."""
    return _font(bold).getlength(text) / UNITS


@lru_cache(maxsize=2)
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    name = "FiraSans-Bold.ttf" if bold else "FiraSans-Regular.ttf"
    return ImageFont.truetype(FONTS / name, UNITS, layout_engine=ImageFont.Layout.BASIC)
