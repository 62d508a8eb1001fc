"""Give a label back to the carrier, so that nobody pays for it."""

from datetime import datetime, timedelta

from django.db import transaction

from rientro.carriers.base import (
    AuthFailed,
    CancelResult,
    Carrier,
    InvalidRequest,
    RateLimited,
    Unsupported,
)
from rientro.carriers.registry import UnknownCarrier, open_carrier
from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.sentences import Sentence
from rientro.models.account_health import break_account, note_success, pause_account
from rientro.models.parcels import CarrierAccount, Label
from rientro.models.pool_shelf import Shelf
from rientro.models.purchase_outcomes import write_void_refused, write_void_waits, write_voided

CANNOT = Sentence("This carrier takes no labels back.")
LATER = Sentence("The carrier will decide later.")
ASK_YOURSELF = Sentence("The carrier account was disconnected: ask the carrier yourself.")
USED = Sentence("The parcel was scanned meanwhile: the label is used, and it stays.")


def void_label(*, label: Label, now: datetime) -> Label:
    """Ask the carrier to void ``label``, as was asked of us (request_void), and credit it once it has.

    Safe to repeat: what is voided stays voided, and is credited once. A carrier that will decide later leaves
    it `requested`, to be asked again by the sweeper; one that refuses leaves it `refused`, with its words. A label
    that was scanned meanwhile is used: no carrier is asked.
    Raises CarrierError for what may pass; nothing is credited then.
    """
    mark("void.start")
    label = _read_again(label)
    if label.void != Label.Void.REQUESTED:
        return label
    if label.purchase.account.deleted_at:  # nobody can ask any more: it stands on the desk
        asked = CancelResult(outcome="requested", message=ASK_YOURSELF)
        return _write_down(label, asked, now=now)
    if label.parcel.first_scan_at is not None:
        return _write_down(label, CancelResult(outcome="refused", message=USED), now=now)
    mark("void.before_wire")
    try:
        result = _open(label.purchase.account, now=now).cancel_label(label.carrier_reference)
    except Unsupported:
        result = CancelResult(outcome="refused", message=CANNOT)
    except InvalidRequest as refusal:
        result = CancelResult(outcome="refused", message=refusal.message)
    except RateLimited as error:
        with transaction.atomic(durable=True):
            until = now + timedelta(seconds=error.retry_after_s)
            pause_account(label.purchase.account, until=until, words=error.message)
        raise
    except AuthFailed as error:
        with transaction.atomic(durable=True):
            break_account(label.purchase.account, error.message, at=now)
        raise
    mark("void.after_wire")
    account = label.purchase.account  # what is read again below is read without it
    label = _write_down(label, result, now=now)
    if account.resting:
        _well(account)
    mark("void.committed")
    return label


@transaction.atomic(durable=True)
def _well(account: CarrierAccount) -> None:
    note_success(account)


@transaction.atomic(durable=True)
def _read_again(label: Label) -> Label:
    rows = Label.objects.select_related("parcel", "purchase__account", "purchase__parcel")
    return rows.get(pk=label.pk)


def _open(account: CarrierAccount, *, now: datetime) -> Carrier:
    try:
        return open_carrier(
            account.carrier,
            unseal(account.credentials),
            account.settings,
            shelf=Shelf(account, now=now),
        )
    except (UnknownCarrier, CannotUnseal) as error:
        raise AuthFailed(error.message) from error


@transaction.atomic(durable=True)
def _write_down(label: Label, result: CancelResult, *, now: datetime) -> Label:
    actor = f"carrier:{label.purchase.account.carrier}"
    if result.outcome == "voided":
        write_voided(label, words=result.message, at=now, actor=actor)
    elif result.outcome == "refused":
        write_void_refused(label, words=result.message, at=now, actor=actor)
    else:
        write_void_waits(label, words=result.message or LATER, at=now, actor=actor)
    label.refresh_from_db()
    return label
