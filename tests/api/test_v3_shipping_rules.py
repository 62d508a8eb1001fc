"""Version 3's shipping rules: written, ordered and deleted by machine, in the words that run them."""

import pytest

from rientro.api.ids import parcel_id
from rientro.kit.tenancy import acting_for
from rientro.models import Event, Order, SenderAddress, ShippingRule
from tests import makers
from tests.api.checking import checked
from tests.api.conftest import shipment

pytestmark = pytest.mark.django_db
RULES = "/api/v3/shipping-rules/rules"


@pytest.fixture
def desk(machine):
    machine.address = makers.make_address(makers.make_brand(), label="Roma")
    return machine


def sentence(desk, **changes):
    told = {
        "name": "Shop A from Rome",
        "criteria": {
            "is_and": True,
            "conditions": [
                {
                    "property": "integration",
                    "operator": "is",
                    "compare_to": str(desk.integration.pk),
                }
            ],
        },
        "actions": [{"identifier": "ship_with_address", "value": str(desk.address.pk)}],
    }
    return told | changes


def write(desk, **changes):
    answer = desk.ask("POST", RULES, sentence(desk, **changes))
    assert answer.status_code == 201, answer.content
    return checked(answer, "v3_create_shipping_rule")


def test_a_rule_that_is_written_sends_the_next_order_to_its_address(desk):
    told = write(desk)

    desk.post([shipment()])

    assert (told["is_active"], told["is_invalid"], told["order"]) == (True, False, 1)
    assert Order.objects.get().sender_address == desk.address
    assert desk.ask("GET", f"/api/v2/parcels/{parcel_id('order', Order.objects.get().pk)}")
    assert Event.objects.filter(name="rule.saved", actor=f"key:{desk.key.pk}").count() == 1


def test_a_rule_is_read_and_listed(desk):
    told = write(desk)

    one = checked(desk.ask("GET", f"{RULES}/{told['id']}/"), "v3_get_shipping_rule")
    listed = checked(desk.ask("GET", RULES), "v3_list_shipping_rules")

    assert one == told
    assert listed == {"data": [told]}


def test_what_is_not_told_stays(desk):
    told = write(desk)
    url = f"{RULES}/{told['id']}"

    off = checked(desk.ask("PATCH", url, {"is_active": False}), "v3_update_shipping_rule")
    wide = checked(
        desk.ask(
            "PATCH",
            url,
            {
                "criteria": {
                    "conditions": [
                        {
                            "property": "destination_country",
                            "operator": "in",
                            "compare_to": ["IT", "DE"],
                        }
                    ]
                }
            },
        ),
        "v3_update_shipping_rule",
    )

    assert (off["is_active"], off["criteria"]) == (False, told["criteria"])
    assert wide["criteria"]["conditions"][0]["compare_to"] == "IT,DE"
    assert (wide["is_active"], wide["name"]) == (False, told["name"])


def test_a_rule_is_deleted(desk):
    url = f"{RULES}/{write(desk)['id']}"

    assert desk.ask("DELETE", url).status_code == 204
    assert desk.ask("DELETE", url).status_code == 404
    assert desk.ask("GET", url).status_code == 404


def test_the_order_is_written(desk):
    ids = [write(desk, name=f"Rule {place}")["id"] for place in range(3)]

    answer = desk.ask("POST", f"{RULES}/reorder", {"rule_list": ids[::-1]})

    told = checked(answer, "v3_order_shipping_rules")["data"]
    assert [rule["id"] for rule in told] == ids[::-1]
    assert [rule["order"] for rule in told] == [1, 2, 3]


def test_the_list_has_pages(desk):
    for place in range(3):
        write(desk, name=f"Rule {place}")

    first = desk.ask("GET", f"{RULES}?page_size=2")

    assert len(checked(first, "v3_list_shipping_rules")["data"]) == 2
    assert 'rel="next"' in first["Link"]


def test_a_rule_whose_address_is_gone_says_that_it_rests(desk):
    told = write(desk)
    ShippingRule.objects.update(invalid_because="The address Roma was deleted.")

    found = checked(desk.ask("GET", f"{RULES}/{told['id']}"), "v3_get_shipping_rule")

    assert found["is_invalid"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": 7},
        {"name": "x" * 101},
        {"criteria": None},
        {"criteria": []},
        {"criteria": {"conditions": {}}},
        {"criteria": {"conditions": [1]}},
        {"criteria": {"is_and": "yes", "conditions": []}},
        {"criteria": {"conditions": [{"property": "weather", "operator": "is"}]}},
        {"criteria": {"conditions": [{"property": "weight", "operator": "contains"}]}},
        {
            "criteria": {
                "conditions": [
                    {"property": "integration", "operator": "is", "compare_to": "999999"}
                ]
            }
        },
        {
            "criteria": {
                "conditions": [{"property": "sku", "operator": "is", "compare_to": {"a": 1}}]
            }
        },
        {"criteria": {"conditions": [{"property": "sku"}] * 200}},
        {"actions": []},
        {"actions": [{"identifier": "explode", "value": "1"}]},
        {"actions": [{"identifier": "ship_with_address", "value": "999999"}]},
        {"actions": [{"identifier": "ship_with_address", "value": 10**18}]},
        {"is_active": "yes"},
    ],
)
def test_a_sentence_without_sense_is_refused(changes, desk):
    answer = desk.ask("POST", RULES, sentence(desk, **changes))

    assert answer.status_code == 400
    assert checked(answer, "v3_create_shipping_rule")["errors"][0]["detail"]
    assert not ShippingRule.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"", b'{"name": "\\u0000"}', b"[" * 20_000])
def test_a_body_of_nonsense_is_refused(body, desk):
    assert desk.ask("POST", RULES, body).status_code == 400


@pytest.mark.parametrize("told", [None, "1", [0], ["1"], [2**70], [999999], [True]])
def test_an_order_of_nonsense_is_refused(told, desk):
    assert desk.ask("POST", f"{RULES}/reorder", {"rule_list": told}).status_code == 400


def test_a_stranger_has_no_part_in_it(desk, stranger):
    told = write(desk)
    url = f"{RULES}/{told['id']}"

    assert stranger.ask("GET", url).status_code == 404
    assert stranger.ask("PATCH", url, {"name": "Mine"}).status_code == 404
    assert stranger.ask("DELETE", url).status_code == 404
    assert stranger.ask("GET", RULES).json() == {"data": []}
    theirs = stranger.ask("POST", f"{RULES}/reorder", {"rule_list": [told["id"]]})
    assert theirs.status_code == 400
    with acting_for(stranger.integration.merchant_id):
        place = SenderAddress.objects.first().pk
    foreign = sentence(desk, actions=[{"identifier": "ship_with_address", "value": str(place)}])
    assert desk.ask("POST", RULES, foreign).status_code == 400


def test_the_words_are_those_that_run(desk):
    base = "/api/v3/shipping-rules"

    conditions = checked(desk.ask("GET", f"{base}/conditions"), "v3_list_rule_conditions")["data"]
    operators = checked(desk.ask("GET", f"{base}/operators"), "v3_list_rule_operators")["data"]
    actions = checked(desk.ask("GET", f"{base}/actions"), "v3_list_rule_actions")["data"]

    shops = next(word for word in conditions if word["identifier"] == "integration")
    assert [str(desk.integration.pk), "Shop A"] in shops["possibilities"]
    assert {sign["identifier"] for sign in shops["operators"]} == {"is", "is_not", "in", "not_in"}
    assert {"is", "ge", "greater_than", "is_empty"} <= {one["identifier"] for one in operators}
    (deed,) = actions
    assert [str(desk.address.pk), "Roma"] in deed["possibilities"]
    one = desk.ask("GET", f"{base}/conditions/integration")
    assert checked(one, "v3_get_rule_condition") == shops
    assert (
        checked(desk.ask("GET", f"{base}/actions/ship_with_address"), "v3_get_rule_action") == deed
    )
    assert desk.ask("GET", f"{base}/conditions/weather").status_code == 404
    assert desk.ask("GET", f"{base}/actions/explode").status_code == 404
