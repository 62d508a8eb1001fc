"""What the pages show of an order: its lines as cards, its dates, the returns it already has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rientro.kit.money import Money
from rientro.models import Order, OrderLine, ProductPicture, Return, ReturnItem, Ticket
from rientro.models.return_rule_book import ReturnRuleBook
from rientro.models.returnable import dates_of, facts_of, terms_of
from rientro.policy.eligibility import Decision, Verdict, decide
from rientro.policy.return_rules import judged
from rientro.policy.windows import OrderDates
from rientro.portal import words
from rientro.portal.shopfront import Shopfront


@dataclass(frozen=True, slots=True)
class Card:
    """One line of the order, judged for a single unit."""

    line: OrderLine
    price: Money
    left: int
    decision: Decision
    why_not: str
    picture: str

    @property
    def may_return(self) -> bool:
        return self.decision.verdict is not Verdict.REFUSE


@dataclass(frozen=True, slots=True)
class Picked:
    """Units that the shopper chose of a line, with the reason once it is given."""

    card: Card
    quantity: int
    wanted: int  # as picked; more than ``quantity`` when units have gone into another return since
    reason_code: str
    note: str

    @property
    def amount(self) -> Money:
        return self.card.price * self.quantity


@dataclass(frozen=True, slots=True)
class Facts:
    """The order's dates, and the last day on which all of it may still come back, with what it is counted from."""

    order: Order
    dates: OrderDates
    until: date | None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A return that the order already has; ``is_mine`` when this ticket may open its page."""

    ret: Return
    units: int
    status: str
    is_mine: bool


def cards_of(order: Order, front: Shopfront) -> list[Card]:
    """Every line, in the shop's order: those that cannot come back as well."""
    lines = list(order.lines.order_by("position", "id"))
    pictures = pictures_of(order, lines, front)
    terms, book = terms_of(front.settings), ReturnRuleBook(front.brand)
    cards = []
    for line in lines:
        facts = facts_of(line, order, front.zone)
        ruling = book.ruling(
            line, order, quantity=1, reason_code="", zone=front.zone, today=front.today
        )
        decision = judged(decide(facts, asked=1, terms=terms, today=front.today), ruling)
        refused = decision.verdict is Verdict.REFUSE
        cards.append(
            Card(
                line=line,
                price=Money(max(0, line.price_minor), order.currency),
                left=max(0, line.quantity - line.returned_quantity),
                decision=decision,
                why_not=words.why_not(decision, front) if refused else "",
                picture=pictures.get(line.sku, ""),
            )
        )
    return cards


def pictures_of(order: Order, lines: Iterable[OrderLine], front: Shopfront) -> dict[str, str]:
    """Article number -> the address of its picture here; a product without one has a drawn stand-in."""
    rows = ProductPicture.objects.filter(
        integration=order.integration_id, sku__in={line.sku for line in lines if line.sku}
    ).values_list("sku", "picture_id", "picture__sha256")
    return {sku: front.url("picture", f"{pk}-{sha[:8]}") for sku, pk, sha in rows}


def facts_of_order(order: Order, cards: Sequence[Card], front: Shopfront) -> Facts:
    ends = [card.decision.until for card in cards if card.may_return and card.decision.until]
    dates, until = dates_of(order, front.zone), min(ends, default=None)
    counted = words.counted(dates, terms_of(front.settings), until) if until else ""
    return Facts(order=order, dates=dates, until=until, counted=counted)


def picked(cards: Sequence[Card], draft: dict[str, Any]) -> list[Picked]:
    """What the draft says was picked, as far as it still can come back."""
    chosen, why = draft.get("picks", {}), draft.get("why", {})
    found = []
    for card in cards:
        key = str(card.line.pk)
        wanted = int(chosen.get(key, 0))
        quantity = min(wanted, card.left)
        if quantity > 0 and card.may_return:
            said = why.get(key, {})
            found.append(Picked(card, quantity, wanted, said.get("code", ""), said.get("note", "")))
    return found


def earlier_returns(order: Order, ticket: Ticket, front: Shopfront) -> list[Earlier]:
    """Newest first. Their pages hold an address, so they open to level 2 and to whoever made them."""
    returns = list(Return.objects.filter(order=order, brand=front.brand).order_by("-pk")[:20])
    units: dict[int, int] = {}
    items = ReturnItem.objects.filter(ret__in=returns).values_list("ret_id", "quantity")
    for ret_id, quantity in items:
        units[ret_id] = units.get(ret_id, 0) + quantity
    return [
        Earlier(
            ret=ret,
            units=units.get(ret.pk, 0),
            status=words.status(ret),
            is_mine=ticket.level >= 2 or ret.pk in ticket.opened_returns,
        )
        for ret in returns
    ]
