"""A carrier that wanted to decide later about a label has decided, and a person says what."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.parcels import Label
from rientro.models.purchase_outcomes import write_void_refused, write_voided

GRANTED = "The carrier took it back."
DENIED = "The carrier did not take it back."


class NotWaiting(RientroError):
    """Nobody waits for an answer about this label."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "void_not_waiting"


@transaction.atomic
def settle_void(*, label: Label, granted: bool, words: str, actor: str, now: datetime) -> Label:
    """Write down the carrier's answer: granted, the label is void and credited; denied, it stays as it is.

    Raises NotWaiting when the label is not being given back (any more). Asks no carrier.
    """
    label = Label.objects.select_related("parcel", "purchase__parcel").get(pk=label.pk)
    said = words.strip() or (GRANTED if granted else DENIED)
    waits = label.void == Label.Void.REQUESTED.value
    write = write_voided if granted else write_void_refused
    if not waits or not write(label, words=said, at=now, actor=actor):
        raise NotWaiting("This has been answered already.")
    label.refresh_from_db()
    return label
