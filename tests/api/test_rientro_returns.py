"""Our own endpoints of returns: a merchant's machine takes the steps of the desk."""

import pytest

from rientro.kit.tenancy import acting_for
from rientro.models import Event, LedgerEntry, OrderLine, Refund, Return
from tests import makers
from tests.api.checking import checked
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db
BASE = "/api/rientro/v1/returns"


@pytest.fixture
def desk(machine, depot):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return machine


def made(desk, **fields):
    brand = fields.pop("brand", None) or makers.make_brand()
    order = makers.make_order(brand, integration=desk.integration, **fields.pop("order", {}))
    return makers.make_return(order, **fields)


def requested(desk, **fields):
    return made(desk, approval="requested", carrier="none", approved_at=None, **fields)


def step(desk, ret, name, body=None, **more):
    return desk.ask("POST", f"{BASE}/{ret.number}/{name}", body, **more)


def listed(desk, query="", status=200):
    answer = desk.ask("GET", f"{BASE}{query}")
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_list_returns")


def numbers(page):
    return [row["number"] for row in page["data"]]


# Reading


def test_the_list_goes_back_in_pages_and_names_each_return_once(desk):
    rows = [requested(desk).number for _ in range(5)]

    first = listed(desk, "?limit=2")
    second = listed(desk, f"?limit=2&cursor={first['next_cursor']}")
    third = listed(desk, f"?limit=2&cursor={second['next_cursor']}")

    assert numbers(first) + numbers(second) + numbers(third) == rows[::-1]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tab=requests", ["asked"]),
        ("tab=in_transit", ["moving"]),
        ("approval=approved", ["moving"]),
        ("carrier=in_transit", ["moving"]),
        ("inspection=accepted", []),
        ("brand=acme", ["moving"]),
        ("order_number=%23br%20778", ["moving"]),
        ("external_reference=rma-7", ["asked"]),
        ("requested_since=2026-11-24T11:00:00Z", ["moving"]),
        ("requested_before=2026-11-24T11:00:00Z", ["asked"]),
        ("updated_since=2026-11-24T11:00:00%2B01:00", ["moving", "asked"]),
        ("updated_since=2199-01-01T00:00:00Z", []),
    ],
)
def test_the_list_is_narrowed(desk, query, found):
    asked = requested(desk, external_reference="rma-7")
    acme = makers.make_brand(slug="acme")
    later = makers.NOW.replace(hour=12)
    moving = made(
        desk, brand=acme, carrier="in_transit", order={"number": "#BR-778"}, requested_at=later
    )
    names = {asked.number: "asked", moving.number: "moving"}

    assert [names[number] for number in numbers(listed(desk, f"?{query}"))] == found


def test_a_brand_is_named_by_its_id_too(desk):
    ret = requested(desk)

    assert numbers(listed(desk, f"?brand={ret.brand_id}")) == [ret.number]
    assert numbers(listed(desk, "?brand=999999999999")) == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=٣",
        "cursor=x",
        "cursor=%00",
        "cursor=YmVmb3JlPXg",
        "tab=everything",
        "carrier=lost%00",
        "updated_since=yesterday",
        "requested_since=9999-12-31T23:59:59-14:00",
        "brand=99999999999999999999",
        "order_number=%00",
    ],
)
def test_what_cannot_be_read_is_told_by_the_name_of_its_field(desk, query):
    told = listed(desk, f"?{query}", status=400)["error"]

    assert told["code"] == "invalid_request"
    assert told["facts"]["parameter"] == query.split("=")[0]
    assert told["message"].startswith(query.split("=")[0])


def test_a_return_is_told_whole_by_its_number_and_by_its_id(desk):
    ret = made(desk, fee_minor=490, refund_minor=4110, note="It is too small")

    told = checked(desk.ask("GET", f"{BASE}/{ret.number}"), "rientro_get_return")

    assert told["id"] == str(ret.public_id)
    assert (told["approval"], told["carrier"]) == ("approved", "label_pending")
    assert (told["inspection"], told["settlement"]) == ("pending", "open")
    assert told["money"] == {
        "currency": "EUR",
        "value": "46.00",
        "fee": "4.90",
        "refund": "41.10",
        "refunded": "0.00",
        "refundable": "41.10",
        "label_cost": None,
        "label_currency": None,
    }
    assert told["items"][0]["price"] == "46.00"
    assert told["items"][0]["reason"] == {"code": None, "label": "Too small", "fault": None}
    assert told["from_address"]["city"] == "Torino"
    assert told["to_address"]["city"] == "Milano"
    assert told["note"] == "It is too small"
    assert told["links"]["self"].endswith(f"{BASE}/{ret.number}")
    by_id = checked(desk.ask("GET", f"{BASE}/{ret.public_id}/"), "rientro_get_return")
    assert by_id == told


def test_yen_have_no_decimals(desk):
    ret = made(desk, order={"currency": "JPY"})

    told = checked(desk.ask("GET", f"{BASE}/{ret.number}"), "rientro_get_return")

    assert told["money"]["value"] == "4600"


@pytest.mark.parametrize("reference", ["R-1", "x", "00000000-0000-7000-8000-000000000000"])
def test_a_return_that_is_not_there_is_missing(desk, reference):
    answer = desk.ask("GET", f"{BASE}/{reference}")

    assert answer.status_code == 404
    assert checked(answer, "rientro_get_return")["error"]["code"] == "not_found"


# Steps


def test_an_approved_return_gets_its_label_and_the_label_can_be_fetched(desk, depot, jobs):
    ret = requested(desk)

    told = checked(step(desk, ret, "approve"), "rientro_approve_return")

    assert (told["approval"], told["carrier"]) == ("approved", "label_pending")
    assert told["purchase"]["status"] == "buying"
    event = Event.objects.get(name="return.approved")
    assert event.actor == f"key:{desk.key.pk}"
    jobs.run()
    told = checked(desk.ask("GET", f"{BASE}/{ret.number}"), "rientro_get_return")
    assert told["carrier"] == "label_ready"
    assert told["label"]["price"] == "4.90"
    assert told["money"]["label_cost"] == "4.90"
    assert "return.label_bought" in [event["type"] for event in told["timeline"]]
    paper = desk.ask("GET", f"{BASE}/{ret.number}/label?format=a4")
    checked(paper, "rientro_get_return_label")
    assert paper.content.startswith(b"%PDF")
    assert told["label"]["documents"]["zpl"].endswith("/label?format=zpl")
    assert desk.ask("GET", f"{BASE}/{ret.number}/label?format=png").status_code == 400


def test_a_label_is_given_back_and_another_asked_for(desk, depot, jobs):
    ret = requested(desk)
    step(desk, ret, "approve")
    jobs.run()

    given = step(desk, ret, "void-label")
    assert checked(given, "rientro_void_return_label")["label"]["void"] == "requested"
    assert given.status_code == 202
    again = step(desk, ret, "void-label")
    assert again.status_code == 409
    jobs.run()
    told = checked(desk.ask("GET", f"{BASE}/{ret.number}"), "rientro_get_return")
    assert (told["label"]["void"], told["money"]["label_cost"]) == ("voided", None)
    assert "retry_label" in told["actions"]
    asked = checked(step(desk, ret, "retry-label"), "rientro_retry_return_label")
    assert asked["purchase"]["status"] == "buying"
    jobs.run()
    assert depot.count() == 2


def test_a_rejection_carries_words_to_the_shopper(desk):
    ret = requested(desk)

    silent = step(desk, ret, "reject", {"words": "  "})
    told = checked(step(desk, ret, "reject", {"words": "Worn."}), "rientro_reject_return")

    assert silent.status_code == 400
    assert checked(silent, "rientro_reject_return")["error"]["facts"]["fields"]["words"]
    assert (told["approval"], told["rejection"], told["tab"]) == ("rejected", "Worn.", "rejected")
    assert told["actions"] == ["approve"]
    back = checked(step(desk, ret, "approve", {}), "rientro_approve_return")
    assert (back["approval"], back["rejection"]) == ("approved", "")


def test_a_cancelled_return_gives_its_units_free(desk):
    ret = requested(desk)

    told = checked(step(desk, ret, "cancel"), "rientro_cancel_return")

    assert (told["approval"], told["actions"]) == ("cancelled", [])
    assert OrderLine.objects.get(order=ret.order).returned_quantity == 0


def test_a_parcel_without_a_label_of_ours_is_told_and_sent(desk):
    ret = made(desk, carrier="none", method="self_sent")
    told = {"tracking_number": "rr 473124829 it", "carrier": "Poste Italiane"}

    kept = checked(step(desk, ret, "tracking-number", told), "rientro_tell_return_number")

    assert kept["tracking_number"] == "RR473124829IT"
    assert {"tell_number", "mark_sent"} <= set(kept["actions"])
    odd = step(desk, ret, "tracking-number", {"tracking_number": "12"})
    checked(odd, "rientro_tell_return_number")
    assert odd.status_code == 400
    sent = checked(step(desk, ret, "mark-sent"), "rientro_mark_return_sent")
    assert sent["carrier"] == "in_transit"
    assert not {"tell_number", "mark_sent"} & set(sent["actions"])
    late = step(desk, ret, "tracking-number", {"tracking_number": "RR473124832IT"})
    assert late.status_code == 409


def test_the_box_is_counted_and_the_money_goes_back_in_two_parts(desk):
    ret = made(desk, carrier="in_transit", quantity=2)
    item = ret.items.get()

    checked(step(desk, ret, "mark-delivered"), "rientro_mark_return_delivered")
    found = {"id": item.pk, "quantity": 1, "grade": "opened", "disposition": "second_choice"}
    counted = checked(step(desk, ret, "receive", {"items": [found]}), "rientro_receive_return")

    assert (counted["inspection"], counted["carrier"]) == ("partly_accepted", "delivered")
    assert counted["items"][0] | {"grade": "opened", "received_quantity": 1} == counted["items"][0]
    assert counted["money"]["refundable"] == "46.00"
    part = checked(step(desk, ret, "refunds", {"amount": "20.00"}), "rientro_refund_return")
    assert part["refund"] | {"amount": "20.00", "kind": "money", "state": "paid"} == part["refund"]
    assert part["return"]["money"]["refundable"] == "26.00"
    assert part["return"]["settlement"] == "refunded"
    rest = step(desk, ret, "refunds", {"amount": 26, "kind": "credit", "currency": "EUR"})
    told = checked(rest, "rientro_refund_return")
    assert (rest.status_code, told["return"]["money"]["refunded"]) == (201, "46.00")
    assert "refund" not in told["return"]["actions"]
    assert LedgerEntry.objects.filter(subject__startswith="refund:").count() == 2


def test_a_return_is_closed_without_money(desk):
    ret = made(desk, carrier="delivered")

    told = checked(step(desk, ret, "close"), "rientro_close_return")

    assert (told["settlement"], told["tab"], told["refunds"]) == ("closed", "completed", [])


@pytest.mark.parametrize(
    ("state", "name", "body", "possible"),
    [
        ({"approval": "cancelled", "carrier": "none"}, "approve", None, []),
        ({"approval": "approved"}, "reject", {"words": "No"}, ["cancel", "mark_delivered"]),
        ({"carrier": "in_transit"}, "cancel", None, ["mark_delivered", "receive"]),
        ({"approval": "requested", "carrier": "none"}, "mark-delivered", None, ["approve"]),
        ({"approval": "requested", "carrier": "none"}, "receive", {"items": []}, ["approve"]),
        ({"carrier": "delivered", "inspection": "accepted"}, "receive", {"items": []}, ["close"]),
        ({"approval": "requested", "carrier": "none"}, "refunds", {"amount": "1"}, ["approve"]),
        ({"settlement": "closed"}, "refunds", {"amount": "1"}, []),
        ({"settlement": "closed"}, "close", None, []),
        ({"approval": "requested", "carrier": "none"}, "close", None, ["reject"]),
        ({"carrier": "in_transit"}, "retry-label", None, ["receive"]),
        ({"carrier": "label_pending"}, "void-label", None, ["cancel"]),
    ],
)
def test_a_step_that_the_state_forbids_is_refused_with_what_is_possible(
    desk, state, name, body, possible
):
    ret = made(desk, **state)
    before = Return.objects.values().get(pk=ret.pk)
    id = {"mark-delivered": "mark_return_delivered", "refunds": "refund_return"}.get(name)
    id = id or {"retry-label": "retry_return_label", "void-label": "void_return_label"}.get(name)

    answer = step(desk, ret, name, body)

    assert answer.status_code == 409, answer.content
    told = checked(answer, f"rientro_{id or name + '_return'}")["error"]
    assert told["code"] == "not_now"
    assert set(possible) <= set(told["facts"]["actions"])
    assert all(word in told["message"] for word in possible)
    assert told["facts"]["states"]["approval"] == ret.approval
    assert Return.objects.values().get(pk=ret.pk) == before
    assert not Event.objects.filter(ret=ret).exists()


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("reject", {}, "words"),
        ("reject", {"words": ["no"]}, "words"),
        ("receive", {}, "items"),
        ("receive", {"items": "all"}, "items"),
        ("receive", {"items": ["x"]}, "items/0"),
        ("receive", {"items": [{}]}, "items/0/id"),
        ("receive", {"items": [{"id": 1, "quantity": -1}]}, "items/0/quantity"),
        ("receive", {"items": [{"id": 1, "quantity": 1.5}]}, "items/0/quantity"),
        ("receive", {"items": [{"id": 1, "quantity": 1, "grade": "fine"}]}, "items/0/grade"),
        ("refunds", {}, "amount"),
        ("refunds", {"amount": "0"}, "amount"),
        ("refunds", {"amount": "-1"}, "amount"),
        ("refunds", {"amount": "1.005"}, "amount"),
        ("refunds", {"amount": "NaN"}, "amount"),
        ("refunds", {"amount": "1e3000"}, "amount"),
        ("refunds", {"amount": "1_0"}, "amount"),
        ("refunds", {"amount": " 1"}, "amount"),
        ("refunds", {"amount": "٣"}, "amount"),
        ("refunds", {"amount": "1", "currency": "USD"}, "currency"),
        ("refunds", {"amount": "1", "kind": "gold"}, "kind"),
    ],
)
def test_bad_words_are_told_field_by_field_and_change_nothing(desk, name, body, field):
    ret = made(desk, carrier="delivered")

    answer = step(desk, ret, name, body)

    assert answer.status_code == 400, answer.content
    assert field in answer.json()["error"]["facts"]["fields"]
    assert not Event.objects.filter(ret=ret).exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"amount": "1\\u0000"}'])
def test_a_body_that_is_no_object_is_refused(desk, body):
    ret = made(desk, carrier="delivered")

    assert step(desk, ret, "refunds", body).status_code == 400


def test_more_than_is_owed_is_refused(desk):
    ret = made(desk, carrier="delivered")

    told = checked(step(desk, ret, "refunds", {"amount": "46.01"}), "rientro_refund_return")

    assert "46.00" in told["error"]["message"]
    assert Refund.objects.count() == 0


def test_units_that_were_never_sent_are_refused(desk):
    ret = made(desk, carrier="delivered")
    items = [{"id": ret.items.get().pk, "quantity": 2}]

    told = checked(step(desk, ret, "receive", {"items": items}), "rientro_receive_return")

    assert told["error"]["code"] == "bad_count"


# Once only


def test_a_repeat_with_the_same_key_pays_once(desk):
    ret = made(desk, carrier="delivered")
    key = {"headers": {"idempotency-key": "pay-1"}}

    first = step(desk, ret, "refunds", {"amount": "10.00"}, **key)
    again = step(desk, ret, "refunds", {"amount": "10.00"}, **key)
    other = step(desk, ret, "refunds", {"amount": "11.00"}, **key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.content == first.content
    assert Refund.objects.count() == 1


def test_who_acts_on_an_old_version_is_told_to_read_again(desk):
    ret = made(desk, carrier="delivered")
    seen = desk.ask("GET", f"{BASE}/{ret.number}")["ETag"]
    step(desk, ret, "refunds", {"amount": "10.00"}, headers={"if-match": seen})

    late = step(desk, ret, "refunds", {"amount": "10.00"}, headers={"if-match": seen})

    assert late.status_code == 412
    told = checked(late, "rientro_refund_return")["error"]
    fresh = {"if-match": f'"{told["facts"]["version"]}"'}
    assert step(desk, ret, "refunds", {"amount": "10.00"}, headers=fresh).status_code == 201
    assert Refund.objects.count() == 2


# Strangers


STEPS = {
    "approve": ("rientro_approve_return", None),
    "reject": ("rientro_reject_return", {"words": "No"}),
    "cancel": ("rientro_cancel_return", None),
    "mark-delivered": ("rientro_mark_return_delivered", None),
    "tracking-number": ("rientro_tell_return_number", {"tracking_number": "RR473124829IT"}),
    "mark-sent": ("rientro_mark_return_sent", None),
    "receive": ("rientro_receive_return", {"items": []}),
    "refunds": ("rientro_refund_return", {"amount": "1.00"}),
    "close": ("rientro_close_return", None),
    "retry-label": ("rientro_retry_return_label", None),
    "void-label": ("rientro_void_return_label", None),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_strangers_return_is_as_if_it_were_not_there(desk, stranger, name):
    ret = requested(desk)
    with acting_for(stranger.integration.merchant_id):
        makers.make_carrier_account()
    id, body = STEPS[name]

    theirs = stranger.ask("POST", f"{BASE}/{ret.number}/{name}", body)
    nobodys = stranger.ask("POST", f"{BASE}/R-999/{name}", body)

    assert (theirs.status_code, theirs.content) == (404, nobodys.content)
    checked(theirs, id)
    assert Return.objects.get(pk=ret.pk).approval == "requested"


def test_a_stranger_reads_nothing(desk, stranger):
    ret = requested(desk)

    assert listed(stranger)["data"] == []
    assert stranger.ask("GET", f"{BASE}/{ret.public_id}").status_code == 404
    assert stranger.ask("GET", f"{BASE}/{ret.number}/label").status_code == 404


def test_another_shop_of_the_same_merchant_has_a_key_of_its_own(desk):
    ret = requested(desk)
    other = makers.make_return(makers.make_order(), approval="requested", carrier="none")

    assert numbers(listed(desk)) == [ret.number]
    assert desk.ask("GET", f"{BASE}/{other.number}").status_code == 404
