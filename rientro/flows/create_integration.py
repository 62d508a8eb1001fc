"""A merchant connects a shop, the API or a file as a source of orders."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.text import clean_line
from rientro.models import Event, Integration


class NamelessShop(RientroError):
    """An integration is known by the name of its shop."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "nameless_shop"


@transaction.atomic
def create_integration(
    *, shop_name: str, system: str = "api", shop_url: str = "", actor: str, now: datetime
) -> Integration:
    """A new integration of the current merchant, without keys. Raises NamelessShop."""
    name = clean_line(shop_name, 250)
    if not name:
        raise NamelessShop("Give the shop a name.")
    integration = Integration.objects.create(
        shop_name=name, system=system, shop_url=clean_line(shop_url, 500), created_at=now
    )
    Event.record("integration.created", actor=actor, at=now, integration=integration.pk)
    return integration
