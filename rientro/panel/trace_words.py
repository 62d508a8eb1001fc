"""Why was this decided: the traces of rules and policy, said in sentences with their source beside them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from rientro.kit.template_words import day_in
from rientro.models import Order, Return
from rientro.panel.choice_reasons import choice_more, choice_sentence, choice_source
from rientro.panel.rule_words import operator_words, property_words

BECAUSE = {
    "in_time": lazy("It is within the return window."),
    "withdrawal_right": lazy("The brand’s window is over, the legal right to withdraw is not."),
    "by_hand": lazy("The portal’s settings ask for a person to look at every return."),
    "above_value": lazy("Its value is above the limit that a person must look at."),
    "by_rule": lazy("A return rule says so."),
    "window_closed": lazy("The return window is over."),
    "window_not_open": lazy("The return window has not begun."),
    "final_sale": lazy("It was sold as final sale."),
    "nothing_left": lazy("All its units are on other returns."),
    "no_outbound": lazy(
        "No parcel that brought it to the shopper is known, and the portal asks for one."
    ),
    "cancelled": lazy("The order was cancelled."),
    "removed": lazy("The line was taken off the order."),
    "nothing_asked": lazy("No unit was asked for."),
}
VERDICT = {
    "accept": lazy("Yes."),
    "review": lazy("A person must look."),
    "refuse": lazy("No."),
}
BASIS = {
    "delivery": lazy("counted from delivery"),
    "purchase": lazy("counted from the purchase in the store"),
    "fulfilment": lazy("counted from fulfilment and its buffer, delivery is not known"),
    "order": lazy(
        "counted from the order and its buffer, neither delivery nor fulfilment is known"
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: about what, the sentence, and where it comes from."""

    about: str
    sentence: str
    source: str = ""
    inputs: str = ""
    language: str = ""  # of ``about``, where it is the name of a product


def reasons_of(ret: Return) -> list[Reason]:
    """Every decision behind a return, in the order in which they were made."""
    trace = ret.trace if isinstance(ret.trace, dict) else {}
    found = [brand_reason(ret.order)]
    for item in ret.items.all():
        if item.decision:
            found.append(_of_line(item.order_line.name, item.decision, ret.order.language))
    whole = trace.get("decision")
    if isinstance(whole, dict):
        found.append(_of_whole(whole))
    fee = trace.get("fee")
    if isinstance(fee, dict):
        found.append(_of_fee(fee))
    carrier = trace.get("carrier")
    if isinstance(carrier, dict):
        found.append(_of_carrier(carrier))
    sender = trace.get("sender")
    if isinstance(sender, dict) and (ret.from_street or ret.from_name):  # else none was asked
        found.append(_of_sender(sender))
    found.append(
        Reason(
            _("Send to"),
            ", ".join(dict.fromkeys([ret.to_address.label, ret.to_address.city])),
            _("Return address of the order’s brand"),
        )
    )
    return found


def brand_reason(order: Order) -> Reason:
    """Which rule gave the order its address and so its brand."""
    brand = order.brand.name if order.brand else _("none")
    if order.brand_by_default or not order.rule_trace:
        sentence = _("%s, because no shipping rule named an address") % brand
        return Reason(_("Brand"), sentence, _("Default address of the account"))
    matched = [step for step in _steps(order.rule_trace) if step.get("matched")]
    last = matched[-1] if matched else {}
    name = last.get("name") or last.get("rule") or ""
    source = _("Shipping rule “%(name)s”, version %(version)s") % {
        "name": name,
        "version": last.get("version", 1),
    }
    because = _("%(brand)s, because %(said)s") % {
        "brand": brand,
        "said": _said(last, order) or _("a shipping rule always matches"),
    }
    return Reason(_("Brand"), because, source)


def rule_reasons(order: Order) -> list[Reason]:
    """What each shipping rule said of an order, in their order."""
    found = []
    for step in _steps(order.rule_trace):
        said = _("matched") if step.get("matched") else _("did not match")
        if step.get("skipped") or step.get("invalid_because"):
            said = _("skipped: %s") % (step.get("invalid_because") or step.get("skipped"))
        about = str(step.get("name") or step.get("rule") or "")
        source = _("version %s") % step.get("version", 1)
        found.append(Reason(about, said, source, _said(step, order)))
    return found


def _steps(trace: Any) -> list[dict[str, Any]]:
    return [step for step in trace if isinstance(step, dict)] if isinstance(trace, list) else []


def _said(step: dict[str, Any], order: Order) -> str:
    """The conditions of a rule that were true, in its own words: "integration is Shop A"."""
    true = step.get("conditions") or []
    parts = []
    for place, said in enumerate(step.get("said") or []):
        if not (place < len(true) and true[place] is True) or len(said) != 3:
            continue
        name, operator, told = said
        values = told if isinstance(told, list | tuple) else [told]
        shown = [
            order.integration.shop_name
            if name == "integration" and str(value) == str(order.integration_id)
            else str(value)
            for value in values
        ]
        parts.append(
            f"{property_words(name)} {operator_words(operator)} {', '.join(shown)}".strip()
        )
    joint = _("and") if step.get("match_all", True) else _("or")
    return f" {joint} ".join(parts)[:300]


def _of_line(name: str, trace: dict[str, Any], language: str) -> Reason:
    verdict = VERDICT.get(str(trace.get("verdict")), "")
    because = BECAUSE.get(str(trace.get("because")), "")
    window = trace.get("window") or {}
    ends = _day(window.get("ends_on"))
    basis = BASIS.get(str(window.get("basis")), "")
    source = _("Eligibility, version %(version)s · window until %(ends)s, %(basis)s") % {
        "version": trace.get("version", 1),
        "ends": ends,
        "basis": basis,
    }
    inputs = " · ".join(
        f"{key} = {trace[key]}"
        for key in ("asked", "bought", "already_back", "has_outbound", "channel", "today")
        if trace.get(key) is not None
    )
    return Reason(name, f"{verdict} {because}".strip(), source, inputs, language)


def _of_whole(trace: dict[str, Any]) -> Reason:
    verdict = str(trace.get("verdict"))
    terms = trace.get("terms") or {}
    days = terms.get("window_days")
    said = {
        "accept": _("Approved at once."),
        "review": _("It waits for a person."),
        "refuse": _("Refused."),
    }.get(verdict, "")
    because = BECAUSE.get(str(trace.get("because")), "")
    source = ""
    if isinstance(days, int):
        source = ngettext("Window of %d day", "Window of %d days", days) % days
    return Reason(
        _("Approval"), f"{said} {because}".strip(), source, f"value = {trace.get('value')}"
    )


def _of_fee(trace: dict[str, Any]) -> Reason:
    waived = str(trace.get("waived") or "")
    fee = str(trace.get("fee"))
    if waived == "no_fault_of_yours":
        sentence = _("None. No item comes back by the shopper’s own choice.")
    elif waived == "own_postage":
        sentence = _("None: the shopper pays for the way.")
    elif waived == "other_currency":
        sentence = _("None. The fee is set in another currency than the order.")
    elif trace.get("fee_by_terms") is None:
        sentence = _("None. The portal charges no fee.")
    else:
        sentence = _("%s, as set in the portal.") % fee
    inputs = f"faults = {', '.join(map(str, trace.get('faults') or []))}"
    return Reason(_("Fee"), sentence, _("Fee, version %s") % trace.get("version", 1), inputs)


def _of_carrier(trace: dict[str, Any]) -> Reason:
    """Traces of before contracts were named in them tell only the carrier's code."""
    source = _("Choice of carrier, version %s") % trace.get("version", 1)
    said = " ".join([choice_sentence(trace), *choice_more(trace)])
    return Reason(_("Carrier"), said, source, choice_source(trace))


def _of_sender(trace: dict[str, Any]) -> Reason:
    proven = trace.get("proof") == "code"
    same = bool(trace.get("as_in_order"))
    sentence = (
        _("The same person and street as in the order.")
        if same
        else _("Not the person and street of the order: look twice.")
    )
    source = _("Proven with a mailed code") if proven else _("Typed by the shopper")
    return Reason(_("From address"), sentence, source)


def _day(text: Any) -> str:
    try:
        return day_in(date.fromisoformat(str(text)))
    except ValueError:
        return "?"
