"""Orders in bulk: rows go by COPY into temporary tables, and one merge each changes only what differs.

COPY straight into a table under row-level security is refused by PostgreSQL, and a merge without ON CONFLICT
would lose the race against a second import. A row that was redacted is never touched again.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from rientro.kit.tenancy import current_merchant
from rientro.models.order_sql import (
    ADD_LINES,
    COPY_LINES,
    COPY_ORDERS,
    DROP_GONE,
    KEPT_BACK,
    LOOK,
    MAKE_TABLES,
    MERGE_LINES,
    MERGE_ORDERS,
    RULE_AGAIN,
    WITH_RETURNS,
)
from rientro.policy.orders_in import Outcome

NULL = "\x01"  # cleaned words hold no control characters, so this one can stand for NULL

Key = tuple[str, str]


@dataclass(slots=True)
class Ruling:
    """What the shipping rules decided; ``trace`` is JSON text."""

    sender_address_id: int | None
    brand_id: int | None
    by_default: bool
    trace: str = "[]"

    def __eq__(self, other: object) -> bool:
        """The outcome counts, not how it came about."""
        return isinstance(other, Ruling) and self.outcome() == other.outcome()

    def outcome(self) -> tuple[int | None, int | None, bool]:
        return self.sender_address_id, self.brand_id, self.by_default


@dataclass(slots=True)
class Staged:
    """One order ready for COPY: ``row`` is its text up to ``shipment_uuid`` in order_sql.ORDER.

    ``lines`` holds the texts of LINE after ``order_id``; None: the lines were not told.
    """

    key: Key
    row: str
    ruling: Ruling
    lines: Sequence[str] | None
    stamp: datetime | None
    digest: str


@dataclass(slots=True)
class Known:
    """What we already hold under a key."""

    pk: int
    uuid: str
    stamp: datetime | None
    digest: str
    redacted: bool
    ruling: Ruling

    def heard(self, order: Staged) -> bool:
        """Did the shop say this before? Its own stamp decides, else the whole of what it said."""
        if order.stamp is not None:
            return self.stamp == order.stamp
        return self.stamp is None and self.digest == order.digest


@dataclass(slots=True)
class Merged:
    """What came of one staged order."""

    status: Outcome
    uuid: str
    pk: int
    notes: list[str] = field(default_factory=list)


def merge(integration_id: int, orders: Sequence[Staged], *, at: datetime) -> dict[Key, Merged]:
    """Write ``orders`` (their keys differ) and say per key what came of it. Joins the caller's transaction.

    Untouched: what was said before, and what was redacted. Said before but ruled otherwise by now: only the
    ruling changes, unless the order has returns. Never writes a charge.
    """
    known = _look(integration_id, [order.key for order in orders])
    _keep_rulings_of_orders_with_returns(orders, known)
    done: dict[Key, Merged] = {}
    fresh: list[Staged] = []
    ruled: list[tuple[int, Ruling]] = []
    for order in orders:
        found = known.get(order.key)
        if found is None or not (found.redacted or found.heard(order)):
            fresh.append(order)
        elif found.redacted or found.ruling == order.ruling:
            done[order.key] = Merged("unchanged", found.uuid, found.pk)
        else:
            ruled.append((found.pk, order.ruling))
            done[order.key] = Merged("updated", found.uuid, found.pk)
    if ruled:
        _rule_again(ruled, at=at)
    if fresh:
        done |= _merge_fresh(integration_id, fresh, at=at)
    return done


def _look(integration_id: int, keys: Sequence[Key]) -> dict[Key, Known]:
    wanted = set(keys)
    with connection.cursor() as wrapped:
        cursor = wrapped.cursor
        # Planned each time: a plan that was made while the table was young would stay for long.
        told = [current_merchant(), integration_id, [order_id for order_id, _ in keys]]
        cursor.execute(LOOK, told, prepare=False)
        return {
            key: Known(
                pk, uuid, stamp, digest, redacted is not None, Ruling(address, brand, default)
            )
            for *names, pk, uuid, stamp, digest, redacted, address, brand, default in cursor
            if (key := tuple(names)) in wanted
        }


def _keep_rulings_of_orders_with_returns(
    orders: Sequence[Staged], known: Mapping[Key, Known]
) -> None:
    """A shopper who has opened a return in one portal must find it there tomorrow."""
    turning = [
        (order, found)
        for order in orders
        if (found := known.get(order.key)) and found.ruling != order.ruling
    ]
    if not turning:
        return
    with connection.cursor() as cursor:
        cursor.execute(WITH_RETURNS, [current_merchant(), [found.pk for _, found in turning]])
        held = {pk for (pk,) in cursor.fetchall()}
    for order, found in turning:
        if found.pk in held:
            trace = order.ruling.trace
            order.ruling = Ruling(*found.ruling.outcome(), trace=trace)


def _rule_again(ruled: Sequence[tuple[int, Ruling]], *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            RULE_AGAIN,
            [
                at,
                [pk for pk, _ in ruled],
                [ruling.sender_address_id for _, ruling in ruled],
                [ruling.brand_id for _, ruling in ruled],
                [ruling.by_default for _, ruling in ruled],
                [ruling.trace for _, ruling in ruled],
                current_merchant(),
            ],
        )


def _merge_fresh(
    integration_id: int, orders: Sequence[Staged], *, at: datetime
) -> dict[Key, Merged]:
    # In one order everywhere, so that two imports of the same orders never wait for each other in a circle.
    orders = sorted(orders, key=lambda order: order.key)
    merchant = current_merchant()
    with connection.cursor() as cursor:
        for statement in MAKE_TABLES:
            cursor.execute(statement)
        cursor.execute("DELETE FROM told_order")  # left by an earlier batch of this transaction
        cursor.execute("DELETE FROM told_line")
        uuids = _new_uuids(len(orders))
        with cursor.copy(COPY_ORDERS) as copy:
            copy.write("".join(map(_order_text, orders, uuids)))
        cursor.execute(MERGE_ORDERS, [merchant, integration_id, at, at])
        merged = {
            (order_id, shipment_id): Merged("created" if new else "updated", uuid, pk)
            for order_id, shipment_id, pk, uuid, new in cursor.fetchall()
        }
        _merge_lines(cursor, orders, merged, at=at)
    missed = [order.key for order in orders if order.key not in merged]
    if missed:  # another import was quicker with the same words
        merged |= {
            key: Merged("unchanged", found.uuid, found.pk)
            for key, found in _look(integration_id, missed).items()
        }
    return merged


def _merge_lines(
    cursor: Any, orders: Sequence[Staged], merged: Mapping[Key, Merged], *, at: datetime
) -> None:
    told = [
        (merged[order.key], order.lines)
        for order in orders
        if order.key in merged and order.lines is not None
    ]
    with cursor.copy(COPY_LINES) as copy:
        copy.write("".join([f"{row.pk}\t{line}\n" for row, lines in told for line in lines or ()]))
    merchant = current_merchant()
    changed = {row.pk: row for row, _ in told if row.status == "updated"}
    if not changed:
        cursor.execute(ADD_LINES, [merchant])
        return
    cursor.execute(MERGE_LINES, [merchant])
    cursor.execute(KEPT_BACK, [merchant, list(changed)])
    for pk, name, units in cursor.fetchall():
        changed[pk].notes.append(f"“{name}” stays at {units}: so many units are in returns.")
    cursor.execute(DROP_GONE, [at, merchant, list(changed)])
    for pk, name, units in cursor.fetchall():
        if units:
            changed[pk].notes.append(f"“{name}” stays with {units}: they are in returns.")


def _order_text(order: Staged, uuid: str) -> str:
    ruling = order.ruling
    ruled = copy_text(
        [
            NULL if ruling.sender_address_id is None else str(ruling.sender_address_id),
            NULL if ruling.brand_id is None else str(ruling.brand_id),
            "t" if ruling.by_default else "f",
            ruling.trace,
        ]
    )
    return f"{order.row}\t{uuid}\t{ruled}\n"


def copy_text(values: Sequence[str]) -> str:
    """Values in COPY's text format. The words were cleaned of control characters when they came in."""
    row = "\t".join(values)
    if "\\" in row:
        row = row.replace("\\", "\\\\")
    if row.count("\t") != len(values) - 1 or "\n" in row or "\r" in row:
        raise ValueError("A control character came through to the merge.")
    return row


def _new_uuids(count: int) -> list[str]:
    """Version 7 UUIDs in hexadecimal (RFC 9562, section 5.7), drawn at once."""
    stamp = (time.time_ns() // 1_000_000) << 80
    noise = os.urandom(10 * count)
    return [
        f"{(stamp | int.from_bytes(noise[n : n + 10])) & _KEEP | _VERSION:032x}"
        for n in range(0, 10 * count, 10)
    ]


_KEEP = ~(0xF << 76) & ~(0x3 << 62)
_VERSION = 0x7 << 76 | 0x2 << 62
