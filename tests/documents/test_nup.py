from rientro.documents.label import draw_a4, draw_a6
from rientro.documents.nup import four_up, merged
from tests.documents.makers import facts
from tests.documents.reading import scanned, sizes_mm

NUMBERS = [f"TST{at:04}" for at in range(5)]
LABELS = [draw_a6(facts(tracking_number=number, qr_payload="")) for number in NUMBERS]


def test_merged_keeps_order_and_size():
    made = merged([*LABELS[:2], draw_a4(facts())])

    assert sizes_mm(made) == [(105.0, 148.0), (105.0, 148.0), (210.0, 297.0)]


def test_five_labels_take_two_sheets_and_are_read():
    made = four_up(LABELS)

    assert sizes_mm(made) == [(210.0, 297.0)] * 2
    assert [text for _, text in scanned(made, 203)] == NUMBERS


def test_a_page_larger_than_a6_keeps_its_own_sheet():
    made = four_up([LABELS[0], draw_a4(facts()), LABELS[1]])

    assert sizes_mm(made) == [(210.0, 297.0)] * 2
    assert {text for _, text in scanned(made, 203)} >= {"TST0000", "TST0001", "TSTNTR0048217765"}


def test_the_same_labels_make_the_same_sheet():
    assert four_up(LABELS[:4]) == four_up(LABELS[:4])


def test_a_sheet_that_was_used_in_part_goes_on_at_its_free_corner():
    made = four_up(LABELS[:2], start_from=3)

    assert sizes_mm(made) == [(210.0, 297.0)] * 2
    assert [text for _, text in scanned(made, 203)] == NUMBERS[:2]
