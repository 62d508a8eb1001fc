"""Orders as a client of the API and a till's file tell them."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from rientro.kit import clock

HEADINGS = [
    "Order number", "Date", "Name", "Street", "House number", "Postal code", "City", "Country", "E-mail",
    "Item", "SKU", "Variant", "Quantity", "Price", "Currency", "Channel", "Receipt",
]  # fmt: skip


def days_ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()


def shipment(number: str, *items: dict[str, Any], **words: Any) -> dict[str, Any]:
    """An order of Giulia's in Turin, in Sendcloud's words. No outbound shipment is told of."""
    return {
        "address": "Corso Moncalieri",
        "house_number": "14",
        "city": "Torino",
        "postal_code": "10131",
        "country": "IT",
        "name": "Giulia Ferrero",
        "email": "giulia.ferrero@example.test",
        "order_number": number,
        "external_order_id": number,
        "external_shipment_id": None,
        "currency": "EUR",
        "created_at": days_ago(9),
        "updated_at": days_ago(8),
        "parcel_items": list(items) or [scarf()],
        "total_order_value": "92.00",
        "weight": "0.600",
    } | words


def scarf(quantity: int = 2) -> dict[str, Any]:
    return {
        "description": "Cashmere scarf",
        "quantity": quantity,
        "sku": "SC-1",
        "value": "46.00",
        "weight": "0.300",
        "properties": {"colour": "Slate"},
    }


def write_csv(file: Path, *rows: dict[str, str]) -> Path:
    """One line per item; what a row does not say is empty."""
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, HEADINGS, restval="")
        writer.writeheader()
        for row in rows:
            writer.writerow({"Date": days_ago(9)[:10], "Quantity": "1", "Currency": "EUR"} | row)
    return file


def posted(number: str, **words: str) -> dict[str, str]:
    """A row of an order that was sent by post, to Kirsten in Hamburg."""
    return {
        "Order number": number,
        "Name": "Kirsten Oldenburg",
        "Street": "Steindamm",
        "House number": "7",
        "Postal code": "20099",
        "City": "Hamburg",
        "Country": "DE",
        "E-mail": "kirsten@example.test",
        "Item": "Rain jacket",
        "SKU": "RJ-2",
        "Variant": "Moss / M",
        "Price": "129.00",
        "Channel": "online",
    } | words


def at_the_till(number: str, receipt: str, **words: str) -> dict[str, str]:
    """A row of a sale in a store: no name, no address; the receipt's code is all there is."""
    return {
        "Order number": number,
        "Country": "DE",
        "Item": "Leather belt",
        "SKU": "BE-3",
        "Variant": "90 cm",
        "Price": "59.00",
        "Channel": "store",
        "Receipt": receipt,
    } | words
