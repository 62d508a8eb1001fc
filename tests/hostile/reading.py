"""Readers that know nothing of how our papers are made."""

import itertools
import re
from dataclasses import dataclass

import pypdfium2

MM = 72 / 25.4
GONE = re.compile(r"[\s\u00ad\u200b\ufffe\u0002]+")


def squeezed(text: str) -> str:
    """Without spaces, line ends and invisible breaks: a mark may be broken over two rows."""
    return GONE.sub("", text)


@dataclass(frozen=True)
class Page:
    """The letters of one page. Boxes are millimetres from the upper left corner."""

    width_mm: float
    height_mm: float
    whole: str
    text: pypdfium2.PdfTextPage

    def within(self, left: float, top: float, right: float, bottom: float) -> str:
        height = self.height_mm * MM
        return squeezed(
            self.text.get_text_bounded(
                left=left * MM,
                right=right * MM,
                top=height - top * MM,
                bottom=height - bottom * MM,
            )
        )


class Paper:
    """A PDF that is open for the time of a block."""

    def __init__(self, pdf: bytes) -> None:
        self._document = pypdfium2.PdfDocument(pdf)

    def __enter__(self) -> list[Page]:
        pages = []
        for page in self._document:
            width, height = page.get_size()
            text = page.get_textpage()
            pages.append(Page(width / MM, height / MM, squeezed(text.get_text_range()), text))
        return pages

    def __exit__(self, *_: object) -> None:
        self._document.close()


COMMAND = re.compile(rb"[\^~]([A-Z0-9]{2}|A0)([^\^~]*)")
TAKES_DATA = {b"FD"}


class NotZpl(AssertionError):
    pass


def tokens(zpl: bytes) -> list[tuple[str, bytes]]:
    """Every command of one label with its parameters, read as strictly as ZPL II allows.

    A ``^`` or ``~`` always begins a command; between commands there may be line ends only; the label is one ^XA … ^XZ;
    ^FD is closed by ^FS before anything else begins; only ASCII that can be printed. Raises NotZpl.
    """
    if not zpl.isascii() or any(byte < 0x20 and byte != 0x0A for byte in zpl):
        raise NotZpl("bytes that are no printable ASCII")
    found = [(match[1].decode(), match[2].rstrip(b"\n")) for match in COMMAND.finditer(zpl)]
    rebuilt = b"".join(match[0] for match in COMMAND.finditer(zpl))
    if rebuilt.replace(b"\n", b"") != zpl.replace(b"\n", b""):
        raise NotZpl("something stands outside of a command")
    names = [name for name, _ in found]
    if names[0] != "XA" or names[-1] != "XZ" or names.count("XA") != 1 or names.count("XZ") != 1:
        raise NotZpl("not one label")
    for (name, _), (after, _) in itertools.pairwise(found):
        if name == "FD" and after != "FS":
            raise NotZpl(f"^FD is followed by ^{after}")
        if name == "FH" and after != "FD":
            raise NotZpl("^FH without its field")
    return found


def said(zpl: bytes) -> list[str]:
    """What each field says once the printer has read its _XX."""
    hexes = re.compile(rb"_([0-9A-F]{2})")
    return [
        hexes.sub(lambda found: bytes([int(found[1], 16)]), words).decode("utf-8")
        for name, words in tokens(zpl)
        if name == "FD"
    ]
