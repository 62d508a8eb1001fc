"""Where parcels start and where returns go, and the two rules that lead orders there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rientro.flows.save_address import AddressFacts, save_address
from rientro.flows.save_shipping_rule import save_shipping_rule
from rientro.models import Brand, Integration, SenderAddress, ShippingRule
from rientro.policy.rule_draft import RuleDraft
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS

MILANO: dict[str, Any] = {
    "label": "Milano",
    "company": "Sartoria Brina S.r.l.",
    "contact_name": "Magazzino Resi",
    "email": "magazzino@sartoria-brina.example",
    "phone": "+39 02 5550 0127",
    "street": "Via Tortona",
    "house_number": "27",
    "postal_code": "20144",
    "city": "Milano",
    "state": "MI",
    "country": "IT",
    "vat_number": "IT09481230967",
    "eori_number": "IT09481230967",
}
HAMBURG: dict[str, Any] = {
    "label": "Hamburg",
    "company": "Nordlicht Outdoor GmbH",
    "contact_name": "Retouren",
    "email": "retouren@nordlicht-outdoor.example",
    "phone": "+49 40 5550 0182",
    "street": "Billstraße",
    "house_number": "82",
    "postal_code": "20539",
    "city": "Hamburg",
    "country": "DE",
    "vat_number": "DE811234567",
    "eori_number": "DE4711223344556",
}
BRERA: dict[str, Any] = {
    "label": "Negozio Brera",
    "is_sender": False,
    "is_return": True,
    "is_store": True,
    "company": "Sartoria Brina",
    "contact_name": "Negozio Brera",
    "email": "brera@sartoria-brina.example",
    "phone": "+39 02 5550 0131",
    "street": "Via Fiori Chiari",
    "house_number": "12",
    "postal_code": "20121",
    "city": "Milano",
    "state": "MI",
    "country": "IT",
    "opening_hours": "mar–sab 10.00–19.30",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The two that rules name."""

    milano: SenderAddress
    hamburg: SenderAddress
    brera: SenderAddress


def make_places(sartoria: Brand, nordlicht: Brand, *, actor: str, now: datetime) -> Places:
    """Milano is the default; each address carries its brand under *Miscellaneous*."""

    def place(fields: dict[str, Any], brand: Brand) -> SenderAddress:
        found = SenderAddress.objects.living().filter(label=fields["label"]).first()
        facts = AddressFacts(fields=fields, brand=brand)
        return found or save_address(
            address=None, facts=facts, make_default=False, actor=actor, now=now
        )

    return Places(
        milano=place(MILANO, sartoria),
        hamburg=place(HAMBURG, nordlicht),
        brera=place(BRERA, sartoria),
    )


def make_rules(
    shops: tuple[Integration, Integration], places: Places, *, actor: str, now: datetime
) -> None:
    """If integration is shop A then ship with address Milano; shop B, Hamburg."""
    for shop, address in zip(shops, (places.milano, places.hamburg), strict=True):
        name = f"{shop.shop_name} → {address.label}"
        if ShippingRule.objects.filter(name=name).exists():
            continue
        draft = RuleDraft(
            name=name,
            conditions=[{"property": "integration", "operator": "is", "compare_to": str(shop.pk)}],
            actions=[{"identifier": SHIP_WITH_ADDRESS, "value": str(address.pk)}],
        )
        save_shipping_rule(rule=None, draft=draft, actor=actor, now=now)
