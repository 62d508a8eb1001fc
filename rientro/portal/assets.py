"""What a page of the portal is dressed in: the brand's colours, logo, background, pictures of products."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rientro.kit.errors import Missing
from rientro.models import ProductPicture, StoredDocument
from rientro.models.brand_looks import stylesheet_of
from rientro.portal.shopfront import Shopfront, portal_page

FOR_EVER = "public, max-age=31536000, immutable"  # the address changes with the content


@require_safe
@portal_page
def looks(request: HttpRequest, front: Shopfront) -> HttpResponse:
    """The brand's colours and fonts after the contrast correction; ``?v=`` is its looks_version."""
    response = HttpResponse(stylesheet_of(front.brand), content_type="text/css; charset=utf-8")
    current = request.GET.get("v") == str(front.brand.looks_version)
    response.headers["Cache-Control"] = FOR_EVER if current else "no-cache"
    return response


@require_safe
@portal_page
def logo(request: HttpRequest, front: Shopfront) -> HttpResponse:
    return _picture(front.brand.logo_id)


@require_safe
@portal_page
def background(request: HttpRequest, front: Shopfront) -> HttpResponse:
    return _picture(front.brand.background_id)


@require_safe
@portal_page
def picture(request: HttpRequest, front: Shopfront, name: str) -> HttpResponse:
    """A product's picture. Other documents of the merchant's have no address here, whatever their number."""
    number, _, digest = name.partition("-")
    if not number.isdecimal() or len(number) > 18 or len(digest) != 8:
        raise Missing("There is no such picture.")
    shown = ProductPicture.objects.filter(
        picture=int(number), picture__sha256__startswith=digest
    ).exists()
    return _picture(int(number) if shown else None)


def _picture(number: int | None) -> HttpResponse:
    stored = StoredDocument.objects.filter(
        pk=number or 0, content_type__startswith="image/"
    ).first()
    if stored is None:
        raise Missing("There is no such picture.")
    response = HttpResponse(bytes(stored.content), content_type=stored.content_type)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
