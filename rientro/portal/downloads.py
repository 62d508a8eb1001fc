"""Labels and codes of a return as files, for whoever holds its link: all of them together, or one parcel's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from rientro.documents.nup import merged
from rientro.kit.errors import Missing
from rientro.models import Label, Return, StoredDocument
from rientro.portal.papers import document_id, living_labels, paper_of
from rientro.portal.shopfront import Shopfront, portal_page
from rientro.portal.track import return_of

EXTENSIONS = {"a4": "pdf", "a6": "pdf", "zpl": "zpl"}


@require_safe
@portal_page
def label(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """``?format=a4``, a6 or zpl; ``&parcel=2`` for one of several. Not there yet: back to the page that waits."""
    ret = return_of(front, token)
    wanted = request.GET.get("format", "a4").lower()
    if wanted not in EXTENSIONS:
        raise Missing("There is no label in this format.")
    place = request.GET.get("parcel", "")
    numbers = [document_id(one, wanted) for one in _asked(ret, front, place)]
    found = [bytes(_stored(number).content) for number in numbers if number]
    if not found:
        return redirect(front.url("return", ret.link_token))
    whole = found[0] if len(found) == 1 else _together(found, wanted)
    kind = "application/zpl" if wanted == "zpl" else "application/pdf"
    return _file(whole, kind, f"{ret.number}{_which(place)}-{wanted}.{EXTENSIONS[wanted]}")


@require_safe
@portal_page
def code(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """The code that a drop-off point reads, of ``?parcel=`` (the first): a picture to show, or a PDF to open."""
    ret = return_of(front, token)
    place = request.GET.get("parcel", "1")
    found = next((one for one in _asked(ret, front, place) if one.code_id), None)
    if found is None or found.code_id is None:
        return redirect(front.url("return", ret.link_token))
    stored = _stored(found.code_id)
    end = "pdf" if stored.content_type == "application/pdf" else "png"
    return _file(
        bytes(stored.content), stored.content_type, f"{ret.number}{_which(place)}-code.{end}"
    )


def _asked(ret: Return, front: Shopfront, place: str) -> list[Label]:
    """The labels of the parcels that were asked for, while they are of use to the shopper."""
    if not paper_of(ret, front).is_wanted:
        return []
    labels = living_labels(ret)
    if not place:
        return labels
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else 0
    return labels[at - 1 : at] if at else []


def _together(found: list[bytes], wanted: str) -> bytes:
    return b"\n".join(found) if wanted == "zpl" else merged(found)


def _which(place: str) -> str:
    return f"-{place}" if place.isascii() and place.isdigit() else ""


def _stored(number: int) -> StoredDocument:
    return StoredDocument.objects.get(pk=number)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
