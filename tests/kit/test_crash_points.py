import os

import pytest

from rientro.kit import crash_points
from rientro.kit.crash_points import arm, mark


@pytest.fixture
def struck(monkeypatch):
    """The signals that would have been sent."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, what: sent.append(what.name))
    yield sent
    arm(None)


def test_nothing_happens_unless_a_point_is_named(struck):
    mark("buy.lock")

    assert crash_points._armed is None
    assert struck == []


@pytest.mark.parametrize(
    ("armed", "signal"), [("buy.lock", "SIGKILL"), ("buy.lock:stop", "SIGSTOP")]
)
def test_the_named_point_strikes_once(struck, armed, signal):
    arm(armed)

    for name in ("buy.start", "buy.lock", "buy.lock"):
        mark(name)

    assert struck == [signal]
