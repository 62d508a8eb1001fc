"""A brand in Sendcloud's words."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, maybe, named, record
from rientro.models import Brand
from rientro.models.brand_looks import colours_of

LOGO = record(url=maybe(STRING))
BRAND = named(
    "Brand",
    record(
        {
            "id": INTEGER,
            "name": STRING,
            "color": STRING,
            "secondary_color": STRING,
            "website": maybe(STRING),
            "screen_logo": LOGO,
            "print_logo": LOGO,
            "overlay_logo": {"type": "object"},
            "overlay_thumb": maybe({"type": "object"}),
            "screen_thumb": maybe(STRING),
            "print_thumb": maybe(STRING),
            "notify_reply_to_email": maybe(STRING),
            "notify_bcc_email": maybe(STRING),
            "domain": STRING,
            "hide_powered_by": BOOLEAN,
            "google_analytics_id": STRING,
            "features": {"type": "object"},
            "customization_settings": {"type": "object"},
        }
    ),
)


def brand_out(brand: Brand) -> dict[str, Any]:
    """``domain`` is the brand's slug: the word in its portal's address."""
    logo = logo_url(brand)
    return {
        "id": brand.pk,
        "name": brand.name,
        "color": brand.colour_accent,
        "secondary_color": brand.colour_paper,
        "website": brand.website or None,
        "screen_logo": {"url": logo},
        "print_logo": {"url": logo},
        "overlay_logo": {},
        "overlay_thumb": None,
        "screen_thumb": logo,
        "print_thumb": logo,
        "notify_reply_to_email": brand.reply_to or None,
        "notify_bcc_email": None,
        "domain": brand.slug,
        "hide_powered_by": True,
        "google_analytics_id": "",
        "features": {
            "tracking_page": True,
            "tracking_email": True,
            "tracking_sms": False,
            "tracking_whatsapp": False,
            "returns_portal": any(portal.active for portal in brand.portal_settings.all()),
        },
        "customization_settings": _customised(brand),
    }


def logo_url(brand: Brand) -> str | None:
    """Absolute, on our own host; None when the brand has no logo."""
    if brand.logo_id is None:
        return None
    return settings.BASE_URL + reverse("portal:logo", args=[brand.slug])


def _customised(brand: Brand) -> dict[str, Any]:
    links = brand.links
    colours = colours_of(brand)
    return {
        "header": {
            "faq_url": links.get("help", ""),
            "contact_url": links.get("contact", ""),
            "shop_url": links.get("shop", ""),
            "homepage_url": brand.website,
            "font_color": colours.get("--brand-on-head", "#000000"),
            "background_color": colours.get("--brand-head", "#ffffff"),
        },
        "footer": {
            "city": "",
            "street": "",
            "country": "",
            "postal_code": "",
            "phone_number": "",
            "whatsapp_business": "",
            "social_media": dict.fromkeys(
                ("twitter", "facebook", "linkedin", "instagram", "pinterest"), ""
            ),
            "support_email": brand.reply_to,
            "font_color": colours.get("--brand-on-foot", "#000000"),
            "background_color": colours.get("--brand-foot", "#ffffff"),
        },
    }
