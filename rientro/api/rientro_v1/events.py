"""/api/rientro/v1/events: everything that happened, as one line that a machine follows from a place."""

import re
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, MOMENT, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.rientro_v1.common import facts_out, limit_of, moment, query_text, wrong_query
from rientro.api.rientro_v1.schemas import UUID
from rientro.models import Event
from rientro.models.event_feed import (
    Placed,
    cursor_of,
    event_at,
    last_place,
    page_after,
    place_all_waiting,
    place_waiting,
)
from rientro.policy.event_names import EVENTS

MOST = 500
USUAL = 100
LATEST = "latest"
CURSOR = re.compile(r"([0-9]{1,18})(?:-([0-9a-f]{6}))?")
EVENT = named(
    "FeedEvent",
    record(
        {
            "id": STRING,
            "cursor": STRING,
            "position": INTEGER,
            "type": STRING,
            "happened_at": MOMENT,
            "actor": STRING,
            "return": maybe(record({"id": UUID, "number": STRING})),
            "order": maybe(record({"id": UUID, "number": STRING, "integration_id": INTEGER})),
            "facts": {"type": "object"},
        }
    ),
)
PAGE = named("FeedPage", record({"data": many(EVENT), "next": STRING, "more": BOOLEAN}))


class FeedWentBack(Refused):
    """The cursor names an event that is not there: an older backup was restored."""

    code: ClassVar[str] = "feed_went_back"


@operation(
    "rientro_list_events",
    "Events",
    scope="read:event",
    query=(
        Param(
            name="after",
            about="`next` of the page before, or any event's `cursor`; 0 for the beginning, "
            "`latest` for what happens from now on",
        ),
        Param(
            name="limit",
            about=f"1 to {MOST}, {USUAL} unless told",
            schema={"type": "integer", "minimum": 1, "maximum": MOST},
        ),
        Param(
            name="type",
            about="names with commas between; return.* and return.label_* stand for all that begin so",
        ),
    ),
    answers={200: PAGE, 400: "Problem", 409: "Problem"},
)
def _list(call: Call) -> HttpResponse:
    """Everything that happened, oldest first, from a place on.

    Keep ``next`` where you keep what you made of the events, and send it as ``after``: no event is left out and none
    comes twice, however many transactions run at once, and the same ``after`` always shows the same events first.
    ``more`` says that something stands after ``next``: ask again at once, even when ``data`` is empty. Else ask
    again after some seconds; the house holds no request open, webhooks tell you sooner. An event's ``id`` is the
    ``webhook-id`` of the webhook about it. Facts name no person. 409 means that an older backup was restored:
    compare what you have, and begin at 0.
    """
    limit, names = limit_of(call.request, most=MOST, usual=USUAL), _names(call)
    if call.request.GET.get("after", "").strip() == LATEST:
        place_all_waiting()
    else:
        place_waiting()
    with transaction.atomic():
        place = _place(call)
        own = None if call.caller.every_shop else call.caller.integration.pk
        page = page_after(place, limit=limit, names=names, integration_id=own)
        body = {
            "data": [_out(entry) for entry in page.entries],
            "next": cursor_of(page.next, event_at(page.next)),
            "more": page.more,
        }
    return json_response(body)


def _place(call: Call) -> int:
    told = query_text(call.request, "after") or "0"
    if told == LATEST:
        return last_place()
    read = CURSOR.fullmatch(told)
    if read is None:
        raise wrong_query("after", "This cursor is none of ours. Send 0 to begin anew.")
    place = int(read[1])
    if place > last_place() or (read[2] and cursor_of(place, event_at(place)) != told):
        words = "after: This event is not there any more: an older backup was restored. "
        raise FeedWentBack(f"{words}Compare what you have and begin at 0.", status=409)
    return place


def _names(call: Call) -> list[str]:
    told = query_text(call.request, "type", longest=2000)
    wanted: list[str] = []
    for word in filter(None, (part.strip() for part in told.split(","))):
        kind = word.removesuffix("*") if word.endswith("*") and "." in word else word
        found = [
            name for name in EVENTS if name == word or (kind != word and name.startswith(kind))
        ]
        if not found:
            raise wrong_query("type", f"There is no event called “{word[:60]}”.")
        wanted += found
    return wanted


def _out(entry: Placed) -> dict[str, Any]:
    event: Event = entry.event
    ret = event.ret
    order = ret.order if ret else event.order
    return {
        "id": f"evt_{event.pk}",
        "cursor": cursor_of(entry.position, event),
        "position": entry.position,
        "type": event.name,
        "happened_at": moment(event.happened_at),
        "actor": event.actor,
        "return": {"id": str(ret.public_id), "number": ret.number} if ret else None,
        "order": {
            "id": str(order.shipment_uuid),
            "number": order.number,
            "integration_id": order.integration_id,
        }
        if order
        else None,
        "facts": facts_out(event),
    }


collection = methods(GET=_list)
