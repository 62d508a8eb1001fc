"""Members at the desk, and a merchant with two of everything that pages show."""

from dataclasses import dataclass
from typing import Any

import pytest

from rientro.kit.tenancy import acting_for
from rientro.models import Brand, Integration, Order, Return, SenderAddress, ShippingRule
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS
from tests import makers
from tests.makers import NOW


@dataclass
class House:
    """The rows of one merchant, one of each kind."""

    brand: Brand
    other_brand: Brand
    address: SenderAddress
    other_address: SenderAddress
    shop: Integration
    order: Order
    ret: Return
    rule: ShippingRule
    account: Any


def make_rule(shop: Integration, address: SenderAddress, **fields: Any) -> ShippingRule:
    values = {
        "name": f"{shop.shop_name} to {address.label}",
        "position": ShippingRule.objects.count() + 1,
        "conditions": [{"property": "integration", "operator": "is", "compare_to": str(shop.pk)}],
        "actions": [{"identifier": SHIP_WITH_ADDRESS, "value": str(address.pk)}],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ShippingRule.objects.create(**values | fields)


def make_house() -> House:
    brand = makers.make_brand(name="Sartoria Brina")
    other = makers.make_brand(name="Nordlicht Outdoor")
    address = makers.make_address(brand)
    second = makers.make_address(
        other, label="Hamburg", city="Hamburg", country="DE", postal_code="20457"
    )
    shop = makers.make_integration(shop_name="Shop A")
    order = makers.make_order(brand, integration=shop, sender_address=address)
    account = makers.make_carrier_account()
    return House(
        brand=brand,
        other_brand=other,
        address=address,
        other_address=second,
        shop=shop,
        order=order,
        ret=makers.make_return(order),
        rule=make_rule(shop, address),
        account=account,
    )


@pytest.fixture
def house(merchant: Any) -> House:
    return make_house()


@pytest.fixture
def strangers(db: None) -> House:
    """The same rows, of another merchant."""
    other = makers.make_merchant()
    with acting_for(other.pk):
        return make_house()


@pytest.fixture
def as_role(new_client: Any, merchant: Any) -> Any:
    """``as_role("desk")``: the browser of a member with this role."""

    def logged_in(role: str) -> Any:
        client = new_client()
        member = makers.make_member(merchant, role=role, user=makers.make_user(password=None))
        client.force_login(member.user)
        client.member = member
        return client

    return logged_in


@pytest.fixture
def owner(as_role: Any) -> Any:
    return as_role("owner")
