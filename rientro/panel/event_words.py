"""What happened, in words: events and scans as one timeline with who did it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from rientro.kit.said import said as in_language
from rientro.models import Event, Merchant, TrackingEvent
from rientro.panel.event_phrases import MAILS, PHRASES
from rientro.panel.return_words import CARRIER, INSPECTION

# The carrier's own news stands in the timeline as scans; these events would say it twice.
SAID_BY_SCANS = frozenset({"return.scanned", "return.handed_in", "return.in_transit"})
KEY_EVENTS = frozenset(
    {
        "return.requested",
        "return.label_bought",
        "return.delivered",
        "return.received",
        "return.refunded",
        "return.refund_failed",
        "return.rejected",
        "return.cancelled",
    }
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of the timeline. ``key`` ones are drawn stronger; ``words`` are somebody's own."""

    at: datetime
    what: str
    who: str
    words: str = ""
    key: bool = False


def timeline(
    merchant: Merchant, events: Iterable[Event], scans: Iterable[TrackingEvent] = ()
) -> list[Moment]:
    """Everything that happened, newest first."""
    events, scans = list(events), list(scans)
    name = namer(merchant, [event.actor for event in events])
    told = [e for e in events if not (scans and e.name in SAID_BY_SCANS)]
    ordered = [(e.happened_at, 1, e.pk, _of_event(e, name)) for e in told]
    ordered += [(s.occurred_at, 0, s.pk, _of_scan(s)) for s in scans]
    return [moment for *_rest, moment in sorted(ordered, key=lambda row: row[:3], reverse=True)]


def namer(merchant: Merchant, actors: Iterable[str]) -> Callable[[str], str]:
    """Names for actors: one question for all the members and one for all the keys among them."""
    actors = set(actors)
    members = _ids(actors, "member")
    keys = _ids(actors, "key")
    names: dict[str, str] = {"shopper": _("shopper"), "clock": "Rientro"}
    if members:
        for member in merchant.members.filter(pk__in=members).select_related("user"):
            names[f"member:{member.pk}"] = member.user.get_full_name() or member.user.email
    if keys:
        for key in merchant.api_keys.filter(pk__in=keys):
            names[f"key:{key.pk}"] = _("API key %s") % (key.name or key.public_key)
    return lambda actor: names.get(actor) or _stranger(actor)


def _stranger(actor: str) -> str:
    kind, _sep, rest = actor.partition(":")
    said = {
        "carrier": _("carrier"),
        "shop": _("shop"),
        "member": _("a former member"),
        "key": _("a deleted API key"),
    }
    return said.get(kind, rest or kind)


def _ids(actors: Iterable[str], kind: str) -> list[int]:
    found = [actor.removeprefix(f"{kind}:") for actor in actors if actor.startswith(f"{kind}:")]
    return [int(number) for number in found if number.isdigit()]


def _of_event(event: Event, name: Callable[[str], str]) -> Moment:
    facts: dict[str, Any] = event.facts
    words = str(facts.get("words") or "")
    if event.name.startswith(("return.label_", "return.refund_")):
        words = in_language(
            words
        )  # ours, where the carrier said none; a person's words stay as they are
    return Moment(
        at=event.happened_at,
        what=said(event.name, facts),
        who=name(event.actor),
        words=words,
        key=event.name in KEY_EVENTS,
    )


def said(name: str, facts: dict[str, Any]) -> str:
    """What an event says, in the reader's language."""
    if name == "return.requested" and facts.get("review"):
        return _("Return submitted, a person must look")
    if name == "return.approved" and facts.get("at_once"):
        return _("Approved at once by the rules of the portal")
    if name == "return.label_bought" and (number := facts.get("tracking_number")):
        return str(_("Label %s bought, once") % number)
    if name == "return.received":
        state = str(INSPECTION.get(str(facts.get("result")), ("", ""))[1])
        counted = _("%(units)s of %(of)s here") % {
            "units": facts.get("units", "?"),
            "of": facts.get("of", "?"),
        }
        return f"{state}: {counted}" if state else str(counted)
    if name == "return.refund_settled":
        return _settled_words(str(facts.get("outcome")))
    if name == "return.mail_sent":
        kind = str(facts.get("kind", ""))
        return _("Mail “%s” sent") % (MAILS.get(kind) or kind.replace("_", " "))
    return str(PHRASES.get(name) or name.partition(".")[2].replace("_", " ").capitalize())


def _settled_words(outcome: str) -> str:
    words = {
        "refunded": _("Looked into the shop: it was refunded"),
        "again": _("Looked into the shop: it was not refunded, so the shop is asked again"),
        "given_up": _("Looked into the shop: it was not refunded, and is not"),
    }
    return words.get(outcome, str(PHRASES["return.refund_settled"]))


def _of_scan(scan: TrackingEvent) -> Moment:
    state = str(CARRIER.get(scan.status, ("", scan.status))[1])
    what = scan.description or state
    if scan.place:
        what = f"{what} · {scan.place}"
    return Moment(at=scan.occurred_at, what=what, who=_("carrier"), key=True)
