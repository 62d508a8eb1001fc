"""A carrier turned a parcel down: the next contract that the choice named is asked, if there is one."""

from datetime import datetime

from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount, LabelPurchase
from rientro.models.purchasing import is_wanted, write_intent
from rientro.models.returns import Return


def ask_next(
    purchase: LabelPurchase, ret: Return, *, words: str, at: datetime, actor: str
) -> LabelPurchase | None:
    """Intend the same parcel's label with the next contract; None when nobody is left or it is not wanted any more.

    Only after a clear refusal: ``purchase`` is settled as refused, nothing was created, its money is free. The
    caller holds the lock of ``ret``.
    """
    if not is_wanted(ret):
        return None
    rest = list(purchase.others)
    while rest:
        wish = rest.pop(0)
        account = _able(int(wish.get("contract_id") or 0), purchase.account)
        if account is not None:
            break
    else:
        return None
    _say(purchase, account, ret, words=words, at=at, actor=actor)
    return write_intent(
        ret,
        purchase.parcel,
        account,
        service=str(wish.get("service") or ""),
        others=rest,
        at=at,
        actor=actor,
    )


def _able(contract_id: int, refused: CarrierAccount) -> CarrierAccount | None:
    """It may have been disconnected, broken or turned into a test contract since the choice was made."""
    return CarrierAccount.objects.filter(
        pk=contract_id,
        deleted_at=None,
        state=CarrierAccount.State.OK.value,
        test_mode=refused.test_mode,
    ).first()


def _say(
    purchase: LabelPurchase,
    account: CarrierAccount,
    ret: Return,
    *,
    words: str,
    at: datetime,
    actor: str,
) -> None:
    trace = dict(ret.trace.get("carrier") or {})
    told = {"contract_id": purchase.account_id, "name": purchase.account.name, "words": words}
    trace["refused"] = [*trace.get("refused", []), told]
    trace["then"] = {"contract_id": account.pk, "name": account.name}
    ret.trace = ret.trace | {"carrier": trace}
    ret.save(update_fields=["trace", "updated_at"])
    Event.record(
        "return.label_turned_down",
        actor=actor,
        at=at,
        ret=ret,
        purchase=purchase.pk,
        account=purchase.account_id,
        next_account=account.pk,
        words=words,
    )
