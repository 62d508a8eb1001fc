from datetime import UTC, date, datetime

import pytest

from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.void_label import void_label
from rientro.kit.money import Money
from rientro.models import Label
from rientro.models.purchasing import intend_label
from rientro.models.statement import csv_rows, harmless, months_with_charges, statement_of
from tests.flows.conftest import depot  # noqa: F401  the scripted carrier
from tests.makers import make_brand, make_carrier_account, make_order, make_return

NOVEMBER = date(2026, 11, 1)
# In Rome it is December already.
LAST_MINUTE = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


@pytest.fixture
def account(merchant, depot):  # noqa: F811
    return make_carrier_account(carrier="scripted", name="Scripted account")


def buy(ret, at):
    buy_label(purchase=intend_label(ret, at=at), now=at)
    return Label.objects.get(parcel__ret=ret)


def give_back(label, at):
    void_label(label=request_void(label=label, actor="member:1", now=at), now=at)


def test_an_import_costs_nothing(merchant):
    make_order(created_at=NOON)
    make_order(created_at=datetime(2026, 10, 1, tzinfo=UTC))

    statement = statement_of(merchant, NOVEMBER)

    assert (statement.imports, statement.lines, statement.brands) == (1, (), ())
    assert [(total.labels, total.due) for total in statement.totals] == [(0, Money(0, "EUR"))]


def test_a_label_is_charged_and_a_voided_one_credited(merchant, account):
    brina = make_brand(name="Brina")
    kept = make_return(make_order(brina, number="BR-1", created_at=NOON))
    gone = make_return(make_order(make_brand(name="Nord"), created_at=NOON))
    buy(kept, NOON)
    give_back(buy(gone, NOON), NOON)

    statement = statement_of(merchant, date(2026, 11, 24))

    assert [(line.kind, line.amount.minor) for line in statement.lines] == [
        ("label", 490),
        ("label", 490),
        ("credit", -490),
    ]
    total = statement.totals[0]
    assert (total.labels, total.credits, total.due) == (2, 1, Money(490, "EUR"))
    assert [(brand.name, brand.due.minor) for brand in statement.brands] == [
        ("Brina", 490),
        ("Nord", 0),
    ]
    assert statement.imports == 2


def test_a_month_ends_at_the_merchants_own_midnight(merchant, account):
    buy(make_return(), LAST_MINUTE)

    assert statement_of(merchant, NOVEMBER).lines == ()
    assert len(statement_of(merchant, date(2026, 12, 31)).lines) == 1
    assert months_with_charges(merchant) == [date(2026, 12, 1)]


def test_a_credit_counts_in_the_month_in_which_it_came(merchant, account):
    label = buy(make_return(), NOON)
    give_back(label, datetime(2026, 12, 2, tzinfo=UTC))

    assert statement_of(merchant, NOVEMBER).totals[0].due == Money(490, "EUR")
    assert statement_of(merchant, date(2026, 12, 1)).totals[0].due == Money(-490, "EUR")


def test_currencies_are_never_added_up(merchant, account, depot):  # noqa: F811
    buy(make_return(), NOON)
    depot.price = Money(450, "GBP")
    buy(make_return(), NOON)

    totals = statement_of(merchant, NOVEMBER).totals

    assert [str(total.due) for total in totals] == ["4.90 EUR", "4.50 GBP"]


def test_the_csv_says_the_same(merchant, account):
    ret = make_return(make_order(number="=1+1", created_at=NOON), number="R-1")
    buy(ret, NOON)

    rows = list(csv_rows(statement_of(merchant, NOVEMBER)))

    assert rows[1] == ["2026-11-01", "imports: 1", "", "", "", "", "", "0.00", "EUR"]
    assert rows[2] == [
        "2026-11-20T12:00:00+01:00",
        "label",
        "R-1",
        "'=1+1",
        ret.brand.name,
        "Scripted account",
        "SC000000001",
        "4.90",
        "EUR",
    ]
    assert rows[3] == ["2026-11-01", "total", "", "", "", "", "", "4.90", "EUR"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "  =1", "\t=1", "＝1"])
def test_no_cell_is_a_formula(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("BR;=1+1", "BR;'=1+1"),
        ('BR";"=1', 'BR";"\'=1'),
        ("BR\n\t@x", "BR\n\t'@x"),
        ("a, -1", "a, '-1"),
    ],
)
def test_no_cell_becomes_one_at_the_separator_of_another_country(cell, written):
    assert harmless(cell) == written


def test_ordinary_cells_stay_as_they_are():
    assert harmless("BR-10482 = ok") == "BR-10482 = ok"
