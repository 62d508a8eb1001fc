"""A brand's colours, corrected until everybody can read what they carry (WCAG 2.2 AA).

A colour keeps its hue; only its lightness moves, as little as is needed, in OKLCH (Björn Ottosson, 2020), where
equal steps look equal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

TEXT = 4.5  # WCAG 2.2, 1.4.3
EDGE = 3.0  # WCAG 2.2, 1.4.11
BLACK, WHITE = "#000000", "#ffffff"
# A background that black or white can be read on at this ratio leaves room for every text colour.
_ROOM = 4.6

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandColours:
    """The six colours a merchant chooses, ``#rrggbb``."""

    accent: str
    paper: str
    surface: str
    ink: str
    head: str
    foot: str


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    first, second = _luminance(one), _luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def corrected(colour: str, on: str | Sequence[str], needed: float = TEXT) -> str:
    """``colour``, made lighter or darker until it has ``needed`` contrast on each colour of ``on``.

    The smaller of the two moves wins. Black or white where nothing in between will do; raises ValueError where
    not even they do (a light and a dark background at once).
    """
    grounds = [on] if isinstance(on, str) else list(on)
    if _fits(colour, grounds, needed):
        return colour.lower()
    lightness = _oklch(_rgb(colour))[0]
    found = [
        moved
        for end in (0.0, 1.0)
        if (moved := _moved(colour, lightness, end, grounds, needed)) is not None
    ]
    if not found:
        raise ValueError(f"Nothing can be read on {', '.join(grounds)} at {needed}.")
    return min(found, key=lambda made: abs(_oklch(_rgb(made))[0] - lightness))


def palette(colours: BrandColours) -> dict[str, str]:
    """Every colour of a brand as CSS variables, ``--brand-*`` and ``--focus``, after the correction.

    Paper decides whether the brand is light or dark; a surface of the other kind is moved until one text
    colour can be read on both.
    """
    paper = _hex(_rgb(colours.paper))
    extreme = BLACK if contrast(BLACK, paper) >= contrast(WHITE, paper) else WHITE
    surface = _with_room(_hex(_rgb(colours.surface)), extreme)
    soft = _with_room(mixed(paper, colours.accent, 0.08), extreme)
    grounds = [paper, surface, soft]
    ink = corrected(colours.ink, grounds)
    accent = corrected(colours.accent, [paper, surface], EDGE)
    on_accent = _text_on(accent, WHITE)
    head, foot = _hex(_rgb(colours.head)), _hex(_rgb(colours.foot))
    link = corrected(colours.accent, grounds)
    return {
        "--brand-accent": accent,
        "--brand-accent-hover": _hover(accent, on_accent),
        "--brand-on-accent": on_accent,
        "--brand-link": link,
        "--brand-soft": soft,
        "--brand-paper": paper,
        "--brand-surface": surface,
        "--brand-line": mixed(paper, ink, 0.13),
        "--brand-edge": corrected(mixed(paper, ink, 0.55), [surface, paper], EDGE),
        "--brand-ink": ink,
        "--brand-ink-2": corrected(mixed(ink, paper, 0.28), grounds),
        "--brand-head": head,
        "--brand-on-head": _text_on(head, ink),
        "--brand-foot": foot,
        "--brand-on-foot": corrected(mixed(_text_on(foot, ink), foot, 0.25), foot),
        "--focus": link,
    }


# What must hold in every palette: (text or edge, ground, needed). The table of the design's README.
PAIRS: tuple[tuple[str, str, float], ...] = (
    ("--brand-ink", "--brand-paper", TEXT),
    ("--brand-ink", "--brand-surface", TEXT),
    ("--brand-ink", "--brand-soft", TEXT),
    ("--brand-ink-2", "--brand-paper", TEXT),
    ("--brand-ink-2", "--brand-surface", TEXT),
    ("--brand-ink-2", "--brand-soft", TEXT),
    ("--brand-on-accent", "--brand-accent", TEXT),
    ("--brand-on-accent", "--brand-accent-hover", TEXT),
    ("--brand-link", "--brand-paper", TEXT),
    ("--brand-link", "--brand-surface", TEXT),
    ("--brand-link", "--brand-soft", TEXT),
    ("--brand-on-head", "--brand-head", TEXT),
    ("--brand-on-foot", "--brand-foot", TEXT),
    ("--brand-edge", "--brand-surface", EDGE),
    ("--brand-edge", "--brand-paper", EDGE),
    ("--brand-accent", "--brand-surface", EDGE),
    ("--brand-accent", "--brand-paper", EDGE),
    ("--focus", "--brand-paper", EDGE),
    ("--focus", "--brand-surface", EDGE),
)


def changes(colours: BrandColours) -> dict[str, tuple[str, str]]:
    """What the correction changed, for the editor's before and after: name -> (chosen, used).

    ``link`` is the accent where it is text.
    """
    made = palette(colours)
    chosen = {name: getattr(colours, name).lower() for name in colours.__slots__}
    chosen["link"] = chosen["accent"]
    used = {name: made[f"--brand-{name}"] for name in chosen}
    return {name: (chosen[name], used[name]) for name in chosen if chosen[name] != used[name]}


def mixed(base: str, other: str, share: float) -> str:
    """``base`` with ``share`` (0 to 1) of ``other`` in it."""
    pairs = zip(_rgb(base), _rgb(other), strict=True)
    one, two, three = (a + (b - a) * share for a, b in pairs)
    return _hex((one, two, three))


def is_colour(text: str) -> bool:
    """Is it ``#rrggbb``?"""
    return (
        len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:])
    )


# Choosing


def _text_on(ground: str, wished: str) -> str:
    """``wished`` where it can be read, else white or black, whichever reads better."""
    if contrast(wished, ground) >= TEXT:
        return wished
    return max((WHITE, BLACK), key=lambda extreme: contrast(extreme, ground))


def _hover(accent: str, on_accent: str) -> str:
    """A step away from the text on it; towards it, as far as reading allows, where there is no room left."""
    lightness, chroma, hue = _oklch(_rgb(accent))
    away = -0.07 if _luminance(on_accent) > _luminance(accent) else 0.07
    for step in (away, -away, -away / 2):
        if not 0 <= lightness + step <= 1:
            continue
        made = _from_oklch(lightness + step, chroma, hue)
        if contrast(on_accent, made) >= TEXT:
            return made
    return accent


def _with_room(ground: str, extreme: str) -> str:
    """``ground``, moved away from ``extreme`` until text towards it can be read."""
    return corrected_away(ground, extreme, _ROOM)


def corrected_away(ground: str, text: str, needed: float) -> str:
    """A background moved only away from ``text`` (black or white) until it has ``needed`` contrast."""
    if contrast(ground, text) >= needed:
        return ground
    end = 1.0 if text == BLACK else 0.0
    moved = _moved(ground, _oklch(_rgb(ground))[0], end, [text], needed)
    assert moved is not None  # white on black is 21
    return moved


def _moved(
    colour: str, start: float, end: float, grounds: Sequence[str], needed: float
) -> str | None:
    """The first colour on the way from lightness ``start`` to ``end`` that fits, found by halving."""
    _, chroma, hue = _oklch(_rgb(colour))
    if not _fits(_from_oklch(end, chroma, hue), grounds, needed):
        return None
    # Contrast may first fall and then rise on the way; the far end fits, so halving ends at a fitting step.
    near, far = start, end
    for _ in range(12):
        middle = (near + far) / 2
        if _fits(_from_oklch(middle, chroma, hue), grounds, needed):
            far = middle
        else:
            near = middle
    return _from_oklch(far, chroma, hue)


def _fits(colour: str, grounds: Sequence[str], needed: float) -> bool:
    return all(contrast(colour, ground) >= needed for ground in grounds)


# Colour spaces


def _rgb(colour: str) -> Rgb:
    if not is_colour(colour):
        raise ValueError(f"{colour!r} is not a colour such as #0b5a6e")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in rgb)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    if part <= 0.0031308:
        return part * 12.92
    return float(1.055 * part ** (1 / 2.4) - 0.055)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(rgb: Rgb) -> tuple[float, float, float]:
    red, green, blue = (_linear(part) for part in rgb)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    mid = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * mid - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * mid + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * mid - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour a screen can show: chroma gives way, lightness and hue stay."""
    lightness = min(1.0, max(0.0, lightness))
    low, high = 0.0, chroma
    rgb = _to_rgb(lightness, chroma, hue)
    if not _shown(rgb):
        for _ in range(16):
            middle = (low + high) / 2
            if _shown(_to_rgb(lightness, middle, hue)):
                low = middle
            else:
                high = middle
        rgb = _to_rgb(lightness, low, hue)
    return _hex(rgb)


def _shown(rgb: Rgb) -> bool:
    return all(-1e-4 <= part <= 1 + 1e-4 for part in rgb)


def _to_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    mid = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * mid + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * mid - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * mid + 1.7076147010 * short
    return _gamma(red), _gamma(green), _gamma(blue)
