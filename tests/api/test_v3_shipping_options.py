"""Version 3's shipping options: what the merchant's carriers sell for a return, asked of them."""

import pytest

from rientro.carriers.base import Can, Quote, Service, Unavailable
from rientro.kit.money import Money
from tests import makers
from tests.api.checking import checked
from tests.flows import scripted
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db
URL = "/api/v3/shipping-options"
LANE = {"from_country_code": "IT", "to_country_code": "DE"}


@pytest.fixture
def desk(machine, depot, monkeypatch):
    depot.can = scripted.EVERYTHING | Can.QUOTE
    monkeypatch.setattr(
        scripted.Scripted,
        "services",
        lambda self, origin, destination: [
            Service(
                code="drop_off",
                name="Drop off",
                origin=origin,
                destination=destination,
                max_weight_g=20_000,
                price_from=Money(590, "EUR"),
            )
        ],
    )
    monkeypatch.setattr(
        scripted.Scripted,
        "quote",
        lambda self, request: [Quote(service="drop_off", price=Money(790, "EUR"), days=3)],
    )
    machine.account = makers.make_carrier_account(
        carrier="scripted", name="Scripted", service="drop_off"
    )
    return machine


def ask(desk, **body):
    answer = desk.ask("POST", URL, body)
    assert answer.status_code == 200, answer.content
    return checked(answer, "v3_list_shipping_options")["data"]


def test_returns_have_the_options_of_the_contracts(desk):
    (option,) = ask(desk, functionalities={"returns": True}, **LANE)

    assert option["code"] == "scripted:drop_off"
    assert option["contract"]["id"] == desk.account.pk
    assert option["functionalities"]["returns"] is True
    assert option["weight"]["max"] == {"value": "20.000", "unit": "kg"}
    assert option["quotes"] is None


def test_prices_are_asked_for_when_they_are_wanted(desk):
    (option,) = ask(desk, calculate_quotes=True, **LANE)

    (quote,) = option["quotes"]
    assert quote["price"]["total"] == {"value": "7.90", "currency": "EUR"}
    assert quote["lead_time"] == 72


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 1),
        ({"functionalities": None}, 1),
        ({"functionalities": {"returns": False}}, 0),
        ({"functionalities": {"returns": True, "labelless": True}}, 0),
        ({"functionalities": {"returns": True, "labelless": None, "signature": False}}, 1),
        ({"carrier_code": "scripted"}, 1),
        ({"carrier_code": "dpd"}, 0),
        ({"contract_id": 999999}, 0),
        ({"shipping_option_code": "scripted:drop_off"}, 1),
        ({"shipping_product_code": "scripted:pigeon"}, 0),
        ({"parcels": [{"weight": {"value": "19.5", "unit": "kg"}}]}, 1),
        ({"parcels": [{"weight": {"value": "25", "unit": "kg"}}]}, 0),
        ({"parcels": [{"weight": {"value": "99999", "unit": "kg"}}]}, 0),
    ],
)
def test_filters_leave_what_fits(asked, count, desk):
    assert len(ask(desk, **LANE, **asked)) == count


def test_without_a_lane_the_contracts_are_told_and_nobody_is_asked(desk, monkeypatch):
    monkeypatch.setattr(scripted.Scripted, "services", None)

    assert [option["code"] for option in ask(desk)] == ["scripted:drop_off"]


def test_a_carrier_that_is_away_is_told_without_a_price(desk, monkeypatch):
    def away(*_):
        raise Unavailable("Away.")

    monkeypatch.setattr(scripted.Scripted, "services", away)

    (option,) = ask(desk, calculate_quotes=True, **LANE)
    assert (option["code"], option["quotes"]) == ("scripted:drop_off", [])


def test_a_price_that_nobody_tells_is_the_lowest_known(desk, monkeypatch):
    def away(*_):
        raise Unavailable("Away.")

    monkeypatch.setattr(scripted.Scripted, "quote", away)

    (option,) = ask(desk, calculate_quotes=True, **LANE)
    assert option["quotes"][0]["price"]["total"]["value"] == "5.90"


@pytest.mark.parametrize(
    "body",
    [
        {"from_country_code": "XX"},
        {"to_country_code": 7},
        {"parcels": {}},
        {"parcels": [{}] * 51},
        {"parcels": [{"weight": {"value": "heavy", "unit": "kg"}}]},
        {"functionalities": []},
        [],
        7,
    ],
)
def test_a_question_of_nonsense_is_refused(body, desk):
    answer = desk.ask("POST", URL, body)

    assert answer.status_code == 400
    checked(answer, "v3_list_shipping_options")


def test_the_older_address_answers_the_same(desk):
    answer = desk.ask("POST", "/api/v3/fetch-shipping-options", LANE)

    assert checked(answer, "v3_fetch_shipping_options") == {"data": ask(desk, **LANE)}


def test_a_stranger_sees_no_contract_of_ours(desk, stranger):
    assert stranger.ask("POST", URL, LANE).json() == {"data": []}
