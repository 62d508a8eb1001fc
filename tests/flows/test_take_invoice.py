"""A carrier's invoice comes in by a file, once, and every line finds its purchase or says that it has none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import Scan
from rientro.flows.buy_label import buy_label
from rientro.flows.decide_difference import (
    NoteNeeded,
    NothingToDecide,
    accept_uninvoiced,
    decide_difference,
)
from rientro.flows.queue_invoice import InvoiceHabits, queue_invoice
from rientro.flows.read_invoice import read_invoice
from rientro.flows.request_void import request_void
from rientro.flows.take_invoice import take_invoice
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.kit.money import Money
from rientro.models import CarrierInvoice, CarrierInvoiceLine, Charge, Event, Label
from rientro.models.invoice_book import never_invoiced, sum_of
from rientro.models.ledger import balances, mismatches, owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from rientro.policy.columns import AlreadyOnItsWay, ColumnsMissing
from tests.flows.scripted import KNOWN
from tests.makers import NOW, make_carrier_account, make_return

LATER = NOW + timedelta(days=10)
HEADINGS = "Invoice number,Invoice date,Tracking number,Description,Net amount,Currency,Weight kg"
HABITS = InvoiceHabits(currency="EUR", decimal=".")


@pytest.fixture
def account(merchant, depot):
    return make_carrier_account(carrier="scripted")


def bought(count=1):
    for _each in range(count):
        buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)
    return list(Label.objects.select_related("parcel", "purchase").order_by("-pk")[:count])[::-1]


def row(label, amount="4.90", *, invoice="F-1", words="Return", weight="", currency="EUR"):
    number = label if isinstance(label, str) else label.tracking_number
    return f"{invoice},2026-12-01,{number},{words},{amount},{currency},{weight}"


def take(account, *rows, headings=HEADINGS, habits=HABITS, name="dec.csv"):
    file = read_invoice(
        account=account,
        content="\r\n".join([headings, *rows]).encode(),
        file_name=name,
        actor="member:1",
        now=LATER,
    )
    queue_invoice(file=file, mapping=file.mapping, habits=habits, now=LATER)
    return take_invoice(file=file, now=LATER)


def matches():
    return list(CarrierInvoiceLine.objects.order_by("position").values_list("match", "state"))


def adds_up(invoice="F-1"):
    found = CarrierInvoice.objects.get(number=invoice)
    total = sum_of(found.lines.all())
    parts = total.expected_minor + total.accepted_minor + total.open_minor + total.settled_minor
    assert total.amount_minor == parts
    return total


def test_every_kind_of_line_is_told_apart_and_adds_up(account, depot):
    good, dear, heavy, twice, gone = bought(5)
    void_label(label=request_void(label=gone, actor="member:1", now=NOW), now=NOW)

    file = take(
        account,
        row(good),
        row(dear, "5.30"),
        row(heavy, "1.20", words="Weight adjustment"),  # before the label that it belongs to
        row(heavy),
        row(twice),
        row(twice),
        row(gone),
        row("NOBODYS1"),
    )

    assert (file.status, file.rows_new, file.rows_refused) == ("done", 8, 0)
    assert matches() == [
        ("exact", "matched"),
        ("price", "open"),
        ("surcharge", "open"),
        ("exact", "matched"),
        ("exact", "matched"),
        ("twice", "open"),
        ("voided", "open"),
        ("unknown", "open"),
    ]
    total = adds_up()
    assert (total.amount_minor, total.expected_minor, total.open_minor) == (3590, 1960, 1630)
    assert CarrierInvoice.objects.get().issued_on.isoformat() == "2026-12-01"
    assert owed_to_carrier(account) == {
        "EUR": 4 * 490
    }  # nothing is believed before a person says so


def test_the_same_file_again_changes_nothing(account):
    label = bought()[0]
    take(account, row(label), row(label), row("NOBODYS1"))
    before = list(CarrierInvoiceLine.objects.values_list("pk", "match", "state"))

    again = take(account, row(label), row(label), row("NOBODYS1"))

    assert (again.rows_new, again.rows_known, again.rows_refused) == (0, 3, 0)
    assert list(CarrierInvoiceLine.objects.values_list("pk", "match", "state")) == before


def test_a_line_number_that_says_something_else_is_refused(account):
    label = bought()[0]
    headings = "Invoice number,Line number,Tracking number,Net amount"
    take(account, f"F-1,1,{label.tracking_number},4.90", headings=headings)

    again = take(
        account,
        f"F-1,1,{label.tracking_number},5.90",
        f"F-1,2,{label.tracking_number},1.00",
        headings=headings,
    )

    assert (again.rows_new, again.rows_refused) == (1, 1)
    number, cells, reason = again.refused[0]
    assert (number, cells[3]) == (2, "5.90")
    assert reason == "This line of the invoice came before, and said something else."


def test_rows_that_cannot_be_read_are_kept_with_their_reasons(account):
    file = take(
        account,
        row("A1", "many"),
        ",2026-12-01,A2,x,1.00,EUR,",
        row("A3", currency="EURO"),
        row("A4", "1.005"),
        row("4.00638E+12"),
        row("A5"),
    )

    assert (file.rows_new, file.rows_refused) == (1, 5)
    assert [number for number, _cells, _why in file.refused] == [2, 3, 4, 5, 6]
    assert next(why for _number, _cells, why in file.refused) == "“many” is no amount."


def test_the_columns_are_remembered_and_german_amounts_read(account):
    label = bought()[0]
    headings = "Rechnung;Bel;Sendung;Betrag netto"
    content = f"{headings}\r\nR-7;x;{label.tracking_number};4,90\r\n".encode()

    def upload():
        return read_invoice(
            account=account, content=content, file_name="r.csv", actor="member:1", now=LATER
        )

    first = upload()
    assert first.options["decimal"] == ","
    mapping = first.mapping | {"line_number": "Bel"}
    queue_invoice(
        file=first, mapping=mapping, habits=InvoiceHabits(currency="EUR", decimal=","), now=LATER
    )
    take_invoice(file=first, now=LATER)

    assert matches() == [("exact", "matched")]
    assert upload().mapping == mapping
    with pytest.raises(AlreadyOnItsWay):
        queue_invoice(file=first, mapping=mapping, habits=HABITS, now=LATER)


def test_what_is_needed_is_asked_for(account):
    file = read_invoice(
        account=account, content=b"a,b\r\n1,2\r\n", file_name="x", actor="x", now=LATER
    )

    with pytest.raises(ColumnsMissing, match="Invoice number"):
        queue_invoice(file=file, mapping={}, habits=HABITS, now=LATER)
    with pytest.raises(ColumnsMissing, match="tracking number or our reference"):
        mapping = {"invoice_number": "a", "amount": "b"}
        queue_invoice(file=file, mapping=mapping, habits=HABITS, now=LATER)


def test_an_accepted_difference_is_written_to_the_books_once(account):
    label = bought()[0]
    take(account, row(label, "5.30"))
    line = CarrierInvoiceLine.objects.get()

    decide_difference(line=line, decision="accept", note="", actor="member:1", now=LATER)

    assert owed_to_carrier(account) == {"EUR": 530}
    assert sum(balances().values()) == 0
    assert mismatches() == []
    assert adds_up().accepted_minor == 40
    with pytest.raises(NothingToDecide):
        decide_difference(line=line, decision="accept", note="", actor="member:1", now=LATER)
    assert Event.objects.filter(name="invoice.accepted").count() == 1


def test_a_cheaper_line_takes_from_what_is_owed(account):
    take(account, row(bought()[0], "3.90"))

    decide_difference(
        line=CarrierInvoiceLine.objects.get(), decision="accept", note="", actor="x", now=LATER
    )

    assert owed_to_carrier(account) == {"EUR": 390}


def test_a_dispute_has_a_note_writes_nothing_and_may_be_accepted_later(account):
    take(account, row("NOBODYS1", "9.00"))
    line = CarrierInvoiceLine.objects.get()
    with pytest.raises(NoteNeeded):
        decide_difference(line=line, decision="dispute", note=" ", actor="x", now=LATER)

    line = decide_difference(
        line=line, decision="dispute", note="Asked Ms Rossi.", actor="x", now=LATER
    )

    assert (line.state, line.note, owed_to_carrier(account)) == ("disputed", "Asked Ms Rossi.", {})
    decide_difference(line=line, decision="accept", note="", actor="x", now=LATER)
    assert owed_to_carrier(account) == {"EUR": 900}


def test_money_back_settles_what_was_open(account):
    label = bought()[0]
    take(account, row(label), row(label), row("NOBODYS1", "7.00"))

    take(account, row(label, "-4.90", invoice="F-2"), row("NOBODYS1", "-7.00", invoice="F-2"))

    states = CarrierInvoiceLine.objects.order_by("pk").values_list("match", "state")
    assert list(states) == [
        ("exact", "matched"),
        ("twice", "settled"),
        ("unknown", "settled"),
        ("credit", "settled"),
        ("credit", "settled"),
    ]
    assert adds_up("F-1").open_minor == adds_up("F-2").open_minor == 0


def test_a_credit_note_after_a_void_agrees(account):
    label = bought()[0]
    take(account, row(label))
    void_label(label=request_void(label=label, actor="x", now=LATER), now=LATER)

    take(account, row(label, "-4.90", invoice="F-2"))

    assert matches() == [("exact", "matched"), ("credit", "matched")]
    assert owed_to_carrier(account) == {"EUR": 0}


def test_the_invoice_tells_the_price_of_a_label_bought_without_one(account, depot):
    depot.priced, depot.price = False, Money(0, "EUR")
    label = bought()[0]

    take(account, row(label, "6.15"))

    label.refresh_from_db()
    assert (label.priced, label.price_minor) == (True, 615)
    assert matches() == [("priced", "matched")]
    assert Charge.objects.get().amount_minor == 615
    assert owed_to_carrier(account) == {"EUR": 615}
    assert (set_aside(), mismatches()) == ({}, [])
    assert take(account, row(label, "6.15")).rows_known == 1  # once


def test_the_invoice_tells_the_currency_of_a_label_without_a_price(account, depot):
    depot.priced, depot.price = False, Money(0, "EUR")
    label = bought()[0]

    take(
        account,
        row(label, "3.90", currency="GBP"),
        row(label, "1.00", words="Fuel surcharge", currency="GBP"),
    )

    assert matches() == [("priced", "matched"), ("surcharge", "open")]
    label.refresh_from_db()
    assert (label.price_minor, label.currency, label.priced) == (390, "GBP", True)
    assert owed_to_carrier(account) == {"GBP": 390}
    assert mismatches() == []


def test_a_label_without_a_price_that_is_billed_twice_is_charged_once(account, depot):
    depot.priced = False
    label = bought()[0]

    take(account, row(label, "6.15"), row(label, "6.15"))

    assert matches() == [("priced", "matched"), ("twice", "open")]
    assert owed_to_carrier(account) == {"EUR": 615}


def test_another_currency_replaces_ours_when_it_is_accepted(account):
    label = bought()[0]
    take(account, row(label, "5.20", currency="CHF"))
    line = CarrierInvoiceLine.objects.get()
    assert line.match == "currency"

    decide_difference(line=line, decision="accept", note="", actor="x", now=LATER)

    assert owed_to_carrier(account) == {"CHF": 520, "EUR": 0}
    assert sum(balances().values()) == 0


def test_what_was_never_billed_is_found_and_taken_back_once(account):
    billed, forgotten = bought(2)
    assert list(never_invoiced(account)) == []  # nobody can miss what never began
    take(account, row(billed))

    assert list(never_invoiced(account)) == [forgotten.purchase]
    accept_uninvoiced(purchase=forgotten.purchase, actor="x", now=LATER)

    assert list(never_invoiced(account)) == []
    assert owed_to_carrier(account) == {"EUR": 490}
    with pytest.raises(NothingToDecide):
        accept_uninvoiced(purchase=forgotten.purchase, actor="x", now=LATER)
    take(account, row(forgotten, invoice="F-9"))  # it comes after all
    line = CarrierInvoiceLine.objects.get(invoice__number="F-9")
    assert (line.match, line.difference_minor) == ("price", 490)


def test_what_was_taken_back_as_never_billed_is_not_credited_again(account):
    billed, forgotten = bought(2)
    take(account, row(billed))
    accept_uninvoiced(purchase=forgotten.purchase, actor="x", now=LATER)

    request_void(label=forgotten, actor="x", now=LATER)
    void_label(label=forgotten, now=LATER)

    assert Label.objects.get(pk=forgotten.pk).void == "voided"
    assert owed_to_carrier(account) == {"EUR": 490}  # the billed one's, and nothing the other way
    assert sum(balances().values()) == 0
    assert mismatches() == []


def test_a_line_finds_its_label_by_our_reference(account):
    label = bought()[0]
    headings = "Invoice number,Customer reference,Net amount"

    take(
        account,
        f"F-1,{label.purchase.reference.lower()},4.90",
        f"F-1,{label.parcel.ret.number},1.00",
        headings=headings,
    )

    assert matches() == [("exact", "matched"), ("twice", "open")]


def test_a_scan_after_the_bill_was_accepted_charges_nothing_more(account, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, charged="first_scan"))
    label = bought()[0]
    take(account, row(label, "5.00"))
    line = CarrierInvoiceLine.objects.get()
    assert line.match == "unscanned"

    decide_difference(line=line, decision="accept", note="", actor="x", now=LATER)
    news = Scan(
        tracking_number=label.tracking_number, status="in_transit", occurred_at=LATER, key="1"
    )
    take_scans(parcel=label.parcel, scans=[news], now=LATER)

    assert owed_to_carrier(account) == {"EUR": 500}
    assert Charge.objects.get().amount_minor == 490
    assert mismatches() == []


def test_a_scan_before_the_bill_is_accepted_is_not_owed_twice(account, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, charged="first_scan"))
    label = bought()[0]
    take(account, row(label, "5.00"))
    line = CarrierInvoiceLine.objects.get()
    news = Scan(
        tracking_number=label.tracking_number, status="in_transit", occurred_at=LATER, key="1"
    )

    take_scans(parcel=label.parcel, scans=[news], now=LATER)
    decide_difference(line=line, decision="accept", note="", actor="x", now=LATER)

    assert owed_to_carrier(account) == {"EUR": 500}
    assert Charge.objects.get().amount_minor == 490


def test_a_label_given_back_before_its_bill_is_accepted_is_charged_to_nobody(account, monkeypatch):
    monkeypatch.setitem(registry.KNOWN, "scripted", replace(KNOWN, charged="first_scan"))
    label = bought()[0]
    take(account, row(label))
    line = CarrierInvoiceLine.objects.get()
    void_label(label=request_void(label=label, actor="member:1", now=NOW), now=NOW)

    decide_difference(line=line, decision="accept", note="", actor="x", now=LATER)

    assert owed_to_carrier(account) == {"EUR": 490}
    assert Charge.objects.count() == 0
    assert mismatches() == []
