"""What a label is told: plain values, no tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelItem:
    """What lies in the parcel, as the packing slip lists it."""

    name: str
    variant: str = ""
    sku: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """All a label says. ``sender`` (the shopper) and ``receiver`` are lines in their country's own order.

    ``instructions`` replace the three usual steps; each is "title" or "title\\nmore". ``logo`` is a PNG that
    kit.images has drawn anew. ``test`` marks a label that no carrier will take.
    """

    reference: str
    tracking_number: str
    carrier_name: str
    sender: Sequence[str]
    receiver: Sequence[str]
    return_number: str
    created_on: date
    service_name: str = ""
    order_number: str = ""
    weight_g: int = 0
    parcel: str = ""  # "1 / 2", of a return in several
    items: Sequence[LabelItem] = ()
    language: str = "en"
    brand_name: str = ""
    accent: str = "#0b5a6e"
    logo: bytes | None = None
    instructions: Sequence[str] = ()
    hand_in_by: date | None = None
    qr_payload: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDocuments:
    """The same label three times."""

    pdf_a6: bytes
    pdf_a4: bytes
    zpl: bytes
