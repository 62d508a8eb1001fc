"""What may be said of a carrier without importing it, and what a web process never imports."""

import sys

import pytest

from rientro.carriers import registry
from rientro.carriers.base import Can
from rientro.carriers.registry import KNOWN, Known, can_of, missing, open_carrier
from rientro.carriers.sandbox import ABILITIES

HEAVY = Known(
    code="heavy",
    name="Heavy",
    path="a_library_that_patches_everything:Heavy",
    worker_only=True,
    can=Can.QUOTE | Can.TRACK,
    needs=("django", "a-library-that-patches-everything"),
    extra="heavy",
)


@pytest.fixture
def heavy(monkeypatch):
    monkeypatch.setitem(KNOWN, "heavy", HEAVY)
    monkeypatch.setattr(registry, "_closed", set())
    yield HEAVY
    registry.carrier_class.cache_clear()


def test_a_web_process_never_loads_an_adapter_of_the_worker(heavy):
    registry.keep_worker_only_out()

    with pytest.raises(registry.WorkerOnly, match="Heavy is asked by the worker"):
        open_carrier("heavy", {}, {})
    assert "a_library_that_patches_everything" not in sys.modules


def test_the_worker_may_load_it(heavy):
    with pytest.raises(ModuleNotFoundError):  # it tries: the library is not here
        open_carrier("heavy", {}, {})


def test_what_a_carrier_can_is_told_without_it(heavy):
    assert can_of("heavy", {}) == Can.QUOTE | Can.TRACK
    assert can_of("heavy", {"cannot": "quote, nonsense"}) == Can.TRACK
    assert can_of("gone", {}) == Can.NOTHING


def test_what_is_not_installed_is_named(heavy):
    assert missing("heavy") == ["a-library-that-patches-everything"]
    assert missing("sandbox") == []


def test_what_is_told_of_the_sandbox_is_what_it_can():
    assert KNOWN["sandbox"].can == ABILITIES
