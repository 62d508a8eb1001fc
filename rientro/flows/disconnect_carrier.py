"""A member stops buying from a contract, or makes another one the default."""

from datetime import datetime

from django.db import transaction

from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.choice_book import rest_rules_of
from rientro.models.events import Event
from rientro.models.inquiries import CarrierInquiry
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase
from rientro.models.purchase_outcomes import write_void_waits
from rientro.policy.lifecycle import PurchaseStatus

ASK_YOURSELF = Sentence("The carrier account was disconnected: ask the carrier yourself.")


@transaction.atomic
def set_default_carrier(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierAccount:
    """Buy with ``account`` from now on, unless a rule says otherwise."""
    account = CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)
    if not account.is_default:
        CarrierAccount.objects.filter(is_default=True).update(is_default=False)
        account.is_default = True
        account.save(update_fields=["is_default"])
        Event.record("carrier.account_default", actor=actor, at=now, account=account.pk)
    return account


@transaction.atomic
def disconnect_carrier(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierAccount:
    """Forget the credentials of ``account`` and buy with it no more; its labels and books stay.

    Rules that name it rest, in words. Labels that wait for it go to the next contract or back to the desk; those
    that it was asked for already may exist, and wait for a person; so do those that are being given back.
    """
    account = CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)
    account.credentials = ""
    account.webhook_token_hash = b""
    account.is_default = False
    account.deleted_at = now
    account.save(update_fields=["credentials", "webhook_token_hash", "is_default", "deleted_at"])
    CarrierInquiry.objects.filter(account=account).delete()  # sealed proposals go, too
    for pk in _waiting(account):
        post("buy_label", merchant_id=account.merchant_id, purchase_id=pk)
    _leave_voids_to_a_person(account, at=now)
    resting = rest_rules_of(account, at=now)
    Event.record(
        "carrier.account_disconnected", actor=actor, at=now, account=account.pk, rules=resting
    )
    return account


def _waiting(account: CarrierAccount) -> list[int]:
    open_ones = LabelPurchase.objects.filter(account=account, status=PurchaseStatus.BUYING.value)
    return list(open_ones.order_by("pk").values_list("pk", flat=True))


def _leave_voids_to_a_person(account: CarrierAccount, *, at: datetime) -> None:
    """Nobody can ask the carrier about them any more: they stand on the desk of labels being given back."""
    given_back = Label.objects.filter(purchase__account=account, void=Label.Void.REQUESTED.value)
    for label in given_back.select_related("parcel").order_by("pk"):
        write_void_waits(label, words=ASK_YOURSELF, at=at, actor="clock")
