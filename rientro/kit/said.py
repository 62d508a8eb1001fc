"""What the rooms below say in English, in the language of whoever reads it."""

from django.utils.translation import gettext

from rientro.kit.sentences import Sentence


def said(words: object) -> str:
    """``words`` in the active language as far as they are known in it; a carrier's own words stay as they are."""
    if isinstance(words, Sentence) and words.values:
        inner = {
            name: said(value) if isinstance(value, Sentence) else value
            for name, value in words.values.items()
        }
        return gettext(words.pattern) % inner
    text = str(words)
    return gettext(text) if text else ""  # the catalogue answers "" with its own head
