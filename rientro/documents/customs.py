"""What travels with a return across a customs border: a commercial invoice and the UPU forms CN 23 and CN 22.

Sources: UPU, forms CN 22 (74 × 105 mm) and CN 23 (210 × 148 mm), whose boxes keep their numbers here; WCO,
Revised Kyoto Convention, Specific Annex B, chapter 2 (what makes re-importation of returned goods recognisable).
The sheets are A4, so that a home printer can make them; the CN 22 is A6, for label printers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rientro.documents import barcodes, compiler
from rientro.documents.customs_words import RELIEF, customs_words
from rientro.documents.fitting import breakable, clean, clean_lines, size_that_fits
from rientro.documents.nup import merged
from rientro.kit.money import Money
from rientro.policy.declaration import (
    Declaration,
    Goods,
    cn22_will_do,
    net_weight_g,
    total_value,
)

ADDRESS_PT = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.2)
SMALL_PT = (6.5, 6.0, 5.5, 5.0, 4.2)
CN22_LINES = 4
BARS_MM = (0.375, 0.25)
WIDEST_BARS_MM = 93.0  # as on a label: 30 characters at a quarter of a millimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsDocuments:
    """PDFs. ``sheets`` is for the shopper, declaration and invoice in one file; ``cn22`` is there where it will do."""

    invoice: bytes
    cn23: bytes
    cn22: bytes | None
    sheets: bytes


def draw_customs(facts: Declaration) -> CustomsDocuments:
    """All papers of one parcel. Same facts, same bytes."""
    invoice, cn23 = draw_invoice(facts), draw_cn23(facts)
    small = len(facts.goods) <= CN22_LINES and cn22_will_do(
        facts.goods, gross_weight_g=_gross_g(facts)
    )
    return CustomsDocuments(
        invoice=invoice,
        cn23=cn23,
        cn22=draw_cn22(facts) if small else None,
        sheets=merged([cn23, invoice]),
    )


def draw_invoice(facts: Declaration) -> bytes:
    """The commercial invoice on A4, as many pages as its lines need."""
    return compiler.pdf("customs_invoice", _words(facts, postal=False))


def draw_cn23(facts: Declaration) -> bytes:
    """The declaration CN 23 on A4; more lines than a sheet holds run onto the next."""
    return compiler.pdf("cn23", _words(facts, postal=True))


def draw_cn22(facts: Declaration) -> bytes:
    """The declaration CN 22 on A6, for small packets up to 2 kg and 300 SDR."""
    return compiler.pdf("cn22", _words(facts, postal=True))


def _words(facts: Declaration, *, postal: bool) -> dict[str, Any]:
    language, words = customs_words(facts.language, postal=postal)
    bars = _bars(facts.tracking_number)
    number = clean(facts.number, longest=60)
    sender, receiver = _printable(facts.sender), _printable(facts.receiver)
    return {
        "language": language,
        "words": {name: list(pair) for name, pair in words.items()},
        "title": f"{words['invoice'][0]} {number}",
        "number": number,
        "date": facts.created_on.isoformat(),
        "original": breakable(clean(facts.invoice_number, longest=60)),
        "tracking": breakable(clean(facts.tracking_number, longest=80)),
        "bars": bars.svg if bars else "",
        "bars_mm": _bars_mm(bars.modules) if bars else 0,
        "carrier": breakable(clean(facts.carrier_name, longest=60)),
        "brand": breakable(clean(facts.brand_name, longest=80)),
        "sender": sender,
        "sender_size": _fits(sender, height_mm=30),
        "sender_contact": breakable(clean(facts.sender_contact)),
        "receiver": receiver,
        "receiver_size": _fits(receiver, height_mm=30),
        "receiver_contact": breakable(clean(facts.receiver_contact)),
        "vat": breakable(clean(facts.receiver_vat, longest=40)),
        "eori": breakable(clean(facts.receiver_eori, longest=40)),
        "relief": RELIEF.get(facts.arrives_in, ""),
        "goods": [_line(goods) for goods in facts.goods],
        "goods_size": size_that_fits(
            [f"{goods.quantity} × {clean(goods.description)}" for goods in facts.goods],
            width_mm=50,
            height_mm=26,
            sizes=SMALL_PT,
            bold=False,
        ),
        "net": _kilos(net_weight_g(facts.goods)),
        "gross": _kilos(_gross_g(facts)),
        "total": _amount(total_value(facts.goods)),
    }


def _gross_g(facts: Declaration) -> int:
    """A parcel weighs no less than what lies in it, whatever was told."""
    return max(facts.gross_weight_g, net_weight_g(facts.goods))


def _line(goods: Goods) -> dict[str, str]:
    return {
        "description": breakable(clean(goods.description)),
        "sku": breakable(clean(goods.sku, longest=60)),
        "quantity": str(goods.quantity),
        "unit_weight": _kilos(goods.weight_g),
        "weight": _kilos(goods.weight_g * goods.quantity),
        "unit_value": _amount(goods.value),
        "value": _amount(goods.value * goods.quantity),
        "hs": clean(goods.hs_code, longest=12),
        "origin": clean(goods.origin_country, longest=2),
    }


def _printable(lines: Sequence[str]) -> list[str]:
    return [breakable(line) for line in clean_lines(lines)]


def _fits(lines: Sequence[str], *, height_mm: float) -> float:
    return size_that_fits(lines, width_mm=78, height_mm=height_mm, sizes=ADDRESS_PT, bold=False)


def _amount(amount: Money) -> str:
    """A point and no separators: officers of every country read it alike."""
    return f"{amount.decimal()} {amount.currency}"


def _kilos(grams: int) -> str:
    return f"{grams // 1000}.{grams % 1000:03d}"


def _bars(number: str) -> barcodes.Drawn | None:
    """None for a number that bars cannot say: it stands there in letters."""
    try:
        return barcodes.code128(number)
    except barcodes.NoBarcode:
        return None


def _bars_mm(modules: int) -> float:
    for module in BARS_MM:
        if modules * module <= WIDEST_BARS_MM:
            return modules * module
    return WIDEST_BARS_MM
