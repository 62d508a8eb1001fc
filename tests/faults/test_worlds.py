"""No carrier without its faults: whatever the registry knows stands in the matrix."""

from rientro.carriers.base import Can
from rientro.carriers.registry import codes, known
from tests.faults.worlds import WORLDS

FOLLOWS_ONLY = Can.TRACK | Can.WEBHOOK


def sells(code):
    """Does this carrier sell labels over a wire? Own stock lies in our own tables."""
    return not known(code).own_stock and bool(known(code).can & ~FOLLOWS_ONLY)


def test_every_carrier_that_sells_is_in_the_matrix():
    assert {code for code, _ in WORLDS.values()} == {code for code in codes() if sells(code)}
