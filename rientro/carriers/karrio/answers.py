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

DPI = 300
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
    """A label's picture in base64 (GIF or PNG) as a PDF page of that size, upright; None when it is no picture."""
    document = _bytes(encoded)
    if document is None:
        return None
    try:
        with Image.open(io.BytesIO(document), formats=("PNG", "GIF")) as found:
            if found.width * found.height > LARGEST_PIXELS:
                return None
            page = found.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if page.width > page.height:
        page = page.rotate(-90, expand=True)
    size = (round(width_in * DPI), round(height_in * DPI))
    # Whole multiples keep every bar as wide as its neighbour; carriers' pictures are near the page's size.
    out = io.BytesIO()
    page.resize(size, Image.Resampling.NEAREST).save(out, "PDF", resolution=DPI)
    return checked_pdf(out.getvalue())


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
