import io
import threading
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from rientro.documents.barcodes import NoBarcode
from rientro.documents.fitting import FONTS
from rientro.documents.label import LabelItem, draw_a4, draw_a6, draw_label
from rientro.documents.words import WORDS
from tests.documents.makers import facts
from tests.documents.reading import pictures, scanned, sizes_mm, words

CODE, QR = "TSTNTR0048217765", "RN-7QX4-000123"
HOSTILE = [
    '#panic("x")',
    '#read("/etc/passwd")',
    "$ sum $ *bold* _it_ `raw` @ref <label>",
    "\\ # { } [ ] ~ \" ' //",
    "line\nbreak\ttab\x00nul\x1b[31m",
    "‮gnal eht fo daetsni‬",
    "Z" * 400,
    "Straße " * 60,
    "İstanbul Ğüşıöç Łódź Ώλ Київ",
    "日本橋一丁目",
    "<svg onload=alert(1)>",
    "🧥🧶",
    "a" + "\u0301" * 80,
    "",
]


@pytest.mark.parametrize("dpi", [150, 203, 300])
@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_scanner_reads_the_tracking_number_and_the_square(dpi, language):
    assert scanned(draw_a6(facts(language=language)), dpi) == [("Code128", CODE), ("QRCode", QR)]


@pytest.mark.parametrize("dpi", [150, 203, 300])
def test_the_sheet_carries_the_same_bars_and_those_of_the_return(dpi):
    assert scanned(draw_a4(facts()), dpi) == [
        ("Code128", "R-20418"),
        ("Code128", CODE),
        ("QRCode", QR),
    ]


@pytest.mark.parametrize(
    "number",
    ["1", "RR473124829GB", "00340434161094021501", "JJD000390007882823456", "A" * 30, "1Z>~^_5/-"],
)
def test_short_and_long_numbers_are_read_back(number):
    assert ("Code128", number) in scanned(draw_a6(facts(tracking_number=number)), 203)


@pytest.mark.parametrize("number", ["", "A" * 31, "TRÄCK", "TAB\t1"])
def test_a_number_that_bars_cannot_say_is_refused(number):
    with pytest.raises(NoBarcode):
        draw_a6(facts(tracking_number=number))


def test_pages_have_their_true_size():
    made = draw_label(facts())

    assert sizes_mm(made.pdf_a6) == [(105.0, 148.0)]
    assert sizes_mm(made.pdf_a4) == [(210.0, 297.0)]


def test_the_label_says_who_where_what():
    said = words(draw_a6(facts()))

    for part in ["Giulia Ferrero", "10131 Torino TO", "20144 MILANO MI", "R-20418", "BR-10482"]:
        assert part in said
    assert "1,4 kg" in said
    assert "TEST" not in said


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_test_label_says_so_in_words(language):
    said = words(draw_a6(facts(test=True, language=language)))

    assert "TEST" in said
    assert WORDS[language]["test"] in said


def test_the_sheet_lists_every_item_and_says_what_to_do():
    said = words(draw_a4(facts()))

    for part in [
        "Giacca Loden",
        "Verde bosco · 46",
        "LOD-46",
        "Distinta del reso",
        "8 dicembre 2026",
    ]:
        assert part in said


def test_own_instructions_replace_ours():
    said = words(draw_a4(facts(instructions=["Ring us\nWe come and fetch it."])))

    assert "We come and fetch it." in said
    assert WORDS["it"]["step_2"] not in said


def test_a_long_slip_runs_onto_further_sheets():
    many = [LabelItem(name=f"Wanderhose Nummer {at}", quantity=1) for at in range(60)]

    sheet = draw_a4(facts(items=many))

    assert len(sizes_mm(sheet)) == 3
    assert "Wanderhose Nummer 59" in words(sheet)


def test_the_same_facts_make_the_same_bytes():
    assert draw_label(facts(logo=logo())) == draw_label(facts(logo=logo()))


def test_an_unknown_language_speaks_english():
    assert "RETURN" in words(draw_a6(facts(language="fi")))
    assert "RETOURE" in words(draw_a6(facts(language="de-AT")))


@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_words_stay_words(line):
    made = draw_label(
        facts(
            sender=[line, line, line],
            receiver=[line] * 12,
            brand_name=line,
            carrier_name=line,
            service_name=line,
            order_number=line,
            reference=line or "r",
            items=[LabelItem(name=line, variant=line, sku=line, quantity=3)],
            instructions=[f"{line}\n{line}"],
        )
    )

    assert scanned(made.pdf_a6, 203) == [("Code128", CODE), ("QRCode", QR)]
    assert ("Code128", CODE) in scanned(made.pdf_a4, 203)
    assert len(made.pdf_a6) < 40_000 * 2


@settings(
    max_examples=1000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.lists(st.text(max_size=160), max_size=10), st.lists(st.text(max_size=160), max_size=10))
def test_no_address_breaks_out_of_its_place(sender, receiver):
    page = pictures(draw_a6(facts(sender=sender, receiver=receiver)), 100)[0]

    for edge in margins(page):
        assert min(edge.get_flattened_data()) > 200


def margins(page):
    """The four white borders of 5 mm, and the quiet strip above the bars."""
    mm = page.width / 105
    return [
        page.crop((0, 0, round(5 * mm), page.height)),
        page.crop((round(100 * mm), 0, page.width, page.height)),
        page.crop((0, 0, page.width, round(5 * mm))),
        page.crop((0, round(143 * mm), page.width, page.height)),
        page.crop((round(7 * mm), round(92 * mm), round(98 * mm), round(94.5 * mm))),
    ]


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "Ελένη Παπαδοπούλου", "Олександр Ґудзь", "Ștefan Țăranu", "Žofie Příběhová",
     "Ādams Ķēniņš", "Seán Ó Fearghaíl", "Þórður Ægisson"],
)  # fmt: skip
def test_every_european_script_has_its_letters(name):
    assert name in words(draw_a6(facts(sender=[name])))
    for weight in ["Regular", "Bold"]:
        font = ImageFont.truetype(FONTS / f"FiraSans-{weight}.ttf", 40)
        blank = [letter for letter in name if not any(bytes(font.getmask(letter)))]
        assert set(blank) <= {" "}


def test_letters_that_no_font_of_ours_has_leave_a_box_to_see():
    assert "□□ 3" in words(draw_a6(facts(sender=["日本 3"])))


def logo(colour=(43, 36, 30, 255), size=(900, 220), ground=(0, 0, 0, 0)):
    image = Image.new("RGBA", size, ground)
    ImageDraw.Draw(image).rectangle((40, 40, size[0] - 40, size[1] - 40), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def place_of_logo(page):
    mm = page.width / 105
    return page.crop((round(6 * mm), round(6 * mm), round(58 * mm), round(19 * mm)))


@pytest.mark.parametrize(
    ("case", "picture"),
    [
        ("dark on nothing", logo()),
        ("white on nothing is printed dark", logo(colour=(255, 255, 255, 255))),
        ("white on its own green", logo(colour=(255, 255, 255, 255), ground=(11, 47, 35, 255))),
        ("very tall", logo(size=(100, 2000))),
        ("very wide", logo(size=(3000, 100))),
    ],
)
def test_a_logo_is_seen_and_keeps_to_its_place(case, picture):
    drawn = draw_a6(facts(logo=picture, brand_name="unseen"))

    page = pictures(drawn, 203)[0]
    assert min(place_of_logo(page).get_flattened_data()) < 90
    assert min(margins(page)[2].get_flattened_data()) > 200
    assert scanned(drawn, 203) == [("Code128", CODE), ("QRCode", QR)]
    assert len(drawn) < 40_000


@pytest.mark.parametrize("picture", [b"no picture", logo()[:100], b"\x89PNG\r\n\x1a\n" + b"0" * 50])
def test_a_logo_that_is_no_picture_leaves_the_name(picture):
    assert "Sartoria Brina" in words(draw_a6(facts(logo=picture)))


def test_threads_draw_side_by_side():
    made = {}

    def draw(number):
        made[number] = [draw_a6(facts(tracking_number=f"TST{number}{at}")) for at in range(5)]

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(
        scanned(drawn, 150)[0] == ("Code128", f"TST{number}{at}")
        for number, labels in made.items()
        for at, drawn in enumerate(labels)
    )


def test_a_day_without_a_last_one_names_none():
    assert "entro" not in words(draw_a4(facts(hand_in_by=None, created_on=date(2026, 1, 2))))
