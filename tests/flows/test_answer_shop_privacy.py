"""A shopper asks the shop to be shown or forgotten, a shop leaves: done for real, and once it can be."""

import json
from typing import Any

import pytest

from rientro.flows.answer_shop_privacy import answer_shop_privacy
from rientro.flows.purge_expired import purge_expired
from rientro.models import Event, Integration, Order, ShopLink, ShopMessage, StoredDocument
from tests import makers
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("merchant")]


ADA = {"email": "ada@example.com", "email_norm": "ada@example.com"}


@pytest.fixture
def link(merchant: Any) -> ShopLink:
    brand = makers.make_brand()
    makers.make_address(brand)
    shop = makers.make_integration(system="shopify")
    for number in (1, 2):
        makers.make_order(brand, integration=shop, external_order_id=str(number), **ADA)
    bob = {"email": "bob@example.com", "email_norm": "bob@example.com"}
    makers.make_order(brand, integration=shop, external_order_id="3", **bob)
    makers.make_order(brand, **ADA)  # of another shop
    return ShopLink.objects.create(integration=shop, credentials="sealed", connected_at=NOW)


def ask(link: ShopLink, kind: str, **fields: Any) -> ShopMessage:
    message = ShopMessage.objects.create(
        link=link,
        delivery_key=kind,
        kind=kind,
        received_at=NOW,
        processed_at=NOW,
        **{"email": "", "order_ids": []} | fields,
    )
    answer_shop_privacy(message=message, now=NOW)
    return ShopMessage.objects.get(pk=message.pk)


def forgotten() -> list[str]:
    gone = Order.objects.exclude(redacted_at=None).order_by("pk")
    return list(gone.values_list("external_order_id", flat=True))


def test_a_shopper_is_forgotten_in_this_shop_alone(link):
    done = ask(link, "erase", email="ADA@example.com")

    assert forgotten() == ["1", "2"]
    assert done.answered_at == NOW
    assert done.email == ""


def test_only_the_orders_that_are_named_go_without_an_address(link):
    ask(link, "erase", order_ids=["3"])

    assert forgotten() == ["3"]


def test_nobody_is_forgotten_by_an_empty_word(link):
    ask(link, "erase")

    assert forgotten() == []


def test_an_order_under_way_is_forgotten_once_it_is_settled(link):
    ret = makers.make_return(Order.objects.get(external_order_id="1"))

    waits = ask(link, "erase", email="ada@example.com")
    assert (forgotten(), waits.answered_at) == (["2"], None)
    assert "under way" in waits.error

    ret.move(settlement="closed")
    answer_shop_privacy(message=waits, now=NOW)

    assert forgotten() == ["1", "2"]
    assert ShopMessage.objects.get(pk=waits.pk).answered_at == NOW


def test_what_is_held_of_a_shopper_is_kept_as_a_file_to_hand_over(link):
    makers.make_return(Order.objects.get(external_order_id="1"))

    asked = ask(link, "data_request", email="ada@example.com")

    told = json.loads(bytes(asked.document.content))
    assert len(told["orders"]) == 2
    assert {order["email"] for order in told["orders"]} == {"ada@example.com"}
    assert told["orders"][0]["returns"][0]["items"][0]["reason_label"] == "Too small"
    assert Event.objects.filter(name="privacy.data_requested").count() == 1


def test_a_shop_that_leaves_takes_everybody_with_it(link):
    ask(link, "erase_shop")

    assert forgotten() == ["1", "2", "3"]
    assert ShopLink.objects.get().credentials == ""
    assert Integration.objects.get(system="shopify").deleted_at == NOW


def test_an_app_that_was_removed_says_so(link):
    ask(link, "uninstalled")

    broken = ShopLink.objects.get()
    assert broken.state == "broken"
    assert "removed in the shop" in broken.last_error
    assert forgotten() == []


def test_what_is_not_answered_is_never_swept_away(link):
    makers.make_return(Order.objects.get(external_order_id="1"))
    waits = ask(link, "erase", email="ada@example.com")

    purge_expired(now=NOW.replace(year=NOW.year + 1))

    assert ShopMessage.objects.filter(pk=waits.pk).exists()


def test_the_file_about_a_shopper_goes_with_the_request(link):
    ask(link, "data_request", email="ada@example.com")

    purge_expired(now=NOW.replace(year=NOW.year + 1))

    assert not ShopMessage.objects.exists()
    assert not StoredDocument.objects.filter(content_type="application/json").exists()


def test_a_file_that_leaves_orders_out_says_so(link, monkeypatch):
    monkeypatch.setattr("rientro.flows.answer_shop_privacy.MOST_TOLD", 1)

    asked = ask(link, "data_request", email="ada@example.com")

    told = json.loads(bytes(asked.document.content))
    assert (len(told["orders"]), told["orders_left_out"]) == (1, 1)


def test_orders_under_way_keep_no_others_from_being_forgotten(link, monkeypatch):
    monkeypatch.setattr("rientro.flows.answer_shop_privacy.AT_ONCE", 1)
    makers.make_return(Order.objects.get(external_order_id="1"))

    waits = ask(link, "erase_shop")

    assert forgotten() == ["2", "3"]
    assert (waits.answered_at, waits.error[:9]) == (None, "1 orders ")
