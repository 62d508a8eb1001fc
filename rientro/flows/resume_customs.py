"""Returns that waited for customs data and miss nothing any more get their label asked for."""

from datetime import datetime

from django.db import transaction

from rientro.models.customs import waiting_for_customs
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return


def resume_customs(*, now: datetime) -> int:
    """Look at each return that waits, one short transaction each; says how many go on. Safe to repeat."""
    with transaction.atomic():
        waiting = list(waiting_for_customs().values_list("pk", flat=True))
    return sum(_goes_on(pk, now=now) for pk in waiting)


@transaction.atomic
def _goes_on(pk: int, *, now: datetime) -> bool:
    ret = Return.objects.locked().get(pk=pk)
    if not waiting_for_customs().filter(pk=pk).exists():
        return False
    intend_label(ret, at=now, actor="clock")
    return ret.customs_wanted_at is None
