"""/api/v2/brands, /user and /user/addresses/sender: who the merchant is."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, page_schema
from rientro.api.v2.address_out import ADDRESS, address_out
from rientro.api.v2.brand_out import BRAND, brand_out
from rientro.kit.errors import Missing
from rientro.models import Brand, Merchant, SenderAddress

PAGE = 100
BRANDS = named("BrandPage", page_schema("brands", BRAND))
ADDRESSES = named("SenderAddresses", record({"sender_addresses": many(ADDRESS)}))
ONE_ADDRESS = named("OneSenderAddress", record({"sender_address": ADDRESS}))
USER_WORDS = [
    "username",
    "email",
    "company_name",
    "telephone",
    "address",
    "city",
    "postal_code",
    "company_logo",
    "registered",
]
USER = named(
    "User",
    record(
        {
            "user": record(
                {
                    **{word: {"type": ["string", "null"]} for word in USER_WORDS},
                    "data": many({}),
                    "modules": many({"type": "object"}),
                    "invoices": many({"type": "object"}),
                }
            )
        }
    ),
)


def merchant_of(call: Call) -> Merchant:
    """The merchant behind the key."""
    return call.caller.integration.merchant


def living_brands(merchant: Merchant) -> Any:
    return merchant.brands.filter(archived_at=None).prefetch_related("portal_settings")


@operation(
    "v2_list_brands",
    "Brands",
    scope="read:brand",
    query=(Param(name="cursor"),),
    answers={200: BRANDS, 404: "V2Error"},
)
@transaction.atomic
def _brands(call: Call) -> HttpResponse:
    """The brands of the merchant, newest first."""
    page = page_of(call.request, living_brands(merchant_of(call)), size=PAGE)
    return json_response(page.body("brands", brand_out))


@operation("v2_get_brand", "Brands", scope="read:brand", answers={200: BRAND, 404: "V2Error"})
@transaction.atomic
def _brand(call: Call, brand_id: str) -> HttpResponse:
    """One brand."""
    return json_response(brand_out(_named_brand(call, brand_id)))


@operation(
    "v2_get_brand_by_alias", "Brands", scope="read:brand", answers={200: BRAND, 404: "V2Error"}
)
@transaction.atomic
def _brand_alias(call: Call, brand_id: str) -> HttpResponse:
    """The same under the singular address that sendcloud-python calls."""
    return json_response(brand_out(_named_brand(call, brand_id)))


def _named_brand(call: Call, brand_id: str) -> Brand:
    brand: Brand | None = living_brands(merchant_of(call)).filter(pk=int(brand_id)).first()
    if brand is None:
        raise Missing("No Brand matches the given query.")
    return brand


@operation(
    "v2_list_sender_addresses", "Sender addresses", scope="read:address", answers={200: ADDRESSES}
)
@transaction.atomic
def _addresses(call: Call) -> HttpResponse:
    """Every living address of the merchant: senders, return desks and stores."""
    living = merchant_of(call).addresses.filter(deleted_at=None).order_by("-is_default", "pk")
    return json_response({"sender_addresses": [address_out(address) for address in living]})


@operation(
    "v2_get_sender_address",
    "Sender addresses",
    scope="read:address",
    answers={200: ONE_ADDRESS, 404: "V2Error"},
)
@transaction.atomic
def _address(call: Call, address_id: str) -> HttpResponse:
    """One sender address."""
    living = merchant_of(call).addresses.filter(deleted_at=None)
    address: SenderAddress | None = living.filter(pk=int(address_id)).first()
    if address is None:
        raise Missing("No SenderAddress matches the given query.")
    return json_response({"sender_address": address_out(address)})


@operation("v2_get_user", "Account", answers={200: USER})
@transaction.atomic
def _user(call: Call) -> HttpResponse:
    """The merchant behind the key, with its default address. No person's name is told."""
    merchant = merchant_of(call)
    place = merchant.addresses.filter(is_default=True).first()
    told: dict[str, Any] = {
        "username": merchant.name,
        "email": place.email if place else "",
        "company_name": merchant.name,
        "telephone": place.phone if place else "",
        "address": f"{place.street} {place.house_number}".strip() if place else "",
        "city": place.city if place else "",
        "postal_code": place.postal_code if place else "",
        "company_logo": None,
        "registered": merchant.created_at.strftime("%Y-%m-%d %H:%M:%S"),
        "data": [],
        "modules": [],
        "invoices": [],
    }
    return json_response({"user": told})


brands = methods(GET=_brands)
brand = methods(GET=_brand)
brand_alias = methods(GET=_brand_alias)
addresses = methods(GET=_addresses)
address = methods(GET=_address)
user = methods(GET=_user)
