"""Rules that merchants write, as plain data: *if* conditions *then* actions. No regular expressions, ever.

``prepare`` turns rules into functions once, ``run`` asks them of one subject, ``check`` tells a merchant in
sentences what is wrong with a rule. The words themselves are in policy.rule_words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rientro.kit.sentences import Sentence
from rientro.kit.text import clean_line
from rientro.policy.rule_values import Fits, Value, amount_of, fits_of, read, values_of
from rientro.policy.rule_words import (
    OPERATORS,
    POSITIVE,
    RANGES,
    WITHOUT_VALUE,
    ActionWord,
    Operator,
    Property,
    Vocabulary,
)

__all__ = [
    "OPERATORS",
    "Action",
    "ActionWord",
    "Condition",
    "Facts",
    "Operator",
    "Program",
    "Property",
    "Rule",
    "Run",
    "Vocabulary",
    "check",
    "prepare",
    "read_rule",
    "run",
]

MOST_CONDITIONS = 20
MOST_VALUES = 500

# A subject answers: property -> its values. Several for lines and tags, none for what was not told.
Facts = Mapping[str, tuple[Any, ...]]
# (property, does a value fit, turned round): true if any value fits, or, turned round, if none does.
Test = tuple[str, Fits, bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """``property operator compare_to``, for instance *integration is 7*."""

    property: str
    operator: str
    compare_to: Value = ""


@dataclass(frozen=True, slots=True)
class Action:
    identifier: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as it was saved. A rule with ``invalid_because`` rests, as an inactive one does."""

    id: int
    name: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    version: int = 1
    match_all: bool = True
    active: bool = True
    invalid_because: str = ""

    @property
    def rests(self) -> bool:
        return not self.active or bool(self.invalid_because)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule whose conditions stand as places in the program's list of tests. ``head`` is what a trace repeats."""

    rule: Rule
    places: tuple[int, ...]
    head: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Program:
    """Prepared rules, in their order, and their distinct conditions. Make it once per batch."""

    ready: tuple[_Ready, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What the rules did: the winning action of each kind with its rule.

    A trace is built only when it is asked for: hundreds of rules run over millions of orders.
    """

    chosen: dict[str, tuple[Action, Rule]]
    _program: Program
    _answers: tuple[bool, ...]
    _matched: tuple[bool, ...]
    _passed_over: dict[int, list[str]]

    @property
    def trace(self) -> list[dict[str, Any]]:
        """A row for every rule that was looked at, JSON-able."""
        return [self._row(place) for place in range(len(self._program.ready))]

    @property
    def short_trace(self) -> list[dict[str, Any]]:
        """The rows of the rules that matched; the last one for an action is the one that counted."""
        return [self._row(place) for place, matched in enumerate(self._matched) if matched]

    def _row(self, place: int) -> dict[str, Any]:
        ready = self._program.ready[place]
        row = ready.head | {
            "matched": self._matched[place],
            "conditions": [self._answers[at] for at in ready.places],
        }
        if place in self._passed_over:
            row["passed_over"] = self._passed_over[place]
        return row


def read_rule(row: Any) -> Rule:
    """A Rule from a row or mapping of the shape that the tables keep; odd values become words that ``check`` tells."""

    def get(name: str, default: Any) -> Any:
        return row.get(name, default) if isinstance(row, Mapping) else getattr(row, name, default)

    return Rule(
        id=int(get("id", 0) or 0),
        name=str(get("name", "")),
        version=int(get("version", 1)),
        match_all=bool(get("match_all", True)),
        active=bool(get("active", True)),
        invalid_because=str(get("invalid_because", "") or ""),
        conditions=tuple(_read_condition(told) for told in get("conditions", ())),
        actions=tuple(
            Action(str(told.get("identifier", "")), str(told.get("value", "")))
            for told in get("actions", ())
        ),
    )


def prepare(rules: Sequence[Rule], vocabulary: Vocabulary) -> Program:
    """Turn rules into functions. A rule with a condition that cannot be read rests, as one switched off does.

    Conditions that several rules share are asked once.
    """
    ready: list[_Ready] = []
    places: dict[Condition, int] = {}
    tests: list[Test] = []
    for rule in rules:
        read_all = {each: _test_of(each, vocabulary) for each in rule.conditions}
        if rule.rests or None in read_all.values():
            continue
        for condition, test in read_all.items():
            if condition not in places and test is not None:
                places[condition] = len(tests)
                tests.append(test)
        ready.append(_Ready(rule, tuple(places[each] for each in rule.conditions), _head(rule)))
    return Program(tuple(ready), tuple(tests))


def _head(rule: Rule) -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "name": rule.name,
        "version": rule.version,
        "match_all": rule.match_all,
        "said": [[c.property, c.operator, c.compare_to] for c in rule.conditions],
    }


def run(
    program: Program, facts: Facts, *, usable: Callable[[Action], bool] = lambda action: True
) -> Run:
    """Look at every rule in order; a later match overrides an earlier one for the same kind of action.

    A rule without conditions matches everything: it is how a merchant writes a fallback. An action that is not
    ``usable`` (its address is gone) is passed over and told in the trace.
    """
    answers = _answers(program.tests, facts)
    chosen: dict[str, tuple[Action, Rule]] = {}
    matched: list[bool] = []
    passed_over: dict[int, list[str]] = {}
    for place, ready in enumerate(program.ready):
        told = [answers[at] for at in ready.places]
        fits = not told or (all(told) if ready.rule.match_all else any(told))
        matched.append(fits)
        if not fits:
            continue
        for action in ready.rule.actions:
            if usable(action):
                chosen[action.identifier] = (action, ready.rule)
            else:
                passed_over.setdefault(place, []).append(action.identifier)
    return Run(chosen, program, tuple(answers), tuple(matched), passed_over)


def _answers(tests: Sequence[Test], facts: Facts) -> list[bool]:
    answers = []
    for key, fits, turned in tests:
        found = False
        for value in facts.get(key, ()):
            if fits(value):
                found = True
                break
        answers.append(found is not turned)
    return answers


def check(rule: Rule, vocabulary: Vocabulary) -> list[str]:
    """What is wrong with a rule, in sentences for the person who writes it; empty if it can run.

    Knows the words only: whether integration 7 exists is for the caller to see.
    """
    problems: list[str] = []
    if not rule.name.strip():
        problems.append(Sentence("Give the rule a name."))
    if len(rule.name) > 100:
        problems.append(Sentence("A rule's name has at most 100 characters."))
    if len(rule.conditions) > MOST_CONDITIONS:
        problems.append(Sentence("A rule has at most %(most)s conditions.", most=MOST_CONDITIONS))
    if not rule.actions:
        problems.append(Sentence("Say what the rule should do."))
    for position, condition in enumerate(rule.conditions, start=1):
        wrong = _problem_of(condition, vocabulary)
        if wrong:
            problems.append(Sentence("Condition %(place)s: %(wrong)s", place=position, wrong=wrong))
    kinds = [action.identifier for action in rule.actions]
    if len(set(kinds)) < len(kinds):
        problems.append(Sentence("A rule can do each thing only once."))
    problems += filter(None, (_problem_of_action(action, vocabulary) for action in rule.actions))
    return problems


# Reading


def _read_condition(told: Mapping[str, Any]) -> Condition:
    compare_to = told.get("compare_to", "")
    if isinstance(compare_to, list | tuple):
        compare_to = tuple(str(value) for value in compare_to)
    elif compare_to is None:
        compare_to = ""
    else:
        compare_to = str(compare_to)
    return Condition(str(told.get("property", "")), str(told.get("operator", "")), compare_to)


def _problem_of(condition: Condition, vocabulary: Vocabulary) -> str:
    known = vocabulary.property_named(condition.property)
    if known is None:
        name = clean_line(condition.property, 60)
        return Sentence("there is nothing called “%(name)s” to look at.", name=name)
    if condition.operator not in known.operators:
        offered = ", ".join(OPERATORS[name].label for name in known.operators)
        return Sentence(
            "%(label)s can be compared with: %(offered)s.",
            label=Sentence(known.label),
            offered=offered,
        )
    if condition.operator in WITHOUT_VALUE:
        return ""
    values = values_of(condition.compare_to)
    if not values:
        return Sentence("say what %(label)s is compared with.", label=Sentence(known.label))
    if len(values) > MOST_VALUES:
        return Sentence("a list has at most %(most)s values.", most=MOST_VALUES)
    if read(known.kind, condition.operator, condition.compare_to) is None:
        return _HINTS[known.kind if condition.operator not in RANGES else f"{known.kind} range"]
    return ""


_HINTS = {
    "amount": Sentence("write an amount such as 49.90, or 49.90 EUR for one currency only."),
    "amount range": Sentence("write two amounts such as 10-49.90, the smaller first."),
    "weight": Sentence("write a weight such as 1.5 kg or 800 g."),
    "weight range": Sentence("write two weights such as 0.5-2 kg, the smaller first."),
    "number": Sentence("write a number such as 3."),
    "number range": Sentence("write two numbers such as 2-5, the smaller first."),
    "postal": Sentence("write a postal code, or its beginning."),
    "postal range": Sentence(
        "write two codes of the same length such as 20000-39999, the smaller first."
    ),
    "text": Sentence("write what to compare with."),
    "choice": Sentence("choose from the list."),
}


def _problem_of_action(action: Action, vocabulary: Vocabulary) -> str:
    known = vocabulary.actions.get(action.identifier)
    if known is None:
        name = clean_line(action.identifier, 60)
        return Sentence("There is nothing called “%(name)s” to do.", name=name)
    if known.kind == "none":
        return ""
    if not action.value.strip():
        return Sentence("Choose a value for “%(label)s”.", label=Sentence(known.label))
    if known.kind == "amount":
        amount = amount_of(action.value)
        if amount is None or amount[0] < 0:
            return Sentence(
                "“%(label)s” needs an amount such as 4.90 EUR.", label=Sentence(known.label)
            )
    return ""


# A condition becomes a test of the facts


def _test_of(condition: Condition, vocabulary: Vocabulary) -> Test | None:
    """The condition as a test; None if it cannot be read: a broken rule must not catch orders."""
    known = vocabulary.property_named(condition.property)
    if known is None or condition.operator not in known.operators:
        return None
    compared = read(known.kind, condition.operator, condition.compare_to)
    if compared is None:
        return None
    positive = POSITIVE.get(condition.operator, condition.operator)
    negative = OPERATORS[condition.operator].negative
    if positive == "is_empty":
        return (known.identifier, bool, not negative)
    return (known.identifier, fits_of(known.kind, positive, compared), negative)
