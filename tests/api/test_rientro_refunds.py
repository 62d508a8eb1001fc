"""A machine pays back by the shop: the answer is honest, and the feed tells what came of it."""

import pytest
from django.db import transaction

from rientro.flows.run_errand import run_errand
from rientro.kit.tenancy import acting_for
from rientro.models import Event, ShopErrand
from rientro.policy.event_facts import safe_facts
from tests.api.checking import checked
from tests.api.conftest import Machine
from tests.makers import NOW, make_merchant
from tests.small_shop import ORDER, connect, returned, small_shop

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/api/rientro/v1/returns"


@pytest.fixture
def shop():
    with small_shop() as server:
        yield server


@pytest.fixture
def desk(client, shop):
    merchant = make_merchant()
    with acting_for(merchant.pk):
        with transaction.atomic():
            integration = connect(shop)
        yield Machine(client, integration)


@pytest.fixture
def ret(desk):
    with transaction.atomic():
        return returned(desk.integration)


def pay(desk, ret, status=202, **body):
    answer = desk.ask("POST", f"{BASE}/{ret.number}/refunds", {"amount": "87.50"} | body)
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_refund_return")


def settle(desk, ret, status=200, **body):
    answer = desk.ask("POST", f"{BASE}/{ret.number}/refunds/settle", body)
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_settle_refund")


def read(desk, ret):
    return checked(desk.ask("GET", f"{BASE}/{ret.number}"), "rientro_get_return")


def run():
    with transaction.atomic():
        errand = ShopErrand.objects.order_by("-pk").first()
    return run_errand(errand=errand, now=NOW)


def test_what_the_shop_is_asked_is_pending_until_it_has_paid(desk, ret, shop):
    told = pay(desk, ret, shipping="0", method="coupon")

    assert (told["refund"]["state"], told["refund"]["paid_at"]) == ("pending", None)
    assert (told["refund"]["method"], told["refund"]["kind"]) == ("coupon", "credit")
    assert (told["return"]["settlement"], told["return"]["money"]["refunded"]) == (
        "promised",
        "0.00",
    )
    assert told["return"]["money"]["refundable"] == "0.00"
    assert "refund" not in told["return"]["actions"]
    assert "settle_refund" in told["return"]["actions"]

    run()
    told = read(desk, ret)
    (refund,) = told["refunds"]
    assert (refund["state"], refund["code"], refund["problem"]) == (
        "paid",
        f"THANKS-{ORDER}-1",
        None,
    )
    assert refund["shop_reference"] == f"{ORDER}/1"
    assert (told["settlement"], told["money"]["refunded"]) == ("refunded", "87.50")


def test_a_part_names_its_units_and_its_postage(desk, ret, shop):
    item = read(desk, ret)["items"][0]["id"]
    pay(
        desk,
        ret,
        amount="51.00",
        shipping="5.00",
        units=[{"id": item, "quantity": 1}],
        restock=False,
    )
    run()

    (made,) = shop.refunds[ORDER]
    assert (made["amount"], made["shipping"], made["units"]) == (5100, 500, {"L1": 1})
    assert shop.stock == {}


def test_what_was_paid_elsewhere_is_written_down(desk, ret, shop):
    told = pay(desk, ret, 201, method="elsewhere")

    assert (told["refund"]["state"], told["refund"]["method"]) == ("paid", "elsewhere")
    assert shop.heard == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "cash"}, 400),
        ({"shipping": "-1"}, 400),
        ({"shipping": "x"}, 400),
        ({"shipping": "99.00"}, 400),
        ({"units": [{"id": 1}]}, 400),
        ({"units": ["x"]}, 400),
        ({"units": [{"id": 987654321, "quantity": 1}]}, 400),
        ({"restock": "yes"}, 400),
        ({"amount": "87.51"}, 400),
    ],
)
def test_nonsense_asks_no_shop(desk, ret, body, status):
    pay(desk, ret, status, **body)

    with transaction.atomic():
        assert ShopErrand.objects.count() == 0


def test_the_feed_tells_each_step_and_no_code(desk, ret, shop):
    pay(desk, ret, method="coupon")
    run()

    rows = checked(desk.ask("GET", "/api/rientro/v1/events?limit=50"), "rientro_list_events")
    told = {row["type"]: row for row in rows["data"]}
    assert {"return.refund_pending", "return.refunded"} <= set(told)
    assert "THANKS" not in str(rows)
    with transaction.atomic():
        facts = Event.objects.get(name="return.refunded").facts
    assert safe_facts(facts) == facts


def test_a_refusal_is_told_in_the_shops_words(desk, ret, shop):
    shop.orders[ORDER] = 100
    pay(desk, ret)
    run()

    told = read(desk, ret)
    assert (told["settlement"], told["refunds"][0]["state"]) == ("open", "failed")
    assert told["refunds"][0]["problem"] == "The order has less left than that."
    assert "refund" in told["actions"]


@pytest.mark.parametrize(
    ("outcome", "state", "settlement"),
    [
        ("refunded", "paid", "refunded"),
        ("again", "pending", "promised"),
        ("given_up", "failed", "open"),
    ],
)
def test_a_doubt_is_settled(desk, ret, shop, outcome, state, settlement):
    pay(desk, ret)
    with transaction.atomic():
        ShopErrand.objects.update(state="unknown", error="Nobody knows.")
    assert read(desk, ret)["refunds"][0]["problem"] == "Nobody knows."

    told = settle(desk, ret, outcome=outcome)
    assert (told["refunds"][0]["state"], told["settlement"]) == (state, settlement)


@pytest.mark.parametrize("body", [{}, {"outcome": "gold"}, {"outcome": 7}])
def test_only_an_outcome_settles(desk, ret, body):
    pay(desk, ret)
    settle(desk, ret, 400, **body)


def test_nothing_is_settled_where_nothing_waits(desk, ret):
    settle(desk, ret, 409, outcome="again")


def test_a_repeated_request_is_one_refund(desk, ret, shop):
    key = {"idempotency-key": "k-1"}
    body = {"amount": "10.00"}
    first = desk.ask("POST", f"{BASE}/{ret.number}/refunds", body, headers=key)
    again = desk.ask("POST", f"{BASE}/{ret.number}/refunds", body, headers=key)
    run()

    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert shop.paid(ORDER) == 1000
