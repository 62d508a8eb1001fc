"""A brand's logo, made ready for paper: on white, trimmed, no finer than a printer, small."""

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, UnidentifiedImageError

WIDTH_MM = 52.0
HEIGHT_MM = 12.5
DOTS_PER_MM = 10  # 254 dpi: what home printers show of a logo, at half the bytes of 300
COLOURS = 24
PALE = 1.7  # contrast with paper below which a logo was made for a dark ground
INK = (17, 17, 17)
MOST_PIXELS = 25_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    png: bytes
    width_mm: float
    height_mm: float


@lru_cache(maxsize=64)
def prepared(picture: bytes) -> Logo | None:
    """The logo for a box of 52 × 12.5 mm. None for bytes that are no picture: the name stands there then.

    Give it only what ``kit.images.redraw`` has made: it decodes in this process. A logo that would vanish on
    white paper is printed as its dark shape.
    """
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG", "JPEG"])
        if image.width * image.height > MOST_PIXELS:
            return None
        flat = _trimmed(_on_paper(image.convert("RGBA")))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    if flat is None:
        return None
    scale = min(WIDTH_MM / flat.width, HEIGHT_MM / flat.height)
    width_mm, height_mm = flat.width * scale, flat.height * scale
    dots = (max(1, round(width_mm * DOTS_PER_MM)), max(1, round(height_mm * DOTS_PER_MM)))
    if dots[0] < flat.width:
        flat = flat.resize(dots, Image.Resampling.LANCZOS)
    return Logo(png=_as_png(flat), width_mm=round(width_mm, 2), height_mm=round(height_mm, 2))


def _on_paper(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    if _is_pale(image, alpha):
        image = Image.merge("RGBA", [*Image.new("RGB", image.size, INK).split(), alpha])
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    paper.alpha_composite(image)
    return paper.convert("RGB")


def _is_pale(image: Image.Image, alpha: Image.Image) -> bool:
    small = image.resize((min(64, image.width), min(64, image.height)), Image.Resampling.BOX)
    seen = [
        pixel
        for pixel in zip(*(band.tobytes() for band in small.split()), strict=True)
        if pixel[3] > 64
    ]
    if not seen or min(alpha.getextrema()) == 255:
        return False  # an opaque picture brings its own ground
    light = sum(luminance(pixel[:3]) for pixel in seen) / len(seen)
    return 1.05 / (light + 0.05) < PALE


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _trimmed(flat: Image.Image) -> Image.Image | None:
    white = Image.new("RGB", flat.size, (255, 255, 255))
    box = ImageChops.difference(flat, white).point(lambda value: 255 if value > 8 else 0).getbbox()
    return flat.crop(box) if box else None


def _as_png(flat: Image.Image) -> bytes:
    out = io.BytesIO()
    flat.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
