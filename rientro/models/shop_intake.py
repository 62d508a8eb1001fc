"""What a shop told us becomes orders: filtered, read by the merchant's status words, merged, and written in the log."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from rientro.models.integrations import Integration
from rientro.models.order_intake import prepare, record_import, take_in
from rientro.models.orders import Order
from rientro.models.returns import ReturnItem
from rientro.models.rule_book import RuleBook
from rientro.models.shop_health import living
from rientro.models.shop_links import ShopLink, ShopPull, ShopRefusal
from rientro.policy.lifecycle import Approval
from rientro.policy.orders_in import LineIn, OrderIn, OrderResult
from rientro.policy.shop_filters import Filters, meaning_of, passes, read_by
from rientro.policy.shop_units import Gone, Sent, units_bought
from rientro.shops.base import ShopOrder, Told

MOST_NUMBERS = 20  # of one line of the log
RETRY_FIRST = timedelta(minutes=5)
MOST_TRIES = 8  # then a person has to look; with doubling waits that is most of a day
GONE_WORDS = "gone"


@dataclass(slots=True)
class Taken:
    """What came of some orders; ``numbers`` of the first few that were new or changed."""

    counts: Counter[str] = field(default_factory=Counter)
    numbers: list[str] = field(default_factory=list)

    def __getitem__(self, word: str) -> int:
        return self.counts[word]


@dataclass(slots=True)
class _Known:
    """What we hold of an order already."""

    order: Order
    sent: dict[str, list[Sent]]  # by line key: units in living returns


def take_told(
    link: ShopLink, told: Sequence[Told], *, source: ShopPull.Source, at: datetime
) -> Taken:
    """Take in what the shop of ``link`` told, in the caller's transaction, and write a line of the log.

    An order that the filters leave out does not enter; one that is here already goes on being updated. What cannot
    be read or kept is written down as a refusal and tried again later. Says the last word per order only. What
    comes after the end of the connection leaves nothing.
    """
    taken = Taken()
    integration = living(link.integration_id) if told else None
    if integration is None:
        return taken
    newest = {_id_of(each): each for each in told}
    known = _known(integration, list(newest))
    entering: list[OrderIn] = []
    for key, each in newest.items():
        if not isinstance(each, ShopOrder):
            _refuse(link, key, each.number, each.reason, at=at)
            taken.counts["error"] += 1
            continue
        order = _read(each, link, known.get(key), at=at)
        if order is None:
            taken.counts["left_out"] += 1
        else:
            entering.append(order)
    results = _write(integration, link, entering, source=source, at=at)
    _note(link, entering, results, taken, at=at)
    _forget_refusals(link, newest, taken, results)
    write_pull(link, taken, source=source, at=at)
    return taken


def take_gone(link: ShopLink, order_ids: Iterable[str], *, at: datetime) -> int:
    """Orders that the shop does not have any more count as cancelled; those that are in no shop at all are nobody's."""
    ids = list(order_ids)
    ShopRefusal.objects.filter(link=link, external_order_id__in=ids).delete()
    gone = Order.objects.filter(
        integration_id=link.integration_id, external_order_id__in=ids, cancelled_at=None
    )
    return gone.update(cancelled_at=at, status=GONE_WORDS, said_digest="", updated_at=at)


def write_pull(link: ShopLink, taken: Taken, *, source: str, at: datetime, error: str = "") -> None:
    """A line of the import log; nothing where nothing happened."""
    news = taken["created"] or taken["updated"] or taken["error"] or taken["left_out"]
    # A reconciliation meets everything again: what the filters left out before is no news of it.
    if source != ShopPull.Source.BACKFILL.value:
        news = taken["created"] or taken["updated"] or taken["error"]
    if not news and not error:
        return
    ShopPull.objects.create(
        link=link,
        source=source,
        orders_created=taken["created"],
        orders_updated=taken["updated"],
        orders_unchanged=taken["unchanged"],
        orders_left_out=taken["left_out"],
        orders_refused=taken["error"],
        numbers=taken.numbers,
        error=error[:300],
        at=at,
    )


def _id_of(told: Told) -> str:
    return told.order.external_order_id if isinstance(told, ShopOrder) else told.external_order_id


def _known(integration: Integration, ids: Sequence[str]) -> dict[str, _Known]:
    """What is here of these orders, locked: a return that is being opened is counted or waits."""
    rows = Order.objects.locked().filter(integration=integration, external_order_id__in=ids)
    held = {row.pk: _Known(row, defaultdict(list)) for row in rows.order_by("external_order_id")}
    living = ReturnItem.objects.filter(order_line__order__in=list(held)).exclude(
        ret__approval__in=[Approval.REJECTED.value, Approval.CANCELLED.value]
    )
    for order_id, key, units, opened_at in living.values_list(
        "order_line__order_id", "order_line__line_key", "quantity", "ret__requested_at"
    ):
        held[order_id].sent[key].append(Sent(units, opened_at))
    return {row.order.external_order_id: row for row in held.values()}


def _read(told: ShopOrder, link: ShopLink, known: _Known | None, *, at: datetime) -> OrderIn | None:
    """The order as it shall stand here; None: it does not enter."""
    order = told.order
    if known is None:
        if meaning_of(order, link.status_map) == "leave_out":
            return None
        if not passes(order, Filters.of(link.filters)):
            return None
    order = read_by(_with_known_dates(order, known), link.status_map, at=at)
    lines = [_line(line, told, known) for line in order.lines or ()]
    return replace(order, lines=[line for line in lines if line.quantity])


def _with_known_dates(order: OrderIn, known: _Known | None) -> OrderIn:
    """A date that a status word stood for is that of the first time, not of each time."""
    if known is None:
        return order
    row = known.order
    return replace(
        order,
        fulfilled_at=order.fulfilled_at or row.fulfilled_at,
        delivered_at=order.delivered_at or row.delivered_at,
    )


def _line(line: LineIn, told: ShopOrder, known: _Known | None) -> LineIn:
    gone = [Gone(each.units, each.at) for each in told.taken_back.get(line.line_key, ())]
    sent = known.sent.get(line.line_key, []) if known else []
    if not gone:
        return line
    return replace(line, quantity=units_bought(bought=line.quantity, gone=gone, sent=sent))


def _write(
    integration: Integration,
    link: ShopLink,
    entering: Sequence[OrderIn],
    *,
    source: str,
    at: datetime,
) -> list[OrderResult]:
    if not entering:
        return []
    results = take_in(integration, prepare(entering, RuleBook(integration)), at=at)
    record_import(integration, results, actor=f"shop:{integration.system}", now=at)
    return results


def _note(
    link: ShopLink,
    entering: Sequence[OrderIn],
    results: Sequence[OrderResult],
    taken: Taken,
    *,
    at: datetime,
) -> None:
    for order, result in zip(entering, results, strict=True):
        taken.counts[result.status] += 1
        if result.status == "error":
            _refuse(link, order.external_order_id, order.number, words_of(result.errors), at=at)
        elif result.status != "unchanged" and len(taken.numbers) < MOST_NUMBERS:
            taken.numbers.append(order.number)


def words_of(problems: Any) -> str:
    """Every sentence of nested problems, each with the field that it is about."""
    if isinstance(problems, dict):
        parts = [
            words_of_lines(inner) if name == "lines" else f"{name}: {words_of(inner)}"
            for name, inner in problems.items()
        ]
        return " ".join(parts)
    if isinstance(problems, list | tuple):
        return " ".join(words_of(inner) for inner in problems)
    return str(problems)


def words_of_lines(problems: Any) -> str:
    """Lines as people count them; or what is wrong with all of them."""
    if not isinstance(problems, dict):
        return f"lines: {words_of(problems)}"
    return " ".join(
        f"line {int(place) + 1}, {words_of(inner)}" for place, inner in problems.items()
    )


# Refusals


def _refuse(link: ShopLink, order_id: str, number: str, reason: str, *, at: datetime) -> None:
    row = ShopRefusal.objects.filter(link=link, external_order_id=order_id[:200]).first()
    if row is None:
        ShopRefusal.objects.create(
            link=link,
            external_order_id=order_id[:200],
            number=number[:200],
            reason=reason[:2000],
            first_at=at,
            last_at=at,
            next_at=at + RETRY_FIRST,
        )
        return
    row.tries += 1
    row.number, row.reason, row.last_at = number[:200] or row.number, reason[:2000], at
    if row.tries >= MOST_TRIES:
        row.dead_at, row.next_at = row.dead_at or at, None
    else:
        row.next_at = at + RETRY_FIRST * 2 ** (row.tries - 1)
    row.save(update_fields=["tries", "number", "reason", "last_at", "dead_at", "next_at"])


def _forget_refusals(
    link: ShopLink, newest: dict[str, Told], taken: Taken, results: Sequence[OrderResult]
) -> None:
    """What came in by now, or is left out by now, is no refusal any more."""
    bad = {result.external_order_id for result in results if result.status == "error"}
    bad |= {key for key, each in newest.items() if not isinstance(each, ShopOrder)}
    fine = [key[:200] for key in newest if key not in bad]
    ShopRefusal.objects.filter(link=link, external_order_id__in=fine).delete()
