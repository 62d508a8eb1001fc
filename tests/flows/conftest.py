"""For flows: a carrier whose answers the test writes."""

from collections.abc import Iterator

import pytest

from rientro.carriers import registry
from tests.flows import scripted


@pytest.fixture
def depot(monkeypatch: pytest.MonkeyPatch) -> Iterator[scripted.Depot]:
    """The scripted carrier's memory; accounts with ``carrier="scripted"`` reach it."""
    fresh = scripted.Depot()
    monkeypatch.setattr(scripted, "depot", fresh)
    monkeypatch.setitem(registry.KNOWN, "scripted", scripted.KNOWN)
    yield fresh
    registry.carrier_class.cache_clear()
