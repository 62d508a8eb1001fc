"""A merchant whose order came from the small shop (host/crash/small_shop.py), and a return of it that is back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rientro.host.crash.small_shop import ALL, CODE, KEY, SmallServer, opened
from rientro.kit.crypto import seal
from rientro.models import Integration, Return, ShopLink
from rientro.shops.base import Can
from tests.makers import NOW, make_brand, make_integration, make_order, make_return

ORDER = "4711"
TOTAL = (
    4 * 4600 + 500
)  # of the order: four scarves and postage; twice the return, so that a second refund fits


@contextmanager
def small_shop(can: Can = ALL) -> Iterator[SmallServer]:
    with opened(can) as server:
        server.orders[ORDER] = TOTAL
        yield server


def connect(server: SmallServer, **settings: Any) -> Integration:
    """The link as connect_shop leaves it."""
    integration = make_integration(system=CODE, shop_name="Bottega")
    ShopLink.objects.create(
        integration=integration,
        credentials=seal({"key": KEY}),
        settings={"url": server.url, "deadline_s": 2} | settings,
        connected_at=NOW,
    )
    return integration


def returned(integration: Integration, *, quantity: int = 2, **fields: Any) -> Return:
    """A return of two scarves of 46.00 that arrived, counted as new and sent back to stock; a fee of 4.50."""
    order = make_order(
        make_brand(),
        integration=integration,
        external_order_id=ORDER,
        total_minor=TOTAL,
        lines=[{"quantity": 4, "line_key": "L1"}],
    )
    values = {"carrier": "delivered", "fee_minor": 450, "refund_minor": 4600 * quantity - 450}
    ret = make_return(order, quantity=quantity, **values | fields)
    ret.items.update(received_quantity=quantity, grade="new", disposition="restock")
    Return.objects.filter(pk=ret.pk).update(inspection="accepted")
    ret.refresh_from_db()
    return ret
