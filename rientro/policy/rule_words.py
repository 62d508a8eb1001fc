"""The words that rules are made of, as data: the panel's form and the API's lists are generated from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """How a property is compared. ``several``: with a list; ``negative``: true when the positive one is not."""

    identifier: str
    label: str
    several: bool = False
    negative: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """What is looked at. ``kind`` decides the operators and how values are read; see OPERATORS_OF.

    ``choices`` names the list that a form offers (integrations, countries …), "" for free input.
    ``each_line``: the order has several; a positive operator asks whether any fits, a negative whether none.
    """

    identifier: str
    label: str
    kind: str  # choice, text, postal, amount, weight, number
    choices: str = ""
    each_line: bool = False
    hint: str = ""

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that fit this kind, in the order in which a form offers them."""
        return OPERATORS_OF[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWord:
    """What a rule does. ``kind`` of value: choice, amount, text, none. One kind of action: the last match wins."""

    identifier: str
    label: str
    kind: str
    choices: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one family of rules."""

    properties: Mapping[str, Property]
    actions: Mapping[str, ActionWord]
    synonyms: Mapping[str, str] = field(default_factory=dict)  # what other clients call a property

    def property_named(self, identifier: str) -> Property | None:
        return self.properties.get(self.synonyms.get(identifier, identifier))


def _by_identifier(*operators: Operator) -> dict[str, Operator]:
    return {operator.identifier: operator for operator in operators}


OPERATORS: dict[str, Operator] = _by_identifier(
    Operator(identifier="is", label="is"),
    Operator(identifier="is_not", label="is not", negative=True),
    Operator(identifier="in", label="is one of", several=True),
    Operator(identifier="not_in", label="is none of", several=True, negative=True),
    Operator(identifier="contains", label="contains"),
    Operator(identifier="not_contains", label="does not contain", negative=True),
    Operator(identifier="starts_with", label="starts with"),
    Operator(identifier="not_starts_with", label="does not start with", negative=True),
    Operator(identifier="ends_with", label="ends with"),
    Operator(identifier="in_range", label="is between", hint="20000-39999, both included"),
    Operator(identifier="not_in_range", label="is not between", negative=True, hint="20000-39999"),
    Operator(identifier="equal", label="is exactly"),
    Operator(identifier="not_equal", label="is not", negative=True),
    Operator(identifier="greater_than", label="is more than"),
    Operator(identifier="ge", label="is at least"),
    Operator(identifier="less_than", label="is less than"),
    Operator(identifier="le", label="is at most"),
    Operator(identifier="is_empty", label="is empty"),
    Operator(identifier="is_not_empty", label="is not empty", negative=True),
)
WITHOUT_VALUE = frozenset({"is_empty", "is_not_empty"})
POSITIVE = {
    "is_not": "is",
    "not_in": "in",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_in_range": "in_range",
    "not_equal": "equal",
    "is_not_empty": "is_empty",
}
_NUMBERS = ("equal", "not_equal", "greater_than", "ge", "less_than", "le", "in_range")
OPERATORS_OF: dict[str, tuple[str, ...]] = {
    "choice": ("is", "is_not", "in", "not_in"),
    "text": (
        *("is", "is_not", "in", "not_in", "contains", "not_contains"),
        *("starts_with", "not_starts_with", "ends_with", "is_empty", "is_not_empty"),
    ),
    "postal": (
        *("is", "is_not", "in", "not_in", "starts_with", "not_starts_with"),
        *("in_range", "not_in_range", "is_empty"),
    ),
    "amount": _NUMBERS,
    "weight": _NUMBERS,
    "number": _NUMBERS,
}
RANGES = frozenset({"in_range", "not_in_range"})
