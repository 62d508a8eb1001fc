"""Whatever a signed webhook says, reading it gives scans or one declared error, and quickly."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.carriers.base import BadSignature, InvalidRequest, RawWebhook, Scan
from rientro.carriers.sandbox import Sandbox
from rientro.host.sandbox_carrier.telling import signed_headers
from rientro.policy.lifecycle import CarrierState

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECRET = "whs_tests"
CARRIER = Sandbox({"token": "sandbox-abc", "webhook_secret": SECRET}, {})
SCAN = {
    "id": "scn_1",
    "tracking_number": "TST1",
    "code": "HANDED_IN",
    "text": "Handed in",
    "place": "Torino",
    "at": "2026-11-24T09:00:00+00:00",
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
odd_scans = st.lists(
    st.fixed_dictionaries({}, optional={name: anything | st.just(SCAN[name]) for name in SCAN})
)


def raw(body, **changes):
    headers = signed_headers(SECRET, "dlv_1", body, int(NOW.timestamp()))
    lower = {name.lower(): value for name, value in headers.items()}
    return RawWebhook(headers=lower | changes, body=body, received_at=NOW)


def test_scans_are_told_in_our_words():
    [scan] = CARRIER.parse_webhook(raw(json.dumps({"scans": [SCAN]}).encode()))

    assert scan == Scan(
        tracking_number="TST1",
        status="handed_in",
        occurred_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        key="scn_1",
        code="HANDED_IN",
        description="Handed in",
        place="Torino",
    )


def read(body):
    try:
        return CARRIER.parse_webhook(raw(body))
    except InvalidRequest:
        return []


@given(odd_scans | anything)
def test_any_object_is_read_or_refused(scans):
    for scan in read(json.dumps({"scans": scans}).encode()):
        assert CarrierState(scan.status)
        assert scan.occurred_at.tzinfo
        assert scan.key
        assert scan.tracking_number


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    assert read(body) == []


@given(st.binary(max_size=60), st.integers(0, 10**6), st.integers(1, 255))
def test_one_changed_byte_breaks_the_signature(filler, place, flip):
    body = json.dumps({"scans": [SCAN]}).encode() + b" " + filler
    signed = raw(body)
    changed = bytearray(body)
    changed[place % len(body)] ^= flip

    with pytest.raises(BadSignature):
        CARRIER.parse_webhook(
            RawWebhook(headers=signed.headers, body=bytes(changed), received_at=NOW)
        )


def test_without_a_secret_nothing_is_believed():
    nobody = Sandbox({"token": "sandbox-abc"}, {})

    with pytest.raises(BadSignature):
        nobody.parse_webhook(raw(b'{"scans": []}'))


@given(st.text(max_size=100))
def test_any_header_is_only_wrong(value):
    for name in ("x-sandbox-signature", "x-sandbox-timestamp"):
        with pytest.raises(BadSignature):
            CARRIER.parse_webhook(raw(b"{}", **{name: value}))
