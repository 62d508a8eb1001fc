"""The list of parcels: returns newest first, then the orders that were never shipped here, in pages by key."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from rientro.api.errors import Refused
from rientro.api.ids import what_is
from rientro.api.statuses import OF_STATE
from rientro.api.v2.parcel_out import parcel_out, return_parcel_out
from rientro.kit.text import normal_number
from rientro.models import Order, Return

PAGE = 100
MOST_IDS = 100
NO_LABEL, CANCELLED = 999, 2000
Row = Order | Return


def page_of_parcels(
    request: HttpRequest, orders: QuerySet[Order], returns: QuerySet[Return]
) -> dict[str, Any]:
    """One page: ``{next, previous, parcels}``. Raises Refused for a filter or a cursor that cannot be read."""
    orders, returns = _filtered(request.GET, orders, returns)
    backwards, place = _cursor(request.GET.get("cursor", ""))
    rows = _walk(orders, returns, backwards=backwards, place=place)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    has_next = more or backwards
    has_previous = more if backwards else place is not None
    return {
        "next": _link(request, rows[-1], backwards=False) if rows and has_next else None,
        "previous": _link(request, rows[0], backwards=True) if rows and has_previous else None,
        "parcels": [_told(row) for row in rows],
    }


def latest_parcel(ret: Return) -> Any:
    """The parcel that counts: the newest of the return, or None for one that needs none.

    Of several it is the first whose label was not given back.
    """
    if ret.parcel_count > 1:
        found = [one for one in ret.parcels.all() if not _is_given_back(one)]
        return min(found, key=lambda parcel: parcel.position, default=None)
    return max(ret.parcels.all(), key=lambda parcel: parcel.pk, default=None)


def _is_given_back(parcel: Any) -> bool:
    labels = list(parcel.labels.all())
    return bool(labels) and all(label.voided_at for label in labels)


def _told(row: Row) -> dict[str, Any]:
    if isinstance(row, Order):
        return parcel_out(row)
    return return_parcel_out(row, latest_parcel(row))


def _walk(
    orders: QuerySet[Order],
    returns: QuerySet[Return],
    *,
    backwards: bool,
    place: tuple[str, int] | None,
) -> list[Row]:
    """Up to a page and one row from ``place`` on: forwards returns come first, backwards orders do."""
    kind, pk = place or ("r" if not backwards else "o", 0)
    wanted = PAGE + 1
    found: list[Row] = []
    chain: Sequence[tuple[str, Any]] = (("r", returns), ("o", orders))
    for name, rows in reversed(chain) if backwards else chain:
        if name != kind and not found and place and _is_behind(name, kind, backwards):
            continue
        if name == kind and place:
            rows = rows.filter(pk__gt=pk) if backwards else rows.filter(pk__lt=pk)
        found += rows.order_by("pk" if backwards else "-pk")[: wanted - len(found)]
        if len(found) >= wanted:
            break
    return found


def _is_behind(name: str, kind: str, backwards: bool) -> bool:
    """Is the series ``name`` one that the page has left behind already?"""
    return (name == "r" and kind == "o") if not backwards else (name == "o" and kind == "r")


def _filtered(
    query: QueryDict, orders: QuerySet[Order], returns: QuerySet[Return]
) -> tuple[QuerySet[Order], QuerySet[Return]]:
    if any("\0" in value for values in query.lists() for value in values[1]):
        raise Refused("NUL characters are in no parcel.")
    if number := query.get("order_number", ""):
        norm = normal_number(number)
        orders = orders.filter(number_norm=norm)
        returns = returns.filter(order__number_norm=norm)
    if tracking := query.get("tracking_number", ""):
        orders = orders.filter(outbound_tracking_number=tracking)
        returns = returns.filter(parcels__tracking_number=tracking)
    if reference := query.get("external_reference", ""):
        orders = orders.filter(external_reference=reference)
        returns = returns.filter(external_reference=reference)
    if moment := _moment(query, "updated_after"):
        orders, returns = (
            orders.filter(updated_at__gt=moment),
            returns.filter(updated_at__gt=moment),
        )
    if moment := _moment(query, "announced_after"):
        orders = orders.none()
        returns = returns.filter(parcels__labels__bought_at__gt=moment)
    if status := query.get("parcel_status", ""):
        orders, returns = _with_status(status, orders, returns)
    return _with_ids(query.get("ids", ""), orders, returns)


def _with_status(
    told: str, orders: QuerySet[Order], returns: QuerySet[Return]
) -> tuple[QuerySet[Order], QuerySet[Return]]:
    if not (told.isascii() and told.isdigit() and len(told) <= 9):
        raise Refused("parcel_status: A valid integer is required.")
    wanted = int(told)
    states = [state for state, number in OF_STATE.items() if number == wanted]
    dead = Q(approval__in=["cancelled", "rejected"])
    if wanted == CANCELLED:
        return orders.none(), returns.filter(dead)
    living = returns.filter(~dead, carrier__in=states)
    return (orders if wanted == NO_LABEL else orders.none()), living


def _with_ids(
    told: str, orders: QuerySet[Order], returns: QuerySet[Return]
) -> tuple[QuerySet[Order], QuerySet[Return]]:
    if not told:
        return orders, returns
    numbers = [part.strip() for part in told.split(",") if part.strip()]
    if len(numbers) > MOST_IDS or not all(
        number.isascii() and number.isdigit() and len(number) <= 19 for number in numbers
    ):
        raise Refused(f"ids: Send up to {MOST_IDS} numbers with commas between.")
    wanted: dict[str, list[int]] = {"order": [], "parcel": [], "return": []}
    for number in numbers:
        known = what_is(int(number))
        if known is not None:
            wanted[known[0]].append(known[1])
    mine = Q(pk__in=wanted["return"]) | Q(parcels__in=wanted["parcel"])
    return orders.filter(pk__in=wanted["order"]), returns.filter(mine).distinct()


def _moment(query: QueryDict, name: str) -> datetime | None:
    told = query.get(name, "").strip().replace(" ", "+")
    if not told:
        return None
    try:
        moment = datetime.fromisoformat(told)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{name}: Use a date and time such as 2026-11-24T09:30:00+01:00.") from error


def _cursor(told: str) -> tuple[bool, tuple[str, int] | None]:
    """(backwards, (r or o, id to go on from)); the form is Sendcloud's, base64 of ``r=1&p=…``."""
    if not told:
        return False, None
    try:
        plain = base64.b64decode(told.encode(), altchars=b"-_", validate=True).decode()
        parts = parse_qs(plain, max_num_fields=5)
        place = parts["p"][0]
        kind, pk = place[0], int(place[1:])
        if kind not in "ro" or not 0 <= pk < 2**62:
            raise ValueError("out of range")
    except (binascii.Error, ValueError, KeyError, IndexError) as error:
        raise Refused("Invalid cursor.", status=404) from error
    return parts.get("r") == ["1"], (kind, pk)


def _link(request: HttpRequest, row: Row, *, backwards: bool) -> str:
    place = f"{'o' if isinstance(row, Order) else 'r'}{row.pk}"
    plain = f"{'r=1&' if backwards else ''}p={place}"
    query = request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(plain.encode()).decode()
    pairs = [(name, value) for name, values in query.lists() for value in values]
    return f"{settings.BASE_URL}{request.path}?{urlencode(pairs)}"
