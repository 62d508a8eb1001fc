"""Labels per second in one thread: A6 with bars, square and logo, the A4 sheet, ZPL; beside reportlab where it is.

``python -m rientro.host.bench.labels``. reportlab is no dependency: install it beside, and the same A6 is drawn
with it, in the same run, with the same typeface.
"""

import argparse
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from statistics import median
from typing import Any

from rientro.documents.compiler import FONTS
from rientro.documents.label import LabelFacts, LabelItem, draw_a4, draw_a6, draw_zpl
from rientro.host.demo_data.logos import SARTORIA, logo

WARM = 20
MM = 72 / 25.4


def measure(labels: int) -> dict[str, Any]:
    """CPU milliseconds per label and wall-clock labels per second."""
    picture = logo(SARTORIA)
    works: dict[str, Callable[[int], bytes]] = {
        "a6": lambda at: draw_a6(_facts(at, picture)),
        "a4": lambda at: draw_a4(_facts(at, picture)),
        "zpl": lambda at: draw_zpl(_facts(at, picture)),
    }
    if importlib.util.find_spec("reportlab"):
        works["reportlab a6"] = _peer(picture)
    return {name: _timed(work, labels) for name, work in works.items()}


def _timed(work: Callable[[int], bytes], labels: int) -> dict[str, float]:
    """Medians, and the CPU of every thread: typst compresses pictures in one of its own."""
    for at in range(WARM):
        work(at)
    spent, wall, size = [], time.perf_counter(), 0
    for at in range(WARM, WARM + labels):
        before = time.process_time()
        size = len(work(at))
        spent.append(time.process_time() - before)
    wall, cpu = time.perf_counter() - wall, median(spent)
    return {
        "cpu_ms": round(cpu * 1000, 2),
        "per_cpu_s": round(1 / cpu),
        "per_s": round(labels / wall),
        "bytes": size,
    }


def _facts(at: int, picture: bytes) -> LabelFacts:
    return LabelFacts(
        reference=f"R-{20000 + at}-7QX4KM2P",
        tracking_number=f"TST4JCJDV{at:05}",
        carrier_name="Sandbox carrier",
        service_name="Print and drop off",
        sender=["Giulia Ferrero", f"Via Monferrato {at}", "int. 4", "10131 TORINO TO"],
        receiver=["Magazzino Resi", "Sartoria Brina S.r.l.", "Via Tortona 27", "20144 MILANO MI"],
        return_number=f"R-{20000 + at}",
        order_number=f"BR-{10000 + at}",
        weight_g=1400 + at,
        created_on=date(2026, 11, 22),
        items=[LabelItem(name="Dolcevita in lana merino", variant="Mattone · M", sku="DLC-MRN")],
        language="it",
        brand_name="Sartoria Brina",
        accent="#7b3328",
        logo=picture,
        qr_payload=f"R-{20000 + at}-7QX4KM2P",
    )


def _peer(picture: bytes) -> Callable[[int], bytes]:
    """The same label by reportlab: the same words, bars, square, logo and typeface."""
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode import code128, qr
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(TTFont("Plain", FONTS / "FiraSans-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("Strong", FONTS / "FiraSans-Bold.ttf"))

    def draw(at: int) -> bytes:
        facts, out = _facts(at, picture), io.BytesIO()
        page = Canvas(out, pagesize=(105 * MM, 148 * MM), invariant=True)
        page.drawImage(
            ImageReader(io.BytesIO(picture)), 6 * MM, 129 * MM, 52 * MM, 12 * MM, mask="auto"
        )
        y = 138.0
        for font, size, text in _lines(facts):
            page.setFont(font, size)
            page.drawString(6 * MM, (y := y - size * 0.42) * MM, text)
        code128.Code128(
            facts.tracking_number, barWidth=0.5 * MM, barHeight=27 * MM, quiet=False
        ).drawOn(page, 6 * MM, 26 * MM)
        square = qr.QrCodeWidget(facts.qr_payload, barWidth=28 * MM, barHeight=28 * MM)
        frame = Drawing(28 * MM, 28 * MM)
        frame.add(square)
        renderPDF.draw(frame, page, 71 * MM, 62 * MM)
        page.save()
        return out.getvalue()

    return draw


def _lines(facts: LabelFacts) -> list[tuple[str, float, str]]:
    about = f"Reso {facts.return_number} · Ordine {facts.order_number}"
    return [
        ("Strong", 12, "RESO"),
        ("Plain", 9, f"{facts.carrier_name} · {facts.service_name}"),
        *(("Plain", 10.0, line) for line in facts.sender),
        *(("Strong", 14.0, line) for line in facts.receiver),
        ("Plain", 13, facts.tracking_number),
        ("Plain", 8.5, about),
        ("Plain", 8.5, facts.reference),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="rientro.host.bench.labels", description=__doc__)
    parser.add_argument("--labels", type=int, default=300)
    asked = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(measure(asked.labels), indent=2) + "\n")


if __name__ == "__main__":
    main()
