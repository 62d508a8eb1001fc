"""What of an order is a person, and how it is overwritten; the books keep what they need."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from rientro.kit.errors import Kind, RientroError
from rientro.models.customs import CustomsPaper
from rientro.models.deliveries import Delivery
from rientro.models.documents import StoredDocument
from rientro.models.events import Event, Mail
from rientro.models.label_pool import PoolLabel
from rientro.models.lookup import Ticket
from rientro.models.money import Refund
from rientro.models.orders import Order
from rientro.models.parcels import Label, LabelPurchase
from rientro.models.returns import Note, Return, ReturnItem
from rientro.models.shop_errands import ShopErrand
from rientro.policy.lifecycle import Settlement

PERSON = ("name", "company", "street", "house_number", "address_2", "postal_code", "city", "state")
CONTACT = ("email", "phone")
SHADOWS = ("postal_norm", "email_norm", "receipt_norm")
COLUMNS = ("pdf_a6", "pdf_a4", "zpl", "code_came", "code")
PAPERS = tuple(f"{name}_id" for name in COLUMNS)


class StillUnderWay(RientroError):
    """A return of the order is not settled yet: its parcel needs the address."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "return_under_way"


def redact(order: Order, *, actor: str, at: datetime) -> Order:
    """Overwrite name, address and contact of ``order``, its returns, labels and mails; delete tickets and papers.

    In the caller's transaction; safe to repeat. Raises StillUnderWay; nothing is written then.
    """
    order = Order.objects.locked().get(pk=order.pk)
    returns = Return.objects.filter(order=order)
    unsettled = [Settlement.OPEN.value, Settlement.PROMISED.value]
    paying = Refund.objects.filter(ret__in=returns, state=Refund.State.PENDING.value)
    if returns.alive().filter(settlement__in=unsettled).exists() or paying.exists():
        raise StillUnderWay("A return of this order is still under way. Close it first.")
    if order.redacted_at:
        return order
    _empty(order, now=at)
    Ticket.objects.filter(order=order).delete()
    returns.update(**{f"from_{name}": "" for name in (*PERSON, *CONTACT)}, note="")
    ReturnItem.objects.filter(ret__in=returns).update(note="")
    Note.objects.filter(ret__in=returns).update(words="")
    Mail.objects.filter(ret__in=returns).update(to="", subject="", error="")
    ShopErrand.objects.filter(ret__in=returns).update(answer={})  # whatever the shop told along
    Delivery.objects.forget(order)
    _empty_labels(returns)
    Event.record("order.redacted", actor=actor, at=at, order=order)
    return order


def _empty(order: Order, *, now: datetime) -> None:
    for name in (*PERSON, *CONTACT, *SHADOWS):
        setattr(order, name, "")
    order.facts = {}
    order.redacted_at = order.updated_at = now
    order.save()


def _empty_labels(returns: Any) -> None:
    customs = CustomsPaper.objects.filter(label__parcel__ret__in=returns)
    papers: list[int | None] = list(customs.values_list("document", flat=True))
    customs.delete()
    for label in Label.objects.filter(parcel__ret__in=returns):
        papers += [getattr(label, name) for name in PAPERS]
        for name in COLUMNS:
            setattr(label, name, None)
        label.facts, label.code_link = _without_people(label.facts), ""
        label.save(update_fields=[*COLUMNS, "facts", "code_link"])
    for purchase in LabelPurchase.objects.filter(parcel__ret__in=returns):
        purchase.request = _without_people(purchase.request)
        purchase.save(update_fields=["request"])
    _delete_unused(filter(None, papers))


def _without_people(words: Any) -> Any:
    """The same JSON, with every ``sender`` emptied but for its country."""
    if isinstance(words, list):
        return [_without_people(word) for word in words]
    if not isinstance(words, dict):
        return words
    return {
        key: _nobody(value) if key == "sender" else _without_people(value)
        for key, value in words.items()
    }


def _nobody(sender: Any) -> Any:
    if not isinstance(sender, dict):
        return ""
    return {name: value if name == "country" else "" for name, value in sender.items()}


def _delete_unused(papers: Iterable[int]) -> None:
    """Content-addressed files may serve another label as well: those stay."""
    wanted = set(papers)
    for column in PAPERS:
        wanted -= set(
            Label.objects.filter(**{f"{column}__in": wanted}).values_list(column, flat=True)
        )
    wanted -= set(
        CustomsPaper.objects.filter(document__in=wanted).values_list("document", flat=True)
    )
    wanted -= set(PoolLabel.objects.filter(paper__in=wanted).values_list("paper_id", flat=True))
    StoredDocument.objects.filter(pk__in=wanted).delete()
