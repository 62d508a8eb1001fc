"""An order as a shop, a file or a client tells it: the one shape that every door of the import fills.

Words are as they were told, trimmed but not yet normalised; money is in minor units of the order's currency,
weights are in grams. What is empty was not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Outcome = Literal["created", "updated", "unchanged", "error"]
Problems = dict[str, Any]  # {field: [sentences]}, nested like the input


@dataclass(frozen=True, slots=True, kw_only=True)
class LineIn:
    """Units of one product. Without ``line_key`` (the shop's own line id) a stable one is made."""

    name: str
    quantity: int
    price_minor: int = 0  # paid per unit, after discounts
    line_key: str = ""
    sku: str = ""
    product_id: str = ""
    variant_id: str = ""
    variant: str = ""
    weight_g: int = 0  # per unit
    hs_code: str = ""
    origin_country: str = ""
    final_sale: bool = False
    image_url: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIn:
    """One sale, keyed by ``(external_order_id, external_shipment_id)`` inside its integration.

    ``shop_updated_at`` is the shop's own stamp: the same stamp again changes nothing. Without one, what was
    told is compared as a whole. ``lines`` None means that the lines were not told and stay as they are; an
    empty sequence means that there are none. ``facts`` is kept and not interpreted.
    """

    external_order_id: str
    number: str
    ordered_at: datetime  # aware
    country: str  # ISO 3166-1 alpha-2
    external_shipment_id: str = ""
    shop_updated_at: datetime | None = None
    channel: str = "web"  # web, store, phone, marketplace
    status: str = ""
    language: str = ""
    name: str = ""
    company: str = ""
    street: str = ""
    house_number: str = ""
    address_2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    email: str = ""
    phone: str = ""
    receipt: str = ""  # the code on a till receipt, the second factor of a sale in a store
    currency: str = "EUR"
    total_minor: int = 0
    weight_g: int = 0
    tags: Sequence[str] = ()
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    outbound_tracking_number: str = ""
    has_outbound: bool = False  # for a shop that knows of the parcel and not of its number
    cancelled_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[LineIn] | None = ()


def has_outbound(order: OrderIn) -> bool:
    """Is the parcel known that brought ``order`` to the shopper? Its tracking number says so (ADR 0012).

    Neither a date of dispatch nor a status nor a shipping method does: shops tell those of orders that others ship.
    """
    return order.has_outbound or any(map(str.isdigit, order.outbound_tracking_number))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResult:
    """What came of one OrderIn. ``notes`` says in words what was kept against the shop's word."""

    external_order_id: str
    external_shipment_id: str
    status: Outcome
    shipment_uuid: str = ""
    errors: Problems = field(default_factory=dict)
    notes: Sequence[str] = ()
