"""What is known of goods for customs, per product and per return; what is missing; the papers drawn from it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.documents import StoredDocument
from rientro.models.events import Event
from rientro.models.parcels import Label
from rientro.models.returns import Return, ReturnItem
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.customs import crosses_customs
from rientro.policy.declaration import (
    NEEDED,
    Goods,
    missing_of,
    net_weight_g,
    normal_hs,
    normal_origin,
)
from rientro.policy.lifecycle import Approval, CarrierState

DESCRIBED = 100  # characters of a line of a declaration


class ProductCustoms(TenantModel):
    """What the merchant filled in for one SKU, once. Serves wherever the shop said nothing."""

    merchant = merchant_key("product_customs")
    sku = models.CharField(max_length=120)
    hs_code = models.CharField(max_length=10, blank=True, default="")  # digits only
    origin_country = models.CharField(max_length=2, blank=True, default="")
    weight_g = models.PositiveIntegerField(default=0)  # per unit
    saved_at = models.DateTimeField()

    objects = TenantQuerySet["ProductCustoms"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="product_customs_once"),
        ]

    def __str__(self) -> str:
        return self.sku


class CustomsPaper(TenantModel):
    """A paper that goes with a label across a customs border."""

    class Kind(models.TextChoices):
        INVOICE = "commercial_invoice", "Commercial invoice"
        CN23 = "cn23", "Customs declaration CN 23"
        CN22 = "cn22", "Customs declaration CN 22"
        ALL = "customs", "Customs papers"  # what the shopper prints: all of them in one file

    merchant = merchant_key("customs_papers")
    label = TenantForeignKey(Label, models.CASCADE, related_name="customs_papers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    document = TenantForeignKey(StoredDocument, models.PROTECT, related_name="+")

    objects = TenantQuerySet["CustomsPaper"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "label", "kind"], name="paper_kind_once"),
            *references("customs_paper", "label", on_delete="CASCADE"),
            *references("customs_paper", "document"),
        ]

    def __str__(self) -> str:
        return self.kind


def needs_declaration(ret: Return) -> bool:
    """Does a parcel of ``ret`` cross a customs border?"""
    to = ret.to_address
    return crosses_customs(
        ret.from_country,
        to.country,
        origin_postal=ret.from_postal_code,
        destination_postal=to.postal_code,
    )


def goods_by_item(ret: Return) -> dict[int, Goods]:
    """Each item of ``ret`` as a declaration names it: what was filled in for this return, else what the shop said,
    else what the merchant filled in for the SKU."""
    items = list(ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk"))
    skus = {item.order_line.sku for item in items} - {""}
    kept = {row.sku: row for row in ProductCustoms.objects.filter(sku__in=skus)}
    alone = len(items) == 1 and ret.order.standalone
    return {
        item.pk: _goods(
            item,
            kept.get(item.order_line.sku),
            currency=ret.currency,
            # The one thing in a parcel that a machine announced weighs what the parcel weighs.
            else_g=ret.order.weight_g // item.quantity if alone else 0,
        )
        for item in items
    }


def _goods(item: ReturnItem, kept: ProductCustoms | None, *, currency: str, else_g: int) -> Goods:
    line, filled = item.order_line, item.customs
    codes = (filled.get("hs_code", ""), line.hs_code, kept.hs_code if kept else "")
    origins = (
        filled.get("origin_country", ""),
        line.origin_country,
        kept.origin_country if kept else "",
    )
    weights = (filled.get("weight_g", 0), line.weight_g, kept.weight_g if kept else 0, else_g)
    return Goods(
        description=_described(line.name, line.variant),
        quantity=item.quantity,
        value=Money(max(0, item.price_minor), currency),
        sku=line.sku,
        hs_code=next(filter(None, map(normal_hs, codes)), ""),
        origin_country=next(filter(None, map(normal_origin, origins)), ""),
        weight_g=next(filter(None, weights), 0),
    )


def _described(name: str, variant: str) -> str:
    whole = f"{name}, {variant}" if variant else name
    return whole if len(whole) <= DESCRIBED else name[:DESCRIBED]


def missing_by_item(ret: Return) -> dict[int, tuple[str, ...]]:
    """The items of ``ret`` that lack something for customs, and what; empty where no border is crossed."""
    if not needs_declaration(ret):
        return {}
    told = {pk: missing_of(goods) for pk, goods in goods_by_item(ret).items()}
    return {pk: missing for pk, missing in told.items() if missing}


def hold_for_customs(ret: Return, *, at: datetime, actor: str) -> bool:
    """True while the label of ``ret`` must wait because customs would send its parcel back.

    Written on the return, and told once. The caller holds the return's lock.
    """
    missing = missing_by_item(ret)
    if not missing:
        if ret.customs_wanted_at:
            ret.customs_wanted_at = None
            ret.save(update_fields=["customs_wanted_at", "updated_at"])
        return False
    if ret.customs_wanted_at is None:
        ret.customs_wanted_at = at
        ret.save(update_fields=["customs_wanted_at", "updated_at"])
        wanted = sorted({name for names in missing.values() for name in names}, key=NEEDED.index)
        Event.record("return.customs_wanted", actor=actor, at=at, ret=ret, missing=wanted)
    return True


def waiting_for_customs() -> "models.QuerySet[Return]":
    """Returns whose label waits for customs data, longest first."""
    waits = Return.objects.filter(
        customs_wanted_at__isnull=False,
        approval=Approval.APPROVED.value,
        carrier=CarrierState.LABEL_PENDING.value,
    )
    return waits.order_by("customs_wanted_at", "pk")


def declared(ret: Return, contents: Iterable[tuple[int, int]] = ()) -> dict[str, Any] | None:
    """The ``customs`` of a LabelRequest (carriers.base.Customs) as JSON values; None where none is needed.

    ``contents`` are pairs of an item's id and how many units of it lie in this parcel; empty: all of the return.
    """
    if not needs_declaration(ret):
        return None
    units = dict(contents)
    items = [
        _declared_line(goods, units.get(pk, goods.quantity) if units else goods.quantity)
        for pk, goods in goods_by_item(ret).items()
        if not units or units.get(pk)
    ]
    vat, eori = tax_numbers(ret.to_address)
    return {
        "currency": ret.currency,
        "contents": "returned_goods",
        "invoice_number": invoice_number(ret),
        "items": items,
        "receiver_vat": vat,
        "receiver_eori": eori,
    }


def _declared_line(goods: Goods, quantity: int) -> dict[str, Any]:
    return {
        "description": goods.description,
        "quantity": quantity,
        "value_minor": goods.value.minor,
        "weight_g": goods.weight_g,
        "hs_code": goods.hs_code,
        "origin_country": goods.origin_country,
        "sku": goods.sku,
    }


def invoice_number(ret: Return) -> str:
    """The number under which the goods went out: of the original invoice, else of the order."""
    facts = ret.order.facts
    told = facts.get("customs_invoice_number") or facts.get("customs_invoice_nr")
    details = facts.get("customs_details")
    if not told and isinstance(details, dict):
        told = details.get("commercial_invoice_number")
    return str(told or ret.order.number)[:60]


def tax_numbers(desk: SenderAddress) -> tuple[str, str]:
    """(VAT number, EORI) of whoever receives the goods: of the place itself, else of the default address."""
    if desk.vat_number and desk.eori_number:
        return desk.vat_number, desk.eori_number
    usual = SenderAddress.objects.default_or_none()
    if usual is None:
        return desk.vat_number, desk.eori_number
    return desk.vat_number or usual.vat_number, desk.eori_number or usual.eori_number


def unit_weights_g(ret: Return) -> int:
    """What the items of ``ret`` weigh together, as far as it is known."""
    return net_weight_g(list(goods_by_item(ret).values()))
