"""/api/v2/brand/{domain}/return-portal/images: pictures of what is sent back, before the return is made.

How Sendcloud takes them is not documented. Ours: one multipart POST each, with the token of the look-up; the
answer's ``uploaded_image`` goes into ``images`` of the return.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError

from rientro.api.describe import STRING, named, record
from rientro.api.door import json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import operation
from rientro.api.v2.portal_door import PortalCall, portal_call
from rientro.kit.images import MAX_BYTES, redraw

MOST_PHOTOS = 10
EDGE = 1600
BODY = record({"image": {"type": "string", "format": "binary"}})
ANSWER = named("UploadedImage", record({"uploaded_image": STRING}))
PREFIX = "document:"


@operation(
    "v2_upload_return_image",
    "Return portal",
    auth="portal",
    body=BODY,
    media="multipart/form-data",
    answers={200: ANSWER, 400: "V2Error", 401: "V2Error", 404: "V2Error"},
)
@portal_call
def _upload(call: PortalCall) -> HttpResponse:
    """Upload one picture as the multipart field ``image``: PNG, JPEG, WebP or GIF up to 5 MB.

    It is drawn anew without what the camera wrote beside it. At most ten for one look-up.
    """
    number = call.read("lookup", call.bearer())
    ticket = call.merchant.tickets.alive(call.now).filter(pk=number, brand=call.brand).first()
    if ticket is None:
        raise Refused("This token is not valid, or no longer.", status=401, slug="invalid_token")
    try:
        told = call.request.FILES.get("image")
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Refused("image: This is no multipart/form-data that can be read.") from error
    if told is None:
        raise Refused("image: Send one picture as multipart/form-data.")
    known = ticket.draft.get("photos", [])
    if len(known) >= MOST_PHOTOS:
        raise Refused(f"image: At most {MOST_PHOTOS} pictures.")
    drawn = redraw(told.read(MAX_BYTES + 1), max_edge=EDGE)
    stored = call.merchant.documents.keep(drawn.content, content_type=drawn.content_type)
    ticket.draft = {**ticket.draft, "photos": [*known, stored.pk]}
    ticket.save(update_fields=["draft"])
    return json_response({"uploaded_image": f"{PREFIX}{stored.pk}"})


def photos_of(call: PortalCall, body: Mapping[str, Any]) -> dict[int, list[int]]:
    """Line -> the documents that this very look-up has uploaded for it; other numbers are not there."""
    told = body.get("images")
    if not told:
        return {}
    if not isinstance(told, list) or len(told) > MOST_PHOTOS:
        raise Refused(f"images: At most {MOST_PHOTOS}.")
    ticket = call.merchant.tickets.get(pk=call.read("lookup", call.bearer()))
    mine = set(ticket.draft.get("photos", []))
    found: dict[int, list[int]] = {}
    for image in told:
        line, document = _named(image)
        if document not in mine:
            raise Refused("images: uploaded_image is not one that was uploaded with this token.")
        found.setdefault(line, []).append(document)
    return found


def _named(image: Any) -> tuple[int, int]:
    if not isinstance(image, Mapping):
        raise Refused("images: Each is an object.")
    line = str(image.get("product_id", ""))
    document = str(image.get("uploaded_image", "")).removeprefix(PREFIX)
    if not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in (line, document)):
        raise Refused("images: Each needs product_id and uploaded_image.")
    return int(line), int(document)


images = methods(POST=_upload)
