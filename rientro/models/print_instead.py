"""No carrier gives a code for a parcel: its shopper gets a label to print, as nothing has been bought."""

from datetime import datetime

from rientro.models.events import Event
from rientro.models.parcels import LabelPurchase
from rientro.models.printed import make_printed
from rientro.models.purchasing import intend_label, is_wanted
from rientro.models.returns import Return


def print_instead(
    purchase: LabelPurchase, ret: Return, *, words: str, at: datetime, actor: str
) -> bool:
    """Intend a printed label for what ``purchase`` was refused; False when no code was asked for.

    Only after a clear refusal: ``purchase`` is settled as refused. The caller holds the lock of ``ret``, whose way
    back becomes the printed label; so it happens once, for the second request asks for no code any more.
    """
    if not purchase.request.get("labelless") or not is_wanted(ret):
        return False
    make_printed(ret)
    Event.record(
        "return.code_refused", actor=actor, at=at, ret=ret, purchase=purchase.pk, words=words
    )
    intend_label(ret, at=at, actor=actor, boxes=purchase.parcel)
    return True
