"""Everything that we hold of one shopper of one shop, as a file that the merchant can hand over."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from rientro.models.documents import StoredDocument
from rientro.models.events import Mail
from rientro.models.orders import Order
from rientro.models.returns import Return
from rientro.models.shop_links import ShopMessage

ORDER = (
    *("number", "status", "language", "name", "company", "street", "house_number", "address_2"),
    *("postal_code", "city", "state", "country", "email", "phone", "currency", "total_minor"),
    *("tags", "ordered_at", "fulfilled_at", "delivered_at", "outbound_tracking_number", "facts"),
)
LINE = ("name", "variant", "sku", "quantity", "price_minor")
RETURN = (
    *("number", "method", "refund_type", "language", "from_name", "from_company", "from_street"),
    *("from_house_number", "from_address_2", "from_postal_code", "from_city", "from_state"),
    *("from_country", "from_email", "from_phone", "note", "rejection", "currency"),
    *("refund_minor", "requested_at"),
)
ITEM = ("quantity", "reason_label", "note")


def keep_person_file(orders: Sequence[Order], *, at: datetime, left_out: int = 0) -> StoredDocument:
    """JSON of these orders, their returns, items and mails; kept as a document. Money in minor units. Says how many
    orders are not in it."""
    told: dict[str, Any] = {
        "made_at": at.isoformat(),
        "orders": [_order(order) for order in orders],
    }
    if left_out:
        told["orders_left_out"] = left_out
    content = msgspec.json.format(msgspec.json.encode(told), indent=2)
    name = f"personal-data-{at:%Y-%m-%d}.json"
    return StoredDocument.objects.keep(content, content_type="application/json", name=name)


def forget_person_files(documents: Iterable[int]) -> int:
    """Delete these files, unless a request still shows them."""
    unused = StoredDocument.objects.filter(pk__in=list(documents))
    shown = ShopMessage.objects.filter(document__isnull=False).values("document_id")
    return unused.exclude(pk__in=shown).delete()[0]


def _order(order: Order) -> dict[str, Any]:
    returns = Return.objects.filter(order=order).order_by("id")
    lines = order.lines.order_by("position", "id")
    return {
        **_columns(order, ORDER),
        "lines": [_columns(line, LINE) for line in lines],
        "returns": [_return(ret) for ret in returns],
    }


def _return(ret: Return) -> dict[str, Any]:
    mails = Mail.objects.filter(ret=ret).order_by("id")
    return {
        **_columns(ret, RETURN),
        "items": [_columns(item, ITEM) for item in ret.items.order_by("id")],
        "mails": [_columns(mail, ("to", "subject", "kind", "sent_at")) for mail in mails],
    }


def _columns(row: Any, names: Sequence[str]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in names}
    return {name: value for name, value in told.items() if value not in ("", None, {}, [])}
