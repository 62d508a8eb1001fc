"""Why this carrier: the trace of a choice, said in sentences."""

from typing import Any

from django.utils.translation import gettext as _

from rientro.models import Return
from rientro.panel.choice_words import choices_in_words
from rientro.panel.countries import country_name
from rientro.panel.quotes import why_not
from rientro.panel.rule_words import operator_words, property_words
from rientro.policy.choice_rules import VOCABULARY
from rientro.policy.return_methods import WAYS


def choice_sentence(trace: dict[str, Any]) -> str:
    """ "DHL as retoure, because the rule “Germany” names it." """
    name, service = str(trace.get("name") or trace.get("carrier") or ""), trace.get("service")
    who = _("%(name)s as %(service)s") % {"name": name, "service": service} if service else name
    rule = str((trace.get("named_by") or {}).get("name", ""))
    because = {
        "rule": _("because the rule “%s” names it") % rule,
        "cheapest": _("the cheapest by its price list, as the rule “%s” asks") % rule,
        "brand": _("because it is kept for this brand"),
        "default": _("because it is the default one"),
        "only_one": _("because it is the only one that takes this parcel"),
        "asked": _("because whoever announced the return asked for it"),
    }.get(str(trace.get("why")))
    if because is None or not name:
        return _(
            "Nobody: no connected carrier takes this parcel, or several do and none is the default."
        )
    return f"{who}, {because}."


def choice_more(trace: dict[str, Any]) -> list[str]:
    """What else belongs to it: who turned it down, who would be next, who was left out."""
    found = []
    for row in trace.get("refused") or []:
        said = {"name": row.get("name"), "words": str(row.get("words", ""))[:200]}
        found.append(_("%(name)s turned it down: “%(words)s”") % said)
    then = trace.get("then") or {}
    if then.get("name"):
        found.append(_("Then %s was asked.") % then["name"])
    others = [str(row.get("name")) for row in trace.get("others") or [] if row.get("name")]
    if others and not found:
        found.append(_("If it turns the parcel down: %s.") % ", ".join(others))
    for row in trace.get("left_out") or []:
        if row.get("name"):
            found.append(f"{row['name']} {why_not(str(row.get('why')))}.")
    return found


def choice_source(trace: dict[str, Any]) -> str:
    """The conditions of the rule that counted, in its own words."""
    rule_id = (trace.get("named_by") or {}).get("rule_id")
    for row in trace.get("rules") or []:
        if row.get("rule_id") == rule_id and rule_id is not None:
            return _conditions(row)
    return ""


def _conditions(row: dict[str, Any]) -> str:
    true, parts = row.get("conditions") or [], []
    for place, told in enumerate(row.get("said") or []):
        if len(told) == 3 and place < len(true) and true[place]:
            name, operator, value = told
            if name in ("brand", "integration"):
                continue  # an id says nothing to people; the rule's name does
            words = [
                property_words(name, VOCABULARY),
                operator_words(operator),
                _value(name, value),
            ]
            parts.append(" ".join(word for word in words if word))
    joint = _("and") if row.get("match_all", True) else _("or")
    return f" {joint} ".join(parts)[:300]


def _value(name: str, told: Any) -> str:
    values = told if isinstance(told, list | tuple) else str(told).split(",")
    if name in ("from_country", "to_country"):
        return ", ".join(country_name(str(value).strip()) for value in values)
    if name == "method":
        return ", ".join(
            dict(way_choices()).get(str(value).strip(), str(value)) for value in values
        )
    return ", ".join(map(str, values))


def way_choices() -> list[tuple[str, str]]:
    """The ways back that travel as a parcel, for a rule."""
    posted = {code for code, way in WAYS.items() if way.posted}
    return choices_in_words([pair for pair in Return.Method.choices if pair[0] in posted])
