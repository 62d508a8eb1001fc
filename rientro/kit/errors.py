"""The one error family of the house, and the kinds a door knows how to answer.

    RientroError
    ├── kind "invalid"    the caller sent something we cannot use        -> 400
    ├── kind "forbidden"  the caller may not do this                     -> 403
    ├── kind "missing"    it is not there, or not yours                  -> 404
    ├── kind "conflict"   it is there, but not in a state to allow this  -> 409
    ├── kind "limited"    too many tries; ``facts["retry_after_s"]``     -> 429
    └── kind "upstream"   a carrier or shop failed us                    -> 502

Each error class lives in the module that raises it. A door never catches a concrete class to choose a
status; it maps ``kind`` once. Anything that is not a RientroError is a bug and must reach the log.
"""

from typing import ClassVar, Literal

Kind = Literal["invalid", "forbidden", "missing", "conflict", "limited", "upstream"]

STATUS: dict[Kind, int] = {
    "invalid": 400,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "limited": 429,
    "upstream": 502,
}


class RientroError(Exception):
    """An expected failure with a stable ``code`` (for machines) and a sentence (for people).

    ``facts`` are safe to show: never a secret, never a shopper's address.
    """

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "error"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status of this kind of failure."""
        return STATUS[self.kind]


class Missing(RientroError):
    """A row that is not there, or not this merchant's: the two are told apart by nobody."""

    kind = "missing"
    code = "not_found"
