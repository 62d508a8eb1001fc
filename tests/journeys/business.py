"""A merchant that is set up already, for journeys that begin with an order."""

from typing import Any

from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Brand, Integration, SenderAddress, ShippingRule
from tests import makers
from tests.journeys.stage import Keys, Stage

ACTOR = "member:1"


class Business:
    """Brands, addresses, shops and rules are rows; what happens with them happens through the doors."""

    def __init__(self, stage: Stage, name: str, **fields: Any) -> None:
        self.stage = stage
        self.member = stage.member_of(name, **fields)
        self.merchant = self.member.merchant
        self.places: dict[str, SenderAddress] = {}
        with acting_for(self.merchant.pk):
            connect_carrier(
                contract=Contract(
                    carrier="sandbox",
                    credentials={"token": stage.customer.token},
                    settings={"url": stage.customer.url},
                ),
                actor=ACTOR,
                now=clock.now(),
            )

    def inside(self) -> Any:
        return merchant_transaction(self.merchant.pk)

    def colleague(self, role: str) -> Any:
        user = makers.make_user(password=self.stage.password, first_name="Nadia", last_name="Conti")
        return makers.make_member(self.merchant, role=role, user=user)

    def brand(self, name: str, slug: str, **fields: Any) -> Brand:
        with self.inside():
            made: Brand = makers.make_brand(name=name, slug=slug, **fields)
        return made

    def place(self, label: str, brand: Brand | None, **fields: Any) -> SenderAddress:
        with self.inside():
            made: SenderAddress = makers.make_address(brand, label=label, **fields)
        self.places[label] = made
        return made

    def shop(self, name: str, to: SenderAddress | None = None, **fields: Any) -> Keys:
        """A shop and a key of it; with ``to``, a rule: if integration is this, then ship with that."""
        with self.inside():
            shop = makers.make_integration(shop_name=name, **fields)
            key = mint_api_key(integration=shop, actor=ACTOR, now=clock.now())
            if to:
                self.rule(to, ("integration", "is", str(shop.pk)))
        base = f"{self.stage.url}/api/v2"
        return Keys(base, str(shop.pk), key.public_key, key.secret_key)

    def rule(self, to: SenderAddress, *conditions: tuple[str, str, str]) -> None:
        names = ("property", "operator", "compare_to")
        ShippingRule.objects.create(
            name=f"to {to.label}",
            position=ShippingRule.objects.count() + 1,
            conditions=[dict(zip(names, each, strict=True)) for each in conditions],
            actions=[{"identifier": "ship_with_address", "value": str(to.pk)}],
            created_at=clock.now(),
            updated_at=clock.now(),
        )

    def integration(self, keys: Keys) -> Integration:
        with self.inside():
            found: Integration = Integration.objects.get(pk=keys.integration)
        return found
