"""Pools run low by the calendar as well: labels expire without anybody taking one."""

from datetime import datetime

from django.db import transaction

from rientro.models.label_pool import LabelPool
from rientro.models.parcels import CarrierAccount
from rientro.models.pool_shelf import tell_if_low


def watch_pools(*, now: datetime) -> int:
    """Tell of this merchant's pools that have become low, each once; says how many were told."""
    with transaction.atomic():
        pools = list(LabelPool.objects.filter(low_since=None, account__deleted_at=None))
        accounts = list(CarrierAccount.objects.filter(pk__in=[p.account_id for p in pools]))
    return sum(tell_if_low(account, at=now) for account in accounts)
