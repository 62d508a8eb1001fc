"""The reader's language, chosen by hand and remembered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from rientro.portal.shopfront import LANGUAGE_COOKIE, Shopfront, portal_page, spoken_by

A_YEAR_S = 365 * 24 * 3600


@require_POST
@portal_page
def language(request: HttpRequest, front: Shopfront) -> HttpResponse:
    """Remember the choice and go back to the page it was made on."""
    response = redirect(_next(request, front))
    chosen = request.POST.get("language", "")
    if chosen in spoken_by(front.brand):
        response.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=A_YEAR_S,
            path=f"/{front.slug}/",
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _next(request: HttpRequest, front: Shopfront) -> str:
    """Pages of this portal only: nobody is led elsewhere by a form field."""
    wanted = request.POST.get("next", "")
    inside = wanted.startswith(f"/{front.slug}/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None
    )
    return wanted if inside else front.url("find")
