"""Who the current tenant is. Apart from `kit.tenancy`, because the database backend loads before any model."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SCOPE = "merchant"  # the tenant field of every tenant table
SETTING = "rientro.merchant"  # the run-time setting that the row policies read

_current: ContextVar[int | None] = ContextVar("merchant", default=None)


class NoMerchant(RuntimeError):
    """A tenant table was used without a tenant, or outside a transaction: a bug, never bad input."""


def current_merchant() -> int:
    """The tenant of this unit of work; raises NoMerchant when there is none."""
    value = _current.get()
    if value is None:
        raise NoMerchant("No merchant is set for this unit of work: use acting_for().")
    return value


def merchant_or_none() -> int | None:
    """The tenant of this unit of work, or None."""
    return _current.get()


@contextmanager
def acting_for(merchant_id: int) -> Iterator[None]:
    """Everything inside is done for this merchant. Opens no transaction of its own."""
    token = _current.set(int(merchant_id))
    try:
        yield
    finally:
        _current.reset(token)
