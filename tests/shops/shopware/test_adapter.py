"""Shopware's adapter against a shop that knows nothing of it, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from rientro.shops.base import (
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    ShopOrder,
    Unavailable,
    Unsupported,
)
from rientro.shops.shopware.adapter import PAGE, Shopware
from tests.fake_server import Answer, running
from tests.shops.compare import told_of, walked
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopware import FakeShopware

SALE = Sale(lines=(Line("SHIRT", "Shirt", 3, 2500), Line("MUG", "Mug", 1, 999)), discount=500)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SEARCH = "POST /api/search/order"
PAGE_OF_HTML = Answer(404, body=b"<!doctype html>", headers={"Content-Type": "text/html"})


@pytest.fixture
def fake() -> Iterator[FakeShopware]:
    with running(FakeShopware()) as shop:
        yield shop


def opened(fake: FakeShopware, **settings: Any) -> Shopware:
    return Shopware(fake.credentials, {"url": fake.url} | settings)


def missing(*scopes: str) -> Answer:
    names = ", ".join(f'\\"{scope}\\"' for scope in scopes)
    detail = f'{{\\"message\\":\\"Missing privilege\\",\\"missingPrivileges\\":[{names}]}}'
    error = f'{{"status":"403","code":"FRAMEWORK__MISSING_PRIVILEGE_ERROR","detail":"{detail}"}}'
    return Answer(403, body=f'{{"errors":[{error}]}}'.encode())


def test_one_token_serves_a_unit_of_work_and_the_next(fake: FakeShopware) -> None:
    opened(fake).check()
    opened(fake).changed(SINCE)

    assert fake.lines().count("POST /api/oauth/token") == 1
    assert fake.last("POST /api/oauth/token").words == {
        "grant_type": "client_credentials",
        **fake.credentials,
    }
    assert fake.last(SEARCH).headers["authorization"].startswith("Bearer ")
    assert fake.last(SEARCH).headers["sw-inheritance"] == "true"


def test_a_token_that_died_early_is_renewed_once(fake: FakeShopware) -> None:
    shop = opened(fake)
    shop.check()
    fake.next_answers = [Answer(401, {"errors": [{"status": "401", "title": "denied"}]})]

    shop.changed(SINCE)

    assert fake.lines()[-3:] == [SEARCH, "POST /api/oauth/token", SEARCH]


def test_a_walk_meets_every_order_while_they_change_under_it(fake: FakeShopware) -> None:
    ids = [fake.place(SALE) for _ in range(PAGE * 2 + 7)]
    shop = opened(fake)
    first = shop.changed(SINCE)
    fake.tick(60)
    fake.edit(ids[3], city="Prato")
    fake.edit(ids[-1], email="new@example.com")
    fake.fulfil(ids[PAGE + 1], "RR1")

    copies, page = {**_copies(first.orders)}, first
    while page.cursor:
        page = opened(fake).changed(SINCE, page.cursor)
        copies |= _copies(page.orders)

    assert set(copies) == set(ids)
    truth = fake.truth()
    assert {key: copies[key] for key in ids[PAGE:]} == {key: truth[key] for key in ids[PAGE:]}
    assert walked(opened(fake), fake) == truth


def _copies(orders: Any) -> dict[str, Any]:
    return {found.order.external_order_id: told_of(found) for found in orders}


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda fake, key: fake.edit(key, city="Prato"), id="address"),
        pytest.param(lambda fake, key: fake.edit(key, email="x@example.com"), id="e-mail"),
        pytest.param(lambda fake, key: fake.fulfil(key, "RR1"), id="sent"),
        pytest.param(lambda fake, key: fake.cancel(key), id="cancelled"),
        pytest.param(lambda fake, key: fake.change_units(key, "SHIRT", 1), id="units"),
        pytest.param(lambda fake, key: fake.refund(key, {"SHIRT": 1}), id="refund"),
    ],
)
def test_whatever_part_is_changed_the_order_is_met_again(fake: FakeShopware, act: Any) -> None:
    fake.place(SALE)
    changed = fake.place(SALE)
    fake.tick(3600)
    since = fake.now
    act(fake, changed)

    page = opened(fake).changed(since)

    assert [found.order.external_order_id for found in page.orders] == [changed]  # type: ignore[union-attr]
    assert _copies(page.orders)[changed] == fake.truth()[changed]


def test_orders_are_fetched_by_id_and_those_that_are_gone_are_none(fake: FakeShopware) -> None:
    order_id = fake.place(SALE)

    found = opened(fake).fetch([order_id, "0" * 32, "x'; DROP"])

    assert isinstance(found[order_id], ShopOrder)
    assert (found["0" * 32], found["x'; DROP"]) == (None, None)


def test_an_order_is_found_by_its_number_as_people_type_it(fake: FakeShopware) -> None:
    fake.place(SALE)
    wanted = fake.place(SALE)
    number = fake.truth()[wanted].number

    for typed in (number, f"#{number}", f" {number} "):
        found = opened(fake).find(typed)
        assert [each.order.external_order_id for each in found] == [wanted]  # type: ignore[union-attr]
    assert opened(fake).find("99999999") == []
    assert opened(fake).find(" # ") == []


def test_a_look_up_ends_within_its_time(fake: FakeShopware) -> None:
    shop = opened(fake, deadline_s=0.3)
    fake.slow_s = 1.0

    with pytest.raises(Unavailable):
        shop.find("10001")


def test_it_counts_what_a_walk_visits(fake: FakeShopware) -> None:
    for _ in range(3):
        fake.place(SALE)

    assert opened(fake).count(SINCE) == 3


def test_a_missing_permission_is_named_as_the_shop_names_it(fake: FakeShopware) -> None:
    shop = opened(fake)
    shop.check()
    fake.next_answers = [missing("order_delivery:read", "tag:read")]

    with pytest.raises(AuthFailed) as caught:
        shop.check()

    assert caught.value.facts["scope"] == "order_delivery:read, tag:read"
    assert "order_delivery:read, tag:read" in caught.value.message


def test_an_address_without_a_shopware_is_said_to_have_none(fake: FakeShopware) -> None:
    fake.next_answers = [PAGE_OF_HTML]

    with pytest.raises(InvalidRequest, match="no Shopware 6"):
        opened(fake).check()


def test_a_shop_that_moved_says_where(fake: FakeShopware) -> None:
    there = {"Location": "https://www.shop.example/de/api/oauth/token"}
    fake.next_answers = [Answer(301, headers=there)]

    with pytest.raises(InvalidRequest, match=r"https://www\.shop\.example/de"):
        opened(fake).check()


def test_a_shop_that_is_tired_is_left_alone_as_long_as_it_says(fake: FakeShopware) -> None:
    shop = opened(fake)
    shop.check()
    fake.next_answers = [Answer(429, {}, headers={"Retry-After": "17"})]

    with pytest.raises(RateLimited) as caught:
        shop.changed(SINCE)

    assert caught.value.retry_after_s == 17


def test_a_note_stands_on_the_order_once(fake: FakeShopware) -> None:
    order_id = fake.place(SALE)

    opened(fake).add_note(order_id, "Return R-1")
    opened(fake).add_note(order_id, "Return R-2")
    opened(fake).add_note(order_id, "Return R-1")

    assert fake.lines().count(f"PATCH /api/order/{order_id}") == 2
    assert "\n".join(fake.notes(order_id)).splitlines() == ["Return R-1", "Return R-2"]


def test_a_note_whose_answer_is_lost_is_in_doubt(fake: FakeShopware) -> None:
    order_id = fake.place(SALE)
    shop = opened(fake)
    found = {"data": [{"id": order_id, "internalComment": None}], "total": 1}
    shop.check()
    fake.next_answers = [Answer(200, found), Answer(502, body=b"<h1>Bad gateway</h1>")]

    with pytest.raises(OutcomeUnknown):
        shop.add_note(order_id, "Return R-1")


def test_no_money_is_given_back(fake: FakeShopware) -> None:
    shop = opened(fake)

    with pytest.raises(Unsupported):
        shop.find_refund("a" * 32, "R-1")
    assert fake.heard == []


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("https://shop.example/admin#/sw/order/index", "https://shop.example"),
        ("https://shop.example/de/", "https://shop.example/de"),
        ("https://shop.example/api", "https://shop.example"),
    ],
)
def test_an_address_copied_from_the_administration_is_cleaned(typed: str, clean: str) -> None:
    assert Shopware.clean_url(typed) == clean


def test_the_next_walk_never_begins_after_this_one_began(fake: FakeShopware) -> None:
    """The walk is not by the moment of change: what changes behind its back must be met by the next one."""
    for _ in range(PAGE + 1):
        fake.place(SALE)
    early = "Sun, 01 Nov 2026 09:00:00 GMT"
    shop = opened(fake)
    shop.check()
    first = shop.changed(SINCE)
    cursor = f"{first.cursor.partition('|')[0]}|{early}"

    page = shop.changed(SINCE, cursor)

    assert page.newest == datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_a_full_page_without_the_number_to_read_on_by_does_not_end_the_walk(
    fake: FakeShopware,
) -> None:
    shop = opened(fake)
    shop.check()
    fake.next_answers = [Answer(200, {"data": [{"id": "a" * 32}] * PAGE, "total": PAGE})]

    with pytest.raises(Unavailable):
        shop.changed(SINCE)
