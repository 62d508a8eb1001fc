"""A brand's colours after the contrast correction, for stylesheets and mails."""

from rientro.models.brands import Brand
from rientro.policy.colours import BrandColours, palette

FONT_HEAD = {"sans": "var(--font-ui)", "serif": "var(--font-serif)"}
TRACKING = {"sans": "-0.02em", "serif": "-0.01em"}


def colours_of(brand: Brand) -> dict[str, str]:
    """Every ``--brand-*`` colour, as it may be shown."""
    return palette(
        BrandColours(
            accent=brand.colour_accent,
            paper=brand.colour_paper,
            surface=brand.colour_surface,
            ink=brand.colour_ink,
            head=brand.colour_head,
            foot=brand.colour_foot,
        )
    )


def stylesheet_of(brand: Brand, scope: str = ".brand-own") -> str:
    """The brand's variables as a stylesheet for ``scope``: numbers and names only, nothing a merchant typed."""
    values = {
        **colours_of(brand),
        "--brand-font-head": FONT_HEAD.get(brand.font, FONT_HEAD["sans"]),
        "--brand-head-weight": str(int(brand.heading_weight)),
        "--brand-head-track": TRACKING.get(brand.font, TRACKING["sans"]),
        "--brand-round": f"{float(brand.roundness):.2f}",
    }
    lines = "\n".join(f"    {name}: {value};" for name, value in sorted(values.items()))
    return f"@layer tokens {{\n  {scope} {{\n{lines}\n  }}\n}}\n"
