"""/api/v2/brand/{domain}/return-portal: what a brand's portal offers, in one language."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse

from rientro.api.delivery_options import METHOD_OF, options_of
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, one_of, record
from rientro.api.door import json_response, methods
from rientro.api.operations import Param, operation
from rientro.api.v2.brand_out import BRAND, brand_out
from rientro.api.v2.countries import name_of
from rientro.api.v2.portal_door import PortalCall, portal_call
from rientro.kit.money import Money
from rientro.models import Brand, CarrierAccount, PortalSettings, Return, SenderAddress
from rientro.policy.brand_texts import filled, words_of

DEFAULT_LANGUAGE = "en"
REFUND_WORDS = {
    "en": {"money": "Money back", "credit": "Store credit", "exchange": "Exchange"},
    "it": {"money": "Rimborso", "credit": "Buono", "exchange": "Cambio"},
    "de": {"money": "Geld zurück", "credit": "Gutschein", "exchange": "Umtausch"},
}
PLACE = named(
    "ReturnLocation",
    record(
        {
            "id": INTEGER,
            "country_name": STRING,
            "company_name": STRING,
            "address_1": STRING,
            "house_number": STRING,
            "address_2": STRING,
            "city": STRING,
            "postal_code": STRING,
            "senderaddress_labels": many(STRING),
        }
    ),
)
PORTAL = named(
    "ReturnPortal",
    record(
        {
            "reasons": many(record({"id": INTEGER, "description": STRING})),
            "support_url": STRING,
            "return_policy_url": STRING,
            "enable_branded_header": BOOLEAN,
            "enable_branded_footer": BOOLEAN,
            "layout": record(
                {"type": STRING, "helper_text": STRING, "background_image": maybe(STRING)}
            ),
            "enable_paid_returns": BOOLEAN,
            "brand": BRAND,
            "languages": many(STRING),
            "enable_refunds": BOOLEAN,
            "refund_options": many(
                record(
                    {
                        "code": one_of("money", "credit", "exchange"),
                        "label": STRING,
                        "require_message": BOOLEAN,
                    }
                )
            ),
            "return_fee": STRING,
            "return_fee_currency": STRING,
            "delivery_options": many(STRING),
            "domain": STRING,
            "return_locations": many(PLACE),
        }
    ),
)
ANSWER = named("ReturnPortalAnswer", record({"portal": PORTAL, "return_locations": many(PLACE)}))


@operation(
    "v2_get_return_portal",
    "Return portal",
    auth="none",
    query=(Param(name="language", about="such as it, it-IT or en-us"),),
    answers={200: ANSWER, 404: "V2Error"},
)
@portal_call
def _settings(call: PortalCall) -> HttpResponse:
    """What the portal of a brand offers: reasons, refunds, ways to send back, stores."""
    places = [place_out(place) for place in stores_of(call.brand)]
    portal = portal_out(call.brand, call.portal, language_of(call), places)
    return json_response({"portal": portal, "return_locations": places})


def language_of(call: PortalCall) -> str:
    """The first two letters of what was asked, when the brand speaks it."""
    asked = call.request.GET.get("language", "")[:2].lower()
    spoken = call.brand.languages or [call.brand.default_language]
    return asked if asked in spoken else call.brand.default_language


def portal_out(
    brand: Brand, portal: PortalSettings, language: str, places: list[dict[str, Any]]
) -> dict[str, Any]:
    reasons = brand.reasons.filter(active=True).order_by("position", "pk")
    fee = Money(portal.fee_minor, portal.fee_currency)
    refunds = refund_options(portal, language)
    return {
        "reasons": [{"id": r.pk, "description": r.label(language)} for r in reasons],
        "support_url": brand.links.get("help", ""),
        "return_policy_url": brand.links.get("policy", ""),
        "enable_branded_header": True,
        "enable_branded_footer": True,
        "layout": {
            "type": "standard",
            "helper_text": _where_the_number_is(brand, portal, language),
            "background_image": background_url(brand),
        },
        "enable_paid_returns": False,  # a fee is taken from the refund, never paid beforehand
        "brand": brand_out(brand),
        "languages": list(brand.languages or [brand.default_language]),
        "enable_refunds": bool(refunds),
        "refund_options": refunds,
        "return_fee": str(fee.decimal()),
        "return_fee_currency": fee.currency,
        "delivery_options": options_of(portal, _accounts(brand), stores=bool(places)),
        "domain": brand.slug,
        "return_locations": places,
    }


def _where_the_number_is(brand: Brand, portal: PortalSettings, language: str) -> str:
    """The brand's own words; what it names in them is filled in as in the portal."""
    fee = Money(portal.fee_minor, portal.fee_currency)
    facts = {
        "brand": brand.name,
        "window_days": str(portal.window_days),
        "refund_days": str(portal.refund_within_days),
        "fee": f"{fee.decimal()} {fee.currency}",
        "number_example": words_of(brand.texts, "number_example", language),
    }
    return filled(words_of(brand.texts, "number_hint", language), facts)


def refund_options(portal: PortalSettings, language: str) -> list[dict[str, Any]]:
    offered = {
        "money": portal.refund_money,
        "credit": portal.refund_credit,
        "exchange": portal.refund_exchange,
    }
    words = REFUND_WORDS.get(language, REFUND_WORDS[DEFAULT_LANGUAGE])
    return [
        {"code": code, "label": words[code], "require_message": code == "exchange"}
        for code, offers in offered.items()
        if offers
    ]


def _accounts(brand: Brand) -> list[CarrierAccount]:
    return list(brand.merchant.carrier_accounts.filter(deleted_at=None))


def method_of(delivery_option: str) -> str:
    """Our method for Sendcloud's word."""
    return METHOD_OF.get(delivery_option, Return.Method.PRINT_AT_HOME.value)


def stores_of(brand: Brand) -> list[SenderAddress]:
    return list(brand.addresses.filter(is_store=True, deleted_at=None).order_by("pk"))


def place_out(place: SenderAddress) -> dict[str, Any]:
    return {
        "id": place.pk,
        "country_name": name_of(place.country),
        "company_name": place.company,
        "address_1": place.street,
        "house_number": place.house_number,
        "address_2": place.address_2,
        "city": place.city,
        "postal_code": place.postal_code,
        "senderaddress_labels": [place.label],
    }


def background_url(brand: Brand) -> str | None:
    from django.urls import reverse

    if brand.background_id is None:
        return None
    return settings.BASE_URL + reverse("portal:background", args=[brand.slug])


portal = methods(GET=_settings)
