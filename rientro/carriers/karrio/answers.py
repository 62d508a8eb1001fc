"""What is read out of answers: papers, XML, moments. A broken paper never costs a label."""

import base64
import binascii
import io
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from PIL import Image

from rientro.carriers.base import DOCUMENT_LIMIT, Unavailable
from rientro.carriers.paper import checked_pdf

LARGEST_PIXELS = 4_000_000  # a label of 4 × 8 inches has a million at 203 dpi


def paper(encoded: Any) -> bytes | None:
    """The PDF in base64, made harmless; None when there is none to be had."""
    document = _bytes(encoded)
    if document is None:
        return None
    try:
        return checked_pdf(document)
    except Unavailable:
        return None


def picture_as_paper(encoded: Any, *, width_in: float, height_in: float) -> bytes | None:
    """A label's picture in base64 (GIF or PNG) as an upright page of that width; None when it is no picture.

    Its height is ``height_in`` where what lies below is blank, else the picture's own.
    """
    document = _bytes(encoded)
    if document is None:
        return None
    try:
        with Image.open(io.BytesIO(document), formats=("PNG", "GIF")) as found:
            if found.width * found.height > LARGEST_PIXELS:
                return None
            page = found.convert("L").point(_black_or_white, "1")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if page.width > page.height:
        page = page.rotate(-90, expand=True)
    dpi = page.width / width_in
    out = io.BytesIO()
    _cut(page, round(height_in * dpi)).save(out, "PDF", resolution=dpi)
    return checked_pdf(out.getvalue())


def _black_or_white(value: int) -> int:
    return 255 if value > 127 else 0


def _cut(page: Image.Image, height: int) -> Image.Image:
    """Without what lies below ``height``, if that is blank. Nothing is scaled: codes keep their proportions."""
    if page.height <= height:
        return page
    rest = page.crop((0, height, page.width, page.height))
    inked = rest.getextrema()[0] == 0
    return page if inked else page.crop((0, 0, page.width, height))


def xml_of(body: bytes) -> ElementTree.Element:
    """The root of an XML answer. Raises ValueError for what is none, and for one that brings entities of its own."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("An answer with entities of its own is not read.")
    try:
        return ElementTree.fromstring(body)  # noqa: S314  no entities, and the size is bounded
    except ElementTree.ParseError as error:
        raise ValueError("This is no XML.") from error


def moment(told: str, zone: str, *formats: str) -> datetime:
    """A carrier's time. One without an offset is meant in ``zone``. Raises ValueError."""
    text = told.strip()
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
            break
        except ValueError:
            continue
    else:
        found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def _bytes(encoded: Any) -> bytes | None:
    if not isinstance(encoded, str) or not encoded or len(encoded) > DOCUMENT_LIMIT * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return None
