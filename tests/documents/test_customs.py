"""Customs papers as an officer reads them: whose, what, worth what, and that nothing is sold."""

from datetime import date

import pytest

from rientro.documents.customs import draw_cn22, draw_cn23, draw_customs, draw_invoice
from rientro.documents.customs_words import customs_words
from rientro.kit.money import Money
from rientro.policy.declaration import Declaration, Goods
from tests.documents.reading import scanned, sizes_mm, words


def goods(**changes):
    usual = {
        "description": "Dolcevita in lana merino, Mattone",
        "quantity": 1,
        "value": Money(14800, "EUR"),
        "sku": "DLC-MRN-MAT",
        "hs_code": "611011",
        "origin_country": "IT",
        "weight_g": 420,
    }
    return Goods(**usual | changes)


def declaration(**changes):
    usual = {
        "number": "R-20418",
        "invoice_number": "INV-2026-00187",
        "tracking_number": "TSTNTR0048217765",
        "sender": ["Lukas Baumgartner", "Avenue de Cour 61", "1007 LAUSANNE", "SWITZERLAND"],
        "receiver": ["Sartoria Brina S.r.l.", "Via Tortona 27", "20144 MILANO MI", "ITALY"],
        "goods": [
            goods(),
            goods(description="Berretto", quantity=2, value=Money(4633, "EUR"), hs_code="65050030",
                  origin_country="PT", weight_g=90, sku="BRT"),
        ],
        "gross_weight_g": 750,
        "created_on": date(2026, 11, 25),
        "arrives_in": "EU",
        "carrier_name": "Posta Prova",
        "receiver_contact": "+39 02 555 0101 · resi@brina.example",
        "receiver_vat": "IT09481230967",
        "receiver_eori": "IT09481230967000",
        "brand_name": "Sartoria Brina",
        "language": "it",
    }  # fmt: skip
    return Declaration(**usual | changes)


def test_the_invoice_says_who_what_and_that_nothing_is_sold():
    said = words(draw_invoice(declaration()))

    for part in [
        "Commercial invoice", "Fattura commerciale", "RETURNED GOODS", "No commercial sale",
        "Nessuna vendita commerciale", "INV-2026-00187", "R-20418", "Lukas Baumgartner",
        "1007 LAUSANNE", "SWITZERLAND", "Sartoria Brina S.r.l.", "IT09481230967", "IT09481230967000",
        "611011", "65050030", "DLC-MRN-MAT", "148.00 EUR", "46.33 EUR", "92.66 EUR", "240.66 EUR",
        "0.600", "0.750", "Regulation (EU) 952/2013, art. 203", "2026-11-25", "TSTNTR0048217765",
    ]:  # fmt: skip
        assert part in said, part


def test_the_declaration_has_its_boxes_and_its_number_as_bars():
    pdf = draw_cn23(declaration())
    said = words(pdf)

    assert scanned(pdf) == [("Code128", "TSTNTR0048217765")]
    for part in [
        "CN 23",
        "May be opened officially",
        "Returned goods",
        "0.180",
        "240.66 EUR",
        "PT",
    ]:
        assert part in said, part
    assert sizes_mm(pdf) == [(210.0, 297.0)]


def test_the_small_form_is_an_a6_with_its_number_as_bars():
    pdf = draw_cn22(declaration())

    assert scanned(pdf) == [("Code128", "TSTNTR0048217765")]
    assert sizes_mm(pdf) == [(105.0, 148.0)]
    assert "CN 22" in words(pdf)


@pytest.mark.parametrize(
    ("changes", "small"),
    [
        ({}, True),
        ({"gross_weight_g": 2001}, False),
        ({"goods": [goods(value=Money(30001, "EUR"))]}, False),
        ({"goods": [goods(value=Money(100, "EUR"), weight_g=1)] * 5}, False),
    ],
)
def test_the_small_form_is_drawn_only_where_it_will_do(changes, small):
    assert (draw_customs(declaration(**changes)).cn22 is not None) is small


def test_the_shopper_prints_declaration_and_invoice_in_one():
    made = draw_customs(declaration())

    assert sizes_mm(made.sheets) == [(210.0, 297.0)] * 2
    said = words(made.sheets)
    assert said.index("CN 23") < said.index("Commercial invoice")


@pytest.mark.parametrize("number", [3, 60])
def test_totals_are_the_sum_of_the_lines_to_the_cent_on_as_many_pages_as_it_takes(number):
    lines = [
        goods(description=f"Line {at}", value=Money(333, "EUR"), quantity=3) for at in range(number)
    ]

    for draw in (draw_invoice, draw_cn23):
        said = words(draw(declaration(goods=lines)))
        assert f"{number * 9.99:.2f} EUR" in said
        assert all(f"Line {at}" in said for at in range(number))


def test_yen_have_no_cents_and_dinars_three():
    yen = words(draw_invoice(declaration(goods=[goods(value=Money(14800, "JPY"), quantity=2)])))
    dinars = words(draw_invoice(declaration(goods=[goods(value=Money(14800, "KWD"), quantity=2)])))

    assert "29600 JPY" in yen
    assert "29.600 KWD" in dinars


def test_a_parcel_weighs_no_less_than_its_goods():
    assert "0.600" in words(draw_cn23(declaration(gross_weight_g=10)))


@pytest.mark.parametrize("language", ["it", "de", "fr", "es", "en", "nl", ""])
def test_every_word_is_there_in_both_languages(language):
    second, told = customs_words(language, postal=True)

    assert second in {"it", "de", "fr", "es"}
    assert all(english and other for english, other in told.values())


def test_an_invoice_in_english_says_everything_once():
    said = words(draw_invoice(declaration(language="en")))

    assert said.count("Commercial invoice") == 2  # its title, and the foot of the page
    assert "Facture" not in said


def test_the_relief_is_that_of_where_the_goods_come_home():
    assert "SR 631.0" in words(draw_invoice(declaration(arrives_in="CH")))
    assert "952/2013" not in words(draw_invoice(declaration(arrives_in="US")))


def test_a_number_that_bars_cannot_say_stands_in_letters():
    pdf = draw_cn23(declaration(tracking_number="Ä" * 40))

    assert scanned(pdf) == []
    assert "ÄÄÄÄ" in words(pdf)


def test_same_facts_same_bytes():
    assert draw_customs(declaration()) == draw_customs(declaration())
