"""A merchant disconnects a source of orders."""

from datetime import datetime

from django.db import transaction

from rientro.models import Integration
from rientro.models.shop_ending import end_integration


@transaction.atomic
def delete_integration(*, integration: Integration, actor: str, now: datetime) -> None:
    """No order comes in by it any more, and its keys open nothing; the orders that came stay.

    The keys of a shop that it was connected to are forgotten, and so is what waited to be read there.
    """
    row = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
    end_integration(row, actor=actor, at=now)
