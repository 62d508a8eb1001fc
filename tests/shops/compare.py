"""Our copy of an order in the words of a fake shop's ``truth``, so that the two can be held side by side."""

from collections.abc import Mapping

from rientro.shops.base import Shop, ShopOrder, Told
from tests.shops.fakes import shop as fakes


def told_of(found: Told) -> fakes.Told:
    """What an adapter read, as the shopkeeper would read it out."""
    assert isinstance(found, ShopOrder), found
    order = found.order
    lines = [
        fakes.ToldLine(
            sku=line.sku,
            units=line.quantity - sum(t.units for t in found.taken_back.get(line.line_key, ())),
            price=line.price_minor,
        )
        for line in order.lines or ()
    ]
    return fakes.Told(
        number=order.number,
        email=order.email,
        name=order.name,
        postal_code=order.postal_code,
        country=order.country,
        currency=order.currency,
        cancelled=order.cancelled_at is not None,
        fulfilled=order.fulfilled_at is not None,
        lines=tuple(sorted(lines, key=lambda line: line.sku)),
    )


def walked(shop: Shop, fake: fakes.FakeShop) -> Mapping[str, fakes.Told]:
    """Every order of ``fake`` by a whole walk of the adapter, the last word of each."""
    copies: dict[str, fakes.Told] = {}
    cursor, since = "", fake.now.replace(year=2020)
    while True:
        page = shop.changed(since, cursor)
        for found in page.orders:
            key = (
                found.order.external_order_id
                if isinstance(found, ShopOrder)
                else found.external_order_id
            )
            copies[key] = told_of(found)
        if not page.cursor:
            return copies
        cursor = page.cursor
