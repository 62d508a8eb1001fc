"""A sentence for people that is made where no language is known, and said in the reader's at the door."""

from typing import Any


class Sentence(str):
    """English, and able to be said otherwise: ``Sentence("At most %(left)s can go back.", left=left)``.

    A string like any other for machines, tables and traces; ``kit.said`` looks its pattern up. A pattern without
    values is taken as it stands.
    """

    pattern: str
    values: dict[str, Any]

    def __new__(cls, pattern: str, **values: Any) -> "Sentence":
        made = super().__new__(cls, pattern % values if values else pattern)
        made.pattern, made.values = pattern, values
        return made
