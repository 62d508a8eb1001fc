"""German has two ways to say "you": one shopper must not be called by both on one page."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

import rientro

CATALOGUE = Path(rientro.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.po"
# A small "sie" (she, they) has its capital at the beginning of a sentence, where its verb tells it apart.
FORMAL = re.compile(
    r"\b(Ihnen|Ihre?[mnrs]?)\b|(?<![.:?!] )(?<!^)\bSie\b|\b\w+en Sie\b|^Sie \w+en\b"
)


def test_no_german_sentence_says_you_in_the_formal_way():
    with CATALOGUE.open("rb") as file:
        said = [m.string for m in read_po(file) if m.id and isinstance(m.string, str)]

    assert [words for words in said if FORMAL.search(words)] == []
