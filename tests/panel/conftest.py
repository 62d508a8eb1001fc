"""Members at the desk, and a merchant with two of everything that pages show."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from rientro.kit.tenancy import acting_for
from rientro.models import (
    Brand,
    ChoiceRule,
    Delivery,
    DeliveryAttempt,
    Event,
    Integration,
    Order,
    Return,
    ReturnRule,
    SenderAddress,
    ShippingRule,
    WebhookEndpoint,
)
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
    return_rule: ReturnRule
    choice_rule: ChoiceRule
    account: Any
    own_label: Any
    webhook: Any
    delivery: Any

    # Made when a test asks for them: a label on the return would be in the way of most.

    @cached_property
    def label(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_label(self.ret, self.account)

    @cached_property
    def source(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_file_source()

    @property
    def purchase(self) -> Any:
        return self.label.purchase

    @cached_property
    def link(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_shop_link()

    @cached_property
    def refusal(self) -> Any:
        with acting_for(self.order.merchant_id):
            return self.link.refusals.get()

    @cached_property
    def person(self) -> Any:
        with acting_for(self.order.merchant_id):
            return self.link.messages.get()

    @cached_property
    def invoice_line(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_invoice_line(self.account, self.label)

    @cached_property
    def invoice_file(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_invoice_file(self.account)

    @cached_property
    def sales_invoice(self) -> Any:
        with acting_for(self.order.merchant_id):
            return makers.make_sales_invoice()


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


def make_return_rule(**fields: Any) -> ReturnRule:
    """Switzerland pays the way back."""
    values = {
        "name": "Swiss parcels",
        "position": ReturnRule.objects.count() + 1,
        "conditions": [{"property": "country", "operator": "is", "compare_to": "CH"}],
        "actions": [{"identifier": "fee", "value": "9.90 EUR"}],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ReturnRule.objects.create(**values | fields)


def make_choice_rule(account: Any, **fields: Any) -> ChoiceRule:
    """Parcels from Germany go with ``account``."""
    values = {
        "name": "From Germany",
        "position": ChoiceRule.objects.count() + 1,
        "conditions": [{"property": "from_country", "operator": "is", "compare_to": "DE"}],
        "actions": [{"identifier": "buy_from", "value": str(account.pk)}],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ChoiceRule.objects.create(**values | fields)


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
    webhook, delivery = make_webhook()
    return House(
        brand=brand,
        other_brand=other,
        address=address,
        other_address=second,
        shop=shop,
        order=order,
        ret=makers.make_return(order),
        rule=make_rule(shop, address),
        return_rule=make_return_rule(),
        choice_rule=make_choice_rule(account),
        account=account,
        own_label=_own_label(),
        webhook=webhook,
        delivery=delivery,
    )


def _own_label() -> Any:
    """A pool of three: free, used, and one that waits to be looked at."""
    own = makers.make_own_account(name="Labels of the post", is_default=False)
    free, used = makers.make_pool_labels(own, 2, destination_country="IT", max_weight_g=20_000)
    makers.make_pool_labels(own, 1, state="draft", tracking_number="")
    used.state, used.reference, used.taken_at = "taken", "R-1-x", NOW
    used.save()
    return free


def make_webhook() -> tuple[WebhookEndpoint, Delivery]:
    """A receiver that fails at the moment, and what it was sent in vain."""
    webhook = WebhookEndpoint.objects.create(
        url="https://hooks.sartoria-brina.example/rientro/events/of/every/kind?shop=1",
        event_names=["return.approved", "return.refunded"],
        failures=1,
        failing_since=NOW,
        created_at=NOW,
    )
    event = Event.objects.create(name="return.approved", actor="clock", happened_at=NOW)
    delivery = Delivery.objects.create(
        endpoint=webhook,
        event=event,
        body='{"type":"return.approved","timestamp":"2026-11-24T10:00:00+00:00","data":{"event_id":1}}',
        attempts=2,
        error="timeout",
        created_at=NOW,
        since=NOW,
        next_at=NOW,
    )
    for number, facts in enumerate(
        ({"status": 500, "answer": "<h1>Internal Server Error</h1>" * 9}, {"error": "timeout"}), 1
    ):
        DeliveryAttempt.objects.create(
            delivery=delivery, number=number, started_at=NOW, took_ms=15_000, **facts
        )
    return webhook, delivery


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
