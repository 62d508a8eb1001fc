"""An invoice as an accountant reads it: parties, number, tax by its rate, the law's words, every label."""

from datetime import date
from decimal import Decimal

import pytest

from rientro.documents.invoice import (
    InvoiceFacts,
    InvoiceLine,
    LabelLine,
    Party,
    draw_invoice,
)
from rientro.kit.money import Money
from tests.documents.reading import sizes_mm, words

KONTOR = Party(
    name="Kontor Rücksendungen GmbH & Co. KG",
    lines=["Am Sandtorkai 27", "20457 Hamburg", "Deutschland"],
    vat_number="DE123456789",
)
BRINA = Party(
    name="Sartoria Brina S.r.l.",
    lines=["Via Tortona 27", "20144 Milano", "Italia"],
    vat_number="IT01234567890",
)


def euro(minor):
    return Money(minor, "EUR")


def label(at, kind="label", minor=595):
    return LabelLine(
        on=date(2026, 11, 3),
        kind=kind,
        return_number=f"R-{20_000 + at}",
        tracking_number=f"NP{at:010d}",
        amount=euro(minor),
    )


def facts(**changes):
    usual = {
        "kind": "invoice",
        "number": "KR-2026-0042",
        "issued_on": date(2026, 12, 1),
        "month": date(2026, 11, 1),
        "issuer": KONTOR,
        "recipient": BRINA,
        "rows": [
            InvoiceLine(what="imports", quantity=1284, net=euro(0)),
            InvoiceLine(what="labels", quantity=3, net=euro(1785)),
            InvoiceLine(what="credits", quantity=1, net=euro(-595)),
        ],
        "percent": Decimal(22),
        "why": "taxed",
        "net": euro(1190),
        "tax": euro(262),
        "total": euro(1452),
        "lines": [label(1), label(2), label(3), label(1, "credit", -595)],
    }
    return InvoiceFacts(**(usual | changes))


NOTHING = {"percent": Decimal(0), "tax": euro(0), "total": euro(1190)}


def test_everything_that_the_law_asks_for_is_there():
    said = words(draw_invoice(facts()))

    for part in [
        *("Invoice KR-2026-0042", "1 December 2026", "November 2026"),
        *("Kontor Rücksendungen GmbH & Co. KG", "20457 Hamburg", "VAT no. DE123456789"),
        *("Sartoria Brina S.r.l.", "VAT no. IT01234567890"),
        *("Orders imported, free of charge", "1,284", "€0.00"),
        *("Return labels", "€17.85", "−€5.95", "22 %", "€11.90", "€2.62", "€14.52"),
        "NP0000000003",
    ]:
        assert part in said


def test_it_is_said_in_italian():
    said = words(draw_invoice(facts(language="it")))

    for part in ["Fattura", "1 dicembre 2026", "Imponibile", "Aliquota IVA", "14,52 €", "P. IVA"]:
        assert part in said


@pytest.mark.parametrize(
    ("why", "language", "law"),
    [
        ("reverse_charge", "en", "Reverse charge: the recipient is liable"),
        ("reverse_charge", "it", "Inversione contabile"),
        ("outside", "en", "Not subject to VAT"),
        ("outside", "it", "Operazione non soggetta"),
    ],
)
def test_without_tax_it_says_why(why, language, law):
    said = words(draw_invoice(facts(why=why, language=language, **NOTHING)))

    assert law in said
    assert "2006/112" in said


def test_with_tax_no_law_is_named():
    assert "2006/112" not in words(draw_invoice(facts()))


def test_a_credit_note_names_what_it_corrects_and_why():
    told = facts(
        kind="credit_note",
        rows=[InvoiceLine(what="correction", quantity=1, net=euro(-595))],
        net=euro(-595),
        tax=euro(-131),
        total=euro(-726),
        lines=[],
        corrects_number="KR-2026-0041",
        corrects_on=date(2026, 11, 2),
        reason="A label that the depot lost",
    )
    said = words(draw_invoice(told))

    for part in [
        *("Credit note", "KR-2026-0041", "2 November 2026", "A label that the depot lost"),
        *("−€5.95", "−€1.31", "−€7.26", "Total credited"),
    ]:
        assert part in said


def test_same_facts_same_bytes_on_as_many_pages_as_it_takes():
    many = facts(lines=[label(at) for at in range(200)])
    made = draw_invoice(many)

    assert made == draw_invoice(many)
    assert len(sizes_mm(made)) > 3
    assert "NP0000000199" in words(made)


@pytest.mark.parametrize(
    "name", ['#let x = "1"', "$ \\ ` @ * _", "<script>", "名前" * 40, "\u202eabc"]
)
def test_a_name_is_never_code(name):
    party = Party(name=name, lines=[name, name])

    assert draw_invoice(facts(issuer=party, recipient=party)).startswith(b"%PDF")
