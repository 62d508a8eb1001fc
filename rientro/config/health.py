"""Two questions of a load balancer: is this process alive, and can it serve?"""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and knows our tables, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM rientro_merchant LIMIT 1")
    except Error:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
