"""A shipping rule as a sentence: clauses of words and slots, generated from policy's vocabulary."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rientro.models import Order
from rientro.panel.choice_words import choices_in_words
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest
from rientro.policy.rule_values import values_of
from rientro.policy.rule_words import OPERATORS, WITHOUT_VALUE, Vocabulary
from rientro.policy.shipping_rules import VOCABULARY as SHIPPING

Lists = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Slot:
    words: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """``If`` integration is Shop A; ``then`` ship with address Milano."""

    kw: str
    slots: list[Slot]


def lists_of(request: PanelRequest) -> Lists:
    """What the choices of the vocabulary may be, for this merchant."""
    shops = request.merchant.integrations.filter(deleted_at=None).order_by("shop_name", "id")
    places = request.merchant.addresses.living().select_related("brand").order_by("label", "id")
    return {
        "integrations": [(str(shop.pk), shop.shop_name) for shop in shops],
        "countries": country_choices(),
        "channels": choices_in_words(Order.Channel.choices),
        "addresses": [
            (str(p.pk), f"{p.label} ({p.brand.name})" if p.brand else p.label) for p in places
        ],
        "reasons": _reasons(request),
    }


def _reasons(request: PanelRequest) -> list[tuple[str, str]]:
    """Each code once, whatever number of brands has it, in the reader's words where there are any."""
    language = get_language() or "en"
    found: dict[str, str] = {}
    for row in request.merchant.return_reasons.order_by("brand_id", "position", "pk"):
        words = (
            row.labels.get(language) or row.labels.get("en") or next(iter(row.labels.values()), "")
        )
        found.setdefault(row.code, words or row.code)
    return list(found.items())


def clauses_of(rule: Any, lists: Lists, words: Vocabulary = SHIPPING) -> list[Clause]:
    """The sentence of a rule, as it is read in a list."""
    joint = _("and") if rule.match_all else _("or")
    said = [
        Clause(_("If") if place == 0 else joint, _condition(condition, lists, words))
        for place, condition in enumerate(rule.conditions)
    ]
    if not said:
        said = [Clause(_("Always"), [])]
    for place, action in enumerate(rule.actions):
        said.append(Clause(_("then") if place == 0 else _("also"), _action(action, lists, words)))
    return said


def plain_name(rule: Any, lists: Lists, words: Vocabulary = SHIPPING) -> str:
    """The sentence without its slots, for a rule that nobody named."""
    parts = [
        " ".join([clause.kw, *(slot.words for slot in clause.slots)])
        for clause in clauses_of(rule, lists, words)
    ]
    return " ".join(parts)[:100]


def property_words(identifier: str, words: Vocabulary = SHIPPING) -> str:
    """The vocabulary is written in English; the panel says it in the reader's language."""
    found = words.properties.get(identifier)
    return _(found.label) if found else identifier


def operator_words(identifier: str) -> str:
    found = OPERATORS.get(identifier)
    return _(found.label) if found else identifier


def action_words(identifier: str, words: Vocabulary = SHIPPING) -> str:
    found = words.actions.get(identifier)
    return _(found.label) if found else identifier


def _condition(condition: dict[str, Any], lists: Lists, words: Vocabulary) -> list[Slot]:
    name = str(condition.get("property", ""))
    operator = str(condition.get("operator", ""))
    found = words.properties.get(name)
    slots = [Slot(property_words(name, words), found is None), Slot(operator_words(operator))]
    if operator in WITHOUT_VALUE:
        return slots
    told = condition.get("compare_to", "")
    if found and found.choices:
        offers = dict(lists[found.choices])
        values = values_of(told if isinstance(told, str) else tuple(map(str, told)))
        unknown = [value for value in values if value not in offers]
        said = ", ".join(offers.get(value, _("deleted")) for value in values)
        return [*slots, Slot(said or "?", bool(unknown) or not values)]
    said = told if isinstance(told, str) else ", ".join(map(str, told))
    return [*slots, Slot(said or "?", not said)]


def _action(action: dict[str, Any], lists: Lists, words: Vocabulary) -> list[Slot]:
    name = str(action.get("identifier", ""))
    found = words.actions.get(name)
    if found is None:
        return [Slot(name, True)]
    said, value = Slot(action_words(name, words)), str(action.get("value", ""))
    if found.kind == "none":
        return [said]
    if not found.choices:
        return [said, Slot(value or "?", not value)]
    chosen = dict(lists.get(found.choices, [])).get(value)
    gone = _("account disconnected") if found.choices == "accounts" else _("address deleted")
    return [said, Slot(chosen or gone, chosen is None)]
