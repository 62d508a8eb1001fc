"""A person at the desk says yes."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.purchasing import intend_label
from rientro.models.quantities import take_units
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval
from rientro.policy.return_methods import buys_label


@transaction.atomic
def approve_return(*, ret: Return, actor: str, now: datetime) -> Return:
    """Approve a requested or a rejected return; one that is to be posted gets its label asked for.

    A rejected return takes its units back first: raises NotEnoughUnits when they went into another return
    meanwhile, IllegalMove when it is neither requested nor rejected. Nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    was = ret.approval
    ret.move(save=False, approval=Approval.APPROVED.value)
    if was == Approval.REJECTED:
        take_units(ret)
    ret.approved_at, ret.closed_at, ret.rejection = now, None, ""
    ret.save(update_fields=["approval", "approved_at", "closed_at", "rejection", "updated_at"])
    Event.record("return.approved", actor=actor, at=now, ret=ret)
    if buys_label(ret.method):
        intend_label(ret, at=now, actor=actor)
    return ret
