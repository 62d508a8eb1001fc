"""From what a label is told to what its templates set: words in a language, sizes that fit, bars of a width."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from rientro.documents import barcodes
from rientro.documents.facts import LabelFacts
from rientro.documents.fitting import apart, breakable, clean, clean_lines, size_that_fits
from rientro.documents.logo import luminance, prepared
from rientro.documents.words import words_for

BARS_MM = 93.0
SLIP_BARS_MM = 62.0
MODULES_MM = (0.5, 0.375, 0.25)  # whole dots at 203 dpi; 0.495 is what GS1 asks for where it fits
SENDER_PT = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.2)
RECEIVER_PT = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.2)
SMALL_PT = (9.0, 8.0, 7.0, 6.0, 5.0, 4.0)
ONE_SHEET = 7  # more items may run onto a second sheet, which then gets page numbers
INK = "#1d1e1b"
TOO_PALE = 0.183  # luminance above which white on it stays below 4.5 : 1


def label_words(facts: LabelFacts) -> dict[str, Any]:
    """What ``templates/parts.typ`` and the ZPL read."""
    language, words = words_for(facts.language)
    bars = barcodes.code128(facts.tracking_number)
    square = barcodes.qr(facts.qr_payload) if facts.qr_payload else None
    sender, receiver = _printable(facts.sender), _printable(facts.receiver)
    service, about = _service(facts, language), _about(facts, words)
    return {
        "language": language,
        "words": dict(words),
        "title": f"{words['return']} {clean(facts.return_number)}",
        "test": facts.test,
        **_mark(facts),
        "service": service,
        "service_size": _size(service, width_mm=37, height_mm=7.5, sizes=SMALL_PT),
        "sender": sender,
        "sender_size": _size(
            sender, width_mm=92, height_mm=13 if facts.test else 21, sizes=SENDER_PT
        ),
        "receiver": receiver,
        "receiver_size": size_that_fits(
            receiver,
            width_mm=60 if facts.qr_payload else 92,
            height_mm=32,
            sizes=RECEIVER_PT,
            bold=True,
        ),
        "strong": _strong(receiver),
        "qr": square.svg if square else "",
        "qr_modules": square.modules if square else 0,
        "qr_payload": facts.qr_payload,
        "bars": bars.svg,
        "bars_mm": _width_mm(bars.modules, BARS_MM),
        "module_mm": _width_mm(bars.modules, BARS_MM) / bars.modules,
        "tracking": facts.tracking_number,
        "tracking_size": 13 if len(facts.tracking_number) <= 20 else 9.5,
        "about": about,
        "about_size": _size(about, width_mm=65, height_mm=7.5, sizes=SMALL_PT),
        "date": format_date(facts.created_on, "medium", locale=locale_of(language)),
    }


def sheet_words(facts: LabelFacts) -> dict[str, Any]:
    """What ``templates/a4.typ`` reads besides."""
    language, words = words_for(facts.language)
    number = clean(facts.return_number, longest=barcodes.LONGEST_CODE128)
    order = clean(facts.order_number, longest=40)
    bars = barcodes.code128(number)
    return {
        "accent": _accent(facts.accent),
        "steps": _steps(facts, language, words),
        "keep": _named(
            (words["tracking"], facts.tracking_number),
            (words["return"], number),
            (words["until"], _long(facts.hand_in_by, language)),
        ),
        "slip": _named(
            (words["return"], number),
            (words["order"], breakable(order)),
            (words["parcel"], facts.parcel),
            (words["date"], _long(facts.created_on, language)),
        ),
        "return_number": number,
        "return_bars": bars.svg,
        "return_bars_mm": _width_mm(bars.modules, SLIP_BARS_MM),
        "many": len(facts.items) > ONE_SHEET,
        "items": [
            [
                breakable(clean(item.name, longest=200)),
                breakable(clean(item.variant, longest=120)),
                breakable(clean(item.sku, longest=60)),
                str(item.quantity),
            ]
            for item in facts.items
        ],
    }


def _printable(lines: Sequence[str]) -> list[str]:
    return [breakable(line) for line in clean_lines(lines)]


def _size(
    lines: Sequence[str], *, width_mm: float, height_mm: float, sizes: Sequence[float]
) -> float:
    return size_that_fits(lines, width_mm=width_mm, height_mm=height_mm, sizes=sizes, bold=False)


def _mark(facts: LabelFacts) -> dict[str, Any]:
    name = breakable(clean(facts.brand_name, longest=80))
    logo = prepared(facts.logo) if facts.logo else None
    return {
        "brand_name": name,
        "brand_size": size_that_fits(
            [name], width_mm=52, height_mm=12, sizes=(18, 16, 14, 12, 10, 8, 6), bold=True
        ),
        "logo_width_mm": logo.width_mm if logo else 0,
        "logo_height_mm": logo.height_mm if logo else 0,
    }


def _service(facts: LabelFacts, language: str) -> list[str]:
    weight = ""
    if facts.weight_g > 0:
        kilos = format_decimal(facts.weight_g / 1000, "#,##0.0##", locale=language)
        weight = f"{kilos}\u00a0kg"
    carrier = clean(facts.carrier_name, longest=60)
    product = clean(facts.service_name, longest=60)
    more = " · ".join(filter(None, (apart(product), weight)))
    return [breakable(line) for line in (carrier, more) if line]


def _about(facts: LabelFacts, words: Mapping[str, str]) -> list[str]:
    parts = [f"{words['return']} {apart(clean(facts.return_number, longest=60))}"]
    if order := clean(facts.order_number, longest=60):
        parts.append(f"{words['order']} {apart(order)}")
    if facts.parcel:
        parts.append(f"{words['parcel']} {facts.parcel}")
    reference = clean(facts.reference, longest=60)
    return [breakable(line) for line in (" · ".join(parts), reference) if line]


def _strong(lines: Sequence[str]) -> list[int]:
    """Who and which town: the first line, and the last one with a digit, where every post writes the code."""
    coded = [at for at, line in enumerate(lines) if at and any(map(str.isdigit, line))]
    return [0, *coded[-1:]]


def _steps(facts: LabelFacts, language: str, words: Mapping[str, str]) -> list[list[str]]:
    if facts.instructions:
        told = (text.partition("\n") for text in facts.instructions[:3])
        return [[clean(title, longest=60), clean(more, longest=240)] for title, _, more in told]
    third = words["step_3_until"] if facts.hand_in_by else words["step_3_more"]
    carrier = clean(facts.carrier_name, longest=60)
    return [
        [words["step_1"], words["step_1_more"]],
        [words["step_2"], words["step_2_more"]],
        [
            words["step_3"],
            third.format(carrier=carrier, date=_long(facts.hand_in_by, language)),
        ],
    ]


def _named(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if value]


def locale_of(language: str) -> str:
    """English as in Europe: 8 December 2026, as the portal and the mails write it."""
    return "en_GB" if language == "en" else language


def _long(day: date | None, language: str) -> str:
    return format_date(day, "long", locale=locale_of(language)) if day else ""


def _width_mm(modules: int, most_mm: float) -> float:
    """The widest of our modules with which the bars fit ``most_mm``; else as wide as there is room."""
    for module in MODULES_MM:
        if modules * module <= most_mm:
            return modules * module
    return most_mm


def _accent(colour: str) -> str:
    """The brand's colour where white can be read on it, else ink."""
    try:
        parts = tuple(bytes.fromhex(colour.removeprefix("#")))
    except ValueError:
        return INK
    return colour if len(parts) == 3 and luminance(parts) <= TOO_PALE else INK
