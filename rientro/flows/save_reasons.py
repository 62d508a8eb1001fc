"""A member writes the list of reasons that a brand's shoppers choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.brands import Brand, ReturnReason
from rientro.models.events import Event
from rientro.models.holding import hold_settings

MOST = 40


class BadReasons(RientroError):
    """No reason to choose from, or one without words."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_reasons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFacts:
    """One reason. ``labels`` is {language: words}; a ``code`` that exists is changed, another one is new."""

    code: str
    labels: Mapping[str, str]
    active: bool = True
    asks_note: bool = False
    fault: str = "shopper"


@transaction.atomic
def save_reasons(
    *, brand: Brand, reasons: Sequence[ReasonFacts], actor: str, now: datetime
) -> list[ReturnReason]:
    """Write the list in its order. A reason that is left out is switched off, never deleted: returns name it.

    Raises BadReasons; nothing is written then.
    """
    _check(reasons)
    hold_settings()
    known = {row.code: row for row in ReturnReason.objects.filter(brand=brand)}
    written = []
    for position, facts in enumerate(reasons, start=1):
        row = known.pop(facts.code, None) or ReturnReason(brand=brand, code=facts.code)
        row.labels = {tongue: said.strip() for tongue, said in facts.labels.items() if said.strip()}
        row.active, row.asks_note, row.fault = facts.active, facts.asks_note, facts.fault
        row.position = position
        row.save()
        written.append(row)
    ReturnReason.objects.filter(pk__in=[row.pk for row in known.values()]).update(active=False)
    Event.record(
        "reasons.changed", actor=actor, at=now, brand=brand.pk, codes=[row.code for row in written]
    )
    return written


def _check(reasons: Sequence[ReasonFacts]) -> None:
    if not any(facts.active for facts in reasons):
        raise BadReasons("Keep at least one reason that shoppers can choose.")
    if len(reasons) > MOST:
        raise BadReasons(Sentence("Nobody reads more than %(most)s reasons.", most=MOST))
    if len({facts.code for facts in reasons}) < len(reasons):
        raise BadReasons("Each reason may be named once only.")
    for facts in reasons:
        if not facts.code or not any(said.strip() for said in facts.labels.values()):
            raise BadReasons("Say every reason in at least one language.", code=facts.code)
        if facts.fault not in ReturnReason.Fault.values:
            raise BadReasons("Choose who bears the cost.", code=facts.code)
