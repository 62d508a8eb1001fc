"""Forget the person behind an order, and keep what the books need."""

from datetime import datetime

from django.db import transaction

from rientro.models.orders import Order
from rientro.models.redaction import StillUnderWay, redact

__all__ = ["StillUnderWay", "redact_order"]


@transaction.atomic
def redact_order(*, order: Order, actor: str, now: datetime) -> Order:
    """Overwrite name, address and contact of ``order``, its returns, labels and mails; delete tickets and papers.

    Notes about its returns are emptied. Numbers, items, amounts, country and the ledger stay. Safe to repeat.
    Raises StillUnderWay; nothing is written then. Does not reach files that were uploaded, nor backups.
    """
    return redact(order, actor=actor, at=now)
