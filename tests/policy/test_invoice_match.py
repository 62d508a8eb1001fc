"""Every kind of line that a carrier's invoice can hold, beside what we bought."""

import random

import pytest

from rientro.policy.invoice_match import Billed, Bought, Match, compare, in_order, is_surcharge


def bought(**changes):
    facts = {"currency": "EUR", "price_minor": 490, "ledger_minor": 490, "weight_g": 1000}
    return Bought(**(facts | changes))


def billed(amount=490, **changes):
    return Billed(**({"amount_minor": amount, "currency": "EUR"} | changes))


CREDITED = {"ledger_minor": 0, "voided": True, "used_minor": 490, "lines": 1}


@pytest.mark.parametrize(
    ("case", "line", "ours", "match", "expected"),
    [
        ("the same amount", billed(), bought(), Match.EXACT, 490),
        ("dearer", billed(510), bought(), Match.PRICE, 490),
        ("cheaper", billed(390), bought(), Match.PRICE, 490),
        ("dearer because heavier", billed(790, weight_g=4000), bought(), Match.SURCHARGE, 490),
        ("heavier, and yet cheaper", billed(390, weight_g=4000), bought(), Match.PRICE, 490),
        ("a line that calls itself a surcharge", billed(120, description="Fuel surcharge"),
         bought(), Match.SURCHARGE, 0),
        ("no label of ours", billed(), None, Match.UNKNOWN, 0),
        ("money back for no label of ours", billed(-490), None, Match.CREDIT, 0),
        ("billed twice", billed(), bought(used_minor=490, lines=1), Match.TWICE, 0),
        ("billed twice, though the first was accepted", billed(510),
         bought(ledger_minor=510, used_minor=510, lines=1), Match.TWICE, 0),
        ("voided, and billed all the same", billed(), bought(ledger_minor=0, voided=True),
         Match.VOIDED, 0),
        ("money back after a void", billed(-490), bought(**CREDITED), Match.CREDIT, -490),
        ("less money back after a void", billed(-400), bought(**CREDITED), Match.CREDIT, -490),
        ("money back for nothing", billed(-490), bought(used_minor=490, lines=1), Match.CREDIT, 0),
        ("the invoice tells the price", billed(555),
         bought(price_minor=0, ledger_minor=0, priced=False, charged=False), Match.PRICED, 555),
        ("never scanned", billed(), bought(ledger_minor=0, charged=False), Match.UNSCANNED, 0),
        ("another currency", billed(currency="CHF"), bought(), Match.CURRENCY, 0),
    ],
)  # fmt: skip
def test_compare(case, line, ours, match, expected):
    verdict = compare(line, ours)

    assert (verdict.match, verdict.expected_minor) == (match, expected)
    assert verdict.expected_minor + verdict.difference_minor == line.amount_minor


@pytest.mark.parametrize(
    "words",
    [
        "Weight adjustment",
        "Treibstoffzuschlag",
        "Supplemento peso",
        "SURPOIDS",
        "Recargo combustible",
    ],
)
def test_surcharges_are_known_by_their_words(words):
    assert is_surcharge(words)
    assert not is_surcharge("DHL Retoure Online")


def test_labels_are_compared_before_what_comes_on_top_and_before_money_back():
    lines = [billed(-5), billed(5, description="Fuel surcharge"), billed(490), billed(500)]
    random.Random(1).shuffle(lines)

    kinds = [lines[place].amount_minor for place in in_order(lines)]

    assert sorted(kinds[:2]) == [490, 500]
    assert kinds[2:] == [5, -5]
