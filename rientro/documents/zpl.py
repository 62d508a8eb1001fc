"""A label in ZPL II for thermal printers, 203 dpi, 105 × 148 mm.

Source: Zebra, "ZPL II Programming Guide": ^CI28 reads UTF-8, ^FH_ turns _XX into a byte, ^BC mode A picks the
shortest Code 128, ``>`` begins a command inside ^BC data. Every byte of a stranger's that could mean anything to
the printer goes out as _XX, so no words can end their field.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rientro.documents.fitting import ISOLATE, ISOLATED, MM_TO_PT, ZERO_WIDTH_SPACE, wrapped

DOTS_PER_MM = 8
WIDTH, HEIGHT = 105 * DOTS_PER_MM, 148 * DOTS_PER_MM
LEFT, INNER = 6 * DOTS_PER_MM, 93 * DOTS_PER_MM
DOTS_PER_PT = DOTS_PER_MM / MM_TO_PT
QR_DOTS = 27 * DOTS_PER_MM
ROW = 1.25  # of the height of a letter
# What is there for the PDF's lines alone: a printer has neither breaks nor directions.
UNPRINTED = str.maketrans({ZERO_WIDTH_SPACE: "", ISOLATE: "", ISOLATED: "", "\u00a0": " "})
PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"^~_\\<>")


def written(words: Mapping[str, Any]) -> bytes:
    """The whole label between ^XA and ^XZ, ASCII only."""
    test = bool(words["test"])
    bars_top = 91 * DOTS_PER_MM
    return "\n".join(
        [
            "^XA",
            "^CI28",
            f"^PW{WIDTH}^LL{HEIGHT}^LH0,0",
            *_head(words),
            *(_band(words) if test else [_rule(21.5)]),
            *_block(words, "from", "sender", 31.5 if test else 23.5, 92),
            _rule(50),
            *_block(words, "to", "receiver", 52.5, 60 if words["qr"] else 92),
            *_qr(words),
            _rule(91),
            *_bars(words, bars_top),
            _rule(132),
            *_rows(
                words["about"], x=LEFT, y=135 * DOTS_PER_MM, size=words["about_size"], wide_mm=65
            ),
            _field(words["date"], x=LEFT + 66 * DOTS_PER_MM, y=135 * DOTS_PER_MM, height=22),
            "^XZ",
            "",
        ]
    ).encode("ascii")


def _head(words: Mapping[str, Any]) -> list[str]:
    right = LEFT + 55 * DOTS_PER_MM
    return [
        *_rows([words["brand_name"]], x=LEFT, y=52, size=words["brand_size"], wide_mm=52),
        _field(words["words"]["return"].upper(), x=right, y=48, height=40),
        *_rows(words["service"], x=right, y=96, size=words["service_size"], wide_mm=37),
    ]


def _band(words: Mapping[str, Any]) -> list[str]:
    y = round(20.5 * DOTS_PER_MM)
    return [
        f"^FO{LEFT},{y}^GB{INNER},56,56^FS",
        f"^FO{LEFT + 20},{y + 10}^A0N,38,40^FR^FH_^FDTEST^FS",
        f"^FO{LEFT + 150},{y + 15}^A0N,26,26^FR^FH_^FD{escaped(words['words']['test'])}^FS",
    ]


def _block(
    words: Mapping[str, Any], caption: str, lines: str, top_mm: float, wide_mm: float
) -> list[str]:
    y = round(top_mm * DOTS_PER_MM)
    return [
        _field(words["words"][caption].upper(), x=LEFT, y=y, height=18),
        *_rows(words[lines], x=LEFT, y=y + 30, size=words[f"{lines}_size"], wide_mm=wide_mm),
    ]


def _qr(words: Mapping[str, Any]) -> list[str]:
    if not words["qr"]:
        return []
    modules = int(words["qr_modules"])
    dots = min(10, QR_DOTS // modules)  # ^BQ: at most 10 dots to the module
    x, y = LEFT + INNER - modules * dots, 56 * DOTS_PER_MM
    return [f"^FO{x},{y}^BQN,2,{dots}^FH_^FDMA,{escaped(words['qr_payload'])}^FS"]


def _bars(words: Mapping[str, Any], top: int) -> list[str]:
    wide = round(words["bars_mm"] * DOTS_PER_MM)
    module = max(2, round(words["module_mm"] * DOTS_PER_MM))
    x = LEFT + (INNER - wide) // 2
    number = words["tracking"]
    data = escaped(number.replace(">", ">0"))
    letters = len(number) * 17  # dots, for the printer's own font 0 at 34
    return [
        f"^FO{x},{top + 34}^BY{module}^BCN,216,N,N,N,A^FH_^FD{data}^FS",
        _field(number, x=max(LEFT, (WIDTH - letters) // 2), y=top + 274, height=34),
    ]


def _rows(lines: Sequence[str], *, x: int, y: int, size: float, wide_mm: float) -> list[str]:
    """One field per printed row: ^FB would give a backslash in the words a meaning."""
    height = max(12, round(size * DOTS_PER_PT))
    rows = [row for line in lines for row in wrapped(line, width=wide_mm * MM_TO_PT, size=size)]
    return [
        _field(row, x=x, y=y + round(at * height * ROW), height=height)
        for at, row in enumerate(rows)
    ]


def _field(text: str, *, x: int, y: int, height: int) -> str:
    return f"^FO{x},{y}^A0N,{height},{height}^FH_^FD{escaped(text)}^FS"


def _rule(y_mm: float) -> str:
    return f"^FO{LEFT},{round(y_mm * DOTS_PER_MM)}^GB{INNER},2,2^FS"


def escaped(text: str) -> str:
    """``text`` with everything but harmless ASCII as _XX, byte by byte of its UTF-8."""
    return "".join(
        chr(byte) if byte in PLAIN else f"_{byte:02X}"
        for byte in text.translate(UNPRINTED).encode()
    )
