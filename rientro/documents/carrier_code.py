"""The code of a labelless parcel as a carrier sends it, made harmless before a shopper is shown it."""

from dataclasses import dataclass

from rientro.documents.carrier_pdf import MAGIC, MAGIC_WITHIN, cleaned
from rientro.kit.images import redraw

LONGEST_EDGE = 1200  # pixels: sharp on a telephone, small in a mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A PNG that we drew anew, or a PDF without anything that acts."""

    content: bytes
    content_type: str


def safe_code(content: bytes) -> Code:
    """``content`` as what may be shown: by its bytes, whatever the carrier calls it.

    Raises PictureRefused and CarrierPdfRefused for anything that is neither a picture nor a PDF.
    """
    if MAGIC in content[:MAGIC_WITHIN]:
        return Code(content=cleaned(content), content_type="application/pdf")
    picture = redraw(content, max_edge=LONGEST_EDGE, png=True)
    return Code(content=picture.content, content_type=picture.content_type)
