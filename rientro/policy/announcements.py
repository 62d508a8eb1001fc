"""What a machine may say of a return that it announces, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rientro.policy.sender import FromAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the parcel goes. One of the merchant's own addresses, or a place that is kept for this return."""

    company: str
    street: str
    city: str
    country: str
    contact_name: str = ""
    house_number: str = ""
    address_2: str = ""
    postal_code: str = ""
    state: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedItem:
    """``price_minor`` and ``weight_g`` are per unit; ``reason_id`` is one of the brand's, or unknown to us."""

    name: str
    quantity: int = 1
    price_minor: int = 0
    weight_g: int = 0
    sku: str = ""
    product_id: str = ""
    hs_code: str = ""
    origin_country: str = ""
    reason_id: int | None = None
    note: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedReturn:
    """What a machine wishes. ``to`` None is the default address; zero weights and sizes are unknown.

    ``once_key`` is the same for a repeated request: it stands in for a missing ``external_reference``, and tells
    a repeat of ours from another return with a reference that is taken. Without ``asks_label`` the return waits at
    the desk until a label is asked for. ``facts`` are kept and not interpreted. ``weight_g`` is of all ``parcels``
    together, the sizes are of each.
    """

    sender: FromAddress
    to: Desk | None
    items: Sequence[AnnouncedItem] = ()
    currency: str = "EUR"
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    order_number: str = ""
    external_reference: str = ""
    once_key: str = ""
    brand_id: int | None = None
    contract_id: int | None = None
    service: str = ""
    method: str = "print_at_home"
    parcels: int = 1
    pickup_on: date | None = None
    invoice_number: str = ""
    mails: bool = False
    asks_label: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementChange:
    """What is to be different of a return without a label; None was not told.

    ``sender`` holds fields of FromAddress by name.
    """

    sender: Mapping[str, str] = field(default_factory=dict)
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    order_number: str | None = None
    external_reference: str | None = None
    contract_id: int | None = None
    asks_label: bool = False

    def fields(self) -> list[str]:
        """The names of what was told, short of the wish for a label."""
        told = [name for name in CHANGEABLE if getattr(self, name) is not None]
        return [*(f"from.{name}" for name in self.sender), *told]


CHANGEABLE = (
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "order_number",
    "external_reference",
    "contract_id",
)
