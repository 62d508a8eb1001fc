"""Words of the import pages: what a field is called, and how a preview is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from rientro.kit.said import said
from rientro.models import ImportRun
from rientro.models.import_files import Preview
from rientro.policy.columns import FIELDS
from rientro.policy.file_orders import OrderRead
from rientro.policy.orders_in import OrderIn

LABELS: dict[str, Promise] = {
    "number": lazy("Order number"),
    "external_id": lazy("The shop's own id of the order"),
    "ordered_on": lazy("Date of the order"),
    "fulfilled_on": lazy("Date of dispatch"),
    "delivered_on": lazy("Date of delivery"),
    "status": lazy("Status"),
    "channel": lazy("Where it was sold"),
    "receipt": lazy("Code on the till receipt"),
    "currency": lazy("Currency"),
    "total": lazy("Total"),
    "language": lazy("Language"),
    "tags": lazy("Tags"),
    "tracking_number": lazy("Tracking number of the parcel that went out"),
    "name": lazy("Name"),
    "first_name": lazy("First name"),
    "last_name": lazy("Last name"),
    "company": lazy("Company"),
    "street": lazy("Street"),
    "house_number": lazy("House number"),
    "address_2": lazy("Second line of the address"),
    "postal_code": lazy("Postal code"),
    "city": lazy("City"),
    "state": lazy("Province or state"),
    "country": lazy("Country"),
    "email": lazy("E-mail"),
    "phone": lazy("Phone"),
    "item_name": lazy("Item"),
    "sku": lazy("SKU"),
    "quantity": lazy("Quantity"),
    "price": lazy("Price of one"),
    "variant": lazy("Variant"),
    "item_weight": lazy("Weight of one"),
    "hs_code": lazy("HS code"),
    "origin_country": lazy("Country of origin"),
    "final_sale": lazy("Cannot be returned"),
    "image_url": lazy("Picture"),
    "line_id": lazy("The shop's own id of the line"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One order of the preview. ``notes`` are (row, sentence, is it a problem)."""

    rows: str
    number: str
    order: OrderIn | None
    place: str
    notes: list[tuple[int, str, bool]] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return self.order is None


def field_label(code: str) -> Any:
    """The name of a field in the reader's language, marked where every order needs it."""
    known = FIELDS[code]
    label = LABELS.get(code, known.label)
    return f"{label} *" if known.needed else label


def show_preview(preview: Preview, run: ImportRun) -> dict[str, Any]:
    """What the template needs of a preview."""
    headings: list[str] = run.options.get("headings", [])
    heading = run.mapping.get("number", "")
    place = headings.index(heading) if heading in headings else -1
    return {
        "orders": [_shown(read, place) for read in preview.orders],
        "warnings": [said(words) for words in preview.warnings],
        "bad": preview.with_problems,
        "good": len(preview.orders) - preview.with_problems,
    }


def _shown(read: OrderRead, place: int) -> Shown:
    first, last = read.rows[0][0], read.rows[-1][0]
    cells = read.rows[0][1]
    told = cells[place] if 0 <= place < len(cells) else ""
    order = read.order
    return Shown(
        rows=str(first) if first == last else f"{first}–{last}",
        number=order.number if order else told[:60],
        order=order,
        place=_place(order) if order else "",
        notes=[*_notes(read.problems, bad=True), *_notes(read.warnings, bad=False)],
    )


def _place(order: OrderIn) -> str:
    street = f"{order.street} {order.house_number}".strip()
    town = f"{order.postal_code} {order.city}".strip()
    return ", ".join(part for part in (street, town, order.country) if part)


def _notes(found: Mapping[int, Mapping[str, str]], *, bad: bool) -> list[tuple[int, str, bool]]:
    return [(row, said(words), bad) for row, told in found.items() for words in told.values()]
