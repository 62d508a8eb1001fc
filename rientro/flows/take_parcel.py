"""A machine tells one order as a parcel: it is taken in, or what is known of it is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.errors import Kind, Missing, RientroError
from rientro.kit.money import decimals_of
from rientro.kit.text import clean_line, normal_number
from rientro.models.integrations import Integration
from rientro.models.order_intake import prepare, record_import, take_in
from rientro.models.orders import Order, OrderLine
from rientro.models.rule_book import RuleBook
from rientro.policy.order_checks import LONGEST_ID
from rientro.policy.orders_in import LineIn, OrderIn, Problems
from rientro.policy.parcels_in import ParcelIn


class BadParcel(RientroError):
    """The order cannot be kept; ``problems`` says why, by field of OrderIn."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_parcel"

    def __init__(self, problems: Problems) -> None:
        super().__init__("This order cannot be kept.")
        self.problems = problems


class ParcelReferenceUsed(RientroError):
    """Another parcel of this integration has this external reference."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "parcel_reference_used"


def take_parcel(
    *,
    integration: Integration,
    told: ParcelIn,
    order: Order | None = None,
    actor: str,
    now: datetime,
) -> Order:
    """The order that ``told`` makes or changes; of one that is known, what was not told stays as it is.

    ``order`` names the one to change. A reference that is known gives the order that has it, unchanged. Shipping
    rules run as in an import; nothing is bought. Raises BadParcel, ParcelReferenceUsed (of a change), and Missing
    for a ``shipment_uuid`` of nobody; nothing is written then.
    """
    try:
        return _take(integration, told, order, actor=actor, now=now)
    except IntegrityError as error:
        # Two at once with one reference: the other one was first.
        with transaction.atomic():
            already = _with_reference(integration, told.reference)
        if already is None:
            raise
        if order is not None and already.pk != order.pk:
            raise _used() from error
        return already


@transaction.atomic
def _take(
    integration: Integration, told: ParcelIn, order: Order | None, *, actor: str, now: datetime
) -> Order:
    already = _with_reference(integration, told.reference)
    if already is not None and already.cancelled_at is not None:
        already.external_reference = ""  # of an order that was taken back: free for another
        already.save(update_fields=["external_reference"])
    elif already is not None and order is None:
        return already
    elif already is not None and order is not None and already.pk != order.pk:
        raise _used()
    known = _known(integration, told) if order is None else _locked(order)
    if known is not None and known.redacted_at is not None:
        words = "The personal data of this order was deleted; nothing of it can be changed."
        raise BadParcel({"number": [words]})
    return _written(integration, told, known, actor=actor, now=now)


def _used() -> ParcelReferenceUsed:
    return ParcelReferenceUsed("This external reference has already been used in another parcel.")


def _with_reference(integration: Integration, reference: str) -> Order | None:
    if not reference:
        return None
    rows = Order.objects.filter(integration=integration.pk, external_reference=reference)
    return rows.first()


# Which order it is


def _known(integration: Integration, told: ParcelIn) -> Order | None:
    living = Order.objects.filter(
        integration=integration.pk, cancelled_at=None, standalone=False
    ).order_by("pk")
    if told.shipment_uuid is not None:
        named = living.filter(shipment_uuid=told.shipment_uuid).first()
        if named is None:
            raise Missing("No ShipmentBlob matches the given query.")
        return _locked(named)
    if told.external_order_id:
        found = living.filter(
            external_order_id=clean_line(told.external_order_id),
            external_shipment_id=clean_line(told.external_shipment_id),
        )
        return _locked(found.first())
    number = normal_number(str(told.changes.get("number", "")))
    if not number:
        return None
    rows = [row for row in living.filter(number_norm=number)[:50] if _may_be(row, told)]
    if len(rows) > 1:
        words = (
            "Several shipments have this order number. Say which one with shipment_uuid, or with "
            "external_order_id and external_shipment_id."
        )
        raise BadParcel({"number": [words]})
    return _locked(rows[0]) if rows else None


def _may_be(row: Order, told: ParcelIn) -> bool:
    """A parcel with a reference of its own is another one than an order that has a reference already."""
    return not (told.reference and row.external_reference)


def _locked(order: Order | None) -> Order | None:
    return None if order is None else Order.objects.locked().get_or_missing(pk=order.pk)


# What is written


def _written(
    integration: Integration, told: ParcelIn, known: Order | None, *, actor: str, now: datetime
) -> Order:
    changes = {**told.changes, "shop_updated_at": now}  # it is news, whatever was said before
    if known is None:
        order_in = _new(told, changes, now=now)
    else:
        _stop_if_amounts_change(known, told)
        changes["facts"] = {**known.facts, **told.facts}
        lines = _lines(known)
        if changes.get("lines") is not None:
            changes["lines"] = _as_known(changes["lines"], lines)
        order_in = replace(_as_told(known, lines), **changes)
    (result,) = taken = take_in(integration, prepare([order_in], RuleBook(integration)), at=now)
    if result.status == "error":
        raise BadParcel(result.errors)
    record_import(integration, taken, actor=actor, now=now)
    order = Order.objects.get(shipment_uuid=result.shipment_uuid)
    if told.reference and order.external_reference != told.reference:
        order.external_reference = told.reference
        order.save(update_fields=["external_reference"])
    return order


def _stop_if_amounts_change(known: Order, told: ParcelIn) -> None:
    """Raise BadParcel when 92.00 would become 9200, because two currencies count otherwise."""
    wanted = str(told.changes.get("currency") or known.currency)
    amounts = [told.changes.get(name) is not None for name in ("total_minor", "lines")]
    spoken = {told.currency or wanted} if any(amounts) else set()
    kept = set() if all(amounts) else {known.currency}
    if any(decimals_of(code) != decimals_of(wanted) for code in spoken | kept):
        words = (
            f"This order is in {known.currency}, which counts otherwise. Send the currency together with the total "
            "and the items."
        )
        raise BadParcel({"currency": [words]})


def _new(told: ParcelIn, changes: Mapping[str, Any], *, now: datetime) -> OrderIn:
    number = str(changes.get("number") or "")
    shipment_id = told.external_shipment_id
    if not told.external_order_id and told.reference:
        shipment_id = told.reference  # several parcels of one order are told apart by it
        if len(shipment_id) > LONGEST_ID:
            shipment_id = blake2b(shipment_id.encode(), digest_size=16).hexdigest()
    words: dict[str, Any] = {
        "external_order_id": told.external_order_id or number,
        "external_shipment_id": shipment_id,
        "ordered_at": now,
        "country": "",
        "number": number,
        "facts": told.facts,
    }
    return OrderIn(**words | dict(changes))


def _as_known(told: Sequence[LineIn], lines: Sequence[OrderLine]) -> list[LineIn]:
    """``told`` under the keys that the lines have already, however they came in: units on their way back count."""
    free = list(lines)
    out = []
    for line in told:
        same = next((row for row in free if _is_same(row, line)), None)
        if same is not None:
            free.remove(same)
            line = replace(line, line_key=same.line_key)
        out.append(line)
    return out


def _is_same(row: OrderLine, line: LineIn) -> bool:
    if row.sku or line.sku:
        return row.sku == clean_line(line.sku, 120)
    return row.name == clean_line(line.name, 500) and row.variant == clean_line(line.variant)


def _as_told(order: Order, lines: Sequence[OrderLine]) -> OrderIn:
    """``order`` as if a shop told it again, word for word."""
    return OrderIn(
        external_order_id=order.external_order_id,
        external_shipment_id=order.external_shipment_id,
        number=order.number,
        ordered_at=order.ordered_at,
        country=order.country,
        channel=order.channel,
        status=order.status,
        language=order.language,
        name=order.name,
        company=order.company,
        street=order.street,
        house_number=order.house_number,
        address_2=order.address_2,
        postal_code=order.postal_code,
        city=order.city,
        state=order.state,
        email=order.email,
        phone=order.phone,
        receipt=order.receipt_norm,
        currency=order.currency,
        total_minor=order.total_minor,
        weight_g=order.weight_g,
        tags=order.tags,
        fulfilled_at=order.fulfilled_at,
        delivered_at=order.delivered_at,
        outbound_tracking_number=order.outbound_tracking_number,
        has_outbound=order.has_outbound,
        facts=order.facts,
        lines=[_line_as_told(line) for line in lines],
    )


def _lines(order: Order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order=order.pk, removed_at=None).order_by("position"))


def _line_as_told(line: OrderLine) -> LineIn:
    return LineIn(
        name=line.name,
        quantity=line.quantity,
        price_minor=line.price_minor,
        line_key=line.line_key,
        sku=line.sku,
        product_id=line.product_id,
        variant_id=line.variant_id,
        variant=line.variant,
        weight_g=line.weight_g,
        hs_code=line.hs_code,
        origin_country=line.origin_country,
        final_sale=line.final_sale,
        image_url=line.image_url,
        properties=line.properties,
    )
