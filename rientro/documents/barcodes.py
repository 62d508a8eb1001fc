"""Bars and squares as SVG paths, one unit to the module, without quiet zones: the page keeps those free."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import zint

from rientro.kit.errors import Kind, RientroError

LONGEST_CODE128 = (
    30  # 372 modules of 0.25 mm fill the 93 mm of a label; letters take 11 modules each
)
LONGEST_QR_BYTES = 400
QR_LEVEL_M = 2  # zint manual, "QR Code": option_1 = 2 restores 15 % of the symbol
_BARS = re.compile("1+")


class NoBarcode(RientroError):
    """These words cannot be written as bars that a scanner reads."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "no_barcode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """``modules`` is the width in modules; the SVG of bars stretches to any height."""

    svg: str
    modules: int


@lru_cache(maxsize=256)
def code128(text: str) -> Drawn:
    """Code 128 of printable ASCII. Raises NoBarcode for anything else, or for more than 30 characters."""
    if not text or len(text) > LONGEST_CODE128 or not text.isascii() or not text.isprintable():
        raise NoBarcode("This number cannot be written as a Code 128 barcode.", length=len(text))
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE128
    symbol.show_hrt = False
    symbol.encode(text)
    return _drawn(symbol, rows=1)


@lru_cache(maxsize=256)
def qr(text: str) -> Drawn:
    """A QR code at level M. Raises NoBarcode for nothing, or for more than 400 bytes of UTF-8."""
    if not text or len(text.encode()) > LONGEST_QR_BYTES:
        raise NoBarcode("This text cannot be written as a QR code.", length=len(text))
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.option_1 = QR_LEVEL_M
    symbol.encode(text)
    return _drawn(symbol, rows=symbol.rows)


def _drawn(symbol: zint.Symbol, *, rows: int) -> Drawn:
    """``encoded_data`` holds a row per line, one bit to the module, the lowest bit of a byte first."""
    width = symbol.width
    grid = bytes(symbol.encoded_data)
    stride = len(grid) // 200  # zint.h: ZINT_MAX rows = 200
    used = -(-width // 8)
    path = "".join(
        f"M{left} {row}h{right - left}v1h{left - right}z"
        for row in range(rows)
        for left, right in _bars(grid[row * stride : row * stride + used])
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {rows}">'
        f'<path d="{path}"/></svg>'
    )
    return Drawn(svg=svg, modules=width)


def _bars(row: bytes) -> Iterator[tuple[int, int]]:
    """Where each run of dark modules begins and ends; what pads the last byte is light."""
    bits = f"{int.from_bytes(row, 'little'):b}"[::-1]
    return (bar.span() for bar in _BARS.finditer(bits))
