"""Our own endpoints of notes and of the ledger."""

import pytest

from rientro.flows.redact_order import redact_order
from rientro.kit.tenancy import acting_for
from rientro.models import Event, LedgerEntry, Note, Order
from tests import makers
from tests.api.checking import checked
from tests.api.conftest import Machine
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db
NOW = makers.NOW
BASE = "/api/rientro/v1"


@pytest.fixture
def desk(machine, depot):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return machine


def made(desk, **fields):
    order = makers.make_order(makers.make_brand(), integration=desk.integration)
    return makers.make_return(order, **fields)


def noted(desk, ret, words, **more):
    return desk.ask("POST", f"{BASE}/returns/{ret.number}/notes", {"words": words}, **more)


def notes(desk, ret, query=""):
    answer = desk.ask("GET", f"{BASE}/returns/{ret.number}/notes{query}")
    return checked(answer, "rientro_list_return_notes")


# Notes


def test_a_note_is_kept_and_told_newest_first(desk):
    ret = made(desk)

    first = noted(desk, ret, "Box was wet\nAsk Anna")
    second = noted(desk, ret, "Anna says fine")

    assert (first.status_code, second.status_code) == (201, 201)
    told = checked(first, "rientro_add_return_note")
    assert (told["words"], told["actor"]) == ("Box was wet\nAsk Anna", f"key:{desk.key.pk}")
    page = notes(desk, ret, "?limit=1")
    rest = notes(desk, ret, f"?limit=1&cursor={page['next_cursor']}")
    assert [n["words"] for n in page["data"] + rest["data"]] == [
        "Anna says fine",
        "Box was wet\nAsk Anna",
    ]
    assert rest["next_cursor"] is None


def test_the_event_says_that_a_note_was_written_and_not_what_it_says(desk):
    ret = made(desk)

    noted(desk, ret, "Giulia called")

    assert Event.objects.get(name="return.noted", ret=ret).facts == {}


@pytest.mark.parametrize("state", ["cancelled", "rejected"])
def test_a_note_can_be_written_in_any_state(desk, state):
    assert noted(desk, made(desk, approval=state, carrier="none"), "Why?").status_code == 201


@pytest.mark.parametrize("words", ["", "  \n ", None, 1.5, "x" * 4001, ["x"]])
def test_a_note_needs_words(desk, words):
    answer = noted(desk, made(desk), words)

    assert answer.status_code == 400
    assert checked(answer, "rientro_add_return_note")["error"]["facts"]["fields"]["words"]
    assert Note.objects.count() == 0


def test_the_same_key_writes_one_note(desk):
    ret = made(desk)
    key = {"headers": {"idempotency-key": "n1"}}

    first, again = noted(desk, ret, "Once", **key), noted(desk, ret, "Once", **key)

    assert (again.status_code, again.content) == (201, first.content)
    assert Note.objects.count() == 1


def test_a_return_holds_so_many_notes_and_no_more(desk, monkeypatch):
    monkeypatch.setattr("rientro.flows.add_note.MOST", 1)
    ret = made(desk)
    noted(desk, ret, "One")

    full = noted(desk, ret, "Two")

    assert full.status_code == 409
    assert checked(full, "rientro_add_return_note")["error"]["code"] == "too_many_notes"


def test_notes_are_emptied_with_the_person(desk):
    ret = made(desk, settlement="closed")
    noted(desk, ret, "Giulia Ferrero called")

    redact_order(order=ret.order, actor="member:1", now=NOW)

    assert [n["words"] for n in notes(desk, ret)["data"]] == [""]


def test_a_stranger_neither_reads_nor_writes_notes(desk, stranger):
    ret = made(desk)
    noted(desk, ret, "Ours")

    assert noted(stranger, ret, "Theirs").status_code == 404
    answer = stranger.ask("GET", f"{BASE}/returns/{ret.number}/notes")
    assert answer.status_code == 404
    assert Note.objects.count() == 1


# The ledger


def ledger(desk, query="", status=200):
    answer = desk.ask("GET", f"{BASE}/ledger{query}")
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_list_ledger")


def totals(desk, query=""):
    return checked(desk.ask("GET", f"{BASE}/ledger/totals{query}"), "rientro_sum_ledger")["data"]


def bought(desk, jobs):
    ret = made(desk, approval="requested", carrier="none", approved_at=None)
    desk.ask("POST", f"{BASE}/returns/{ret.number}/approve")
    jobs.run()
    return ret


def test_the_books_say_what_was_quoted_billed_credited_and_paid_back(desk, jobs):
    kept, given = bought(desk, jobs), bought(desk, jobs)
    desk.ask("POST", f"{BASE}/returns/{given.number}/cancel")
    jobs.run()
    desk.ask("POST", f"{BASE}/returns/{kept.number}/refunds", {"amount": "40.5"})

    rows = ledger(desk)["data"]

    assert [row["key"].rpartition(":")[2] for row in rows] == [
        "posted", "credit", "posted", "pending", "posted", "pending",
    ]  # fmt: skip
    assert rows[0]["amount"] == "40.50"
    assert rows[0]["credit"] == f"shopper:{kept.number}"
    assert (rows[1]["credit"], rows[1]["amount"]) == ("merchant", "4.90")
    assert totals(desk) == [
        {
            "currency": "EUR",
            "labels_bought": 2,
            "labels": "9.80",
            "labels_credited": 1,
            "credits": "4.90",
            "due_to_carriers": "4.90",
            "set_aside": "0.00",
            "refunds_paid": 1,
            "refunds": "40.50",
        }
    ]
    of_one = ledger(desk, f"?return={given.number}")["data"]
    assert {row["return"]["number"] for row in of_one} == {given.number}
    assert len(of_one) == 3
    assert totals(desk, f"?return={given.public_id}")[0]["due_to_carriers"] == "0.00"


def test_what_is_being_bought_is_set_aside(desk):
    ret = made(desk)
    common = {"debit": "merchant", "credit": "carrier:1", "currency": "EUR", "happened_at": NOW}
    for key, state, minor in (("a", "pending", 490), ("b", "pending", 300), ("b", "voided", 300)):
        LedgerEntry.objects.create(
            key=f"{key}:{state}", subject=key, state=state, amount_minor=minor, ret=ret, **common
        )

    (told,) = totals(desk)

    assert (told["set_aside"], told["labels_bought"]) == ("4.90", 0)
    assert [row["state"] for row in ledger(desk, "?state=pending")["data"]] == ["pending"] * 2
    assert ledger(desk, "?state=posted")["data"] == []


def test_the_books_are_read_by_their_dates_and_in_pages(desk, jobs):
    bought(desk, jobs)
    at = ledger(desk)["data"][0]["happened_at"].replace("+", "%2B")

    assert len(ledger(desk, f"?from={at}")["data"]) >= 1
    assert ledger(desk, "?to=2001-01-01T00:00:00Z")["data"] == []
    assert totals(desk, "?to=2001-01-01T00:00:00Z") == []
    first = ledger(desk, "?limit=1")
    second = ledger(desk, f"?limit=1&cursor={first['next_cursor']}")
    assert first["data"][0]["id"] > second["data"][0]["id"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=x", 400),
        ("?to=%00", 400),
        ("?state=x", 400),
        ("?cursor=x", 400),
        ("?limit=-1", 400),
        ("?return=R-1", 404),
    ],
)
def test_what_cannot_be_read_of_the_books_is_refused(desk, query, status):
    ledger(desk, query, status=status)


def test_a_stranger_sees_no_books(desk, stranger, jobs):
    ret = bought(desk, jobs)

    assert ledger(stranger)["data"] == []
    assert totals(stranger) == []
    ledger(stranger, f"?return={ret.number}", status=404)


# A key of the whole merchant


def test_a_key_of_every_shop_sees_them_all_and_in_sendclouds_words_its_own_alone(desk, jobs):
    ret = bought(desk, jobs)
    other = Machine(desk.client, makers.make_integration())

    assert ledger(other)["data"] == []
    other.key.every_shop = True
    other.key.save()
    assert len(ledger(other)["data"]) == 2
    assert other.ask("GET", f"{BASE}/returns/{ret.number}").status_code == 200
    assert noted(other, ret, "From the warehouse").status_code == 201
    assert other.ask("GET", f"/api/v3/returns/{ret.pk}").status_code == 404


def test_a_key_of_every_shop_ends_at_its_merchant(desk, stranger, jobs):
    ret = bought(desk, jobs)
    with acting_for(stranger.integration.merchant_id):
        stranger.key.every_shop = True
        stranger.key.save()

    assert ledger(stranger)["data"] == []
    assert stranger.ask("GET", f"{BASE}/returns/{ret.number}").status_code == 404
    assert Order.objects.filter(pk=ret.order_id).exists()
