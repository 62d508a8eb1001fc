"""A carrier's label document, before anybody prints it: is it a PDF, is it small, does it only lie there?"""

import io

import pikepdf

from rientro.carriers.base import DOCUMENT_LIMIT, Unavailable
from rientro.kit import pdf_limits  # noqa: F401  set before the first stranger's file is opened
from rientro.kit.sentences import Sentence

PAGES_LIMIT = 20
UNREADABLE = Sentence(
    "The carrier's document cannot be read. The label itself is fine; it is fetched again."
)


def checked_pdf(document: bytes) -> bytes:
    """``document`` rewritten without scripts, actions and attachments.

    Raises Unavailable for what is no PDF, is locked, too long or broken: the label stays bought, and its
    paper can be asked for again.
    """
    if not document.startswith(b"%PDF-") or len(document) > DOCUMENT_LIMIT:
        raise Unavailable(UNREADABLE)
    try:
        with pikepdf.open(io.BytesIO(document)) as pdf:
            if pdf.is_encrypted or not 0 < len(pdf.pages) <= PAGES_LIMIT:
                raise Unavailable(UNREADABLE)
            _calm(pdf)
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True)
            return out.getvalue()
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, RuntimeError) as error:
        raise Unavailable(UNREADABLE) from error


def harmless_pdf(document: bytes | None) -> bytes | None:
    """``document`` as ``checked_pdf`` gives it; None for one that it would refuse, and where there is none."""
    if not document:
        return None
    try:
        return checked_pdf(document)
    except Unavailable:
        return None


def _calm(pdf: pikepdf.Pdf) -> None:
    for name in ("/OpenAction", "/AA", "/AcroForm"):
        if name in pdf.Root:
            del pdf.Root[name]
    if "/Names" in pdf.Root:
        for name in ("/JavaScript", "/EmbeddedFiles"):
            if name in pdf.Root.Names:
                del pdf.Root.Names[name]
    for page in pdf.pages:
        for name in ("/AA", "/Annots"):
            if name in page:
                del page[name]
