"""The door for shops' webhooks: duplicates, forgery, size, strangers; and keys that a shop posts after consent."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from rientro.flows.connect_shop import connect_shop
from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.kit.tenancy import acting_for
from rientro.models import Integration, Merchant, ShopLink, ShopMessage
from rientro.models.shop_addresses import fixed_address
from rientro.models.shop_consent import Pending, ShopWish, state_of
from rientro.shops import registry
from tests.flows.little_shop import CODE, KNOWN, Little, LittleShop, little_shop
from tests.makers import NOW, make_integration, make_merchant, make_shop_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleShop]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with little_shop() as shop:
        yield shop


@pytest.fixture
def link(shop: LittleShop) -> ShopLink:
    house = make_merchant()
    with acting_for(house.pk):
        wish = ShopWish(system=CODE, url=shop.url, credentials=shop.credentials)
        link = connect_shop(wish=wish, actor="member:1", now=NOW)
        register_shop_webhooks(link=link, now=NOW)
    return link


def path(shop: LittleShop) -> str:
    return shop.address[shop.address.index("/hooks/") :]


def tell(client, address, headers, body):
    more = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return client.post(address, body, content_type="application/json", **more)


def kept(link: ShopLink) -> int:
    with acting_for(link.merchant_id):
        return ShopMessage.objects.count()


def test_a_signed_delivery_is_kept_once(client, shop, link):
    shop.put("1")
    headers, body = shop.told("1")

    answers = [tell(client, path(shop), headers, body).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert kept(link) == 1


def test_the_address_that_never_changes_needs_the_signature_as_well(client, shop, link):
    shop.put("1")
    headers, body = shop.told("1")
    with acting_for(link.merchant_id):
        address = urlsplit(fixed_address(link, CODE)).path

    assert tell(client, address, {"x-little": "0" * 64}, body).status_code == 401
    assert tell(client, address, headers, body).status_code == 200
    assert kept(link) == 1


def test_a_forged_delivery_is_refused(client, shop, link):
    _, body = shop.told("1") if shop.put("1") else ({}, b"")

    assert tell(client, path(shop), {"x-little": "0" * 64}, body).status_code == 401
    assert tell(client, path(shop), {}, body).status_code == 401
    assert kept(link) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address[:-2] + "x/",
        lambda address: address.replace(f"/{CODE}/", "/sandbox/"),
        lambda address: f"/hooks/shops/{CODE}/1-1-short/",
    ],
)
def test_another_address_is_nobody(client, shop, link, change):
    shop.put("1")
    headers, body = shop.told("1")

    assert tell(client, change(path(shop)), headers, body).status_code == 404
    assert kept(link) == 0


def test_a_body_beyond_every_order_is_refused_unread(client, shop, link):
    assert (
        tell(client, path(shop), {"x-little": ""}, b"x" * (4 * 1024 * 1024 + 1)).status_code == 413
    )


def test_a_disconnected_shop_is_nobody(client, shop, link):
    with acting_for(link.merchant_id):
        Integration.objects.update(deleted_at=NOW)
    shop.put("1")
    headers, body = shop.told("1")

    assert tell(client, path(shop), headers, body).status_code == 404


@pytest.mark.parametrize("system", sorted(set(registry.KNOWN) - {"shopify", "woocommerce"}))
def test_a_shop_that_sends_no_webhooks_is_not_believed(client, system):
    house = make_merchant()
    with acting_for(house.pk):
        link = make_shop_link(make_integration(system=system))
        address = urlsplit(fixed_address(link, system)).path
    before = kept(link)

    assert tell(client, address, {}, b'{"id": 1}').status_code == 401
    assert kept(link) == before


def test_only_a_post_is_heard(client, shop, link):
    assert client.get(path(shop)).status_code == 405


class Giving(Little):
    """The little shop, when it gives out its key by machine."""

    @classmethod
    def consented(cls, credentials, settings, told):
        return {"key": told["key"]}


@pytest.fixture
def giving(shop: LittleShop, monkeypatch: pytest.MonkeyPatch) -> str:
    """A signed word for this shop."""
    told = replace(KNOWN, path=f"{__name__}:Giving", ways_by_machine=True)
    monkeypatch.setitem(registry.KNOWN, CODE, told)
    registry.shop_class.cache_clear()
    wish = ShopWish(system=CODE, url=shop.url, days=5)
    asked = Pending(merchant_id=make_merchant().pk, actor="member:1", nonce="n", wish=wish)
    return state_of(asked)


def connected() -> int:
    """Merchants with a shop."""
    return sum(1 for pk in Merchant.objects.values_list("pk", flat=True) if _links(pk))


def _links(merchant: int) -> int:
    with acting_for(merchant):
        return ShopLink.objects.count()


def give(client, words) -> int:
    address = f"/hooks/shops/{CODE}/consent/"
    return client.post(address, json.dumps(words), content_type="application/json").status_code


def test_keys_that_were_agreed_to_connect_the_shop(client, shop, giving):
    assert give(client, {"user_id": giving, "key": "sesame"}) == 200

    assert connected() == 1


@pytest.mark.parametrize("user_id", ["", "nonsense", "a:b:c"])
def test_keys_that_nobody_asked_for_are_refused(client, shop, giving, user_id):
    assert give(client, {"user_id": user_id, "key": "sesame"}) == 403
    assert connected() == 0


def test_keys_that_the_shop_refuses_connect_nothing(client, shop, giving):
    assert give(client, {"user_id": giving, "key": "wrong"}) == 502
    assert connected() == 0


def test_what_is_no_object_is_refused(client, shop, giving):
    assert give(client, ["sesame"]) == 400


def test_a_shop_that_gives_no_keys_has_no_such_address(client, shop):
    assert give(client, {"user_id": "x", "key": "sesame"}) == 404
