"""The return label in its three shapes: an A6 for the parcel, an A4 sheet to print at home, ZPL for a printer."""

from rientro.documents import compiler, zpl
from rientro.documents.facts import LabelDocuments, LabelFacts, LabelItem
from rientro.documents.layout import label_words, sheet_words
from rientro.documents.logo import prepared

__all__ = [
    "LabelDocuments",
    "LabelFacts",
    "LabelItem",
    "draw_a4",
    "draw_a6",
    "draw_label",
    "draw_zpl",
]


def draw_label(facts: LabelFacts) -> LabelDocuments:
    """All three shapes. Same facts, same bytes. Raises NoBarcode for a tracking number that bars cannot say."""
    return LabelDocuments(pdf_a6=draw_a6(facts), pdf_a4=draw_a4(facts), zpl=draw_zpl(facts))


def draw_a6(facts: LabelFacts) -> bytes:
    """The label alone, 105 × 148 mm."""
    return compiler.pdf("a6", label_words(facts), pictures=_logo(facts))


def draw_a4(facts: LabelFacts) -> bytes:
    """The label to cut out at its true size, what to do in three steps, and the packing slip."""
    words = label_words(facts) | sheet_words(facts)
    return compiler.pdf("a4", words, pictures=_logo(facts))


def draw_zpl(facts: LabelFacts) -> bytes:
    """ZPL II, A6 at 203 dpi. The brand stands there by name; its logo is on the PDFs."""
    return zpl.written(label_words(facts))


def _logo(facts: LabelFacts) -> dict[str, bytes]:
    logo = prepared(facts.logo) if facts.logo else None
    return {"logo": logo.png} if logo else {}
