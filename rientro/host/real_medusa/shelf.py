"""What a Medusa needs before it can sell: region, taxes, stock, postage, products, keys."""

from dataclasses import dataclass
from typing import Any

from rientro.host.real_medusa.talk import Talk

COUNTRIES = ("it", "de", "fr")
TAX_PERCENT = {"it": 22, "de": 19, "fr": 20}
PAYMENT = "pp_system_default"  # takes and gives back whatever it is asked, without a bank
POSTAGE = 5
SKUS = {
    "SHIRT-RED-M": ("Shirt", "Red / M", 25, 300, "610910", "it"),
    "SHIRT-BLUE-L": ("Shirt", "Blue / L", 25, 320, "610910", "it"),
    "MUG": ("Mug", "One size", 9.99, 410, "691110", "de"),
}


@dataclass(frozen=True)
class Shelf:
    """The ids that an order needs, and the keys. ``variants`` are by SKU."""

    region: str
    postage: str
    location: str
    channel: str
    variants: dict[str, str]
    publishable_key: str
    secret_key: str


def fill(admin: Talk) -> Shelf:
    """Set an empty Medusa up with its admin API; returns what orders are made with."""
    channel = admin.get("/admin/sales-channels")["sales_channels"][0]["id"]
    region = _region(admin)
    location, zone = _location(admin, channel)
    profile = _profile(admin)
    variants = _products(admin, channel, profile)
    _stock(admin, location)
    return Shelf(
        region=region,
        postage=_postage(admin, zone, profile),
        location=location,
        channel=channel,
        variants=variants,
        publishable_key=_publishable_key(admin, channel),
        secret_key=_secret_key(admin),
    )


def _region(admin: Talk) -> str:
    # Prices as European shops say them, tax included; a new Medusa has them without.
    wanted = {"attribute": "currency_code", "value": "eur"}
    preference = admin.get("/admin/price-preferences", **wanted)["price_preferences"][0]["id"]
    admin.post(f"/admin/price-preferences/{preference}", {"is_tax_inclusive": True})
    made = admin.post(
        "/admin/regions",
        {
            "name": "Europe",
            "currency_code": "eur",
            "countries": list(COUNTRIES),
            "payment_providers": [PAYMENT],
            "is_tax_inclusive": True,
            "automatic_taxes": True,
        },
    )
    for country in COUNTRIES:
        rate = {"name": f"VAT {country}", "code": f"vat-{country}", "rate": TAX_PERCENT[country]}
        admin.post(
            "/admin/tax-regions",
            {"country_code": country, "provider_id": "tp_system", "default_tax_rate": rate},
        )
    region: str = made["region"]["id"]
    return region


def _location(admin: Talk, channel: str) -> tuple[str, str]:
    location = admin.post(
        "/admin/stock-locations",
        {
            "name": "Warehouse",
            "address": {"address_1": "Via Roma 1", "city": "Firenze", "country_code": "it"},
        },
    )["stock_location"]["id"]
    admin.post(f"/admin/stock-locations/{location}/sales-channels", {"add": [channel]})
    admin.post(
        f"/admin/stock-locations/{location}/fulfillment-providers", {"add": ["manual_manual"]}
    )
    sets = admin.post(
        f"/admin/stock-locations/{location}/fulfillment-sets",
        {"name": "Europe by post", "type": "shipping"},
    )["stock_location"]
    found = admin.get(f"/admin/stock-locations/{sets['id']}", fields="*fulfillment_sets")
    fulfilment = found["stock_location"]["fulfillment_sets"][0]["id"]
    zones = [{"type": "country", "country_code": country} for country in COUNTRIES]
    zone = admin.post(
        f"/admin/fulfillment-sets/{fulfilment}/service-zones",
        {"name": "Europe", "geo_zones": zones},
    )["fulfillment_set"]["service_zones"][0]["id"]
    return location, zone


def _profile(admin: Talk) -> str:
    profiles = admin.get("/admin/shipping-profiles")["shipping_profiles"]
    if profiles:
        first: str = profiles[0]["id"]
        return first
    made: str = admin.post("/admin/shipping-profiles", {"name": "Default", "type": "default"})[
        "shipping_profile"
    ]["id"]
    return made


def _postage(admin: Talk, zone: str, profile: str) -> str:
    made: str = admin.post(
        "/admin/shipping-options",
        {
            "name": "Post",
            "service_zone_id": zone,
            "shipping_profile_id": profile,
            "provider_id": "manual_manual",
            "price_type": "flat",
            "type": {"label": "Post", "description": "By post", "code": "post"},
            "prices": [{"currency_code": "eur", "amount": POSTAGE}],
            "rules": [],
        },
    )["shipping_option"]["id"]
    return made


def _products(admin: Talk, channel: str, profile: str) -> dict[str, str]:
    variants: dict[str, str] = {}
    for title in dict.fromkeys(facts[0] for facts in SKUS.values()):
        mine = {sku: facts for sku, facts in SKUS.items() if facts[0] == title}
        made = admin.post(
            "/admin/products",
            {
                "title": title,
                "status": "published",
                "shipping_profile_id": profile,
                "sales_channels": [{"id": channel}],
                "thumbnail": f"https://shop.example/pictures/{title.lower()}.jpg",
                "options": [{"title": "Kind", "values": [facts[1] for facts in mine.values()]}],
                "variants": [_variant(sku, facts) for sku, facts in mine.items()],
            },
        )["product"]
        variants |= {variant["sku"]: variant["id"] for variant in made["variants"]}
    return variants


def _variant(sku: str, facts: tuple[Any, ...]) -> dict[str, Any]:
    _, kind, price, weight, hs_code, origin = facts
    return {
        "title": kind,
        "sku": sku,
        "options": {"Kind": kind},
        "prices": [{"currency_code": "eur", "amount": price}],
        "weight": weight,
        "hs_code": hs_code,
        "origin_country": origin,
        "manage_inventory": True,
    }


def _stock(admin: Talk, location: str) -> None:
    for item in admin.get("/admin/inventory-items")["inventory_items"]:
        admin.post(
            f"/admin/inventory-items/{item['id']}/location-levels",
            {"location_id": location, "stocked_quantity": 100_000},
        )


def _publishable_key(admin: Talk, channel: str) -> str:
    key = admin.post("/admin/api-keys", {"title": "Storefront", "type": "publishable"})["api_key"]
    admin.post(f"/admin/api-keys/{key['id']}/sales-channels", {"add": [channel]})
    token: str = key["token"]
    return token


def _secret_key(admin: Talk) -> str:
    token: str = admin.post("/admin/api-keys", {"title": "Rientro", "type": "secret"})["api_key"][
        "token"
    ]
    return token
