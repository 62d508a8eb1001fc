"""The guide for merchants names every word that a rule can use, and none that it cannot."""

import re
from pathlib import Path

import pytest

from rientro.policy import return_rules, shipping_rules
from rientro.policy.rule_words import OPERATORS_OF

GUIDE = (Path(__file__).parents[2] / "docs/rules-and-returns.md").read_text()


def _named(part: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", part))


def test_every_word_of_shipping_rules_is_explained():
    part = GUIDE.partition("They can look at:\n")[2].partition("**Return rules**")[0]
    words = {row.split("`")[1] for row in part.splitlines() if row.startswith("| `")}

    assert words == set(shipping_rules.PROPERTIES)


def test_every_word_of_return_rules_is_named():
    part = GUIDE.partition("**Return rules**")[2].partition("How things are compared")[0]

    assert _named(part) == set(return_rules.PROPERTIES)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("choice", "choice"),
        ("text", "text"),
        ("postal", "postal code"),
        ("amount", "amount, weight, number"),
    ],
)
def test_every_operator_is_named(kind, said):
    row = re.search(rf"^\| {said} \| (`.*) \|$", GUIDE, re.M)

    assert row is not None
    assert tuple(re.findall(r"`([a-z_]+)`", row[1])) == OPERATORS_OF[kind]
