"""Settings › Billing: carriers' invoices, differences, the agency's prices, margin, clients and invoices."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.carriers.base import CancelResult
from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.save_price_list import save_price_list
from rientro.flows.take_invoice import take_invoice
from rientro.flows.void_label import void_label
from rientro.kit import clock
from rientro.models import (
    CarrierInvoice,
    CarrierInvoiceLine,
    InvoiceFile,
    Label,
    LedgerEntry,
    PriceList,
    SalesInvoice,
)
from rientro.models.purchasing import intend_label
from rientro.policy.prices import Step
from tests import makers
from tests.documents.reading import words
from tests.flows.conftest import depot  # noqa: F401  the scripted carrier
from tests.makers import NOW
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


@pytest.fixture
def contract(house, depot):  # noqa: F811
    house.account.is_default = False
    house.account.save()
    return makers.make_carrier_account(carrier="scripted", name="Scripted, contract 7")


@pytest.fixture
def label(contract):
    buy_label(purchase=intend_label(makers.make_return(), at=NOW), now=NOW)
    return Label.objects.order_by("-pk")[0]


@pytest.fixture
def agency(merchant, owner, house):
    made = makers.make_merchant(
        name="Agenzia",
        legal_name="Agenzia Resi S.r.l.",
        legal_address="Via Po 1\n10124 Torino",
        vat_number="IT01234567890",
        vat_percent=Decimal(22),
    )
    merchant.agency = made
    merchant.legal_name, merchant.legal_address = "Resi & Co.", "Via Roma 2"
    merchant.save()
    return made


@pytest.fixture
def biller(owner, agency):
    """The owner of the merchant manages the agency as well."""
    makers.make_member(agency, user=owner.member.user)
    session = owner.session
    session["merchant_id"] = owner.member.merchant_id
    session.save()
    return owner


def upload(owner, contract, content):
    file = SimpleUploadedFile("december.csv", content.encode(), content_type="text/csv")
    answer = owner.post(place("invoice_upload"), {"account": contract.pk, "file": file})
    return answer["Location"]


def test_an_invoice_is_uploaded_its_columns_confirmed_and_its_refused_rows_handed_back(
    owner, contract, label
):
    CarrierInvoiceLine.objects.all().delete()
    content = (
        "Rechnungsnummer;Sendungsnummer;Betrag;Text\r\n"
        f"R-1;{label.tracking_number};5,30;=1+1\r\nR-1;X;viel;x\r\n"
    )

    where = upload(owner, contract, content)
    page = text(owner.get(where))
    assert label.tracking_number in page
    form = {"date_order": "dmy", "decimal": ",", "in_grams": "", "currency": "EUR"}
    columns = ["invoice_number", "tracking_number", "amount", "description"]
    owner.post(where, form | {f"column-{n}": code for n, code in enumerate(columns)})
    file = InvoiceFile.objects.get(file_name="december.csv", status="queued")
    take_invoice(file=file, now=NOW)

    assert "Done, but 1 row was refused" in text(owner.get(where))
    refused = text(owner.get(place("invoice_refused", file.public_id)))
    assert "viel;x;Row 3: “viel” is no amount." in refused
    line = CarrierInvoiceLine.objects.get()
    assert (line.match, line.difference_minor) == ("price", 40)
    assert "Another price" in text(owner.get(place("carrier_invoice", line.invoice_id)))
    assert "'=1+1" not in text(owner.get(place("differences_csv")))  # only texts of the list


def test_a_file_without_a_number_column_says_what_is_missing(owner, contract):
    where = upload(owner, contract, "A,B\r\n1,2\r\n")
    form = {"date_order": "dmy", "decimal": ",", "in_grams": "", "currency": "EUR"}

    page = text(owner.post(where, form | {"column-0": "amount", "column-1": "amount"}))
    assert "is taken for the same thing" in page
    page = text(owner.post(where, form | {"column-0": "amount", "column-1": ""}))
    assert "Say which column holds: Invoice number." in page


def test_a_difference_is_accepted_or_disputed_and_leaves_the_list(owner, house):
    line = house.invoice_line
    assert line.tracking_number in text(owner.get(place("differences")))

    disputed = owner.post(
        place("difference_decide", line.pk), {"do": "dispute", "note": ""}, follow=True
    )
    assert "Write what you told the carrier" in text(disputed)
    owner.post(place("difference_decide", line.pk), {"do": "dispute", "note": "Asked."})
    line.refresh_from_db()
    assert line.state == "disputed"
    assert line.tracking_number not in text(owner.get(place("differences")))
    assert "Asked." in text(owner.get(place("differences") + "?state=disputed"))
    owner.post(place("difference_decide", line.pk), {"do": "accept"})

    entry = LedgerEntry.objects.get(key=f"invoice:{line.pk}:accepted")
    assert (entry.amount_minor, entry.credit) == (30, f"carrier:{house.account.pk}")
    assert "Changed by carriers’ invoices" in text(
        owner.get(place("billing") + f"?month={clock.now():%Y-%m}")
    )


@pytest.mark.parametrize("query", ["?state=x&kind=y&account=z", "?account=9" * 9, "?kind=missing"])
def test_filters_that_are_none_are_no_error(owner, house, query):
    assert owner.get(place("differences") + query).status_code == 200
    assert owner.get(place("differences_csv") + query).status_code == 200


def test_the_csv_has_the_three_sides_and_the_difference(owner, house):
    assert house.invoice_line.state == "open"

    rows = text(owner.get(place("differences_csv"))).splitlines()

    assert rows[1].endswith(",5.20,4.90,4.90,4.90,0.30,EUR,")


def test_what_was_never_billed_is_accepted_with_a_button(owner, contract, label, house):
    makers.make_invoice_line(contract, None)
    CarrierInvoice.objects.filter(account=contract).update(issued_on="2026-12-31")
    assert "never billed" in text(owner.get(place("differences")))

    owner.post(place("uninvoiced_accept", label.purchase_id), follow=True)

    assert "It will not be billed" not in text(owner.get(place("differences")))


def test_a_carriers_late_decision_is_written_down_at_the_desk(owner, label, depot):  # noqa: F811
    depot.cancelling = [CancelResult(outcome="requested", message="We will look at it.")]
    void_label(label=request_void(label=label, actor="x", now=NOW), now=NOW)
    assert "We will look at it." in text(owner.get(place("voids")))
    assert "waits for its carrier’s decision" in text(owner.get(place("carriers")))

    owner.post(place("void_settle", label.pk), {"do": "granted", "words": "By mail."})

    label.refresh_from_db()
    assert (label.void, label.void_message) == ("voided", "By mail.")


# Agencies


@pytest.mark.parametrize("name", ["prices", "margin", "differences", "carrier_invoices"])
def test_what_carriers_take_is_the_agencys_to_see(owner, agency, name):
    assert owner.get(place(name)).status_code == 403


@pytest.mark.parametrize("name", ["prices", "margin", "differences", "carrier_invoices"])
def test_whoever_manages_the_agency_sees_it(biller, name):
    assert biller.get(place(name)).status_code == 200


def test_a_merchant_without_an_agency_has_no_prices(owner, house):
    assert owner.get(place("prices")).status_code == 403
    assert owner.get(place("margin")).status_code == 403


def test_the_books_of_a_merchant_with_an_agency_show_its_own_side_only(
    owner, agency, merchant, contract
):
    write_prices(merchant)
    buy_label(purchase=intend_label(makers.make_return(), at=NOW), now=NOW)

    page = text(owner.get(place("ledger")))

    assert "€5.95" in page
    assert "€4.90" not in page


def write_prices(merchant):
    return save_price_list(
        merchant=merchant,
        name="2026",
        currency="EUR",
        steps=[Step(fixed_minor=595)],
        valid_from=NOW,
        actor="x",
        now=NOW,
    )


PRICES = {"name": "Clients", "currency": "EUR", "rows": "3"}
PRICES |= {"row0-origin": "IT", "row0-destination": "", "row0-up_to_kg": "2", "row0-fixed": "5,90"}
PRICES |= {"row1-percent": "112,5", "row1-fixed": "0.30"}


def test_a_price_list_is_written_in_the_panel(biller):
    page = biller.post(place("prices"), PRICES, follow=True)

    assert "Saved." in text(page)
    steps = PriceList.objects.get().steps.order_by("-up_to_g")
    told = [(s.origin, s.up_to_g, s.fixed_minor, s.percent) for s in steps]
    assert told == [("IT", 2000, 590, Decimal(0)), ("", 0, 30, Decimal("112.50"))]
    assert 'value="112.5"' in text(biller.get(place("prices")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"row0-fixed": "lots"}, "An amount, like 4.95."),
        ({"row0-fixed": "1e9"}, "An amount, like 4.95."),
        ({"row0-fixed": "999999999"}, "An amount, like 4.95."),
        ({"row0-percent": "-1"}, "A number from 0 to 1000."),
        (
            {"row1-origin": "IT", "row1-up_to_kg": "2"},
            "Two prices are for the same lane and weight.",
        ),
        ({"rows": "0"}, "Write at least one price."),
    ],
)
def test_prices_that_cannot_be_say_where(biller, change, words):
    assert words in text(biller.post(place("prices"), PRICES | change))
    assert PriceList.objects.count() == 0


def test_a_list_is_ended_with_a_button(biller, merchant):
    biller.post(place("prices"), PRICES)
    biller.post(place("prices_end"))

    assert "No list holds now" in text(biller.get(place("prices")))


def test_the_margin_is_what_stays(biller, merchant, contract):
    write_prices(merchant)
    buy_label(purchase=intend_label(makers.make_return(), at=NOW), now=NOW)

    page = text(biller.get(place("margin") + "?month=2026-11"))

    for part in ("€5.95", "€4.90", "€1.05"):
        assert part in page


def test_an_agency_begins_and_stops_to_bill_an_account_of_the_same_person(owner, merchant, house):
    client_of = makers.make_merchant(name="Bottega Rossa")
    makers.make_member(client_of, user=owner.member.user)
    session = owner.session
    session["merchant_id"] = merchant.pk
    session.save()
    assert "Bottega Rossa" in text(owner.get(place("clients")))

    owner.post(place("client_join"), {"client": client_of.pk, "do": "join"})
    client_of.refresh_from_db()
    assert client_of.agency == merchant
    session = owner.session
    session["merchant_id"] = merchant.pk
    session.save()
    owner.post(place("client_join"), {"client": client_of.pk, "do": "part"})

    client_of.refresh_from_db()
    assert client_of.agency is None


def test_nobody_joins_an_account_that_is_not_theirs(owner, house):
    other = makers.make_merchant(name="Of somebody else")

    answer = owner.post(place("client_join"), {"client": other.pk, "do": "join"})

    assert answer.status_code == 404


def test_a_month_is_billed_read_downloaded_and_credited(biller, merchant, contract, monkeypatch):
    write_prices(merchant)
    buy_label(purchase=intend_label(makers.make_return(), at=NOW), now=NOW)
    later = datetime(2026, 12, 3, 9, tzinfo=UTC)
    monkeypatch.setattr("rientro.panel.doors.clock.now", lambda: later)
    assert "November 2026" in text(biller.get(place("sales_invoices")))

    page = biller.post(place("invoice_issue", "2026-11"), {"currency": "EUR"}, follow=True)

    invoice = SalesInvoice.objects.get(merchant=merchant, net_minor=595, tax_minor=131)
    assert f"Invoice {invoice.number} is issued." in text(page)
    assert biller.get(place("sales_invoice_pdf", invoice.pk))["Content-Type"] == "application/pdf"
    rows = text(biller.get(place("sales_invoice_csv", invoice.pk))).splitlines()
    assert rows[-1] == "2026-12-03,total,,,7.26,EUR"
    credit = {"amount": "5,95", "reason": "Never used"}
    page = biller.post(place("sales_invoice", invoice.pk), credit, follow=True)
    assert "Never used" in text(page)
    issued = SalesInvoice.objects.filter(issuer=merchant.agency)
    assert sum(row.total_minor for row in issued) == 0


def test_a_merchant_reads_its_invoices_and_cannot_issue_or_credit_them(owner, agency, house):
    invoice = house.sales_invoice

    assert invoice.number in text(owner.get(place("sales_invoices")))
    assert "Write a credit note" not in text(owner.get(place("sales_invoice", invoice.pk)))
    assert owner.post(place("invoice_issue", "2026-11")).status_code == 403
    form = {"amount": "1", "reason": "x"}
    assert owner.post(place("sales_invoice", invoice.pk), form).status_code == 403
    assert owner.post(place("prices_end")).status_code == 403


def test_the_paper_speaks_the_language_that_is_asked_for(owner, house):
    def paper(language):
        url = place("sales_invoice_pdf", house.sales_invoice.pk)
        return words(owner.get(f"{url}?language={language}").content)

    assert "Reverse charge" in paper("en")
    assert "Inversione contabile" in paper("it")


def test_the_invoices_ask_as_often_for_three_as_for_one(owner, contract, label):
    makers.make_invoice_line(contract, label)
    address = place("carrier_invoices")
    owner.get(address)
    with CaptureQueriesContext(connection) as one:
        owner.get(address)
    for _more in range(2):
        makers.make_invoice_line(contract, None)

    with CaptureQueriesContext(connection) as three:
        rows = owner.get(address).context["page"].rows

    assert len(three) == len(one)
    assert (
        sorted((row.sum.lines, row.sum.differences, row.sum.amount_minor) for row in rows)
        == [(1, 1, 520)] * 3
    )
