"""The pages of Billing in a real browser, as an agency sees them: desk and phone, English and Italian."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from rientro.carriers.base import CancelResult
from rientro.flows.buy_label import buy_label
from rientro.flows.decide_difference import decide_difference
from rientro.flows.issue_invoice import credit_invoice, issue_invoice
from rientro.flows.request_void import request_void
from rientro.flows.save_price_list import save_price_list
from rientro.flows.void_label import void_label
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Label, Merchant
from rientro.models.invoice_book import take_rows
from rientro.models.purchasing import intend_label
from rientro.policy.invoice_lines import InvoiceRow
from rientro.policy.prices import Step
from tests import makers
from tests.browser import DESK, PHONE
from tests.flows.conftest import depot  # noqa: F401  the scripted carrier
from tests.makers import NOW
from tests.panel.places import place
from tests.panel.test_browser import let_in
from tests.portal.seen import Eye

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)
STEPS = [
    Step(origin="IT", destination="IT", up_to_g=2000, fixed_minor=595),
    Step(origin="IT", destination="IT", up_to_g=10_000, fixed_minor=895),
    Step(fixed_minor=50, percent=Decimal(115)),
]


@pytest.fixture
def client_of(db: None, depot: Any) -> Iterator[tuple[Merchant, Merchant, Any]]:  # noqa: F811
    """A merchant with a month behind it, its agency, and a person who manages both."""
    agency = makers.make_merchant(
        name="Kontor Rücksendungen",
        country="DE",
        legal_name="Kontor Rücksendungen GmbH & Co. KG",
        legal_address="Am Sandtorkai 27\n20457 Hamburg\nDeutschland",
        vat_number="DE123456789",
        vat_percent=Decimal(19),
        invoice_prefix="KR",
    )
    merchant = makers.make_merchant(
        name="Sartoria Brina",
        legal_name="Sartoria Brina S.r.l.",
        legal_address="Via Tortona 27\n20144 Milano\nItalia",
        vat_number="IT01234567890",
        agency=agency,
    )
    member = makers.make_member(merchant, user=makers.make_user(password=None))
    makers.make_member(agency, user=member.user)
    with time_machine.travel(DECEMBER, tick=True):
        with acting_for(merchant.pk):
            _month(merchant, depot)
        yield merchant, agency, member


def _month(merchant: Merchant, sandbox: Any) -> None:
    with transaction.atomic():
        account = makers.make_carrier_account(carrier="scripted", name="Nordpaket, contract 4711")
    save_price_list(
        merchant=merchant,
        name="Clients 2026",
        currency="EUR",
        steps=STEPS,
        valid_from=NOW,
        actor="clock",
        now=NOW,
    )
    labels = [_bought(NOW + timedelta(hours=hour)) for hour in range(6)]
    void_label(label=request_void(label=labels[0], actor="clock", now=NOW), now=NOW)
    sandbox.cancelling = [
        CancelResult(outcome="requested", message="Our depot has to look for it.")
    ]
    void_label(label=request_void(label=labels[1], actor="clock", now=NOW), now=NOW)
    with transaction.atomic():
        _billed(merchant, account, labels)
    invoice = issue_invoice(
        merchant=merchant, month=date(2026, 11, 1), currency="EUR", actor="clock", now=DECEMBER
    )
    credit_invoice(
        invoice=invoice,
        net_minor=595,
        reason="A label that the depot lost",
        actor="clock",
        now=DECEMBER,
    )


def _billed(merchant: Merchant, account: Any, labels: list[Label]) -> None:
    take_rows(account, [*_lines(labels)], at=DECEMBER)
    lines = merchant.carrier_invoice_lines.order_by("position")
    decide_difference(line=lines[1], decision="accept", note="", actor="clock", now=DECEMBER)
    decide_difference(
        line=lines[3],
        decision="dispute",
        note="Asked Ms Petersen on 3 December.",
        actor="clock",
        now=DECEMBER,
    )
    makers.make_invoice_file(account, created_at=DECEMBER)


def _bought(at: datetime) -> Label:
    with transaction.atomic():
        purchase = intend_label(makers.make_return(), at=at)
    assert purchase is not None
    buy_label(purchase=purchase, now=at)
    with transaction.atomic():
        return Label.objects.get(purchase=purchase)


def _lines(labels: list[Label]) -> Iterator[InvoiceRow]:
    told = [
        (labels[2].tracking_number, 490, "Return, 0–2 kg"),
        (labels[3].tracking_number, 530, "Return, 0–2 kg"),
        (labels[3].tracking_number, 120, "Weight adjustment 4.2 kg"),
        ("NP99182734455", 690, "Return, 2–5 kg"),
        (labels[0].tracking_number, 490, "Return, 0–2 kg"),
    ]
    for place_, (number, minor, words) in enumerate(told):
        yield InvoiceRow(
            invoice_number="NP-2026-118822",
            line_key=str(place_ + 1),
            tracking_number=number,
            reference="",
            amount_minor=minor,
            currency="EUR",
            description=words,
            issued_on=date(2026, 12, 1),
        )


def addresses_of(merchant: Merchant) -> dict[str, str]:
    with merchant_transaction(merchant.pk):
        line = merchant.carrier_invoice_lines.first()
        file = merchant.invoice_files.first()
        invoice = merchant.sales_invoices.get(kind="invoice")
        note = merchant.sales_invoices.get(kind="credit_note")
        waiting = merchant.labels.get(void="requested").parcel.ret
        bought = merchant.labels.filter(void="none").first().parcel.ret
        named = {
            "carrier_invoice": place("carrier_invoice", line.invoice_id),
            "invoice_file": place("invoice_file", file.public_id),
            "sales_invoice": place("sales_invoice", invoice.pk),
            "credit_note": place("sales_invoice", note.pk),
            "return_waiting": place("return", waiting.number),
            "return_bought": place("return", bought.number),
        }
    lists = ("carrier_invoices", "differences", "sales_invoices", "prices", "voids", "business")
    months = {name: f"{place(name)}?month=2026-11" for name in ("billing", "margin")}
    return named | {name: place(name) for name in lists} | months | {"ledger": place("ledger")}


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_billing_is_sound(live_server, new_page, client_of, size, language):
    merchant, agency, member = client_of
    member.user.language = language
    member.user.save()
    page = new_page(size)
    let_in(page, member, live_server.url)
    eye = Eye(page, live_server.url)

    _work_for(page, live_server.url, merchant)
    for name, address in addresses_of(merchant).items():
        page.goto(live_server.url + address)
        eye.look(f"billing-{size['width']}-{language}-{name}")
    _work_for(page, live_server.url, agency)
    page.goto(f"{live_server.url}{place('clients')}?month=2026-11")
    eye.look(f"billing-{size['width']}-{language}-clients")

    assert eye.wrong == []


def _work_for(page: Any, host: str, merchant: Merchant) -> None:
    page.goto(host + place("merchants"))
    page.locator(f"button[name=merchant][value='{merchant.pk}']").click()
