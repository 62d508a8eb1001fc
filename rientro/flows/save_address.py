"""A member writes down a place: a new one, or an old one with other facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.postal_codes import problem
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand
from rientro.models.events import Event
from rientro.models.holding import hold_settings

FIELDS = frozenset(
    {
        "label",
        "is_sender",
        "is_return",
        "is_store",
        "company",
        "contact_name",
        "email",
        "phone",
        "street",
        "house_number",
        "address_2",
        "postal_code",
        "city",
        "state",
        "country",
        "vat_number",
        "eori_number",
        "opening_hours",
    }
)


class BadAddress(RientroError):
    """A place that no parcel would reach; ``facts["field"]`` says which part."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_sender_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFacts:
    """What a form knows of a place. ``fields`` holds only names of FIELDS."""

    fields: Mapping[str, Any]
    brand: Brand | None


@transaction.atomic
def save_address(
    *,
    address: SenderAddress | None,
    facts: AddressFacts,
    make_default: bool,
    actor: str,
    now: datetime,
) -> SenderAddress:
    """Write a place. The first one is the default, and there is always exactly one.

    ``make_default`` takes that from another place; it is never taken from the last one. Orders that came in
    before keep the brand they have. Raises BadAddress; nothing is written then.
    """
    wrong = problem(str(facts.fields.get("postal_code", "")), str(facts.fields["country"]))
    if wrong:
        raise BadAddress(wrong, field="postal_code")
    hold_settings()
    row = address or SenderAddress(created_at=now)
    for name in FIELDS & set(facts.fields):
        setattr(row, name, facts.fields[name])
    row.brand = facts.brand
    default = SenderAddress.objects.default_or_none()
    if default is None or make_default:
        SenderAddress.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
        row.is_default = True
    row.save()
    Event.record(
        "address.saved",
        actor=actor,
        at=now,
        address=row.pk,
        label=row.label,
        brand=row.brand_id,
        is_default=row.is_default,
    )
    return row
