"""Monthly invoices: numbered without a gap, never changed, corrected by credit notes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from rientro.flows.buy_label import buy_label
from rientro.flows.issue_invoice import (
    CannotCredit,
    CannotInvoice,
    credit_invoice,
    issue_invoice,
)
from rientro.flows.request_void import request_void
from rientro.flows.save_price_list import save_price_list
from rientro.flows.void_label import void_label
from rientro.models import InvoiceSeries, Label, SalesInvoice
from rientro.models.purchasing import intend_label
from rientro.policy.prices import Step
from tests.makers import NOW, make_carrier_account, make_merchant, make_return

NOVEMBER = date(2026, 11, 1)
DECEMBER = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def agency():
    return make_merchant(
        name="Agenzia",
        country="IT",
        legal_name="Agenzia Resi S.r.l.",
        legal_address="Via Po 1\n10124 Torino",
        vat_number="IT01234567890",
        vat_percent=Decimal(22),
        invoice_prefix="AR",
    )


@pytest.fixture
def client_of(merchant, agency, depot):
    merchant.agency = agency
    merchant.country = "DE"
    merchant.legal_name, merchant.legal_address = "Resi GmbH", "Hauptstr. 1\n10115 Berlin"
    merchant.vat_number = "DE123456789"
    merchant.save()
    make_carrier_account(carrier="scripted")
    save_price_list(
        merchant=merchant,
        name="2026",
        currency="EUR",
        steps=[Step(fixed_minor=595)],
        valid_from=NOW,
        actor="x",
        now=NOW,
    )
    return merchant


def bought(count=1, at=NOW):
    for _each in range(count):
        buy_label(purchase=intend_label(make_return(), at=at), now=at)
    return list(Label.objects.order_by("-pk")[:count])


def issue(merchant, month=NOVEMBER, now=DECEMBER):
    return issue_invoice(merchant=merchant, month=month, currency="EUR", actor="member:1", now=now)


def test_a_month_is_billed_once_with_its_labels_its_tax_and_its_number(client_of):
    gone, *_rest = bought(3)
    void_label(label=request_void(label=gone, actor="x", now=NOW), now=NOW)

    invoice = issue(client_of)

    assert (invoice.number, invoice.serial) == ("AR-2026-0001", 1)
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (1190, 0, 1190)
    assert invoice.facts["tax"] == {"why": "reverse_charge", "percent": "0"}
    rows = [(r["what"], r["quantity"], r["net_minor"]) for r in invoice.facts["rows"]]
    assert rows == [("imports", 3, 0), ("labels", 3, 1785), ("credits", 1, -595)]
    assert len(invoice.facts["lines"]) == 4
    with pytest.raises(CannotInvoice, match="already"):
        issue(client_of)


def test_at_home_the_tax_is_reckoned_on_the_sum(client_of):
    client_of.country, client_of.vat_number = "IT", "IT09876543210"
    client_of.save()
    bought(3)

    invoice = issue(client_of)

    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (1785, 393, 2178)


@pytest.mark.parametrize(
    ("case", "changes", "now", "words"),
    [
        ("it is not over", {}, DECEMBER - timedelta(days=2), "not over"),
        ("no address", {"legal_address": " "}, DECEMBER, "address"),
        ("nobody bills it", {"agency": None}, DECEMBER, "Nobody bills"),
    ],
)
def test_a_month_that_cannot_be_billed(client_of, case, changes, now, words):
    bought()
    for name, value in changes.items():
        setattr(client_of, name, value)
    client_of.save()

    with pytest.raises(CannotInvoice, match=words):
        issue(client_of, now=now)

    assert not InvoiceSeries.objects.filter(last__gt=0).exists()


def test_a_month_without_labels_takes_no_number(client_of):
    with pytest.raises(CannotInvoice, match="nothing to bill"):
        issue(client_of)

    assert not InvoiceSeries.objects.filter(last__gt=0).exists()


def test_a_number_that_was_not_used_is_given_to_the_next(client_of):
    bought()
    with pytest.raises(RuntimeError), transaction.atomic():
        issue(client_of)
        raise RuntimeError("the power went")

    assert issue(client_of).serial == 1


def test_an_invoice_is_never_changed_and_never_deleted(client_of):
    bought()
    invoice = issue(client_of)

    for act in (
        lambda: SalesInvoice.objects.update(total_minor=1),
        lambda: SalesInvoice.objects.filter(pk=invoice.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_credit_notes_take_back_to_the_cent_and_no_more(client_of):
    client_of.country, client_of.vat_number = "IT", ""
    client_of.save()
    bought(3)
    invoice = issue(client_of)  # 17.85 + 3.93

    def credit(minor, reason="One label too many"):
        return credit_invoice(
            invoice=invoice, net_minor=minor, reason=reason, actor="x", now=DECEMBER
        )

    first = credit(595)
    assert (first.number, first.total_minor) == ("AR-2026-0002", -(595 + 131))
    assert first.facts["corrects"]["number"] == invoice.number
    with pytest.raises(CannotCredit, match="At most"):
        credit(1191)
    with pytest.raises(CannotCredit, match="Say why"):
        credit(10, " ")
    with pytest.raises(CannotInvoice, match="already"):
        issue(client_of)
    credit(1190, "All of it")

    rows = SalesInvoice.objects.all()
    assert sum(row.net_minor for row in rows) == sum(row.tax_minor for row in rows) == 0
    again = issue(client_of)
    assert (again.serial, again.attempt) == (4, 2)


def test_the_numbers_of_a_year_have_no_gap_and_each_year_begins_anew(client_of):
    bought()
    issue(client_of)
    bought(at=DECEMBER)
    issue(client_of, date(2026, 12, 1), datetime(2027, 1, 1, 8, tzinfo=UTC))

    numbers = list(SalesInvoice.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == ["AR-2026-0001", "AR-2027-0001"]
