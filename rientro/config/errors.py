"""Pages for addresses that lead nowhere and for bugs; an API address gets JSON instead."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _json(request, 404, "Not found.")
    return HttpResponse(render_to_string("404.html", request=request), status=404)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _json(request, 500, "Something broke on our side. It is in the log.")
    # No context: whatever broke may break the context as well.
    return HttpResponse(render_to_string("500.html"), status=500)


def _json(request: HttpRequest, status: int, message: str) -> HttpResponse:
    code = "not_found" if status == 404 else "internal_error"
    if request.path.startswith("/api/v3"):
        body: dict[str, object] = {
            "errors": [{"status": str(status), "code": code, "detail": message}]
        }
    else:
        body = {"error": {"code": status, "request": request.path.lstrip("/"), "message": message}}
    return JsonResponse(body, status=status)
