"""The pages of a connected shop in a real browser, in every state: for axe and for the eye."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from rientro.kit.tenancy import merchant_transaction
from rientro.models import ShopPull, ShopRefusal, ShopWalk
from tests import makers
from tests.browser import DESK, PHONE
from tests.makers import NOW
from tests.panel.busy import make_busy_house
from tests.panel.places import place
from tests.panel.rounds import wider_than_narrow, wrong_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATES = {
    "ok": {},
    "reading": {},
    "failing": {
        "state": "failing",
        "last_error": "WooCommerce answered 503.",
        "failures": 4,
        "webhook_error": "The shop cannot reach our address.",
        "webhook_base": "",
    },
    "broken": {"state": "broken", "last_error": "This key may only read."},
    "paused": {"state": "paused"},
}


def make_shops() -> dict[str, Any]:
    """{name of a state: its connection}."""
    made = {}
    for name, fields in STATES.items():
        shop = makers.make_integration(
            shop_name=f"Sartoria Brina ({name})",
            system="shopify" if name == "ok" else "woocommerce",
            shop_url=f"https://{name}.sartoria-brina.example",
            last_fetch_at=NOW - timedelta(minutes=4),
        )
        link = makers.make_shop_link(
            shop,
            heard_at=NOW - timedelta(minutes=2),
            **{"settings": {"url": shop.shop_url}} | fields,
        )
        ShopWalk.objects.create(
            link=link,
            kind="backfill",
            since=NOW - timedelta(days=60),
            seen=412,
            total=1208,
            started_at=NOW,
            next_at=NOW if name == "reading" else None,
        )
        made[name] = link
    _fill(made["ok"])
    return made


def _fill(link: Any) -> None:
    link.facts = {
        "name": "Sartoria Brina di Elena Ricci & C. S.n.c.",
        "version": "2026-10",
        "cautions": [
            "The scope read_all_orders is missing: orders older than 60 days are not told."
        ],
        "statuses": {"unfulfilled": "Unfulfilled", "fulfilled": "Fulfilled", "on_hold": "On hold"},
    }
    link.filters = {"countries": ["IT", "DE", "AT"], "tags": ["VIP"], "channels": ["web"]}
    link.status_map = {"fulfilled": "delivered"}
    link.save()
    ShopRefusal.objects.create(
        link=link,
        external_order_id="5512309876543",
        number="#10412",
        reason="line 1, name: This is needed.",
        tries=8,
        first_at=NOW - timedelta(days=2),
        last_at=NOW,
        dead_at=NOW,
    )
    for number, source in enumerate(ShopPull.Source.values):
        ShopPull.objects.create(
            link=link,
            source=source,
            orders_created=number * 7 + 1,
            orders_updated=number,
            orders_left_out=number % 3,
            numbers=[f"#10{400 + number + n}" for n in range(number + 1)],
            at=NOW - timedelta(minutes=5 * number),
        )


@pytest.fixture
def desk(db: None) -> Any:
    merchant = makers.make_merchant(name="Sartoria Brina")
    user = makers.make_user(password=None, first_name="Elena", last_name="Ricci")
    member = makers.make_member(merchant, user=user)
    with time_machine.travel(NOW, tick=True):
        with merchant_transaction(merchant.pk):
            make_busy_house()
            made = make_shops()
        yield (
            {name: place("integration", link.integration_id) for name, link in made.items()}
            | {
                "list": place("integrations"),
                "choose": place("integration_new"),
                "connect": place("shop_new", "shopify"),
                "keys": place("shop_edit", made["ok"].integration_id),
                "filters": place("shop_filters", made["ok"].integration_id),
                "log": place("shop_log", made["ok"].integration_id),
            },
            member,
        )


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_shops_is_sound(live_server, new_page, desk, size, language):
    found = wrong_on(live_server, new_page, desk, room="shops", size=size, language=language)

    assert found == []


@pytest.mark.parametrize("language", ["en", "it"])
def test_no_page_of_shops_is_wider_than_a_narrow_screen(live_server, new_page, desk, language):
    assert wider_than_narrow(live_server, new_page, desk, language=language) == {}
