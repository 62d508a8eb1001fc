"""What a thing is kept under when a client sent an Idempotency-Key: one key, one thing."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from rientro.api.door import Call
from rientro.kit import clock


def once_key(sent):
    request = RequestFactory().post("/", headers={"Idempotency-Key": sent})
    caller = SimpleNamespace(key_id=7)
    return Call(request=request, caller=caller, now=clock.now()).once_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("k1", "k1:1"), ("x" * 254 + "a", "x" * 254 + "b")],
    ids=["a place in a batch", "the last character of a long key"],
)
def test_two_keys_are_never_one(one, other):
    assert once_key(one) != once_key(other)
    assert f"{once_key(one)}:1" != once_key(other)
    assert once_key(one) == once_key(one)
    assert len(f"{once_key(one)}:100") <= 255


def test_no_key_keeps_nothing():
    assert once_key("") == ""
