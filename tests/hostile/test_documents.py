"""Our own papers: every field in its place, every barcode as it was meant, no page more or fewer commands."""

import io
import re
from datetime import date

import pikepdf
import pytest
import zxingcpp

from rientro.documents.customs import draw_cn22, draw_cn23, draw_customs, draw_invoice
from rientro.documents.label import LabelFacts, LabelItem, draw_a4, draw_a6, draw_zpl
from rientro.documents.statement import StatementFacts, StatementLine, StatementSum, draw_statement
from rientro.kit.addresses import AddressFields, format_lines, shortened
from rientro.kit.money import Money
from rientro.kit.postal_codes import has_postal_codes
from rientro.policy.declaration import Declaration, Goods
from tests.documents.reading import KINDS, pictures
from tests.hostile.addresses import COUNT, Hostile, addresses, mark, plain
from tests.hostile.reading import Page, Paper, said, squeezed, tokens

ON = date(2026, 11, 25)
BATCH = 100
SAMPLE = 100  # of the slow decoder, where not all are asked for
LABEL = ("name", "company", "street", "house_number", "address_2", "postal_code", "city")
ALL = addresses()
BATCHES = [pytest.param(ALL[at : at + BATCH], id=f"{at}-") for at in range(0, COUNT, BATCH)]
# The larger papers: a fifth of them each time, all of them by hand.
SOME = [
    *(pytest.param(ALL[at::20], id=f"every-20th-{at}") for at in range(0, 20, 5)),
    *(
        pytest.param(ALL[at : at + BATCH], id=f"{at}-", marks=pytest.mark.deep)
        for at in range(0, COUNT, BATCH)
    ),
]


def lines(hostile: Hostile, *, country_name: str = "ITALY") -> list[str]:
    parts = hostile.parts()
    parts = {name: parts[name] for name in AddressFields.__dataclass_fields__ if name in parts}
    fields = shortened(AddressFields(country=hostile.country, **parts))
    return format_lines(fields, capitals=True, country_name=country_name)


def label(sender: Hostile, receiver: Hostile) -> LabelFacts:
    return LabelFacts(
        reference=f"R-{sender.at}-ABCD",
        tracking_number=sender.number,
        carrier_name=f"{mark('phone', 1)} {sender.street[:40]}",
        service_name=receiver.company[:60],
        sender=lines(sender),
        receiver=lines(receiver),
        return_number=f"R-{sender.at}",
        order_number=sender.phone,
        weight_g=1200,
        created_on=ON,
        items=[
            LabelItem(name=sender.name, variant=sender.company, sku=sender.city, quantity=1),
            LabelItem(name=receiver.name, variant=receiver.company, sku=receiver.city, quantity=2),
        ],
        language=("en", "it", "de", "fr", "es")[sender.at % 5],
        brand_name=receiver.email,
        instructions=(),
        qr_payload=sender.square,
        test=bool(sender.at % 2),
    )


def declaration(sender: Hostile, receiver: Hostile) -> Declaration:
    return Declaration(
        number=f"R-{sender.at}",
        invoice_number=sender.phone,
        tracking_number=sender.number,
        sender=lines(sender),
        receiver=lines(receiver),
        goods=[
            Goods(description=sender.email, quantity=1, value=Money(4600, "EUR"), hs_code="611710",
                  origin_country="IT", weight_g=90, sku=sender.city),
            Goods(description=receiver.email, quantity=2, value=Money(1, "EUR"), hs_code="6505",
                  origin_country="PT", weight_g=30, sku=receiver.city),
        ],
        gross_weight_g=300,
        created_on=ON,
        arrives_in="EU",
        carrier_name=sender.company,
        sender_contact=sender.phone,
        receiver_contact=receiver.phone,
        receiver_vat=receiver.house_number,
        receiver_eori=receiver.postal_code,
        brand_name=receiver.name,
        language=("en", "it", "de", "fr", "es")[sender.at % 5],
    )  # fmt: skip


def pairs(batch):
    """Every address sends once and receives once."""
    return [(ALL[one.at], ALL[(one.at + 1) % COUNT]) for one in batch]


def marked(hostile: Hostile, *names: str) -> list[str]:
    """The marks of the fields that say something; where a post has no codes, nobody prints one."""
    return [
        word
        for name in names
        if (word := mark(name, hostile.at)) in getattr(hostile, name)
        and not (name == "postal_code" and not has_postal_codes(hostile.country))
    ]


def missing(place: str, hostile: Hostile, *names: str) -> list[str]:
    return [word for word in marked(hostile, *names) if not holds(place, word)]


def holds(place: str, word: str) -> bool:
    """PDFium tells the letters of a mark inside an Arabic or Hebrew run in another order, digits in their own."""
    if word in place:
        return True
    number, letters = word[2:-1], set(word) - set(word[2:-1])
    return any(
        letters <= set(place[max(0, found.start() - 8) : found.end() + 8])
        for found in re.finditer(number, place)
    )


def sound(pdf: bytes, sizes: list[tuple[int, int]] | None = None) -> None:
    """Opens without repair, is of the size it should be, holds nothing that acts."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.check_pdf_syntax() == []
        assert "/OpenAction" not in document.Root
        assert "/AcroForm" not in document.Root
        for page in document.pages:
            assert "/Annots" not in page
        if sizes:
            found = [
                tuple(round(float(x) / 72 * 25.4) for x in page.mediabox[2:])
                for page in document.pages
            ]
            assert found == sizes


def label_losses(
    page: Page, facts: LabelFacts, sender: Hostile, receiver: Hostile, *, dx=0.0, dy=0.0
):
    top = 29.5 if facts.test else 21.5
    fits = page.within(6 + dx, top + 4 + dy, 99 + dx, 50 + dy)
    lost = [("sender", word) for word in missing(fits, sender, *LABEL)]
    fits = page.within(6 + dx, 54 + dy, 67.5 + dx if facts.qr_payload else 99 + dx, 91 + dy)
    return lost + [("receiver", word) for word in missing(fits, receiver, *LABEL)]


@pytest.mark.parametrize("batch", BATCHES)
def test_every_field_stands_in_its_place_on_the_a6(batch):
    lost = []
    for sender, receiver in pairs(batch):
        facts = label(sender, receiver)
        pdf = draw_a6(facts)
        sound(pdf, [(105, 148)])
        with Paper(pdf) as (page,):
            lost += [(sender.at, *each) for each in label_losses(page, facts, sender, receiver)]

    assert lost == []


@pytest.mark.parametrize("batch", SOME)
def test_every_field_stands_in_its_place_on_the_sheet_and_its_slip(batch):
    lost = []
    for sender, receiver in pairs(batch):
        facts = label(sender, receiver)
        pdf = draw_a4(facts)
        sound(pdf)
        with Paper(pdf) as pages:
            page = pages[0]
            lost += [
                (sender.at, *each)
                for each in label_losses(page, facts, sender, receiver, dx=2, dy=4)
            ]
            slip = "".join(
                each.within(0, 156 if at == 0 else 0, 210, 297) for at, each in enumerate(pages)
            )
            for side in (sender, receiver):
                lost += [
                    (sender.at, "slip", w) for w in missing(slip, side, "name", "company", "city")
                ]
            lost += [(sender.at, "slip", w) for w in missing(slip, sender, "phone")]

    assert lost == []


PLAIN_ZPL = [name for name, _ in tokens(draw_zpl(label(plain(0), plain(1))))]


@pytest.mark.parametrize("batch", BATCHES)
def test_no_words_become_commands_of_a_label_printer(batch):
    known = set(PLAIN_ZPL) | {"FR"}
    lost = []
    for sender, receiver in pairs(batch):
        facts = label(sender, receiver)
        zpl = draw_zpl(facts)
        names = [name for name, _ in tokens(zpl)]
        assert set(names) <= known
        assert names.count("FD") == names.count("FH")
        assert names.count("FD") + names.count("GB") == names.count("FS")
        assert names.count("BC") == names.count("BY") == 1
        fields = squeezed("".join(said(zpl)))
        lost += [(sender.at, w) for w in missing(fields, sender, *LABEL)]
        lost += [(sender.at, w) for w in missing(fields, receiver, *LABEL)]
        assert facts.tracking_number in said(zpl)

    assert lost == []


@pytest.mark.parametrize("batch", SOME)
def test_every_field_stands_in_its_place_on_customs_papers(batch):
    lost = []
    for sender, receiver in pairs(batch):
        facts = declaration(sender, receiver)
        invoice, cn23 = draw_invoice(facts), draw_cn23(facts)
        sound(invoice)
        sound(cn23)
        with Paper(invoice) as pages:
            page, whole = pages[0], "".join(each.whole for each in pages)
            lost += _addresses(
                page, sender, receiver, (16, 36, 105, 85), (105, 36, 194, 85), "invoice"
            )
            lost += [
                (sender.at, "invoice", w) for w in missing(whole, sender, "email", "city", "phone")
            ]
            lost += [
                (sender.at, "invoice", w)
                for w in missing(whole, receiver, "email", "city", "house_number", "postal_code")
            ]
            assert "46.02EUR" in whole
        with Paper(cn23) as pages:
            page, whole = pages[0], "".join(each.whole for each in pages)
            lost += _addresses(
                page, sender, receiver, (12, 20, 105, 68), (12, 62, 105, 112), "cn23"
            )
            lost += [(sender.at, "cn23", w) for w in missing(whole, sender, "email", "phone")]
            lost += [
                (sender.at, "cn23", w)
                for w in missing(whole, receiver, "email", "house_number", "postal_code")
            ]
            assert "46.02EUR" in whole
        cn22 = draw_cn22(facts)
        sound(cn22, [(105, 148)])
        with Paper(cn22) as (page,):
            within = page.within(5, 5, 100, 143)
            lost += [(sender.at, "cn22", w) for w in missing(within, sender, "email", "phone")]
            lost += [(sender.at, "cn22", w) for w in missing(within, receiver, "email")]
            assert "46.02EUR" in within

    assert lost == []


def _addresses(page, sender, receiver, left, right, paper):
    lost = [(sender.at, paper, word) for word in missing(page.within(*left), sender, *LABEL)]
    return lost + [(sender.at, paper, w) for w in missing(page.within(*right), receiver, *LABEL)]


@pytest.mark.parametrize("batch", BATCHES)
def test_a_statement_holds_every_name(batch):
    rows, total = [], 0
    for one in batch:
        rows.append(
            StatementLine(on=ON, kind="label", return_number=one.phone, order_number=one.street, brand=one.name,
                          carrier=one.company, tracking_number=one.number, amount=Money(495, "EUR"))
        )  # fmt: skip
        total += 495
    sums = StatementSum(
        labels=len(rows),
        labels_amount=Money(total, "EUR"),
        credits=0,
        credits_amount=Money(0, "EUR"),
    )
    first = batch[0]
    pdf = draw_statement(
        StatementFacts(month=ON, merchant_name=first.company, merchant_lines=lines(first), imports=1, totals=[sums],
                       created_on=ON, lines=rows, issuer_lines=lines(batch[1]),
                       brands=[StatementSum(name=one.name, labels=1, labels_amount=Money(495, "EUR"), credits=0,
                                            credits_amount=Money(0, "EUR")) for one in batch])
    )  # fmt: skip
    sound(pdf)
    with Paper(pdf) as pages:
        whole = "".join(page.whole for page in pages)
    lost = [w for one in batch for w in missing(whole, one, "phone", "street", "name", "company")]
    lost += missing(whole, first, *LABEL) + missing(whole, batch[1], *LABEL)

    assert lost == []


# Real decoders


def decoded(pdf: bytes, number: int = 0) -> set[tuple[str, str]]:
    picture = pictures(pdf, 203)[number]
    return {
        (str(found.format).split(".")[-1].replace(" ", ""), found.text)
        for found in zxingcpp.read_barcodes(
            picture, formats=KINDS, text_mode=zxingcpp.TextMode.Plain
        )
    }


def undecoded(some: list[Hostile]) -> list[tuple[int, str]]:
    wrong = []
    for sender, receiver in pairs(some):
        facts = label(sender, receiver)
        number, square = ("Code128", sender.number), ("QRCode", facts.qr_payload)
        wanted = {number, square} if facts.qr_payload else {number}
        if decoded(draw_a6(facts)) != wanted:
            wrong.append((sender.at, "a6"))
        if decoded(draw_a4(facts)) != wanted | {("Code128", facts.return_number)}:
            wrong.append((sender.at, "a4"))
        papers = declaration(sender, receiver)
        wrong += [
            (sender.at, name)
            for name, draw in (("cn23", draw_cn23), ("cn22", draw_cn22))
            if decoded(draw(papers)) != {number}
        ]
    return wrong


def test_a_scanner_reads_exactly_what_was_meant():
    assert undecoded(ALL[:: COUNT // SAMPLE]) == []


@pytest.mark.deep
@pytest.mark.parametrize("batch", BATCHES)
def test_a_scanner_reads_exactly_what_was_meant_on_all_of_them(batch):
    assert undecoded(batch) == []


def test_the_shoppers_sheets_are_both_papers():
    for sender, receiver in pairs(ALL[::97]):
        made = draw_customs(declaration(sender, receiver))
        sound(made.sheets)
        with Paper(made.sheets) as pages:
            assert "CN23" in pages[0].whole
