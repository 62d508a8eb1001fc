"""Notes of the desk about a return: for the team alone, whoever or whatever wrote them."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rientro.flows.add_note import LONGEST, MOST, add_note
from rientro.models import Return
from rientro.panel.doors import PanelRequest, attempt, door, may
from rientro.panel.event_words import namer


@dataclass(frozen=True, slots=True)
class Written:
    """One note, with a name for who wrote it. Without words: it was emptied with the shopper's data."""

    words: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notes:
    """What the card shows, newest first."""

    rows: list[Written]
    may_write: bool
    longest: int = LONGEST


def notes_of(request: PanelRequest, ret: Return) -> Notes:
    rows = list(ret.notes.order_by("-pk")[:MOST])
    name = namer(request.merchant, [row.actor for row in rows])
    told = [Written(row.words, name(row.actor), row.written_at) for row in rows]
    return Notes(told, may(request.member, "receive"))


@door(act="receive")
@require_POST
def note(request: PanelRequest, number: str) -> HttpResponse:
    ret = request.merchant.returns.get_or_missing(number=number)
    words = request.POST.get("words", "")
    attempt(
        request,
        lambda: add_note(ret=ret, words=words, actor=request.actor, now=request.now),
        done=_("The note is kept."),
    )
    return redirect("panel:return", number)
