"""What an order that came in says of the parcel that brought it to the shopper."""

from datetime import UTC, datetime

import pytest

from rientro.policy.orders_in import OrderIn, has_outbound

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "told", "expected"),
    [
        ("nothing", {}, False),
        ("its tracking number", {"outbound_tracking_number": "0034 0434-1"}, True),
        ("a shop that knows of the parcel", {"has_outbound": True}, True),
        ("a dash in the column", {"outbound_tracking_number": " - "}, False),
        ("n/a in the column", {"outbound_tracking_number": "n/a"}, False),
        ("an agency sends such days too", {"fulfilled_at": MARCH, "delivered_at": MARCH}, False),
        ("and such a status", {"status": "fulfilled"}, False),
        ("a wish how to send it", {"facts": {"shipping_method": 8}}, False),
    ],
)
def test_an_outbound_parcel_is_known_by_its_number(case, told, expected):
    order = OrderIn(external_order_id="1", number="1", ordered_at=MARCH, country="IT", **told)

    assert has_outbound(order) is expected
