"""Several labels in one PDF: one after another, or four to a sheet of A4, never scaled."""

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pikepdf

from rientro.documents.fitting import MM_TO_PT

A4_PT = (210 * MM_TO_PT, 297 * MM_TO_PT)
PLACE_PT = (105 * MM_TO_PT, 148.5 * MM_TO_PT)
SLACK_PT = 1.0  # carriers round A6 to whole points
PER_SHEET = 4


def merged(documents: Sequence[bytes]) -> bytes:
    """All pages of ``documents`` in order, each at its own size."""
    with ExitStack() as open_files:
        out = pikepdf.new()
        for source in _opened(documents, open_files):
            out.pages.extend(source.pages)
        return _saved(out)


def four_up(documents: Sequence[bytes], *, start_from: int = 0) -> bytes:
    """A6 pages four to a sheet of A4, in reading order, at their true size.

    ``start_from`` (0 to 3) is the first free place of a sheet whose labels were used in part.
    A page that is larger than A6 keeps a sheet of its own: shrunk bars are bars that scanners refuse.
    """
    with ExitStack() as open_files:
        out = pikepdf.new()
        sheet, taken, first = None, 0, start_from
        for source in _opened(documents, open_files):
            for page in source.pages:
                if not _is_small(page):
                    out.pages.append(page)
                    continue
                if sheet is None or taken == PER_SHEET:
                    sheet, taken, first = out.add_blank_page(page_size=A4_PT), first, 0
                _lay(out, sheet, page, taken)
                taken += 1
        return _saved(out)


def _lay(out: pikepdf.Pdf, sheet: pikepdf.Page, page: pikepdf.Page, taken: int) -> None:
    """Draw ``page`` unscaled into its place. Names are ours: pikepdf's own overlay draws lots for them."""
    shape = out.copy_foreign(page.as_form_xobject())
    name = pikepdf.Name(f"/Label{taken}")
    sheet.add_resource(shape, pikepdf.Name.XObject, name=name)
    place = sheet.calc_form_xobject_placement(
        shape, name, _place(taken, page), allow_shrink=False, allow_expand=False
    )
    sheet.contents_add(place)


def _opened(documents: Sequence[bytes], open_files: ExitStack) -> Iterator[pikepdf.Pdf]:
    for document in documents:
        yield open_files.enter_context(pikepdf.open(io.BytesIO(document)))


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.trimbox)
    wide, tall = abs(right - left), abs(top - bottom)
    return (tall, wide) if int(page.obj.get("/Rotate", 0)) % 180 else (wide, tall)


def _is_small(page: pikepdf.Page) -> bool:
    wide, tall = _size(page)
    return wide <= PLACE_PT[0] + SLACK_PT and tall <= PLACE_PT[1] + SLACK_PT


def _place(taken: int, page: pikepdf.Page) -> pikepdf.Rectangle:
    wide, tall = _size(page)
    left = (taken % 2) * PLACE_PT[0]
    top = A4_PT[1] - (taken // 2) * PLACE_PT[1]
    return pikepdf.Rectangle(left, top - tall, left + wide, top)


def _saved(out: pikepdf.Pdf) -> bytes:
    written = io.BytesIO()
    out.save(written, deterministic_id=True)
    return written.getvalue()
