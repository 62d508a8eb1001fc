import pytest

from rientro.kit.money import Money
from rientro.policy.refund import Units, ceiling


def units(sent, received=None, price=1000):
    return Units(price=Money(price, "EUR"), sent=sent, received=received)


@pytest.mark.parametrize(
    ("case", "items", "fee", "expected"),
    [
        ("before the box is opened all counts", [units(2)], 0, 2000),
        ("the fee is taken once", [units(2), units(1)], 450, 2550),
        ("only what came", [units(2, received=1)], 450, 550),
        ("more than was sent counts as sent", [units(1, received=3)], 0, 1000),
        ("never less than nothing", [units(1, received=0)], 450, 0),
        ("nothing at all", [], 0, 0),
    ],
)
def test_ceiling(case, items, fee, expected):
    assert ceiling(items, fee=Money(fee, "EUR")) == Money(expected, "EUR")


def test_currencies_are_never_mixed():
    with pytest.raises(ValueError):
        ceiling([units(1)], fee=Money(0, "GBP"))
