"""Which door an address leads to. A brand's portal comes last: every other first word is reserved."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.http import require_safe

from rientro.config import health


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("panel:returns")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect("/static/rientro/icon.svg")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@require_safe
def bare_portal(request: HttpRequest, brand: str) -> HttpResponse:
    """People type a portal's address without the slash at its end."""
    return redirect("portal:find", brand)


urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", favicon),
    path("robots.txt", robots),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("accounts/", include("allauth.account.urls")),
    path("panel/", include("rientro.panel.urls")),
    path("api/", include("rientro.api.urls")),
    path("hooks/", include("rientro.hooks.urls")),
    path("<slug:brand>", bare_portal),
    path("<slug:brand>/", include("rientro.portal.urls")),
]
handler404 = "rientro.config.errors.not_found"
handler500 = "rientro.config.errors.broken"
