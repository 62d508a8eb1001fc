"""How a brand would look: portal, label, mail and tracking page side by side, before anything is saved."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from rientro.kit.money import Money
from rientro.kit.template_words import money_in
from rientro.models import Brand
from rientro.models.brand_looks import stylesheet_of
from rientro.panel.brand_form import COLOURS, drafted, looks_query
from rientro.panel.doors import PanelRequest, door
from rientro.policy.brand_texts import filled, words_of
from rientro.policy.colours import BrandColours, changes, contrast, palette


@door(act="manage")
@require_POST
def preview(request: PanelRequest) -> HttpResponse:
    """The stage and the corrections for the form as it stands. Writes nothing."""
    brand = None
    told = request.POST.get("brand", "")
    if told.isdecimal() and len(told) < 19:
        brand = request.merchant.brands.get_or_missing(pk=int(told))
    context = stage_of(request, drafted(request.POST, brand))
    return render(request, "panel/_brand_parts.html", context)


@door()
@require_safe
def looks(request: PanelRequest) -> HttpResponse:
    """The stylesheet of a draft: its palette after the correction, and the swatches of before and after."""
    brand = drafted(_as_form(request.GET), None)
    sheet = stylesheet_of(brand, scope=".brand-draft")
    used = palette(_colours(brand))
    for name in (*COLOURS, "link"):
        chosen = getattr(brand, f"colour_{'accent' if name == 'link' else name}")
        on = _ground(name, used)
        sheet += _swatch(f"demo-{name}-yours", chosen, on) + _swatch(
            f"demo-{name}-used", used[f"--brand-{name}"], on
        )
    answer = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def stage_of(request: PanelRequest, brand: Brand) -> dict[str, Any]:
    """What the preview shows of ``brand``."""
    address = None
    if brand.slug:
        address = request.merchant.addresses.living().filter(brand__slug=brand.slug).first()
    address = address or request.merchant.addresses.default_or_none()
    with override(brand.default_language):
        words: dict[str, Any] = {
            "title": words_of(brand.texts, "find_title", brand.default_language)
            or _("What would you like to send back?"),
            "lead": words_of(brand.texts, "find_lead", brand.default_language)
            or _("Two details and we open your order. You have %(days)s days from delivery.")
            % {"days": 30},
            "number": words_of(brand.texts, "number_example", brand.default_language) or "BR-10482",
            "find": _("Find my order"),
            "ready": _("Your label is ready"),
            "pack": words_of(brand.texts, "pack_note", brand.default_language)
            or _("Print it, tape it over the old one and hand the parcel in."),
            "download": _("Download the label"),
            "road": _("Your parcel is on its way"),
            "soon": _("It reaches us in a few days. Then we look at the items."),
            "steps": [_("Registered"), _("Handed in"), _("On its way"), _("Arrived"), _("Refund")],
        }
    return {
        "draft": brand,
        "words": _filled(words, brand, request),
        "address": address,
        "fixes": _fixes(brand),
        "looks": f"{reverse('panel:brand_looks')}?{looks_query(brand)}",
    }


def _filled(words: dict[str, Any], brand: Brand, request: PanelRequest) -> dict[str, Any]:
    """The placeholders of a text, filled in as the brand's portal would."""
    portal = request.merchant.portal_settings.filter(brand__slug=brand.slug).first()
    values = {
        "brand": brand.name,
        "window_days": str(portal.window_days if portal else 30),
        "refund_days": str(portal.refund_within_days if portal else 14),
        "fee": money_in(
            Money(portal.fee_minor if portal else 0, portal.fee_currency if portal else "EUR"),
            brand.default_language,
        ),
        "number_example": words["number"],
    }
    return {
        name: filled(said, values) if isinstance(said, str) else said
        for name, said in words.items()
    }


def _fixes(brand: Brand) -> list[dict[str, Any]]:
    """What the correction changed, with the contrast before and after."""
    colours = _colours(brand)
    used = palette(colours)
    names = {
        "accent": _("Accent"),
        "link": _("Accent as text"),
        "paper": _("Background"),
        "surface": _("Cards"),
        "ink": _("Text"),
        "head": _("Header"),
        "foot": _("Footer"),
    }
    return [
        {
            "name": name,
            "said": names[name],
            "chosen": chosen,
            "used": made,
            "before": _ratio(chosen, name, used),
            "after": _ratio(made, name, used),
        }
        for name, (chosen, made) in changes(colours).items()
    ]


def _ratio(colour: str, name: str, used: dict[str, str]) -> str:
    return f"{int(contrast(colour, _ground(name, used)) * 10) / 10:.1f}:1"


def _ground(name: str, used: dict[str, str]) -> str:
    """What a colour has to be told apart from."""
    return used["--brand-ink"] if name == "surface" else used["--brand-paper"]


def _swatch(name: str, colour: str, other: str) -> str:
    light = "#ffffff" if contrast("#ffffff", colour) >= contrast("#000000", colour) else "#000000"
    return f".{name} {{ background: {colour}; color: {light}; border-color: {other}; }}\n"


def _colours(brand: Brand) -> BrandColours:
    return BrandColours(**{name: getattr(brand, f"colour_{name}") for name in COLOURS})


def _as_form(query: QueryDict) -> dict[str, str]:
    facts = {f"colour_{name}": query.get(name, "") for name in COLOURS}
    return facts | {
        "font": query.get("font", ""),
        "heading_weight": query.get("weight", ""),
        "roundness": query.get("round", ""),
    }
