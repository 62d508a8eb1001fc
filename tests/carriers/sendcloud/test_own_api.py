"""The adapter against our own API over HTTP: a second merchant sells, and the sandbox carrier prints for him.

    adapter -> HTTP -> web process of this house -> api/v3 -> sandbox carrier

What passes here follows our reading of Sendcloud's contract on both sides; what only Sendcloud can say stands in
docs/carriers/sendcloud.md.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from rientro.carriers.base import AuthFailed, InvalidRequest
from rientro.carriers.sendcloud.adapter import Sendcloud
from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit import clock
from rientro.kit.money import Money
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import InboxMessage, Label, LabelPurchase, Parcel, Return
from rientro.models.purchasing import intend_label
from tests import makers
from tests.carriers.conftest import SHOPPER, label_request
from tests.carriers.sendcloud.house import House
from tests.sandbox import Customer

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20


@pytest.fixture(scope="module")
def web(django_db_setup: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"), django_db_setup.url())
    yield made
    made.stop()


@pytest.fixture
def house(transactional_db: None, web: House) -> Iterator[House]:
    with web.at_work():
        yield web


@pytest.fixture
def seller(house: House, customer: Customer, settings: Any) -> dict[str, str]:
    """The merchant whose API we ask as if it were Sendcloud's; what is given is his key."""
    settings.BASE_URL = house.url
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        brand = makers.make_brand(slug="seller")
        makers.make_address(brand)
        integration = makers.make_integration(shop_name="Seller")
        minted = mint_api_key(integration=integration, actor="member:1", now=clock.now())
    with acting_for(merchant.pk):
        connect_carrier(
            contract=Contract(
                carrier="sandbox",
                credentials={"token": customer.token},
                settings={"url": customer.url},
                service="sandbox_return",
            ),
            actor="member:1",
            now=clock.now(),
        )
    return {"public_key": minted.public_key, "secret_key": minted.secret_key}


@pytest.fixture
def carrier(house: House, seller: dict[str, str]) -> Sendcloud:
    return Sendcloud(seller, {"url": house.url})


def wish(reference: str = "R-1", **changes: Any) -> Any:
    return label_request(reference, **{"service": "sandbox:sandbox_return"} | changes)


def wait_for(question: Callable[[], Any], house: House) -> Any:
    until = time.monotonic() + PATIENCE_S
    while not (answer := question()):
        assert time.monotonic() < until, house.words()
        time.sleep(0.1)
    return answer


def test_a_label_is_bought_printed_tracked_and_given_back(carrier, customer, house):
    carrier.check_credentials()
    carrier.validate(wish())
    bought = carrier.buy_label(wish())

    [sold] = customer.labels()
    assert bought.tracking_number == sold["tracking_number"]
    assert (bought.price, bought.priced) == (Money.parse(**_amount(sold)), True)
    assert carrier.fetch_document(bought.carrier_reference).startswith(b"%PDF-")
    assert carrier.track([bought.tracking_number]) == {bought.tracking_number: []}

    assert carrier.cancel_label(bought.carrier_reference).outcome in ("voided", "requested")
    wait_for(lambda: carrier.cancel_label(bought.carrier_reference).outcome == "voided", house)
    wait_for(lambda: customer.labels()[0]["voided_at"], house)


def _amount(sold: dict[str, Any]) -> dict[str, str]:
    return {"amount": sold["price"]["amount"], "currency": sold["price"]["currency"]}


def test_what_is_sold_there_can_be_bought_here(carrier):
    services = carrier.services("IT", "IT")
    quotes = carrier.quote(wish(service=services[0].code))

    assert [service.code for service in services] == [
        "sandbox:sandbox_return",
        "sandbox:sandbox_express",
    ]
    assert (quotes[0].service, quotes[0].days) == ("sandbox:sandbox_return", 0)
    assert carrier.buy_label(wish(service="sandbox:sandbox_express")).price > quotes[0].price


def test_the_same_reference_twice_is_one_label(carrier, customer):
    first = carrier.buy_label(wish())

    again = carrier.buy_label(wish())

    assert again.tracking_number == first.tracking_number
    assert len(customer.labels()) == 1
    assert carrier.cancel_label(again.carrier_reference).outcome in ("voided", "requested")


def test_what_is_refused_there_is_refused_here_in_its_words(carrier, customer):
    with pytest.raises(InvalidRequest, match="Nowhere"):
        carrier.buy_label(wish(sender=replace(SHOPPER, city="Nowhere")))
    with pytest.raises(InvalidRequest, match="shipping_option_code: No contract sells"):
        carrier.buy_label(wish("R-2", service="dpd:return/return"))
    with pytest.raises(InvalidRequest, match="country_code"):
        carrier.validate(wish("R-3", sender=replace(SHOPPER, country="XX")))

    assert customer.labels() == []


def test_a_wrong_key_is_said_so(house, seller):
    with pytest.raises(AuthFailed):
        Sendcloud(seller | {"secret_key": "wrong"}, {"url": house.url}).check_credentials()


def test_a_scan_at_the_carriers_comes_all_the_way_to_our_parcel(house, seller, customer):
    """Both merchants live in one house: the seller's webhooks are the buyer's carrier's."""
    buyer = makers.make_merchant()
    with merchant_transaction(buyer.pk):
        ret = makers.make_return(makers.make_order(makers.make_brand(slug="buyer")))
    with acting_for(buyer.pk):
        account = connect_carrier(
            contract=Contract(
                carrier="sendcloud",
                credentials=seller,
                settings={"url": house.url},
                service="sandbox:sandbox_return",
            ),
            actor="member:1",
            now=clock.now(),
        )
        with transaction.atomic():
            intend_label(Return.objects.get(pk=ret.pk), at=clock.now())
        label = wait_for(_stored_label, house)

        customer.scan(label.tracking_number, "handed_in")
        parcel = wait_for(lambda: _parcel("handed_in"), house)

    assert label.purchase.status == "bought"
    assert label.carrier_reference.count("/") == 1
    assert label.pdf_a6 is not None
    with merchant_transaction(buyer.pk):
        assert InboxMessage.objects.filter(account=account, error="").exists()
        assert parcel.tracking_number == customer.labels()[0]["tracking_number"]
        assert LabelPurchase.objects.count() == 1


@transaction.atomic
def _stored_label() -> Label | None:
    return Label.objects.select_related("purchase", "pdf_a6").exclude(pdf_a6=None).first()


@transaction.atomic
def _parcel(status: str) -> Parcel | None:
    return Parcel.objects.filter(status=status).first()
