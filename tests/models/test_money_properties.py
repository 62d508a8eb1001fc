"""Whatever is bought, scanned, voided, billed and decided, in whatever order: the books balance and say one thing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from rientro.carriers.base import CancelResult, Scan
from rientro.flows.decide_difference import NothingToDecide, accept_uninvoiced, decide_difference
from rientro.flows.request_void import CannotVoid, request_void
from rientro.flows.save_price_list import end_price_list, save_price_list
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.flows.void_unused import void_unused
from rientro.kit.money import Money
from rientro.models import (
    CarrierInvoiceLine,
    Charge,
    Label,
    LedgerEntry,
    Merchant,
)
from rientro.models.invoice_book import never_invoiced, owed_for, sum_of, take_rows
from rientro.models.ledger import balances, mismatches, owed_to_carrier, set_aside
from rientro.models.margin import margins_of
from rientro.models.purchase_outcomes import Bill, write_bought
from rientro.models.purchasing import intend_label
from rientro.models.statement import statement_of
from rientro.policy.invoice_lines import InvoiceRow
from rientro.policy.prices import Step
from tests.flows.conftest import depot  # noqa: F401  the scripted carrier
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return

STEP = st.one_of(
    st.tuples(st.just("buy"), st.sampled_from(["creation", "first_scan"]), st.booleans()),
    st.tuples(st.just("scan"), st.integers(0, 5), st.integers(0, 3)),
    st.tuples(st.just("void"), st.integers(0, 5), st.sampled_from(["voided", "refused", "requested"])),
    st.tuples(st.just("invoice"), st.integers(0, 6), st.integers(-900, 900)),
    st.tuples(st.just("exact"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("accept"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("dispute"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("prices"), st.integers(0, 900), st.integers(0, 200)),
    st.tuples(st.just("end"), st.just(0), st.just(0)),
    st.tuples(st.just("unused"), st.just(0), st.just(0)),
    st.tuples(st.just("forgotten"), st.just(0), st.just(0)),
)  # fmt: skip


class Play:
    """One merchant, one carrier, and a clock that goes on with every step."""

    def __init__(self, merchant: Merchant, sandbox: Any) -> None:
        self.merchant, self.depot = merchant, sandbox
        self.now = NOW
        self.account = make_carrier_account(
            carrier="scripted", settings={"prices": {"*": 450}, "currency": "EUR"}
        )
        self.brand = make_brand(portal={"void_unused_days": 30})
        self.invoices = 0

    def take(self, step: tuple[str, Any, Any]) -> None:
        self.now += timedelta(hours=1)
        getattr(self, step[0])(step[1], step[2])

    def buy(self, charged_on: str, priced: bool) -> None:
        purchase = intend_label(make_return(make_order(self.brand)), at=self.now)
        assert purchase is not None
        serial = Label.objects.count() + 1
        price = Money(400 + serial, "EUR")
        bill = Bill(
            carrier_reference=f"ref-{serial}",
            tracking_number=f"SC{serial}",
            price=price if priced else Money(0, "EUR"),
            priced=priced,
            charged_on=charged_on,
        )
        write_bought(purchase, bill, at=self.now, actor="carrier:scripted")

    def scan(self, at: int, key: int) -> None:
        if label := self._label(at):
            news = Scan(
                tracking_number=label.tracking_number,
                status=["announced", "handed_in", "in_transit", "delivered"][key],
                occurred_at=self.now,
                key=str(key),
            )
            take_scans(parcel=label.parcel, scans=[news, news], now=self.now)

    def void(self, at: int, answer: str) -> None:
        label = self._label(at)
        if label is None:
            return
        self.depot.cancelling = [CancelResult(outcome=answer)]
        try:
            with transaction.atomic():
                label = request_void(label=label, actor="x", now=self.now)
        except CannotVoid:
            label.refresh_from_db()
        void_label(label=label, now=self.now)

    def invoice(self, at: int, minor: int) -> None:
        label = self._label(at)
        self._bill(label.tracking_number if label else "NOBODYS", minor)

    def exact(self, at: int, _more: int) -> None:
        if label := self._label(at):
            self._bill(label.tracking_number, label.price_minor)

    def accept(self, at: int, _more: int) -> None:
        self._decide("accept", at)

    def dispute(self, at: int, _more: int) -> None:
        self._decide("dispute", at)

    def prices(self, fixed: int, percent: int) -> None:
        save_price_list(
            merchant=self.merchant,
            name="x",
            currency="EUR",
            steps=[Step(fixed_minor=fixed, percent=Decimal(percent))],
            valid_from=self.now,
            actor="x",
            now=self.now,
        )

    def end(self, _one: int, _two: int) -> None:
        end_price_list(merchant=self.merchant, actor="x", now=self.now)

    def unused(self, _one: int, _two: int) -> None:
        void_unused(now=self.now + timedelta(days=31))

    def forgotten(self, _one: int, _two: int) -> None:
        for purchase in list(never_invoiced(self.account)):
            accept_uninvoiced(purchase=purchase, actor="x", now=self.now)

    def _label(self, at: int) -> Label | None:
        labels = list(Label.objects.select_related("parcel", "purchase").order_by("pk"))
        return labels[at % len(labels)] if labels and at < 6 else None

    def _bill(self, number: str, minor: int) -> None:
        self.invoices += 1
        row = InvoiceRow(
            invoice_number=f"F-{self.invoices // 3}",
            line_key=str(self.invoices),
            tracking_number=number,
            reference="",
            amount_minor=minor,
            currency="EUR",
            issued_on=(self.now + timedelta(days=3)).date(),
        )
        for _again in range(2):
            take_rows(self.account, [row], at=self.now)

    def _decide(self, decision: Any, at: int) -> None:
        lines = list(CarrierInvoiceLine.objects.order_by("pk"))
        if not lines:
            return
        try:
            with transaction.atomic():
                decide_difference(
                    line=lines[at % len(lines)],
                    decision=decision,
                    note="because",
                    actor="x",
                    now=self.now,
                )
        except NothingToDecide:
            pass

    def check(self) -> None:
        """Debit is credit, labels and books agree, what is billed adds up, what people read is what is written."""
        books = balances()
        assert sum(amount for (_side, _currency), amount in books.items()) == 0
        assert mismatches() == []
        carrier = f"carrier:{self.account.pk}"
        assert owed_to_carrier(self.account).get("EUR", 0) == books.get((carrier, "EUR"), 0)
        for invoice in self.merchant.carrier_invoices.all():
            told = sum_of(invoice.lines.all())
            parts = told.expected_minor + told.accepted_minor + told.open_minor + told.settled_minor
            assert told.amount_minor == parts
        void = Label.objects.exclude(voided_at=None).filter(purchase__invoice_lines=None)
        given_back = list(void.values_list("purchase_id", flat=True))
        assert not any(owed_for(self.account, given_back).values())
        accepted = CarrierInvoiceLine.objects.filter(state="accepted")
        for line in accepted:
            assert line.difference_minor  # nothing was accepted that agreed
        assert Charge.objects.count() == Label.objects.exclude(charged_at=None).count()
        waiting = Label.objects.filter(charged_at=None, voided_at=None)
        quoted = sum(label.purchase.quoted_minor for label in waiting.select_related("purchase"))
        assert set_aside().get("EUR", 0) == quoted
        due = -books.get(("merchant", "EUR"), 0)
        months = {entry.happened_at.date().replace(day=1) for entry in LedgerEntry.objects.all()}
        statements = [statement_of(self.merchant, month) for month in months]
        totals = [total for one in statements for total in one.totals]
        assert sum(total.due.minor for total in totals if total.currency == "EUR") == due
        margin = [row for month in months for row in margins_of(self.merchant, month)]
        assert sum(row.earned.minor for row in margin) == books.get(("agency", "EUR"), 0)


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=1, max_size=22))
def test_the_books_balance_after_any_sequence(merchant, depot, steps):  # noqa: F811
    point = transaction.savepoint()
    try:
        play = Play(merchant, depot)
        for step in steps:
            play.take(step)
            play.check()
    finally:
        transaction.savepoint_rollback(point)
