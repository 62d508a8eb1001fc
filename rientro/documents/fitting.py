"""Text that strangers wrote, made fit to print: cleaned, measured with the font's own widths, sized for a box."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONTS = Path(__file__).parent / "fonts"
LONGEST_LINE = 120
MOST_LINES = 9
LONGEST_WORD = 24  # longer ones get places to break, or one word could leave its box
BREAK_EVERY = 12
ZERO_WIDTH_SPACE = "\u200b"
CAP_EM = 0.714  # Noto Sans: cap height, which typst takes for the top of a line
LEADING_EM = 0.5
MM_TO_PT = 72 / 25.4
UNITS = 1000
WIDE_FROM = 0x2E80  # East Asian scripts: not in our fonts, and a full em wide when drawn


def clean(text: str, *, longest: int = LONGEST_LINE) -> str:
    """One line of visible characters: composed, without control, format or private ones, never longer."""
    kept = (
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in unicodedata.normalize("NFC", text[: longest * 4])
        if unicodedata.category(letter) not in {"Cf", "Cs", "Co", "Cn"}
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def clean_lines(lines: Sequence[str]) -> list[str]:
    """The lines that say something. More than nine are run together on the last, so that none is lost."""
    kept = [line for line in map(clean, lines) if line]
    if len(kept) > MOST_LINES:
        kept[MOST_LINES - 1 :] = [clean(", ".join(kept[MOST_LINES - 1 :]))]
    return kept


def breakable(line: str) -> str:
    """``line`` with invisible places to break inside words that are longer than any real one."""
    return " ".join(
        word
        if len(word) <= LONGEST_WORD
        else ZERO_WIDTH_SPACE.join(
            word[at : at + BREAK_EVERY] for at in range(0, len(word), BREAK_EVERY)
        )
        for word in line.split(" ")
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
    rows, row, used = [], "", 0.0
    space = advance(" ", bold=bold) * size
    for word in line.split(" "):
        for at, piece in enumerate(word.split(ZERO_WIDTH_SPACE)):
            wide = advance(piece, bold=bold) * size
            gap = space if row and at == 0 else 0.0
            if row and used + gap + wide > width:
                rows.append(row)
                row, used = piece, wide
            else:
                row, used = row + (" " if gap else "") + piece, used + gap + wide
    return [*rows, row] if row else rows


@lru_cache(maxsize=4096)
def advance(text: str, *, bold: bool) -> float:
    """How wide ``text`` is, in em, as our font draws it."""
    wide = sum(1 for letter in text if ord(letter) >= WIDE_FROM)
    return _font(bold).getlength(text) / UNITS + wide * 0.5


@lru_cache(maxsize=2)
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSans-Bold.ttf" if bold else "NotoSans-Regular.ttf"
    return ImageFont.truetype(FONTS / name, UNITS, layout_engine=ImageFont.Layout.BASIC)
