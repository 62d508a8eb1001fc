"""The desk writes a note about a return, for itself."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.returns import Note, Return

LONGEST = 4000
MOST = 500  # of one return


class NoWords(RientroError):
    """A note without words, or a longer one than is kept."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "note_needs_words"


class TooManyNotes(RientroError):
    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "too_many_notes"


@transaction.atomic
def add_note(*, ret: Return, words: str, actor: str, now: datetime) -> Note:
    """Keep ``words`` with ``ret``, in whatever state it is. No shopper ever sees them.

    The event says that a note was written, not what it says: events cannot be emptied when a person is to be
    forgotten. Raises NoWords and TooManyNotes; nothing is written then.
    """
    words = words.replace("\x00", "").strip()
    if not words:
        raise NoWords("Write something first.")
    if len(words) > LONGEST:
        raise NoWords(f"A note has at most {LONGEST} characters.")
    ret = Return.objects.locked().get(pk=ret.pk)
    if Note.objects.filter(ret=ret).count() >= MOST:
        raise TooManyNotes(f"A return holds {MOST} notes, and this one has as many.")
    note = Note.objects.create(ret=ret, words=words, actor=actor, written_at=now)
    Event.record("return.noted", actor=actor, at=now, ret=ret)
    return note
