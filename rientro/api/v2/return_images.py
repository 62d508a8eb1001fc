"""/api/v2/returns/{id}/images: the pictures that a shopper sent along with a return."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.describe import STRING, named, record
from rientro.api.door import Call, methods
from rientro.api.operations import operation
from rientro.api.v2.account import merchant_of
from rientro.api.v2.parcels import returns_of
from rientro.kit.errors import Missing
from rientro.models import Return

KINDS = "image/png image/jpeg image/webp image/gif"
IMAGE = named(
    "ReturnImage",
    record(
        {
            "uploaded_image": STRING,
            "thumbnail_image": STRING,
            "product_id": STRING,
            "description": STRING,
        }
    ),
)


def images_of(ret: Return) -> list[dict[str, str]]:
    """One entry for each picture; the same address is its own thumbnail. ``ret.items`` should be loaded."""
    return [
        {
            "uploaded_image": url,
            "thumbnail_image": url,
            "product_id": str(item.order_line_id),
            "description": "",
        }
        for item in ret.items.all()
        for url in (_url(ret, document) for document in item.photos)
    ]


def _url(ret: Return, document: int) -> str:
    path = reverse("api:return-image", args=[ret.pk, document])
    return f"{settings.BASE_URL}{path.removesuffix('/')}"


@operation(
    "v2_get_return_image",
    "Returns",
    scope="read:return",
    answers={200: KINDS, 404: "V2Error"},
)
@transaction.atomic
def _one(call: Call, return_id: str, document_id: str) -> HttpResponse:
    """One picture, redrawn by us without what a camera wrote beside it."""
    ret = returns_of(call).filter(pk=int(return_id)).first()
    wanted = int(document_id)
    known: Any = ret.items.values_list("photos", flat=True) if ret is not None else ()
    if not any(wanted in photos for photos in known):
        raise Missing("No Image matches the given query.")
    document = merchant_of(call).documents.get_or_missing(pk=wanted)
    answer = HttpResponse(bytes(document.content), content_type=document.content_type)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


single = methods(GET=_one)
