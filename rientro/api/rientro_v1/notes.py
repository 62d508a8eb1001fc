"""/api/rientro/v1/returns/{reference}/notes: what the desk writes down for itself."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import INTEGER, MOMENT, STRING, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import operation
from rientro.api.rientro_v1.common import (
    CURSOR,
    LIMIT,
    PARTS,
    body_of,
    moment,
    page_of,
    page_schema,
    return_named,
    returns_of,
    stop_if_wrong,
)
from rientro.flows.add_note import LONGEST, add_note
from rientro.models import Note

NOTE = named(
    "ReturnNote", record({"id": INTEGER, "words": STRING, "actor": STRING, "written_at": MOMENT})
)
WISH = named("NoteToWrite", record({"words": {**STRING, "maxLength": LONGEST}}))


@operation(
    "rientro_list_return_notes",
    "Returns desk",
    scope="read:return",
    parts=PARTS,
    query=(LIMIT, CURSOR),
    answers={200: named("ReturnNotePage", page_schema(NOTE)), 400: "Problem", 404: "Problem"},
)
@transaction.atomic
def _list(call: Call, reference: str) -> HttpResponse:
    """The notes of a return, newest first. The shopper never sees them."""
    ret = return_named(returns_of(call), reference)
    return json_response(page_of(call, ret.notes.all(), _out))


@operation(
    "rientro_add_return_note",
    "Returns desk",
    scope="write:return",
    parts=PARTS,
    body=WISH,
    answers={201: NOTE, 400: "Problem", 404: "Problem", 409: "Problem"},
)
def _add(call: Call, reference: str) -> HttpResponse:
    """Write a note about a return, in whatever state it is; it stands in the panel too."""
    with transaction.atomic():
        ret = return_named(returns_of(call), reference)
    reader = body_of(call)
    words = reader.text("words", needed=True, longest=LONGEST)
    stop_if_wrong(reader)
    note = add_note(ret=ret, words=words, actor=call.actor, now=call.now)
    return json_response(_out(note), 201)


def _out(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "words": note.words,
        "actor": note.actor,
        "written_at": moment(note.written_at),
    }


collection = methods(GET=_list, POST=_add)
