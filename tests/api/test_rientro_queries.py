"""Our own lists ask the database as often for three rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.flows.add_note import add_note
from rientro.models import Event, LedgerEntry
from tests import makers

pytestmark = pytest.mark.django_db
BASE = "/api/rientro/v1"
NOW = makers.NOW


def fill(machine):
    """One more of everything that the lists show."""
    ret = makers.make_return(makers.make_order(integration=machine.integration))
    Event.record("return.silent", actor="clock", at=NOW, ret=ret)
    Event.record("order.redacted", actor="clock", at=NOW, order=ret.order)
    LedgerEntry.objects.create(
        key=f"label:{ret.number}:posted",
        subject=f"label:{ret.number}",
        state="posted",
        debit="merchant",
        credit="carrier:1",
        amount_minor=490,
        currency="EUR",
        ret=ret,
        happened_at=NOW,
    )
    return ret


def asked(machine, path):
    with CaptureQueriesContext(connection) as seen:
        answer = machine.ask("GET", f"{BASE}{path}")
    assert answer.status_code == 200
    return len(answer.json()["data"]), len(seen)


@pytest.mark.parametrize("path", ["/returns", "/events", "/ledger", "/ledger/totals"])
def test_a_list_asks_as_often_for_three_rows_as_for_one(machine, path):
    fill(machine)
    if path.startswith("/events"):
        path = f"/events?after={machine.ask('GET', f'{BASE}/events').json()['next']}"
        fill(machine)
        machine.ask("GET", f"{BASE}/events")  # gives the places
    asked(machine, path)
    rows, queries = asked(machine, path)
    for _ in range(2):
        fill(machine)
    if path.startswith("/events"):
        machine.ask("GET", f"{BASE}/events")

    more, again = asked(machine, path)

    assert again == queries
    assert more == rows if path.endswith("totals") else more == rows * 3


def test_a_return_with_many_items_and_notes_asks_no_more_than_one_with_few(machine):
    few = fill(machine)
    many = makers.make_return(
        makers.make_order(integration=machine.integration, lines=[{}, {}, {}]), quantity=1
    )
    for line in many.order.lines.all()[1:]:
        many.items.create(order_line=line, quantity=1, price_minor=100)
    for words in ("a", "b", "c"):
        add_note(ret=many, words=words, actor="member:1", now=NOW)

    def queries(ret):
        machine.ask("GET", f"{BASE}/returns/{ret.number}")
        with CaptureQueriesContext(connection) as seen:
            answer = machine.ask("GET", f"{BASE}/returns/{ret.number}")
        assert answer.status_code == 200
        return len(seen)

    assert queries(many) == queries(few) <= 24


def test_the_feed_joins_no_tables(machine):
    """Before the database has counted its rows it joins five tables row by row: minutes for 500 events."""
    for _ in range(3):
        fill(machine)
    machine.ask("GET", f"{BASE}/events")

    with CaptureQueriesContext(connection) as seen:
        answer = machine.ask("GET", f"{BASE}/events?type=return.*")

    assert len(answer.json()["data"]) == 3
    of_the_feed = [
        one["sql"] for one in seen if "_feedentry" in one["sql"] or "_event" in one["sql"]
    ]
    assert of_the_feed
    assert [sql for sql in of_the_feed if " JOIN " in sql] == []
