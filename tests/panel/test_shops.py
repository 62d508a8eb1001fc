"""Settings › Integrations for a shop that we ask ourselves: connect, progress, filters, pause, log."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.flows.walk_shop import walk_shop
from rientro.kit.tenancy import acting_for
from rientro.models import Event, Integration, ShopLink, ShopPull, ShopRefusal, ShopWalk
from tests.flows.little_shop import CODE, LittleShop, little_shop
from tests.makers import NOW
from tests.panel.places import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleShop]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with little_shop() as shop:
        yield shop


def connect(owner, shop, **more):
    told = {"url": shop.url, "credential_key": "sesame", "backfill_days": "30"} | more
    return owner.post(place("shop_new", CODE), told, follow=True)


def link_of() -> ShopLink:
    return ShopLink.objects.select_related("integration").get()


def test_the_shop_systems_are_offered(owner, house, shop):
    page = owner.get(place("integration_new")).content.decode()

    assert "A shop for trying things out." in page
    assert place("shop_new", CODE) in page


def test_a_shop_is_connected_and_its_orders_come_in(owner, house, shop):
    shop.put("1")

    page = connect(owner, shop).content.decode()

    with acting_for(house.order.merchant_id):
        link = link_of()
        assert link.integration.shop_name == "Little shop"
        assert "sesame" not in link.credentials
        walk_shop(walk=ShopWalk.objects.get(kind="backfill"), now=NOW + timedelta(days=3650))
    assert "takes our keys" in page
    assert "Earlier orders are being read" in page
    assert "sesame" not in page
    after = owner.get(place("integration", link.integration_id)).content.decode()
    assert "Earlier orders are being read" not in after
    assert "Connected" in after


def test_a_wrong_key_stands_at_the_form_and_nothing_is_kept(owner, house, shop):
    page = connect(owner, shop, credential_key="wrong").content.decode()

    assert "Wrong key" in page
    with acting_for(house.order.merchant_id):
        assert not ShopLink.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"url": "javascript:alert(1)"}, "This is not an address such as"),
        ({"url": ""}, "This field is required"),
        ({"credential_key": ""}, "This field is required"),
        ({"backfill_days": "9999"}, "730"),
        ({"url": "https://user:word@shop.example"}, "must not carry a user name"),
    ],
)
def test_what_is_wrong_is_said_under_its_field(owner, house, shop, told, words):
    assert words in connect(owner, shop, **told).content.decode()


def test_new_keys_are_tried_and_an_empty_secret_stays(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk
    form = owner.get(place("shop_edit", pk)).content.decode()
    assert "Saved. Write another one to change it." in form

    answer = owner.post(place("shop_edit", pk), {"url": shop.url, "credential_key": ""})

    assert answer.status_code == 302


def test_another_address_needs_the_secret_anew(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk

    told = {"url": "https://elsewhere.example", "credential_key": ""}
    page = owner.post(place("shop_edit", pk), told).content.decode()

    assert "Key is missing." in page


def test_pause_and_go_on(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk

    paused = owner.post(place("shop_pause", pk), follow=True).content.decode()
    resumed = owner.post(place("shop_resume", pk), follow=True).content.decode()

    assert "Go on" in paused
    assert "Reading goes on where it stopped." in resumed
    with acting_for(house.order.merchant_id):
        names = Event.objects.filter(name__startswith="integration.").values_list("name", flat=True)
        assert list(names.order_by("id"))[-2:] == ["integration.paused", "integration.resumed"]


def test_filters_are_kept_and_shown(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk
    with acting_for(house.order.merchant_id):
        ShopLink.objects.update(facts={"statuses": {"paid": "Paid", "sent": "On its way"}})

    told = {
        "statuses": ["paid"],
        "tags": "vip, gift",
        "countries": "it; de",
        "means_1": "delivered",
    }
    page = owner.post(place("shop_filters", pk), told, follow=True).content.decode()

    assert "vip, gift" in page
    with acting_for(house.order.merchant_id):
        link = link_of()
        assert link.filters == {
            "statuses": ["paid"],
            "tags": ["vip", "gift"],
            "channels": [],
            "countries": ["IT", "DE"],
        }
        assert link.status_map == {"sent": "delivered"}


def test_a_country_that_is_none_is_refused(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk

    page = owner.post(place("shop_filters", pk), {"countries": "Italy"}).content.decode()

    assert "Use a two-letter country code" in page


def test_the_log_says_what_was_refused_and_tries_again(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk
    with acting_for(house.order.merchant_id):
        link = link_of()
        refused = ShopRefusal.objects.create(
            link=link,
            external_order_id="7",
            number="L-7",
            reason="It has no lines.",
            first_at=NOW,
            last_at=NOW,
            next_at=NOW,
        )
        ShopPull.objects.create(
            link=link, source="webhook", orders_created=3, numbers=["L-1", "L-2"], at=NOW
        )

    log = owner.get(place("shop_log", pk)).content.decode()
    answer = owner.post(place("shop_retry", pk, refused.pk), follow=True).content.decode()

    assert "It has no lines." in log
    assert "The shop told us" in log
    assert "L-1, L-2" in log
    assert "asked for this order again" in answer


@pytest.mark.parametrize("days", ["0", "x", "99999"])
def test_reading_back_is_bounded(owner, house, shop, days):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk

    page = owner.post(place("shop_read", pk), {"days": days}, follow=True).content.decode()

    assert "From 1 to 730 days." in page


def test_a_broken_connection_says_what_to_do(owner, house, shop):
    connect(owner, shop)
    pk = Integration.objects.get(system=CODE).pk
    shop.credentials = {"key": "changed"}

    page = owner.post(place("shop_check", pk), follow=True).content.decode()

    assert "Wrong key" in page


def test_a_list_says_how_each_shop_is_doing(owner, house, shop):
    connect(owner, shop)
    with acting_for(house.order.merchant_id):
        ShopLink.objects.update(state="broken")

    assert "Keys refused" in owner.get(place("integrations")).content.decode()


@pytest.mark.parametrize("name", ["shop_edit", "shop_filters", "shop_log"])
def test_an_integration_without_a_shop_has_no_such_page(owner, house, name):
    assert owner.get(place(name, house.shop.pk)).status_code == 404


def test_a_shop_system_that_is_not_installed_is_not_there(owner, house):
    assert owner.get(place("shop_new", "nowhere")).status_code == 404


def test_only_those_who_manage_may_connect(as_role, house, shop):
    told = {"url": shop.url, "credential_key": "sesame", "backfill_days": "30"}

    answer = as_role("desk").post(place("shop_new", CODE), told)

    assert answer.status_code == 403
    with acting_for(house.order.merchant_id):
        assert not ShopLink.objects.exists()


@pytest.mark.parametrize("down", [False, True], ids=["reached", "away"])
def test_a_shop_is_disconnected_and_told_to_be_quiet(owner, house, shop, down):
    connect(owner, shop)
    with acting_for(house.order.merchant_id):
        register_shop_webhooks(link=link_of(), now=NOW)
    pk = Integration.objects.get(system=CODE).pk
    shop.down = down

    page = owner.post(place("integration_delete", pk), follow=True).content.decode()

    assert "is disconnected" in page
    assert bool(shop.address) is down
    with acting_for(house.order.merchant_id):
        assert link_of().credentials == ""
        assert Integration.objects.get(pk=pk).deleted_at is not None
