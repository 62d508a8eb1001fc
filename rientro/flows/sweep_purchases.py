"""What died half-way is taken up again: labels that were being bought, stored or voided too long ago."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from rientro.kit.queue import post
from rientro.kit.tenancy import current_merchant
from rientro.models.boxes import PAPERLESS
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase
from rientro.policy.lifecycle import PurchaseStatus

# Longer than a carrier's deadline (30 s) and than a cut-off session lives (20 s), shorter than the minute in which
# nothing may stay stuck; the sweeper runs every ten seconds.
AFTER_S = 40
ASK_AGAIN_S = 3600  # a carrier that decides later about a void


@transaction.atomic
def sweep_purchases(*, now: datetime) -> int:
    """Post a task for everything of this merchant that nobody works on any more; says how many.

    Decides nothing itself: the task looks before it acts, under the purchase's own lock. Accounts whose
    credentials are refused rest until they are mended.
    """
    late = now - timedelta(seconds=AFTER_S)
    posted = 0
    for pk in _unbought(late, now):
        posted += _post_unless_waiting("buy_label", "purchase_id", pk)
    for pk in _unstored(late):
        posted += _post_unless_waiting("store_label", "label_id", pk)
    for pk in _unvoided(late, now):
        posted += _post_unless_waiting("void_label", "label_id", pk)
    return posted


def _unbought(late: datetime, now: datetime) -> list[int]:
    broken = Q(account__state=CarrierAccount.State.BROKEN.value, account__deleted_at=None)
    resting = Q(account__paused_until__gt=now)
    open_ones = LabelPurchase.objects.filter(
        Q(asked_at=None, created_at__lt=late) | Q(asked_at__lt=late),
        status=PurchaseStatus.BUYING.value,
    )
    return list(open_ones.exclude(broken | resting).values_list("pk", flat=True))


def _unstored(late: datetime) -> list[int]:
    day_ago = late - timedelta(days=1)  # the desk was told long before
    labels = Label.objects.filter(
        pdf_a6=None,
        void=Label.Void.NONE.value,
        bought_at__lt=late,
        bought_at__gt=day_ago,
        parcel__ret__order__redacted_at=None,
    ).exclude(facts__has_key=PAPERLESS)
    return list(labels.values_list("pk", flat=True))


def _unvoided(late: datetime, now: datetime) -> list[int]:
    answered = now - timedelta(seconds=ASK_AGAIN_S)
    asked = Label.objects.filter(
        void=Label.Void.REQUESTED.value, purchase__account__deleted_at=None
    ).exclude(purchase__account__state=CarrierAccount.State.BROKEN.value)
    due = Q(void_message="", void_requested_at__lt=late) | Q(void_requested_at__lt=answered)
    return list(asked.filter(due).values_list("pk", flat=True))


def _post_unless_waiting(task: str, key: str, pk: int) -> int:
    """One job at most waits; one that runs is no hindrance, for its process may be dead."""
    merchant = current_merchant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' "
            "AND args @> jsonb_build_object('merchant_id', %s::bigint, %s::text, %s::bigint) LIMIT 1",
            [task, merchant, key, pk],
        )
        if cursor.fetchone():
            return 0
    words: dict[str, Any] = {"merchant_id": merchant, key: pk}
    post(task, **words)
    return 1
