import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.policy.colours import (
    BLACK,
    EDGE,
    PAIRS,
    TEXT,
    WHITE,
    BrandColours,
    changes,
    contrast,
    corrected,
    is_colour,
    mixed,
    palette,
)

TOKENS = Path(__file__).parents[2] / "rientro/static/rientro/css/tokens.css"
SARTORIA = BrandColours(
    accent="#7b3328",
    paper="#f8f4ec",
    surface="#fffdf9",
    ink="#2b241e",
    head="#f8f4ec",
    foot="#efe7da",
)
NORDLICHT = BrandColours(
    accent="#0f4a35",
    paper="#f1f4f1",
    surface="#ffffff",
    ink="#0e1d17",
    head="#0b2f23",
    foot="#0b2f23",
)
YELLOW = BrandColours(
    accent="#ffd400",
    paper="#ffffff",
    surface="#ffffff",
    ink="#999999",
    head="#ffd400",
    foot="#222222",
)
NIGHT = BrandColours(
    accent="#3344ff",
    paper="#101014",
    surface="#ffffff",
    ink="#202020",
    head="#000000",
    foot="#777777",
)
HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
BRANDS = st.builds(BrandColours, accent=HEX, paper=HEX, surface=HEX, ink=HEX, head=HEX, foot=HEX)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (BLACK, WHITE, 21.0),
        (WHITE, BLACK, 21.0),
        ("#777777", WHITE, 4.48),
        ("#767676", WHITE, 4.54),
        ("#0b5a6e", WHITE, 7.77),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_the_one_of_the_standard(one, other, expected):
    assert contrast(one, other) == pytest.approx(expected, abs=0.01)


def _held(made: dict[str, str]) -> list[str]:
    return [
        f"{text} on {ground}: {contrast(made[text], made[ground]):.2f}"
        for text, ground, needed in PAIRS
        if contrast(made[text], made[ground]) < needed
    ]


@pytest.mark.parametrize("brand", [SARTORIA, NORDLICHT, YELLOW, NIGHT])
def test_a_known_brand_can_be_read(brand):
    assert _held(palette(brand)) == []


@settings(max_examples=300, deadline=None)
@given(brand=BRANDS)
def test_whatever_colours_are_chosen_the_portal_can_be_read(brand):
    assert _held(palette(brand)) == []


@given(brand=BRANDS)
@settings(max_examples=50, deadline=None)
def test_a_palette_is_a_fixed_point_where_nothing_needs_to_change(brand):
    first = palette(brand)

    again = palette(
        BrandColours(
            **{
                name: first[f"--brand-{name}"]
                for name in ("accent", "paper", "surface", "ink", "head", "foot")
            }
        )
    )

    assert {name: again[name] for name in ("--brand-paper", "--brand-surface", "--brand-head")} == {
        name: first[name] for name in ("--brand-paper", "--brand-surface", "--brand-head")
    }


def test_colours_that_can_be_read_stay_as_chosen():
    assert changes(SARTORIA) == {}
    assert changes(NORDLICHT) == {}


def test_changes_tell_before_and_after():
    found = changes(YELLOW)

    assert set(found) == {"accent", "ink", "link"}
    assert found["accent"][0] == "#ffd400"
    assert contrast(found["link"][1], WHITE) >= TEXT


def test_every_variable_of_a_brand_in_the_tokens_is_set():
    """Fonts, weight, tracking and roundness are no colours; the brand's stylesheet adds them."""
    block = re.search(r"What a brand may set.*?--brand-round", TOKENS.read_text(), re.S)
    assert block is not None
    declared = set(re.findall(r"(--brand-[a-z0-9-]+):", block[0]))
    plain = {name for name in declared if re.search("font|weight|track|round", name)}

    assert declared - plain <= set(palette(SARTORIA))
    assert set(palette(SARTORIA)) - declared == {"--focus"}


@settings(max_examples=200, deadline=None)
@given(colour=HEX, on=HEX)
def test_any_colour_can_be_made_readable_on_any_other(colour, on):
    made = corrected(colour, on)

    assert contrast(made, on) >= TEXT
    assert contrast(colour, on) < TEXT or made == colour


@settings(max_examples=100, deadline=None)
@given(colour=HEX, on=HEX)
def test_a_correction_goes_no_further_than_it_must(colour, on):
    """A step of 1/255 back would not do, or the colour has run out of room."""
    made = corrected(colour, on, EDGE)
    if made == colour or made in (BLACK, WHITE):
        return

    assert contrast(made, on) < EDGE + 0.6


@pytest.mark.parametrize("colour", ["#ff8800", "#3366cc", "#22aa55"])
def test_a_correction_keeps_the_hue(colour):
    made = corrected(colour, WHITE, 7)

    order = sorted((1, 3, 5), key=lambda at: int(colour[at : at + 2], 16))
    after = sorted((1, 3, 5), key=lambda at: int(made[at : at + 2], 16))
    assert made != colour
    assert order == after


def test_what_cannot_be_read_on_light_and_dark_at_once_is_said():
    with pytest.raises(ValueError, match="Nothing can be read"):
        corrected("#808080", [BLACK, WHITE], 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("#0b5a6e", True), ("#ABCDEF", True), ("0b5a6e", False), ("#fff", False), ("#0b5a6g", False)],
)
def test_what_counts_as_a_colour(text, expected):
    assert is_colour(text) is expected


def test_a_word_is_no_colour():
    with pytest.raises(ValueError, match="not a colour"):
        contrast("red", WHITE)


def test_mixing_starts_at_one_and_ends_at_the_other():
    assert [mixed(BLACK, WHITE, share) for share in (0, 0.5, 1)] == [BLACK, "#808080", WHITE]
