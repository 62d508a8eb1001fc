"""A machine announces a return from one address to another, without an order of ours behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import uuid7
from rientro.kit.money import LARGEST_MINOR
from rientro.kit.postal_codes import normal_postal, problem
from rientro.kit.text import clean_line, normal_email, normal_number
from rientro.models.addresses import SenderAddress
from rientro.models.boxes import lay_out
from rientro.models.brands import Brand, ReturnReason
from rientro.models.events import Event
from rientro.models.integrations import Counter, Integration
from rientro.models.orders import Order, OrderLine
from rientro.models.purchasing import intend_label
from rientro.models.quantities import take_units
from rientro.models.returns import Return, ReturnItem
from rientro.policy.announcements import AnnouncedItem, AnnouncedReturn
from rientro.policy.lifecycle import Approval
from rientro.policy.return_methods import buys_label
from rientro.policy.sender import FromAddress, checked

LONGEST = {"label": 80, "house_number": 20, "postal_code": 20, "city": 80, "state": 60}
LONGEST |= {"email": 254, "phone": 40}
USUAL = 120
HEAVIEST_G = 10**9


class BadAnnouncement(RientroError):
    """Something told makes no return; ``facts["field"]`` says which part."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_announcement"


class ReferenceUsed(RientroError):
    """Another living return has this external reference."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "external_reference_used"


def announce_return(
    *, integration: Integration, wish: AnnouncedReturn, actor: str, now: datetime
) -> Return:
    """Make the return and write the intent to buy its label; a repeat of ``wish.once_key`` gives the same one.

    Without ``wish.asks_label`` nothing is bought: the return stays a request until somebody approves it.
    It stands on an order of its own that is in no list and that no shopper finds. Raises BadAnnouncement,
    BadAddress and ReferenceUsed; nothing is written then.
    """
    try:
        return _announce(integration, wish, actor=actor, now=now)
    except IntegrityError as error:
        # Two at once with one reference: the other one was first.
        with transaction.atomic():
            already = _made_before(wish)
        if already is None:
            raise
        if already.trace.get("once_key") != wish.once_key or not wish.once_key:
            raise _used() from error
        return already


@transaction.atomic
def _announce(
    integration: Integration, wish: AnnouncedReturn, *, actor: str, now: datetime
) -> Return:
    already = _made_before(wish)
    if already is not None and already.approval == Approval.CANCELLED:
        already.trace = already.trace | {"external_reference": already.external_reference}
        already.external_reference = ""  # of a return that came to nothing: free for another
        already.save(update_fields=["external_reference", "trace", "updated_at"])
    elif already is not None:
        if wish.once_key and already.trace.get("once_key") == wish.once_key:
            return already
        raise _used()
    sender = checked(wish.sender, country=wish.sender.country, is_posted=True)
    _check(wish)
    desk = _desk(wish, now=now)
    brand = _brand(wish, desk)
    order = _order(integration, wish, sender, desk, brand, now=now)
    ret = _return(wish, sender, order, actor=actor, now=now)
    _items(ret, wish)
    take_units(ret)
    _begin(ret, wish, actor=actor, now=now)
    return ret


def _reference(wish: AnnouncedReturn) -> str:
    return wish.external_reference or wish.once_key


def _made_before(wish: AnnouncedReturn) -> Return | None:
    reference = _reference(wish)
    if not reference:
        return None
    return Return.objects.filter(external_reference=reference).first()


def _used() -> ReferenceUsed:
    return ReferenceUsed("External reference has already been used in another return.")


def check_announcement(wish: AnnouncedReturn) -> None:
    """Raise what announce_return would raise about what was told, short of references. Writes nothing."""
    checked(wish.sender, country=wish.sender.country, is_posted=True)
    _check(wish)
    already = _made_before(wish)
    if already is not None and already.approval != Approval.CANCELLED:
        raise _used()
    if wish.to is None and SenderAddress.objects.default_or_none() is None:
        raise BadAnnouncement("There is no default address to send this to.", field="to_address")
    if wish.brand_id is not None:
        _named_brand(wish.brand_id)


def _check(wish: AnnouncedReturn) -> None:
    desk = wish.to
    if desk is not None:
        for name in ("street", "city", "country"):
            if not getattr(desk, name).strip():
                raise BadAnnouncement("The parcel needs a whole address.", field=f"to.{name}")
        if wrong := problem(desk.postal_code, desk.country):
            raise BadAnnouncement(wrong, field="to.postal_code")
    if sum(item.price_minor * item.quantity for item in wish.items) > LARGEST_MINOR:
        raise BadAnnouncement("These items are worth too much for one parcel.", field="items")
    if sum(item.weight_g * item.quantity for item in wish.items) > HEAVIEST_G:
        raise BadAnnouncement("These items are too heavy for one parcel.", field="items")


# Where it goes


def _desk(wish: AnnouncedReturn, *, now: datetime) -> SenderAddress:
    if wish.to is None:
        default = SenderAddress.objects.default_or_none()
        if default is None:
            raise BadAnnouncement(
                "There is no default address to send this to.", field="to_address"
            )
        return default
    told = {
        name: clean_line(value, LONGEST.get(name, USUAL)) for name, value in asdict(wish.to).items()
    }
    told["country"] = told["country"].upper()
    return _living_match(told) or _kept_place(told, now=now)


def _living_match(told: Mapping[str, str]) -> SenderAddress | None:
    """One of the merchant's own places, however it was spelled."""
    living = SenderAddress.objects.living().filter(country=told["country"])
    return next((row for row in living.order_by("-is_default", "pk") if _is_at(row, told)), None)


def _is_at(row: SenderAddress, told: Mapping[str, str]) -> bool:
    ours = f"{row.street} {row.house_number}".casefold().split()
    theirs = f"{told['street']} {told['house_number']}".casefold().split()
    return (
        sorted(ours) == sorted(theirs)
        and row.city.casefold() == told["city"].casefold()
        and normal_postal(row.postal_code, row.country)
        == normal_postal(told["postal_code"], told["country"])
    )


def _kept_place(told: Mapping[str, str], *, now: datetime) -> SenderAddress:
    """A place that is on no list: made once for all returns that go there."""
    same = SenderAddress.objects.filter(**told).exclude(deleted_at=None).order_by("pk").first()
    if same is not None:
        return same
    return SenderAddress.objects.create(
        **told,
        label=clean_line(told["company"] or told["city"], LONGEST["label"]),
        is_sender=False,
        created_at=now,
        deleted_at=now,
    )


def _brand(wish: AnnouncedReturn, desk: SenderAddress) -> Brand:
    if wish.brand_id is not None:
        return _named_brand(wish.brand_id)
    living = Brand.objects.filter(archived_at=None)
    default = SenderAddress.objects.default_or_none()
    for place in (desk, default):
        if place is not None and place.brand_id is not None:
            found = living.filter(pk=place.brand_id).first()
            if found is not None:
                return found
    first = living.order_by("pk").first()
    if first is None:
        raise BadAnnouncement("There is no brand that this return could belong to.", field="brand")
    return first


def _named_brand(brand_id: int) -> Brand:
    brand = Brand.objects.filter(archived_at=None, pk=brand_id).first()
    if brand is None:
        raise BadAnnouncement("There is no brand with this number.", field="brand_id")
    return brand


# What is written


def _order(
    integration: Integration,
    wish: AnnouncedReturn,
    sender: FromAddress,
    desk: SenderAddress,
    brand: Brand,
    *,
    now: datetime,
) -> Order:
    address = asdict(sender)
    del address["proof"]
    number = clean_line(wish.order_number) or f"R-{uuid7().hex[:12]}"
    facts = dict(wish.facts)
    if wish.invoice_number:
        facts["customs_invoice_number"] = wish.invoice_number
    order = Order.objects.create(
        **address,
        integration=integration,
        standalone=True,
        external_order_id=f"return:{uuid7()}",
        number=number,
        number_norm=normal_number(number),
        postal_norm=normal_postal(sender.postal_code, sender.country),
        email_norm=normal_email(sender.email),
        currency=wish.currency,
        total_minor=_value(wish),
        weight_g=_weight(wish),
        ordered_at=now,
        sender_address=desk,
        brand=brand,
        facts=facts,
        created_at=now,
        updated_at=now,
    )
    OrderLine.objects.bulk_create(_lines(order, wish))
    return order


def _lines(order: Order, wish: AnnouncedReturn) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            line_key=str(position),
            position=position,
            name=clean_line(item.name, 500) or "Return",
            quantity=item.quantity,
            price_minor=item.price_minor,
            weight_g=item.weight_g,
            sku=clean_line(item.sku, 120),
            product_id=clean_line(item.product_id, 120),
            hs_code=clean_line(item.hs_code, 12),
            origin_country=item.origin_country,
            properties=dict(item.properties),
        )
        for position, item in enumerate(_told_items(wish), start=1)
    ]


def _told_items(wish: AnnouncedReturn) -> Sequence[AnnouncedItem]:
    """A return of nothing named is a return of one thing."""
    return wish.items or [AnnouncedItem(name="Return", weight_g=wish.weight_g)]


def _value(wish: AnnouncedReturn) -> int:
    return sum(item.price_minor * item.quantity for item in wish.items)


def _weight(wish: AnnouncedReturn) -> int:
    return wish.weight_g or sum(item.weight_g * item.quantity for item in wish.items)


def _return(
    wish: AnnouncedReturn, sender: FromAddress, order: Order, *, actor: str, now: datetime
) -> Return:
    address = asdict(sender)
    proof = address.pop("proof")
    brand, desk = order.brand, order.sender_address
    assert brand is not None
    assert desk is not None
    number = f"R-{Counter.next('return')}"
    if not wish.order_number:
        order.number, order.number_norm = number, normal_number(number)
        order.save(update_fields=["number", "number_norm"])
    trace: dict[str, Any] = {"sender": {"proof": proof, "as_in_order": False}, "mails": wish.mails}
    if wish.once_key:
        trace["once_key"] = wish.once_key
    if wish.contract_id is not None:
        trace["asked"] = {"contract_id": wish.contract_id, "service": wish.service}
    return Return.objects.create(
        number=number,
        external_reference=_reference(wish),
        order=order,
        brand=brand,
        to_address=desk,
        method=wish.method,
        parcel_count=wish.parcels,
        pickup_on=wish.pickup_on,
        language=brand.languages[0] if brand.languages else "en",
        currency=wish.currency,
        value_minor=order.total_minor,
        refund_minor=order.total_minor,
        **{f"from_{name}": value for name, value in address.items()},
        trace=trace,
        actor=actor,
        requested_at=now,
    )


def _items(ret: Return, wish: AnnouncedReturn) -> None:
    asked = {item.reason_id for item in wish.items if item.reason_id}
    reasons = ReturnReason.objects.filter(brand=ret.brand_id).in_bulk(asked)
    lines = OrderLine.objects.filter(order=ret.order_id).order_by("position")
    rows = []
    for item, line in zip(_told_items(wish), lines, strict=True):
        reason = reasons.get(item.reason_id) if item.reason_id else None
        rows.append(
            ReturnItem(
                ret=ret,
                order_line=line,
                quantity=item.quantity,
                price_minor=item.price_minor,
                reason=reason,
                reason_label=reason.label(ret.language)[:200] if reason else "",
                note=item.note,
            )
        )
    ReturnItem.objects.bulk_create(rows)


def _begin(ret: Return, wish: AnnouncedReturn, *, actor: str, now: datetime) -> None:
    Event.record(
        "return.requested",
        actor=actor,
        at=now,
        ret=ret,
        review=not wish.asks_label,
        because="api",
    )
    weight_g = _weight(wish)
    if buys_label(ret.method) and (weight_g or not wish.asks_label):
        sizes = {
            "length_mm": wish.length_mm,
            "width_mm": wish.width_mm,
            "height_mm": wish.height_mm,
        }
        lay_out(ret, weight_g=weight_g, sizes_mm=sizes, at=now)
    if not wish.asks_label:
        return
    ret.move(save=False, approval=Approval.APPROVED.value)
    ret.approved_at = now
    ret.save(update_fields=["approval", "approved_at", "updated_at"])
    Event.record("return.approved", actor=actor, at=now, ret=ret, at_once=True)
    if buys_label(ret.method):
        intend_label(ret, at=now, actor=actor)
