"""How goods are dealt out to boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.boxes import Box, Goods, packed

BOOTS = Goods(item_id=1, quantity=1, weight_g=1800)
SOCKS = Goods(item_id=2, quantity=3, weight_g=100)
SCARF = Goods(item_id=3, quantity=1, weight_g=400)


@pytest.mark.parametrize(
    ("goods", "boxes", "weight_g", "expected"),
    [
        pytest.param([BOOTS, SOCKS], 1, 0, [Box([], 2100)], id="one box holds all"),
        pytest.param(
            [BOOTS, SOCKS, SCARF],
            2,
            0,
            [Box([[1, 1]], 1800), Box([[2, 3], [3, 1]], 700)],
            id="the heavy one alone",
        ),
        pytest.param([SOCKS], 2, 0, [Box([[2, 2]], 200), Box([[2, 1]], 100)], id="units of one"),
        pytest.param([BOOTS], 3, 0, [Box([], 600)] * 3, id="one thing in three boxes"),
        pytest.param(
            [BOOTS], 3, 1000, [Box([], 334), Box([], 333), Box([], 333)], id="to the gram"
        ),
        pytest.param(
            [BOOTS, SCARF],
            2,
            4400,
            [Box([[1, 1]], 3600), Box([[3, 1]], 800)],
            id="a told weight in proportion",
        ),
        pytest.param(
            [Goods(item_id=1, quantity=2)],
            2,
            900,
            [Box([[1, 1]], 450), Box([[1, 1]], 450)],
            id="without weights of items",
        ),
        pytest.param([], 2, 0, [Box([], 0), Box([], 0)], id="nothing known"),
    ],
)
def test_goods_are_dealt_out(goods, boxes, weight_g, expected):
    assert packed(goods, boxes=boxes, weight_g=weight_g) == expected


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9000)), max_size=6),
    st.integers(1, 20),
    st.integers(0, 40_000),
)
def test_nothing_is_lost_and_nothing_is_made(told, boxes, weight_g):
    goods = [Goods(item_id=at, quantity=q, weight_g=w) for at, (q, w) in enumerate(told)]

    made = packed(goods, boxes=boxes, weight_g=weight_g)

    whole = weight_g or sum(each.quantity * each.weight_g for each in goods)
    assert len(made) == boxes
    assert sum(box.weight_g for box in made) == whole
    assert all(box.weight_g >= 0 for box in made)
    if any(box.contents for box in made):
        assert all(box.contents for box in made)
        for each in goods:
            found = [units for box in made for item, units in box.contents if item == each.item_id]
            assert sum(found) == each.quantity
