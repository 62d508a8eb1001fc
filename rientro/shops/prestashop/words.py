"""A word that PrestaShop has in several languages."""

from typing import Any

from rientro.shops.reading import LONGEST


def in_language(value: Any, language: str) -> str:
    """A word that the shop has in several languages: a list of them, or the word itself where it has one."""
    if isinstance(value, str):
        return value.strip()[:LONGEST]
    if not isinstance(value, list):
        return ""
    words = {str(one.get("id")): one.get("value") for one in value if isinstance(one, dict)}
    chosen = words.get(language) or next((word for word in words.values() if word), "")
    return chosen.strip()[:LONGEST] if isinstance(chosen, str) else ""
