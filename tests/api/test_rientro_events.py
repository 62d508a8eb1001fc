"""The feed of events: one line, no gap and no repeat, however many write at once."""

import random
import threading
import time

import pytest
from django.db import connection, transaction

from rientro.flows.add_note import add_note
from rientro.flows.delete_subscription import delete_subscription
from rientro.flows.delete_webhook import delete_webhook
from rientro.flows.mint_api_key import mint_api_key
from rientro.flows.revoke_api_key import revoke_api_key
from rientro.flows.rotate_webhook_secret import rotate_webhook_secret
from rientro.flows.save_subscription import save_subscription
from rientro.flows.save_webhook import WebhookFacts, save_webhook
from rientro.flows.switch_webhook import switch_webhook
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, FeedEntry, Order, event_feed
from rientro.models.event_feed import event_at, last_place, page_after, place_waiting
from tests import makers
from tests.api.checking import checked
from tests.api.conftest import Machine

FEED = "/api/rientro/v1/events"
NOW = makers.NOW


def fed(machine, query="", status=200):
    answer = machine.ask("GET", f"{FEED}{query}")
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_list_events")


def types(page):
    return [event["type"] for event in page["data"]]


def whole(machine, **more):
    """Every event from the beginning, page by page."""
    told, after, pages = [], "0", 0
    while True:
        page = fed(machine, f"?after={after}&limit={more.get('limit', 2)}")
        told += page["data"]
        after, pages = page["next"], pages + 1
        if not page["more"]:
            return told
        assert pages < 1000


def record(name="brand.changed", **facts):
    return Event.record(name, actor="member:1", at=NOW, **facts)


# Reading


@pytest.mark.django_db
def test_the_feed_is_followed_from_place_to_place(machine):
    machine.key.every_shop = True
    machine.key.save()
    for number in range(5):
        record(brand=number)

    told = whole(machine)

    assert [event["position"] for event in told] == [1, 2, 3, 4, 5, 6]  # the key was minted first
    assert [event["facts"].get("brand") for event in told] == [None, 0, 1, 2, 3, 4]
    assert told[1]["id"] == f"evt_{Event.objects.filter(name='brand.changed').first().pk}"
    end = fed(machine, f"?after={told[-1]['cursor']}")
    assert (end["data"], end["more"], end["next"]) == ([], False, told[-1]["cursor"])
    assert fed(machine, "?after=latest")["next"] == told[-1]["cursor"]
    record(brand=9)
    assert [e["facts"] for e in fed(machine, f"?after={end['next']}")["data"]] == [{"brand": 9}]


@pytest.mark.django_db
def test_latest_is_the_newest_event_however_many_wait_for_a_place(machine, monkeypatch):
    monkeypatch.setattr(event_feed, "AT_ONCE", 3)
    for number in range(10):
        record(brand=number)

    page = fed(machine, "?after=latest")

    assert (page["data"], page["more"], last_place()) == ([], False, 11)


@pytest.mark.django_db
def test_an_event_of_a_return_names_it_and_tells_nothing_personal(machine):
    ret = makers.make_return(makers.make_order(integration=machine.integration))
    Event.record("return.rejected", actor="member:1", at=NOW, ret=ret, words="Dear Giulia")
    Event.record("order.redacted", actor="member:1", at=NOW, order=ret.order)

    told = fed(machine)["data"][-2:]

    assert told[0]["return"] == {"id": str(ret.public_id), "number": ret.number}
    assert told[0]["facts"] == {}
    assert told[1]["return"] is None
    assert told[0]["order"] == told[1]["order"]
    assert told[1]["order"]["id"] == str(ret.order.shipment_uuid)


@pytest.mark.django_db
def test_the_feed_is_narrowed_by_name_and_goes_on_all_the_same(machine):
    for name in ("rule.saved", "rule.moved", "brand.changed", "rule.deleted"):
        record(name)

    page = fed(machine, "?type=rule.*&limit=2")
    rest = fed(machine, f"?type=rule.*&after={page['next']}")

    assert types(page) == ["rule.saved", "rule.moved"]
    assert (types(rest), rest["more"]) == (["rule.deleted"], False)
    assert types(fed(machine, "?type=rule.mov*")) == ["rule.moved"]
    assert types(fed(machine, "?type=brand.changed, rule.moved")) == ["rule.moved", "brand.changed"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=-1",
        "after=1-xyz",
        "after=%00",
        "limit=0",
        "limit=501",
        "type=a.b",
        "type=*",
    ],
)
def test_what_cannot_be_read_is_refused(machine, query):
    told = fed(machine, f"?{query}", status=400)["error"]

    assert told["facts"]["parameter"] == query.split("=")[0]


@pytest.mark.django_db
def test_a_place_that_a_restored_backup_took_away_is_told(machine):
    record()
    seen = fed(machine)["next"]

    beyond = fed(machine, "?after=99", status=409)["error"]
    other = fed(machine, f"?after={seen[:-6]}ffffff", status=409)["error"]

    assert beyond["code"] == other["code"] == "feed_went_back"
    assert fed(machine, f"?after={seen}")["data"] == []


@pytest.mark.django_db
def test_a_key_of_one_shop_hears_of_its_own_orders_and_of_the_merchant(machine):
    other = makers.make_order()
    ours = makers.make_order(other.brand, integration=machine.integration)
    theirs = makers.make_return(other)
    Event.record("return.cancelled", actor="shopper", at=NOW, ret=theirs)
    Event.record("order.cancelled", actor="shopper", at=NOW, order=other)
    record("integration.changed", integration=other.integration_id)
    add_note(ret=makers.make_return(ours), words="Looks new", actor="member:1", now=NOW)
    record("integration.changed", integration=machine.integration.pk)
    record("brand.changed")

    own = types(fed(machine))

    assert own == ["key.minted", "return.noted", "integration.changed", "brand.changed"]
    machine.key.every_shop = True
    machine.key.save()
    assert len(fed(machine)["data"]) == Event.objects.count() == 7


@pytest.mark.django_db
def test_a_key_of_one_shop_hears_nothing_of_another_shops_keys_and_connections(machine):
    other = makers.make_integration()
    more = {"actor": "member:1", "now": NOW}
    key = mint_api_key(integration=other, **more).key
    facts = WebhookFacts(url="https://example.com/hook")
    saved = save_webhook(endpoint=None, facts=facts, integration=other, **more)
    heard = save_subscription(
        subscription=None,
        endpoint=saved.endpoint,
        event_name="order.imported",
        active=True,
        **more,
    )
    rotate_webhook_secret(endpoint=saved.endpoint, **more)
    switch_webhook(endpoint=saved.endpoint, active=False, **more)
    delete_subscription(subscription=heard, **more)
    delete_webhook(endpoint=saved.endpoint, **more)
    revoke_api_key(key=key, **more)

    assert types(fed(machine)) == ["key.minted"]
    assert Event.objects.count() == 9


@pytest.mark.django_db
def test_a_page_without_an_own_event_leads_on(machine, monkeypatch):
    monkeypatch.setattr("rientro.models.event_feed.AT_ONCE", 3)
    other = makers.make_integration()
    for _ in range(7):
        record("integration.changed", integration=other.pk)
    record("brand.changed")

    told, after, pages = [], "0", 0
    while pages < 20:
        page = fed(machine, f"?after={after}")
        told, after, pages = told + types(page), page["next"], pages + 1
        if not page["more"]:
            break

    assert told == ["key.minted", "brand.changed"]
    assert pages >= 3


@pytest.mark.django_db
def test_a_stranger_hears_nothing_of_it(machine, stranger):
    record("brand.changed")
    fed(machine)

    assert types(fed(stranger)) == ["key.minted"]
    with acting_for(stranger.integration.merchant_id):
        assert FeedEntry.objects.count() == 1


# Many at once


@pytest.fixture
def house(transactional_db):
    return makers.make_merchant()


def in_thread(run):
    """Start ``run`` on a connection of its own; joining raises what it raised."""
    failed = []

    def shielded():
        try:
            run()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=shielded)
    thread.start()

    def join():
        thread.join(60)
        assert not thread.is_alive()
        if failed:
            raise failed[0]

    return join


def test_an_event_that_commits_late_is_told_late_and_not_left_out(house, new_client):
    with merchant_transaction(house.pk):
        machine = Machine(new_client(), makers.make_integration())
        machine.key.every_shop = True
        machine.key.save()
    after = fed(machine)["next"]
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with merchant_transaction(house.pk):
            record("rule.saved")
            written.set()
            assert go_on.wait(30)

    join = in_thread(slow)
    assert written.wait(30)
    with merchant_transaction(house.pk):
        record("brand.changed")

    first = fed(machine, f"?after={after}")
    go_on.set()
    join()
    second = fed(machine, f"?after={first['next']}")

    assert (types(first), types(second)) == (["brand.changed"], ["rule.saved"])
    late, early = second["data"][0]["id"], first["data"][0]["id"]
    assert int(late[4:]) < int(early[4:])  # who goes by ids had passed over it
    assert types(fed(machine, f"?after={after}")) == ["brand.changed", "rule.saved"]


def test_what_came_of_another_event_stands_after_it(house):
    with merchant_transaction(house.pk):
        order = makers.make_order()
    locked, blocked = threading.Event(), threading.Event()

    def second():
        with merchant_transaction(house.pk):
            record("rule.moved")  # it writes before it waits, so its number is the older one
            blocked.set()
            Order.objects.locked().get(pk=order.pk)
            record("order.cancelled")

    def first():
        with merchant_transaction(house.pk):
            Order.objects.locked().get(pk=order.pk)
            locked.set()
            assert blocked.wait(30)
            time.sleep(0.2)
            record("order.redacted")

    joins = [in_thread(first)]
    assert locked.wait(30)
    joins.append(in_thread(second))
    for join in joins:
        join()
    with acting_for(house.pk):
        place_waiting()
        with transaction.atomic():
            told = [e.event.name for e in page_after(0, limit=10).entries]

    assert told.index("order.redacted") < told.index("order.cancelled")


def test_readers_amid_writers_all_hear_everything_once_and_in_one_order(house):
    writers, each = 6, 25
    random.seed(7)
    plan = [[(random.random() / 100, random.random() < 0.15) for _ in range(each)]
            for _ in range(writers)]  # fmt: skip
    done = threading.Event()
    heard: list[list[int]] = [[] for _ in range(3)]

    def write(steps):
        for pause, gives_up in steps:
            with merchant_transaction(house.pk):
                record()
                if pause > 0.005:
                    record()
                time.sleep(pause)
                if gives_up:
                    transaction.set_rollback(True)

    def read(told):
        place = 0
        with acting_for(house.pk):
            while True:
                ending = done.is_set()
                place_waiting()
                with transaction.atomic():
                    page = page_after(place, limit=7)
                    assert [e.position for e in page.entries] == list(
                        range(place + 1, place + 1 + len(page.entries))
                    )
                told += [entry.event.pk for entry in page.entries]
                place = page.next
                if ending and not page.more:
                    return

    readers = [in_thread(lambda told=told: read(told)) for told in heard]
    for join in [in_thread(lambda steps=steps: write(steps)) for steps in plan]:
        join()
    done.set()
    for join in readers:
        join()

    with merchant_transaction(house.pk):
        committed = set(Event.objects.values_list("pk", flat=True))
        assert last_place() == len(committed)
        assert event_at(len(committed)) is not None
    assert heard[0] == heard[1] == heard[2]
    assert len(heard[0]) == len(set(heard[0]))
    assert set(heard[0]) == committed
