"""A member corrects what the house knows of the business itself."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import available_timezones

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.merchants import Merchant

FIELDS = ("name", "country", "currency", "time_zone", "language")


class BadBusiness(RientroError):
    """A name or a time zone that cannot be; ``facts["field"]`` says which."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_business"


@transaction.atomic
def save_business(
    *, merchant: Merchant, fields: dict[str, str], actor: str, now: datetime
) -> Merchant:
    """Write name, country, currency, time zone and language. Raises BadBusiness; nothing is written then.

    Amounts that are there keep their currency: the new one is for statements and settings from now on.
    """
    if not fields["name"].strip():
        raise BadBusiness("The business needs a name.", field="name")
    if fields["time_zone"] not in available_timezones():
        raise BadBusiness("This is no time zone.", field="time_zone")
    row = Merchant.objects.select_for_update().get(pk=merchant.pk)
    changed = [name for name in FIELDS if getattr(row, name) != fields[name]]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
        Event.record("business.changed", actor=actor, at=now, fields=changed)
    return row
