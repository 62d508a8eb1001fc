"""The list of an integration's orders, in pages that stay quick however many orders there are."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from rientro.api import pages
from rientro.api.errors import Refused
from rientro.api.v2.shipment_out import shipment_out
from rientro.kit import clock
from rientro.kit.text import clean_line, normal_number
from rientro.models import Integration, Order, OrderLine

PAGE = 100
USUALLY_BACK = timedelta(days=365)
MOST_IDS = 500


def page_of(integration: Integration, request: HttpRequest) -> dict[str, Any]:
    """One page, newest first: ``{next, previous, results}``. Raises Refused, with 404 for an odd cursor."""
    rows = _filtered(integration.orders.filter(cancelled_at=None, standalone=False), request.GET)
    page = pages.page_of(request, rows, size=PAGE)
    return {"next": page.next, "previous": page.previous, "results": _with_lines(page.rows)}


def _with_lines(orders: list[Order]) -> list[dict[str, Any]]:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    if orders:
        merchant = orders[0].merchant
        kept = merchant.order_lines.filter(order__in=[o.pk for o in orders], removed_at=None)
        for line in kept.order_by("order_id", "position", "pk"):
            lines[line.order_id].append(line)
    return [shipment_out(order, lines[order.pk]) for order in orders]


def _filtered(rows: QuerySet[Order], query: QueryDict) -> QuerySet[Order]:
    now = clock.now()
    start = _day(query, "start_date", now - USUALLY_BACK, time.min)
    end = _day(query, "end_date", now, time.max)
    rows = rows.filter(created_at__gte=start, created_at__lte=end)
    for name in ("external_order_id", "external_shipment_id"):
        wanted = _several(query, f"{name}s")
        if wanted:
            rows = rows.filter(**{f"{name}__in": wanted})
    number = query.get("order_number", "")
    if number:
        rows = rows.filter(number_norm=normal_number(number))
    address = query.get("sender_address", "")
    if address:
        if not (address.isascii() and address.isdigit() and len(address) <= 18):
            raise Refused("sender_address: A valid integer is required.")
        rows = rows.filter(sender_address_id=int(address))
    if query.get("shipping_rules", "true").lower() not in ("true", "false", "1", "0", ""):
        raise Refused("shipping_rules: Must be a valid boolean.")
    if any("\0" in value for values in query.lists() for value in values[1]):
        raise Refused("NUL characters are in no order.")
    return rows


def _day(query: QueryDict, name: str, usual: datetime, end: time) -> datetime:
    """A day or a moment; of a day, its first or its last microsecond."""
    told = query.get(name, "").strip()
    if not told:
        return usual
    try:
        if len(told) == 10:
            return datetime.combine(date.fromisoformat(told), end, tzinfo=UTC)
        # A plus sign that was not escaped arrives as a space.
        moment = datetime.fromisoformat(re.sub(r"(:\d\d\S*) (\d\d:\d\d)$", r"\1+\2", told))
    except (ValueError, OverflowError) as error:
        raise Refused(f"{name}: Use a date such as 2026-11-24.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _several(query: QueryDict, name: str) -> list[str]:
    """Told once with commas, repeated, or repeated with brackets: clients do all three."""
    told = [*query.getlist(name), *query.getlist(f"{name}[]")]
    values = [clean_line(value) for part in told for value in part.split(",") if value.strip()]
    if len(values) > MOST_IDS:
        raise Refused(f"{name}: At most {MOST_IDS} values.")
    return values
