"""An agency's price list: what the merchant pays and what the carrier takes are two accounts of the books."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rientro.flows.buy_label import buy_label
from rientro.flows.decide_difference import decide_difference
from rientro.flows.request_void import request_void
from rientro.flows.save_price_list import BadPrices, end_price_list, save_price_list
from rientro.flows.void_label import void_label
from rientro.kit.money import Money
from rientro.models import CarrierInvoiceLine, Charge, Label, PriceList
from rientro.models.invoice_book import take_rows
from rientro.models.ledger import balances, mismatches, owed_to_carrier, set_aside
from rientro.models.price_book import list_at
from rientro.models.purchasing import intend_label
from rientro.models.statement import statement_of
from rientro.policy.invoice_lines import InvoiceRow
from rientro.policy.prices import Step
from tests.makers import NOW, make_carrier_account, make_return

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def write(merchant, *steps, at=NOW, **changes):
    told = {
        "merchant": merchant,
        "name": "Clients 2026",
        "currency": "EUR",
        "steps": list(steps) or [Step(fixed_minor=100, percent=Decimal(110))],
        "valid_from": at,
        "actor": "member:1",
        "now": at,
    }
    return save_price_list(**(told | changes))


@pytest.fixture
def account(merchant, depot):
    return make_carrier_account(carrier="scripted")


def bought(at=NOW):
    buy_label(purchase=intend_label(make_return(), at=at), now=at)
    return Label.objects.order_by("-pk")[0]


def test_the_merchant_pays_the_list_and_the_agency_the_carrier(account, merchant):
    write(merchant)

    bought()

    charge = Charge.objects.get()
    assert (charge.amount_minor, charge.cost_minor, charge.price_list.version) == (639, 490, 1)
    carrier = f"carrier:{account.pk}"
    assert balances() == {("merchant", "EUR"): -639, ("agency", "EUR"): 149, (carrier, "EUR"): 490}
    assert owed_to_carrier(account) == {"EUR": 490}
    assert statement_of(merchant, NOW.date()).totals[0].due == Money(639, "EUR")
    assert (set_aside(), mismatches()) == ({}, [])


def test_a_label_given_back_leaves_no_margin(account, merchant):
    write(merchant)

    void_label(label=request_void(label=bought(), actor="x", now=NOW), now=NOW)

    assert set(balances().values()) == {0}
    assert mismatches() == []
    assert statement_of(merchant, NOW.date()).totals[0].due == Money(0, "EUR")


def test_a_label_is_charged_by_the_version_of_its_time(account, merchant):
    before = bought(at=NOW)
    write(merchant, Step(fixed_minor=600), at=NOW + HOUR)
    first = bought(at=NOW + 2 * HOUR)
    late = intend_label(make_return(), at=NOW + 2 * HOUR)
    write(merchant, Step(fixed_minor=700), at=NOW + 3 * HOUR)
    second = bought(at=NOW + 4 * HOUR)
    buy_label(purchase=late, now=NOW + 5 * HOUR)  # asked for before, bought after
    end_price_list(merchant=merchant, actor="x", now=NOW + 6 * HOUR)
    after = bought(at=NOW + 7 * HOUR)

    paid = {c.label_id: (c.amount_minor, c.price_list_id and c.price_list.version)
            for c in Charge.objects.select_related("price_list")}  # fmt: skip
    assert [paid[x.pk] for x in (before, first, second, after)] == [
        (490, None),
        (600, 1),
        (700, 2),
        (490, None),
    ]
    assert paid[late.labels.get().pk] == (600, 1)
    assert sum(balances().values()) == 0


def test_a_version_to_come_waits_and_gives_way_to_another(account, merchant):
    write(merchant, Step(fixed_minor=600))
    write(merchant, Step(fixed_minor=700), valid_from=NOW + 10 * DAY)
    assert list_at(NOW + 9 * DAY).version == 1
    assert list_at(NOW + 10 * DAY).version == 2

    write(merchant, Step(fixed_minor=800), at=NOW + 2 * DAY, valid_from=NOW + 5 * DAY)

    found = [list_at(NOW + days * DAY).version for days in (3, 5, 11)]
    assert found == [1, 3, 3]


def test_the_past_is_not_written_anew(account, merchant):
    made = write(merchant, valid_from=NOW - 30 * DAY)

    assert made.valid_from == NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"steps": []},
        {"steps": [Step(origin="IT"), Step(origin="IT", fixed_minor=1)]},
        {"valid_to": NOW},
    ],
)
def test_a_list_that_cannot_be_is_refused(account, merchant, changes):
    with pytest.raises(BadPrices):
        write(merchant, **changes)

    assert PriceList.objects.count() == 0


def test_a_surcharge_that_is_accepted_is_the_agencys(account, merchant):
    write(merchant)
    label = bought()
    row = InvoiceRow(
        invoice_number="F-1",
        line_key="1",
        tracking_number=label.tracking_number,
        reference="",
        amount_minor=530,
        currency="EUR",
    )
    take_rows(account, [row], at=NOW)

    decide_difference(
        line=CarrierInvoiceLine.objects.get(), decision="accept", note="", actor="x", now=NOW
    )

    assert balances()["agency", "EUR"] == 109
    assert balances()["merchant", "EUR"] == -639
    assert statement_of(merchant, NOW.date()).totals[0].due == Money(639, "EUR")
