"""Notes on a shop's orders are switched on or off."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.integrations import Integration


@transaction.atomic
def switch_notes(*, integration: Integration, on: bool, actor: str, now: datetime) -> Integration:
    """Have each return noted on its order in the shop, or not; what stands there already stays."""
    row = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
    if bool(row.settings.get("notes", True)) == on:
        return row
    row.settings = {**row.settings, "notes": on}
    row.save(update_fields=["settings", "updated_at"])
    Event.record("integration.changed", actor=actor, at=now, integration=row.pk, fields=["notes"])
    return row
