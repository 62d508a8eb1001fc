"""What a machine may say of an order that it tells as a parcel, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelIn:
    """``changes`` holds the fields of orders_in.OrderIn that were told, and no others; ``facts`` are kept beside.

    Which order it is: the one that ``shipment_uuid`` names, else ``external_order_id`` with
    ``external_shipment_id``, else the one with the number in ``changes``. ``reference`` is the client's own: the
    same again is the same parcel. ``currency`` is the one that amounts in ``changes`` were read in.
    """

    changes: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
    shipment_uuid: UUID | None = None
    external_order_id: str = ""
    external_shipment_id: str = ""
    currency: str = ""
