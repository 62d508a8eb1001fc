"""A carrier's own paper on our sheet: its marks as they came and unscaled, beside them what to do and the slip."""

import io

import pikepdf

from rientro.documents import compiler
from rientro.documents.facts import LabelFacts
from rientro.documents.fitting import MM_TO_PT, clean
from rientro.documents.layout import sheet_words
from rientro.documents.nup import A4_PT
from rientro.documents.words import words_for

# The corner of the sheet that a4.typ keeps free: up to the two lines to cut along.
FREE_PT = (109 * MM_TO_PT, 154 * MM_TO_PT)
FROM_EDGE_PT = (1.5 * MM_TO_PT, 1.5 * MM_TO_PT)


def on_sheet(paper: bytes, facts: LabelFacts) -> bytes:
    """``paper`` (cleaned by documents.carrier_pdf) on A4 with the three steps and the packing slip.

    Nothing is scaled or drawn over: shrunk bars are bars that scanners refuse. A first page that is larger than
    the corner for labels (109 × 154 mm) stands before our sheet instead, and further pages follow as they came.
    """
    with (
        pikepdf.open(io.BytesIO(paper)) as theirs,
        pikepdf.open(io.BytesIO(_sheet(facts))) as ours,
    ):
        first = theirs.pages[0]
        rest = list(theirs.pages)[1:]
        if _fits(first):
            _lay(ours, first)
        else:
            ours.pages.insert(0, first)
        ours.pages.extend(rest)
        out = io.BytesIO()
        ours.save(out, deterministic_id=True)
        return out.getvalue()


def _sheet(facts: LabelFacts) -> bytes:
    """The sheet without a label of ours."""
    language, words = words_for(facts.language)
    title = f"{words['return']} {clean(facts.return_number)}"
    said = {"language": language, "words": dict(words), "title": title, "own_paper": True}
    return compiler.pdf("a4", said | sheet_words(facts))


def _lay(ours: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Names are ours: pikepdf's own overlay draws lots for them."""
    sheet = ours.pages[0]
    shape = ours.copy_foreign(page.as_form_xobject())
    name = pikepdf.Name("/CarrierLabel")
    sheet.add_resource(shape, pikepdf.Name.XObject, name=name)
    wide, tall = _size(page)
    left, top = FROM_EDGE_PT[0], A4_PT[1] - FROM_EDGE_PT[1]
    place = sheet.calc_form_xobject_placement(
        shape,
        name,
        pikepdf.Rectangle(left, top - tall, left + wide, top),
        allow_shrink=False,
        allow_expand=False,
    )
    # What typst drew before is closed off, so that its state cannot turn the carrier's marks.
    sheet.contents_add(b"q\n", prepend=True)
    sheet.contents_add(b"\nQ\n" + place)


def _fits(page: pikepdf.Page) -> bool:
    wide, tall = _size(page)
    return wide <= FREE_PT[0] and tall <= FREE_PT[1]


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.trimbox)
    wide, tall = abs(right - left), abs(top - bottom)
    return (tall, wide) if int(page.obj.get("/Rotate", 0)) % 180 else (wide, tall)
