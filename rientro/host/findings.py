"""What the doctor says: one finding is one sentence, and one more on how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    CARE = "care"  # works, but somebody should look
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """``mend`` is empty for what is good."""

    level: Level
    words: str
    mend: str = ""

    def __str__(self) -> str:
        mark = {Level.GOOD: " ok  ", Level.CARE: " !   ", Level.BAD: " BAD "}[self.level]
        return f"{mark}{self.words}" + (f"\n       -> {self.mend}" if self.mend else "")


def good(words: str) -> Finding:
    return Finding(Level.GOOD, words)


def care(words: str, mend: str) -> Finding:
    return Finding(Level.CARE, words, mend)


def bad(words: str, mend: str) -> Finding:
    return Finding(Level.BAD, words, mend)
