"""The demo draws its own pictures: garments as they stand in ``shapes/``, inked per product, 4 : 5."""

from pathlib import Path
from string import Template

import typst

from rientro.host.demo_data.products import Product

SHAPES = Path(__file__).parent / "shapes"
WIDTH_MM, HEIGHT_MM = 80, 100
PIXELS_PER_INCH = 190.5  # 600 × 750 pixels


def drawn(products: list[Product]) -> list[bytes]:
    """One PNG for each product, in their order."""
    pages = "#pagebreak()\n".join(
        f'#image(bytes(sys.inputs.at("{at}")), format: "svg", width: 100%)'
        for at in range(len(products))
    )
    source = f"#set page(width: {WIDTH_MM}mm, height: {HEIGHT_MM}mm, margin: 0mm)\n{pages}"
    made = typst.compile(
        source.encode(),
        format="png",
        ppi=PIXELS_PER_INCH,
        ignore_system_fonts=True,
        sys_inputs={str(at): inked(product) for at, product in enumerate(products)},
    )
    return [made] if isinstance(made, bytes) else list(made)


def scene(name: str) -> bytes:
    """The picture beside the first question, 1080 × 1290 pixels."""
    source = (
        "#set page(width: 72mm, height: 86mm, margin: 0mm)\n"
        '#image(bytes(sys.inputs.scene), format: "svg", width: 100%)'
    )
    made = typst.compile(
        source.encode(),
        format="png",
        ppi=381,
        ignore_system_fonts=True,
        sys_inputs={"scene": (SHAPES / f"{name}.svg").read_text()},
    )
    assert isinstance(made, bytes)
    return made


def inked(product: Product) -> str:
    """The drawing of ``product`` as SVG."""
    shape = Template((SHAPES / f"{product.shape}.svg").read_text())
    return shape.substitute(product.colours)
