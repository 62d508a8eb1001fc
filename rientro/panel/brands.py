"""Settings › Brands: the list, and the editor with its live preview."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rientro.flows.save_brand import BrandFacts, SlugTaken, save_brand
from rientro.kit.said import said
from rientro.models import Brand
from rientro.panel.brand_form import BrandForm, drafted, start_of
from rientro.panel.brand_preview import stage_of
from rientro.panel.doors import PanelRequest, door


@door(act="manage")
@require_safe
def brands(request: PanelRequest) -> HttpResponse:
    rows = request.merchant.brands.filter(archived_at=None).prefetch_related("portal_settings")
    context = {"rows": rows.order_by("name", "id"), "base": settings.BASE_URL}
    return render(request, "panel/brands.html", context)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def brand_new(request: PanelRequest) -> HttpResponse:
    return _edit(request, None)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def brand(request: PanelRequest, brand_id: int) -> HttpResponse:
    return _edit(
        request, request.merchant.brands.filter(archived_at=None).get_or_missing(pk=brand_id)
    )


def _edit(request: PanelRequest, row: Brand | None) -> HttpResponse:
    start = start_of(
        row
        or Brand(languages=[request.merchant.language], default_language=request.merchant.language)
    )
    posted = request.method == "POST"
    form = BrandForm(
        request.POST if posted else None, request.FILES if posted else None, initial=start
    )
    publish = posted and request.POST.get("act") != "preview"
    if publish and form.is_valid() and (saved := _save(request, row, form)):
        messages.success(
            request, _("Published. Portal, labels, mails and tracking page use it now.")
        )
        return redirect("panel:brand", saved.pk)
    draft = drafted(request.POST if posted else {}, row)
    context = {"form": form, "row": row, "base": settings.BASE_URL} | stage_of(request, draft)
    if row:
        context["portal"] = reverse("portal:find", args=[row.slug])
    return render(request, "panel/brand.html", context)


def _save(request: PanelRequest, row: Brand | None, form: BrandForm) -> Brand | None:
    facts = BrandFacts(
        fields=form.fields_of(), logo=form.picture, drop_logo=form.cleaned_data["drop_logo"]
    )
    try:
        return save_brand(brand=row, facts=facts, actor=request.actor, now=request.now)
    except SlugTaken as error:
        form.add_error("slug", said(error.message))
        return None
