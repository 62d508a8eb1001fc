"""From a bought label to what its customs papers say, and the papers kept with it."""

from collections.abc import Mapping
from typing import Any

from babel import Locale

from rientro.kit.addresses import AddressFields, format_lines, shortened
from rientro.kit.money import Money
from rientro.models.customs import CustomsPaper
from rientro.models.documents import StoredDocument
from rientro.models.parcels import Label
from rientro.models.returnable import day_of
from rientro.models.returns import Return
from rientro.policy.customs import area_of
from rientro.policy.declaration import Declaration, Goods

ADDRESS = AddressFields.__dataclass_fields__.keys()
PDF = "application/pdf"


def declaration_of(label: Label, ret: Return, *, carrier_name: str) -> Declaration | None:
    """What the papers of ``label`` say: the very words that the carrier was asked with. None inside one territory."""
    request: Mapping[str, Any] = label.facts["request"]
    customs = request.get("customs")
    if not customs:
        return None
    sender, receiver, brand = request["sender"], request["receiver"], ret.brand
    return Declaration(
        number=ret.number,
        invoice_number=customs.get("invoice_number", ""),
        tracking_number=label.tracking_number or label.purchase.reference,
        sender=_lines(sender),
        receiver=_lines(_named_once(receiver)),
        goods=[_goods(item, customs["currency"]) for item in customs["items"]],
        gross_weight_g=label.parcel.weight_g,
        created_on=day_of(label.bought_at, ret.merchant.time_zone),
        arrives_in=area_of(receiver["country"], receiver.get("postal_code", "")),
        carrier_name=carrier_name,
        sender_contact=_contact(sender),
        receiver_contact=_contact(receiver),
        receiver_vat=customs.get("receiver_vat", ""),
        receiver_eori=customs.get("receiver_eori", ""),
        brand_name=brand.name,
        language=brand.languages[0] if brand.languages else "en",
    )


def keep_customs(label: Label, papers: Mapping[str, bytes]) -> None:
    """Store the papers (kind of CustomsPaper -> PDF) with ``label``, each kind once. Joins the caller's transaction."""
    number = label.tracking_number or label.purchase.reference
    for kind, content in papers.items():
        stored = StoredDocument.objects.keep(
            content, content_type=PDF, name=f"{number}-{kind.replace('_', '-')}.pdf"
        )
        CustomsPaper.objects.get_or_create(label=label, kind=kind, defaults={"document": stored})


def _lines(address: Mapping[str, Any]) -> list[str]:
    """Countries by their English name, which every customs office reads."""
    fields = shortened(AddressFields(**{name: address.get(name, "") for name in ADDRESS}))
    name = Locale("en").territories.get(fields.country, fields.country)
    return format_lines(fields, capitals=True, country_name=str(name))


def _named_once(receiver: Mapping[str, Any]) -> Mapping[str, Any]:
    same = receiver.get("company") == receiver.get("name")
    return {**receiver, "company": ""} if same else receiver


def _contact(address: Mapping[str, Any]) -> str:
    return " · ".join(filter(None, (address.get("phone", ""), address.get("email", ""))))


def _goods(item: Mapping[str, Any], currency: str) -> Goods:
    return Goods(
        description=item["description"],
        quantity=item["quantity"],
        value=Money(item["value_minor"], currency),
        sku=item.get("sku", ""),
        hs_code=item.get("hs_code", ""),
        origin_country=item.get("origin_country", ""),
        weight_g=item["weight_g"],
    )
