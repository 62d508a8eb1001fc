"""The order that a trial is about, and what both trials say of a brand."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from rientro.api.door import Call
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import UUID_SHAPE, stop_if_wrong
from rientro.kit.errors import Kind, Missing, RientroError
from rientro.kit.text import normal_number
from rientro.models import Brand, Order


class Ambiguous(RientroError):
    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "order_number_ambiguous"


def order_named(call: Call, reader: Reader) -> Order:
    """The order of the body, by its id or its number. Raises Refused, Missing, Ambiguous."""
    told = reader.text("order", needed=True, longest=200).strip()
    stop_if_wrong(reader)
    rows = _orders(call)
    if UUID_SHAPE.fullmatch(told):
        found = list(rows.filter(shipment_uuid=UUID(told)))
    else:
        found = list(rows.filter(number_norm=normal_number(told)).order_by("-pk")[:2])
    if not found:
        raise Missing("There is no such order.")
    if len(found) > 1:
        raise Ambiguous("Several orders have this number. Send the id of the one you mean.")
    return found[0]


def _orders(call: Call) -> QuerySet[Order]:
    integration = call.caller.integration
    every = integration.merchant.orders if call.caller.every_shop else integration.orders
    rows: QuerySet[Order] = every.filter(standalone=False)
    return rows.select_related("brand", "integration", "sender_address")


def brand_out(brand: Brand) -> dict[str, Any]:
    return {"id": brand.pk, "slug": brand.slug, "name": brand.name}
