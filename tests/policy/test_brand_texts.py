import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.brand_texts import LONGEST, PLACEHOLDERS, filled, unknown_placeholders, words_of

VALUES = {"window_days": "14", "brand": "Brina"}


@pytest.mark.parametrize(
    ("case", "text", "expected"),
    [
        ("a known name", "Within {{ window_days }} days.", "Within 14 days."),
        ("without spaces", "{{brand}}!", "Brina!"),
        ("twice", "{{ brand }} {{ brand }}", "Brina Brina"),
        ("an unknown name stays", "{{ secret_key }}", "{{ secret_key }}"),
        ("no template language", "{% load x %}{{ brand|safe }}", "{% load x %}{{ brand|safe }}"),
        ("no attributes", "{{ brand.__class__ }}", "{{ brand.__class__ }}"),
        ("a long text is cut", "x" * 1000, "x" * LONGEST),
    ],
)
def test_filled(case, text, expected):
    assert filled(text, VALUES) == expected


def test_what_is_filled_in_is_not_read_again():
    assert filled("{{ brand }}", {"brand": "{{ fee }}", "fee": "4.90"}) == "{{ fee }}"


def test_a_form_can_name_what_nobody_fills_in():
    assert unknown_placeholders("{{ brand }} {{ windw_days }} {{ x }}") == ["windw_days", "x"]
    assert unknown_placeholders(" ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)) == []


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"it": {"find_title": " Ciao "}}, "Ciao"),
        ({"en": {"find_title": "Hello"}}, ""),
        ({"it": "not a mapping"}, ""),
        ({"it": {"find_title": 5}}, ""),
        ({}, ""),
    ],
)
def test_words_of(texts, expected):
    assert words_of(texts, "find_title", "it") == expected


@given(text=st.text(max_size=80), value=st.text(max_size=20))
def test_filling_in_never_fails(text, value):
    filled(text, {"brand": value})
    unknown_placeholders(text)
