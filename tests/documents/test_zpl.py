import re

import pytest

from rientro.documents.label import draw_zpl
from tests.documents.makers import facts
from tests.documents.reading import zpl_fields
from tests.documents.test_label import HOSTILE

COMMANDS = {
    "XA", "CI", "PW", "LL", "LH", "FO", "A0", "FH", "FD", "FS", "GB", "FR", "BQ", "BY", "BC", "XZ"
}  # fmt: skip


def commands(zpl):
    return set(re.findall(rb"[\^~](..)", zpl))


def test_it_carries_the_number_the_square_and_the_words():
    fields = zpl_fields(draw_zpl(facts()))

    for part in [
        "TSTNTR0048217765",
        "MA,RN-7QX4-000123",
        "RESO",
        "Via Tortona 27",
        "Giulia Ferrero",
    ]:
        assert part in fields


def test_letters_beyond_ascii_travel_as_bytes():
    zpl = draw_zpl(facts(sender=["Žofie Příběhová"]))

    assert zpl.isascii()
    assert "Žofie Příběhová" in zpl_fields(zpl)


@pytest.mark.parametrize("line", [*HOSTILE, "^XZ^XA^FDstolen^FS", "~JA", "_5E_7E", "\\&", ">:>9"])
def test_no_words_become_commands(line):
    zpl = draw_zpl(
        facts(
            sender=[line], receiver=[line, line], brand_name=line, carrier_name=line,
            service_name=line, order_number=line, return_number=line or "R", reference=line or "r",
        )
    )  # fmt: skip

    assert {command.decode() for command in commands(zpl)} <= COMMANDS
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 1
    assert zpl.count(b"^FD") == zpl.count(b"^FS") - zpl.count(b"^GB")


def test_a_bracket_in_a_number_does_not_steer_the_bars():
    assert "A>0B" in zpl_fields(draw_zpl(facts(tracking_number="A>B")))


def test_a_test_label_says_so():
    assert "TEST" in zpl_fields(draw_zpl(facts(test=True)))
    assert "TEST" not in zpl_fields(draw_zpl(facts()))


@pytest.mark.parametrize(("number", "module"), [("TST1234567", 4), ("T" * 19, 3), ("T" * 30, 2)])
def test_bars_are_whole_dots(number, module):
    assert f"^BY{module}^".encode() in draw_zpl(facts(tracking_number=number))
