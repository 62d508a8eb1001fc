"""The sentences a brand may say in its own words, and the few facts it may name in them.

No template language: ``{{ window_days }}`` and its like are replaced, everything else stays as typed, so that a
merchant's text can read nothing and run nothing.
"""

import re
from collections.abc import Mapping

# What the house has words for, in portal and mails.
LANGUAGES = ("en", "it", "de")
# key -> where a shopper meets it
KEYS = {
    "find_title": "Portal, first page: the headline",
    "find_lead": "Portal, first page: the sentence under the headline",
    "number_hint": "Portal, first page: where to find the order number",
    "number_example": "An order number as an example",
    "pack_note": "Last page and mails: how to pack the parcel",
    "mail_footer": "Mails: the line above the legal line",
}
PLACEHOLDERS = ("brand", "window_days", "refund_days", "fee", "number_example")
_MARK = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")
LONGEST = 600


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its known placeholders replaced once; unknown ones stay as they were typed."""
    return _MARK.sub(lambda mark: values.get(mark[1], mark[0]), text[:LONGEST])


def unknown_placeholders(text: str) -> list[str]:
    """Names in ``{{ … }}`` that nobody will fill in: for the form that saves the text."""
    return sorted({name for name in _MARK.findall(text) if name not in PLACEHOLDERS})


def words_of(texts: Mapping[str, object], key: str, language: str) -> str:
    """The brand's words for ``key`` in ``language``; "" where it has none (the house's words stand then)."""
    spoken = texts.get(language)
    found = spoken.get(key) if isinstance(spoken, Mapping) else None
    return found.strip() if isinstance(found, str) else ""
