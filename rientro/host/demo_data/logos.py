"""The two brands' logos, set by typst: one in ink on nothing, one that brings its own dark ground."""

import typst

from rientro.documents.compiler import FONTS

PIXELS_PER_INCH = 400
SARTORIA = """
#set page(width: auto, height: auto, margin: 1mm, fill: none)
#set text(font: "Libertinus Serif", fill: rgb("#2b241e"))
#stack(dir: ttb, spacing: 2.2mm,
  text(size: 25pt, tracking: -0.01em, "Sartoria Brina"),
  text(size: 6.6pt, tracking: 0.26em, font: "Fira Sans", weight: "regular", "MILANO"),
)
"""
PEAK = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 27'>"
    "<path d='M2 25 12 8l6 10 4-6 8 13z' fill='#eef6f0'/>"
    "<path d='M5 6c6-4 16-4 22 0' fill='none' stroke='#c9e265' stroke-width='2.5' "
    "stroke-linecap='round'/></svg>"
)
# A light logo alone would vanish in mails and on labels; its ground is the colour of the portal's head.
NORDLICHT = """
#set page(width: auto, height: auto, margin: (x: 1.4mm, y: 1.4mm), fill: rgb("#0b2f23"))
#set text(font: "Fira Sans", weight: "bold", fill: rgb("#eef6f0"))
#let peak = "PEAK"
#grid(columns: 2, column-gutter: 2.4mm, align: horizon,
  image(bytes(peak), format: "svg", height: 11mm),
  stack(dir: ttb, spacing: 1.7mm,
    text(size: 13.5pt, tracking: -0.025em, "Nordlicht"), text(size: 13.5pt, tracking: -0.025em, "Outdoor")),
)
""".replace("PEAK", PEAK)


def logo(source: str) -> bytes:
    """The PNG of one of the two."""
    made = typst.compile(
        source.encode(),
        format="png",
        ppi=PIXELS_PER_INCH,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[FONTS]),
    )
    assert isinstance(made, bytes)
    return made
