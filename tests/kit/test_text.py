import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.kit.text import clean_line, latin_digits, normal_email, normal_number

ANY = st.text(max_size=60)
NUMBERS = st.text(alphabet="ABCabc0123456789", min_size=1, max_size=20)
DASHES = "-‐‑‒–—―−﹘﹣－"
SPACES = " \u00a0\u2009\u3000\t"


@pytest.mark.parametrize(
    ("case", "typed", "expected"),
    [
        ("as it is", "1001", "1001"),
        ("the shop's own sign", "#1001", "1001"),
        ("case", "NL-abc-1", "nlabc1"),
        ("spaces around and inside", "  10 01 ", "1001"),
        ("leading zeros stay", "000123", "000123"),
        ("a hyphen", "AB-12", "ab12"),
        ("an en dash", "AB–12", "ab12"),
        ("a minus sign", "AB−12", "ab12"),
        ("a soft hyphen", "AB\u00ad12", "ab12"),
        ("a full-width dash", "AB－12", "ab12"),
        ("full-width letters and digits", "ＡＢ１２", "ab12"),
        ("Arabic-Indic digits", "١٠٠١", "1001"),
        ("Persian digits", "۱۰۰۱", "1001"),
        ("Devanagari digits", "१००१", "1001"),
        ("mathematical digits", "𝟏𝟎𝟎𝟏", "1001"),
        ("circled digits", "①⓪⓪①", "1001"),
        ("a zero-width space", "10\u200b01", "1001"),
        ("a byte order mark", "\ufeff1001", "1001"),
        ("a right-to-left mark", "\u200f1001\u200e", "1001"),
        ("a no-break space", "10\u00a001", "1001"),
        ("a tab and a line end", "10\t01\r\n", "1001"),
        ("a NUL", "10\x0001", "1001"),
        ("a lone surrogate", "10\ud80001", "1001"),
        ("accents do not count", "Número-5", "numero5"),
        ("composed or not", "Nu\u0301mero5", "numero5"),
        ("a German sharp s", "STRASSE1", normal_number("straße1")),
        ("a Turkish dotted I", "İ1", "i1"),
        ("a ligature", "oﬃce1", "office1"),
        ("other signs stay", "A/1_2.3", "a/1_2.3"),
        ("only signs that do not count", " #-– ", ""),
        ("nothing", "", ""),
    ],
)
def test_normal_number(case, typed, expected):
    assert normal_number(typed) == expected


def test_a_number_has_an_end():
    assert len(normal_number("9" * 10_000)) == 200
    assert len(normal_number("ﷺ" * 10_000)) <= 200


@settings(max_examples=300)
@given(typed=ANY)
def test_a_normal_number_is_its_own_normal_form(typed):
    once = normal_number(typed)

    assert normal_number(once) == once


@given(typed=ANY)
def test_a_normal_number_can_be_stored_and_compared(typed):
    made = normal_number(typed)

    made.encode()
    assert not any(unicodedata.category(character) in ("Cc", "Zs", "Pd") for character in made)
    assert unicodedata.is_normalized("NFC", made)


@given(
    number=NUMBERS,
    dash=st.sampled_from(DASHES),
    space=st.sampled_from(SPACES),
    at=st.integers(0, 20),
)
def test_the_same_number_typed_otherwise_is_the_same(number, dash, space, at):
    typed = f"{space}#{number[:at].upper()}{dash}{number[at:].lower()}{space}"

    assert normal_number(typed) == normal_number(number)


@given(number=st.text(alphabet="0123456789", min_size=1, max_size=12), other=NUMBERS)
def test_two_numbers_that_differ_in_a_digit_stay_two(number, other):
    if number != other.casefold():
        assert normal_number(number) != normal_number(other)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Anna@Example.ORG ", "anna@example.org"),
        ("ａｎｎａ@example.org", "anna@example.org"),
        ("an.na+x@example.org", "an.na+x@example.org"),
    ],
)
def test_normal_email(typed, expected):
    assert normal_email(typed) == expected


@pytest.mark.parametrize(
    ("case", "typed", "expected"),
    [
        ("runs of space", "  Via   Roma\t12 \n", "Via Roma 12"),
        ("a NUL", "Via\x00Roma", "Via Roma"),
        ("a right-to-left override", "Via \u202eamoR", "Via amoR"),
        ("a joiner of Persian stays", "می\u200cخواهم", "می\u200cخواهم"),
        ("a lone surrogate", "Via \ud800Roma", "Via Roma"),
        ("accents are composed", "Cafe\u0301", "Café"),
        ("a long line is cut", "x" * 300, "x" * 200),
    ],
)
def test_clean_line(case, typed, expected):
    assert clean_line(typed) == expected


@given(typed=ANY)
def test_a_clean_line_is_one_line_and_stays_as_it_is(typed):
    made = clean_line(typed)

    assert "\n" not in made
    assert clean_line(made) == made


def test_latin_digits_leave_the_rest_alone():
    assert latin_digits("رقم ١٢٣، A") == "رقم 123، A"


@given(typed=st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_the_short_way_of_plain_letters_ends_where_the_long_way_ends(typed):
    wide = "".join(chr(ord(character) + 0xFEE0) for character in typed)

    assert normal_number(wide) == normal_number(typed)
