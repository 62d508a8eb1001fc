"""The ``fields`` of a request: what of an order is said. Names replace the defaults, ``+`` adds, ``-`` leaves out."""

from collections.abc import Mapping, Sequence
from typing import Any

LIST = (
    "id",
    "display_id",
    "custom_display_id",
    "status",
    "version",
    "summary",
    "total",
    "metadata",
    "locale",
    "created_at",
    "updated_at",
)
RELATED = (
    *("items", "credit_lines", "items.tax_lines", "items.adjustments", "items.variant"),
    *("items.variant.product", "items.detail", "shipping_address", "billing_address"),
    *("shipping_methods", "payment_collections", "payment_collections.payments"),
    *("payment_collections.payments.refunds", "payment_collections.payments.captures"),
    *("fulfillments.packed_at", "fulfillments.shipped_at"),
    *("fulfillments.delivered_at", "fulfillments.canceled_at"),
)
TOTALS = (
    "total",
    "subtotal",
    "tax_total",
    "discount_total",
    "discount_tax_total",
    "original_total",
    "original_subtotal",
    "original_tax_total",
    "item_total",
    "item_subtotal",
    "item_tax_total",
    "original_item_total",
    "original_item_subtotal",
    "original_item_tax_total",
    "shipping_total",
    "shipping_subtotal",
    "shipping_tax_total",
    "original_shipping_tax_total",
    "original_shipping_subtotal",
    "original_shipping_total",
    "credit_line_total",
    "credit_line_subtotal",
    "credit_line_tax_total",
)
DETAIL = (*LIST, "region_id", *TOTALS, *RELATED)
ALWAYS = ("id", "status", "version", "items", "payment_status", "fulfillment_status")
TOP = (
    *("items", "credit_lines", "shipping_address", "billing_address", "shipping_methods"),
    *("transactions", "sales_channel", "customer", "payment_collections", "fulfillments"),
)
INNER = (
    *("items.variant", "items.variant.product", "items.tax_lines", "items.adjustments"),
    *("payment_collections.payments", "payment_collections.payments.refunds"),
    *("payment_collections.payments.captures", "fulfillments.labels"),
)


def wanted(asked: str, defaults: Sequence[str]) -> set[str]:
    """The names and relations that are to be said."""
    words = [word.strip() for word in asked.split(",") if word.strip()]
    names = {word for word in words if word[0] not in "+-*"}
    chosen = names or set(defaults)
    chosen |= {word[1:] for word in words if word[0] in "+*"}
    return chosen - {word[1:] for word in words if word[0] == "-"}


def cut(order: Mapping[str, Any], chosen: set[str]) -> dict[str, Any]:
    """``order`` with what was chosen, and with what always comes."""
    said: dict[str, Any] = {}
    for name, value in order.items():
        if name == "items":
            said[name] = [_line(each, chosen) for each in value]
        elif name in TOP:
            if _about(name, chosen):
                said[name] = _cut(value, name, chosen)
        elif (
            name in chosen
            or name in ALWAYS
            or (name in ("sales_channel_id", "customer_id") and _about(name[:-3], chosen))
        ):
            said[name] = value
    return said


def _owner(name: str, chosen: set[str]) -> bool:
    """The id of a relation comes with it."""
    return name in ("sales_channel_id", "customer_id") and _about(name.removesuffix("_id"), chosen)


def _line(item: Mapping[str, Any], chosen: set[str]) -> dict[str, Any]:
    """Totals of a line, its taxes and adjustments come when a total of the order is asked for."""
    with_totals = any(name in chosen for name in TOTALS)
    said = {name: value for name, value in item.items() if _stays(name, chosen, with_totals)}
    if "variant" in said and not _about("items.variant.product", chosen):
        said["variant"] = {n: v for n, v in said["variant"].items() if n != "product"}
    return said


def _stays(name: str, chosen: set[str], with_totals: bool) -> bool:
    if name.removeprefix("raw_").endswith(("total", "_total_per_unit")):
        return with_totals
    if name == "variant":
        return _about("items.variant", chosen)
    if name in ("tax_lines", "adjustments"):
        return with_totals or _about(f"items.{name}", chosen)
    return True


def _about(name: str, chosen: set[str]) -> bool:
    return name in chosen or any(word.startswith(f"{name}.") for word in chosen)


def _cut(value: Any, path: str, chosen: set[str]) -> Any:
    if isinstance(value, list):
        return [_cut(each, path, chosen) for each in value]
    kept = {}
    for name, inner in value.items():
        place = f"{path}.{name}"
        if place in INNER:
            if _about(place, chosen):
                kept[name] = _cut(inner, place, chosen)
        elif path in chosen or place in chosen or name == "id":
            kept[name] = inner
    return kept
