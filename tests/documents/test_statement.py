from datetime import date
from decimal import Decimal

from rientro.documents.statement import (
    StatementFacts,
    StatementLine,
    StatementSum,
    draw_statement,
)
from rientro.kit.money import Money
from tests.documents.reading import sizes_mm, words


def euro(minor):
    return Money(minor, "EUR")


def facts(**changes):
    usual = {
        "month": date(2026, 11, 1),
        "merchant_name": "Resi & Co.",
        "imports": 1284,
        "totals": [StatementSum(labels=3, labels_amount=euro(1470), credits=1, credits_amount=euro(490))],
        "created_on": date(2026, 12, 1),
    }  # fmt: skip
    return StatementFacts(**(usual | changes))


def line(at, **changes):
    usual = {
        "on": date(2026, 11, 3),
        "kind": "label",
        "return_number": f"R-{at}",
        "tracking_number": f"TST{at}",
        "amount": euro(490),
    }
    return StatementLine(**(usual | changes))


def test_imports_cost_nothing_and_a_credit_is_taken_off():
    said = words(draw_statement(facts()))

    for part in ["Orders imported 1,284 €0.00", "Labels bought 3 €14.70", "−€4.90", "€9.80"]:
        assert part in said


def test_tax_is_reckoned_on_the_sum():
    said = words(draw_statement(facts(tax_percent=Decimal(22), language="it")))

    for part in ["IVA 22 % 2,16 €", "11,96 €", "novembre 2026"]:
        assert part in said


def test_without_tax_there_is_no_line_for_it():
    assert "Tax" not in words(draw_statement(facts()))


def test_each_line_is_there_on_as_many_pages_as_it_takes():
    made = draw_statement(facts(lines=[line(at) for at in range(200)]))

    assert len(sizes_mm(made)) > 3
    assert all(f"R-{at}" in words(made) for at in range(200))


def test_two_currencies_have_two_sums():
    zloty = Money(1900, "PLN")
    none = Money(0, "PLN")
    polish = StatementSum(labels=1, labels_amount=zloty, credits=0, credits_amount=none)

    said = words(draw_statement(facts(totals=[*facts().totals, polish])))

    assert "€9.80" in said
    assert "19.00" in said


def test_hostile_names_stay_names():
    said = words(
        draw_statement(facts(merchant_name='#panic("x")', lines=[line(1, brand="*b* $x$")]))
    )

    assert '#panic("x")' in said
    assert "*b* $x$" in said


def test_the_same_month_makes_the_same_bytes():
    assert draw_statement(facts()) == draw_statement(facts())
