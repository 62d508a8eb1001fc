"""A person at the desk says no, in words for the shopper."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.quantities import release_units
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval

LONGEST = 2000


class NoWords(RientroError):
    """A rejection without a sentence for the shopper."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "rejection_needs_words"


@transaction.atomic
def reject_return(*, ret: Return, words: str, actor: str, now: datetime) -> Return:
    """Reject a requested return; its units may come back in another one.

    Raises NoWords and IllegalMove; nothing is written then.
    """
    words = words.replace("\x00", "").strip()
    if not words:
        raise NoWords("Write one sentence that tells the shopper why.")
    ret = Return.objects.locked().get(pk=ret.pk)
    ret.move(save=False, approval=Approval.REJECTED.value)
    ret.rejection, ret.closed_at = words[:LONGEST], now
    ret.save(update_fields=["approval", "rejection", "closed_at", "updated_at"])
    release_units(ret)
    Event.record("return.rejected", actor=actor, at=now, ret=ret, words=ret.rejection)
    return ret
