"""The list of events that webhooks, feed and docs promise is the list of those that the house records."""

import ast
import re
from pathlib import Path

from rientro.policy import event_names
from rientro.policy.event_facts import SAFE
from rientro.policy.event_names import EVENTS
from rientro.policy.lifecycle import CarrierState
from tests.environment import ROOT

PAGE = ROOT / "docs" / "webhooks.md"
SOURCES = [p for p in (ROOT / "rientro").rglob("*.py") if "migrations" not in p.parts]
NAME = re.compile(r"[a-z]+\.[a-z_]+")
# A parcel on the road moves its return to these, by name.
MOVES = {f"return.{state.value}" for state in CarrierState}
PERSONAL = {"words", "notes", "note", "place", "name", "email", "phone", "shopper", "items"}


def recorded(path: Path) -> set[str]:
    """Names given to Event.record here; of a variable, the strings assigned to it in the same file."""
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Event.record")):
            continue
        first = call.args[0]
        if isinstance(first, ast.Name):
            for each in ast.walk(tree):
                if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == first.id:
                    found |= set(filter(NAME.fullmatch, strings(each.value)))
            if hasattr(event_names, first.id):  # a constant of the list itself
                found.add(getattr(event_names, first.id))
        elif not isinstance(first, ast.JoinedStr):
            found |= set(filter(NAME.fullmatch, strings(first)))
    return found


def strings(node: ast.AST) -> list[str]:
    return [
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


def table() -> str:
    rows = [f"| `{name}` | {words} |" for name, words in EVENTS.items()]
    return "\n".join(["| event | says |", "|---|---|", *rows])


def test_every_recorded_event_is_promised_and_every_promise_is_kept():
    names = set().union(*(recorded(path) for path in SOURCES))

    assert names - set(EVENTS) == set()
    assert set(EVENTS) - names - MOVES == set()


def test_the_page_for_integrators_lists_them_all():
    told = re.search(r"<!-- events:.*?-->\n(.*?)\n?<!-- /events -->", PAGE.read_text(), re.DOTALL)

    assert told is not None
    assert told[1].strip() == table()


def test_no_fact_that_names_a_person_counts_as_safe():
    assert set() == PERSONAL & SAFE
