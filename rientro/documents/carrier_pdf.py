"""PDFs as carriers send them, made harmless before we keep them or pass them to a shopper.

What is taken out is what ISO 32000-2 lets act by itself or hide a file: sections 12.6 (actions), 12.5.6
(annotations that carry media or files), 7.11.4 (embedded files), 12.7 (forms), 8.10.4 (reference XObjects).
"""

import io
from typing import Any, ClassVar

import pikepdf

from rientro.kit import pdf_limits  # noqa: F401  set before the first stranger's file is opened
from rientro.kit.errors import Kind, RientroError

MAX_BYTES = 5 * 1024 * 1024
MAX_PAGES = 20
MAX_DEPTH = 40
MAGIC = b"%PDF-"
MAGIC_WITHIN = 1024  # ISO 32000-2, annex J: readers accept the header within the first 1024 bytes
ACTING_KEYS = ("/AA", "/OpenAction", "/JS", "/JavaScript", "/AF", "/EF", "/XFA", "/Ref", "/URI")
ACTIONS = frozenset(
    [
        "/JavaScript",
        "/Launch",
        "/URI",
        "/GoToR",
        "/GoToE",
        "/SubmitForm",
        "/ImportData",
        "/Rendition",
    ]
)
LIVELY = frozenset(
    ["/Link", "/Widget", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"]
)


class CarrierPdfRefused(RientroError):
    """The carrier's document cannot be used; ``facts["because"]`` is a stable word."""

    kind: ClassVar[Kind] = "upstream"
    code: ClassVar[str] = "carrier_document"


def cleaned(content: bytes) -> bytes:
    """The same pages in a fresh PDF, at the same size, without anything that acts, asks or hides.

    The marks on the page stay as they were: nothing is scaled or drawn over. Same bytes in, same bytes out.
    Raises CarrierPdfRefused for what is no PDF, is locked, is larger than 5 MB or has more than 20 pages.
    """
    if len(content) > MAX_BYTES:
        raise CarrierPdfRefused("The carrier sent a document that is too large.", because="bytes")
    if MAGIC not in content[:MAGIC_WITHIN]:
        raise CarrierPdfRefused("The carrier sent something that is no PDF.", because="format")
    try:
        with pikepdf.open(io.BytesIO(content)) as source:
            return _anew(source)
    except pikepdf.PasswordError as error:
        raise CarrierPdfRefused("The carrier's document is locked.", because="locked") from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise CarrierPdfRefused("The carrier's document is broken.", because="broken") from error


def _anew(source: pikepdf.Pdf) -> bytes:
    pages = len(source.pages)
    if not 1 <= pages <= MAX_PAGES:
        raise CarrierPdfRefused(
            "The carrier's document has too many pages or none.", because="pages", pages=pages
        )
    fresh = pikepdf.new()
    fresh.pages.extend(
        source.pages
    )  # the catalogue, with its names, forms and actions, stays behind
    for page in fresh.pages:
        _quieten(page.obj)
    for thing in fresh.objects:
        _strip(thing, depth=0)
    out = io.BytesIO()
    fresh.save(out, deterministic_id=True)
    return out.getvalue()


def _quieten(page: Any) -> None:
    """Annotations without a life of their own stay: some carriers print with them."""
    if "/Annots" not in page:
        return
    kept = [
        note
        for note in page.Annots
        if isinstance(note, pikepdf.Dictionary) and str(note.get("/Subtype")) not in LIVELY
    ]
    for note in kept:
        for key in ("/A", "/PA"):
            if key in note:
                del note[key]
    page.Annots = pikepdf.Array(kept)


def _strip(thing: Any, *, depth: int) -> None:
    """Indirect objects come by themselves; what is written inside one is walked to here."""
    if depth > MAX_DEPTH:
        raise CarrierPdfRefused("The carrier's document is broken.", because="depth")
    if isinstance(thing, pikepdf.Array):
        children = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        if isinstance(thing, pikepdf.Stream) and "/F" in thing:
            raise CarrierPdfRefused("The carrier's document lies elsewhere.", because="external")
        for key in ACTING_KEYS:
            if key in thing:
                del thing[key]
        if str(thing.get("/S")) in ACTIONS:
            del thing["/S"]  # an action without its kind is none, wherever it hangs
        children = [value for _, value in thing.items()]
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _strip(child, depth=depth + 1)
