"""What the doors for webhooks share: the raw bytes of a request, and an answer that says little."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError


def body_of(request: HttpRequest, limit: int) -> bytes | None:
    """The raw bytes; None when there are too many, of which no more than the limit is read."""
    stated = request.headers.get("Content-Length", "0")
    if stated.isdigit() and int(stated) > limit:
        return None
    try:
        body = request.read(limit + 1)
    except UnreadablePostError:
        return b""  # the sender hung up half-way; its signature will not fit
    return body if len(body) <= limit else None


def headers_of(request: HttpRequest) -> dict[str, str]:
    """Lower-cased, as every platform's documentation writes them another way."""
    return {name.lower(): value for name, value in request.headers.items()}


def say(status: int, code: str) -> HttpResponse:
    return JsonResponse({"status": code}, status=status, headers={"Cache-Control": "no-store"})
