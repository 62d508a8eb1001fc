"""A member corrects what the house knows of the business itself."""

import re
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.text import clean_line
from rientro.models.events import Event
from rientro.models.merchants import Merchant
from rientro.policy.taxes import clean_vat_number, vat_number_problem

FIELDS = (
    "name",
    "country",
    "currency",
    "time_zone",
    "language",
    "legal_name",
    "legal_address",
    "vat_number",
    "vat_percent",
    "invoice_prefix",
)
PREFIX = re.compile(r"[A-Za-z0-9]{1,8}", re.ASCII)


class BadBusiness(RientroError):
    """A name or a time zone that cannot be; ``facts["field"]`` says which."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_business"


@transaction.atomic
def save_business(
    *, merchant: Merchant, fields: dict[str, Any], actor: str, now: datetime
) -> Merchant:
    """Write name, country, currency, time zone, language and what invoices say. Raises BadBusiness; nothing is
    written then.

    Amounts that are there keep their currency: the new one is for statements and settings from now on. Invoices
    that were issued keep what they said. A field that is not given stays.
    """
    if not fields["name"].strip():
        raise BadBusiness("The business needs a name.", field="name")
    if fields["time_zone"] not in available_timezones():
        raise BadBusiness("This is no time zone.", field="time_zone")
    fields = _checked(fields)
    row = Merchant.objects.select_for_update().get(pk=merchant.pk)
    changed = [name for name in FIELDS if name in fields and getattr(row, name) != fields[name]]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
        Event.record("business.changed", actor=actor, at=now, fields=changed)
    return row


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The facts that stand on invoices, tidied."""
    told = dict(fields)
    if "vat_number" in told:
        told["vat_number"] = clean_vat_number(told["vat_number"])
        if words := vat_number_problem(told["vat_number"], told["country"]):
            raise BadBusiness(words, field="vat_number")
    if "invoice_prefix" in told and not PREFIX.fullmatch(told["invoice_prefix"]):
        raise BadBusiness("Up to eight letters and digits.", field="invoice_prefix")
    if "legal_address" in told:
        lines = (clean_line(line) for line in str(told["legal_address"]).splitlines())
        told["legal_address"] = "\n".join(line for line in lines if line)
    return told
