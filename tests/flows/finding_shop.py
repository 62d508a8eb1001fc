"""The little shop, with an adapter that can be asked for one order by its number."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.crypto import seal
from rientro.models import Integration, ShopLink
from rientro.shops import registry
from rientro.shops.base import Can, Told
from rientro.shops.wire import Wire
from tests.fake_server import Answer, Heard, running
from tests.flows import little_shop as little
from tests.makers import make_integration

CODE = "finding"


class FindingShop(little.LittleShop):
    ROUTES: ClassVar[dict[str, str]] = {**little.LittleShop.ROUTES, "GET /find": "found"}

    def found(self, heard: Heard) -> Answer:
        wanted = heard.one("number").lstrip("#").casefold()
        return Answer(
            words=[row for row in self.orders.values() if row["number"].casefold() == wanted]
        )

    @property
    def asked(self) -> list[str]:
        return [heard.one("number") for heard in self.heard if heard.line == "GET /find"]


class Finding(little.Little):
    CODE: ClassVar[str] = CODE

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        super().__init__(credentials, settings)
        keys = {"Authorization": f"Bearer {credentials['key']}"}
        self._wire = Wire(self.NAME, settings["url"], keys, deadline_s=settings["deadline_s"])

    def find(self, number: str) -> Sequence[Told]:
        reply = self._wire.ask("GET", "/find", params={"number": number})
        return [little._read(row) for row in json.loads(reply.body)]


KNOWN = replace(
    little.KNOWN, code=CODE, path="tests.flows.finding_shop:Finding", can=Can.WEBHOOK | Can.FIND
)


@contextmanager
def finding_shop() -> Iterator[FindingShop]:
    registry.KNOWN[CODE] = KNOWN
    try:
        with running(FindingShop()) as shop:
            yield shop
    finally:
        del registry.KNOWN[CODE]
        registry.shop_class.cache_clear()


@transaction.atomic
def linked(shop: FindingShop, **more: Any) -> ShopLink:
    """A connection to ``shop``, as the panel would have made it."""
    integration: Integration = make_integration(system=CODE, shop_name="Finding")
    fields = {
        "credentials": seal(shop.credentials),
        "settings": {"url": shop.url},
        "connected_at": little.START,
    }
    return ShopLink.objects.create(integration=integration, **(fields | more))
