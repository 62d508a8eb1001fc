"""Fills an empty house through the same flows that people use, and says how to get in."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction

from rientro.carriers.registry import open_carrier
from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.create_integration import create_integration
from rientro.flows.import_orders import import_orders
from rientro.flows.mint_api_key import mint_api_key
from rientro.host.demo_data import brands, orders
from rientro.host.demo_data.order_file import write_order_file
from rientro.host.demo_data.pictures import drawn
from rientro.host.demo_data.places import make_places, make_rules
from rientro.host.demo_data.products import NORDLICHT, SARTORIA, Product
from rientro.host.demo_data.stories import STORIES
from rientro.host.demo_data.telling import Stage, tell
from rientro.host.people import Facts, create_login, create_merchant
from rientro.kit.crypto import unseal
from rientro.kit.ids import new_code
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    Brand,
    CarrierAccount,
    Counter,
    Integration,
    Member,
    Merchant,
    ProductPicture,
    StoredDocument,
)
from rientro.models.merchants import Role

MERCHANT = "Resi & Co. Logistica"
EMAIL = "demo@rientro.example"
SHOP_A, SHOP_B = "Shop A", "Shop B"
SANDBOX_NAME = "Sandbox carrier"
TIMEOUT_S = 20
BEFORE = timedelta(days=60)  # the account is older than its oldest order
FIRST_RETURN = 20404
ORDER_FILE = "demo-orders-shop-b.csv"


def fill(
    now: datetime, base_url: str, sandbox_url: str, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    """See ``seed``. Each step finds what an earlier run has made."""
    merchant, password = _account(known)
    then = now - BEFORE
    with merchant_transaction(merchant.pk):
        actor = f"member:{Member.objects.get(merchant=merchant).pk}"
        sartoria = brands.make_brand(brands.SARTORIA, merchant, now=then)
        nordlicht = brands.make_brand(brands.NORDLICHT, merchant, now=then)
        places = make_places(sartoria, nordlicht, actor=actor, now=then)
        shop_a = _shop(SHOP_A, "api", sartoria, actor=actor, now=then)
        shop_b = _shop(SHOP_B, "csv", nordlicht, actor=actor, now=then)
        make_rules((shop_a, shop_b), places, actor=actor, now=then)
        keys = _keys((shop_a, shop_b), known, actor=actor, now=now)
        _pictures(shop_a, SARTORIA)
        _pictures(shop_b, NORDLICHT)
    with acting_for(merchant.pk):
        account = _carrier(sandbox_url, actor=actor, now=now)
        _import(shop_a, shop_b, now=now)
        credentials = unseal(account.credentials)
        with httpx.Client(base_url=sandbox_url, timeout=TIMEOUT_S, trust_env=False) as hands:
            stage = Stage(
                now=now,
                shops=(shop_a, shop_b),
                places=places,
                token=str(credentials["token"]),
                carrier=open_carrier(account.carrier, credentials, account.settings),
                hands=hands,
                member=actor,
            )
            tell(stage, STORIES)
    file = Path(settings.DATA_DIR) / ORDER_FILE
    write_order_file(file, now)
    return _facts(base_url, sandbox_url, password, keys, [sartoria, nordlicht], file)


def _account(known: Mapping[str, Any] | None) -> tuple[Merchant, str]:
    password = known["login"]["password"] if known else f"{new_code(4)}-{new_code(4)}-{new_code(4)}"
    merchant = Merchant.objects.filter(name=MERCHANT).first()
    if merchant is None:
        facts = Facts(name=MERCHANT, country="IT", currency="EUR", time_zone="Europe/Rome")
        create_merchant(facts, EMAIL, password)
        merchant = Merchant.objects.get(name=MERCHANT)
    elif known is None:
        create_login(EMAIL, password, merchant.pk, Role.OWNER.value)
    return merchant, password


def _shop(name: str, system: str, brand: Brand, *, actor: str, now: datetime) -> Integration:
    found = Integration.objects.filter(shop_name=name, deleted_at=None).first()
    return found or create_integration(
        shop_name=name, system=system, shop_url=brand.website, actor=actor, now=now
    )


def _keys(
    shops: tuple[Integration, Integration],
    known: Mapping[str, Any] | None,
    *,
    actor: str,
    now: datetime,
) -> list[dict[str, Any]]:
    kept = {row["id"]: row for row in known["integrations"]} if known else {}
    return [kept.get(shop.pk) or _new_key(shop, actor=actor, now=now) for shop in shops]


def _new_key(shop: Integration, *, actor: str, now: datetime) -> dict[str, Any]:
    minted = mint_api_key(integration=shop, name="Demo", actor=actor, now=now)
    return {
        "id": shop.pk,
        "shop_name": shop.shop_name,
        "public_key": minted.public_key,
        "secret_key": minted.secret_key,
    }


def _pictures(shop: Integration, products: list[Product]) -> None:
    if ProductPicture.objects.filter(integration=shop).count() == len(products):
        return
    for product, picture in zip(products, drawn(products), strict=True):
        name = f"{product.sku}.png"
        kept = StoredDocument.objects.keep(picture, content_type="image/png", name=name)
        ProductPicture.objects.get_or_create(
            integration=shop, sku=product.sku, defaults={"picture": kept}
        )


def _carrier(sandbox_url: str, *, actor: str, now: datetime) -> CarrierAccount:
    """A contract with the sandbox under a token of its own, which stays sealed in the account."""
    with transaction.atomic():
        found = CarrierAccount.objects.filter(carrier="sandbox", deleted_at=None).first()
    if found:
        return found
    contract = Contract(
        carrier="sandbox",
        name=SANDBOX_NAME,
        credentials={"token": f"sandbox-demo-{secrets.token_hex(8)}"},
        settings={"url": sandbox_url},
        service="sandbox_return",
    )
    return connect_carrier(contract=contract, make_default=True, actor=actor, now=now)


def _import(shop_a: Integration, shop_b: Integration, *, now: datetime) -> None:
    """Once for each shop: the dates are counted from now, so a second import would move them."""
    with transaction.atomic():
        Counter.objects.get_or_create(name="return", defaults={"value": FIRST_RETURN - 1})
    for shop, told in ((shop_a, orders.orders_of_shop_a), (shop_b, orders.orders_of_shop_b)):
        with transaction.atomic():
            filled = shop.orders.exists()
        if not filled:
            import_orders(integration=shop, orders=told(now), actor="key:demo", now=now)


def _facts(
    base_url: str,
    sandbox_url: str,
    password: str,
    keys: list[dict[str, Any]],
    shown: list[Brand],
    file: Path,
) -> dict[str, Any]:
    return {
        "url": base_url,
        "login": {"email": EMAIL, "password": password},
        "integrations": keys,
        "brands": [
            {"slug": brand.slug, "name": brand.name, "portal_url": f"{base_url}/{brand.slug}/"}
            for brand in shown
        ],
        "sandbox_carrier_url": sandbox_url,
        "try": [
            {"brand": "sartoria-brina", "number": "BR-10490", "postal_code": "80134"},
            {"brand": "nordlicht-outdoor", "number": "NL-77204", "postal_code": "20099"},
            {"brand": "sartoria-brina", "number": "BRERA-4416", "receipt": "S0931-4416", "postal_code": ""},
        ],
        "files": {"orders_csv": str(file)},
    }  # fmt: skip
