"""Whatever a client sends, the API answers in words and never breaks."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import shipment

words = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["", " ", "\0", "\ud800", "‮", "A" * 5000, "1e400", "-0", "NaN", "٣", "\\N", "\t\n\r"]
    ),
)
numbers = st.one_of(
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 2**31, 2**63 - 1, 1e308, 1e-308]),
)
leaves = st.one_of(st.none(), st.booleans(), numbers, words)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = sorted(shipment())
ITEM_FIELDS = [*sorted(shipment()["parcel_items"][0]), "material_content", "intended_use"]
quiet = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def encoded(body):
    return json.dumps(body).encode()  # lone surrogates and NUL go out as escapes


@quiet
@given(changes=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4))
def test_any_value_in_any_field(machine, changes):
    response = machine.post(encoded([shipment(**changes), shipment(external_order_id="good")]))

    assert response.status_code in (200, 400)
    if response.status_code == 200:
        results = response.json()
        assert [result["status"] in ("created", "updated", "error") for result in results] == [
            True
        ] * 2
        assert all(isinstance(r["error"], dict) for r in results if r["status"] == "error")
        assert results[1]["status"] != "error"
        assert machine.ask("GET", f"{machine.path}/shipments").status_code == 200


@quiet
@given(changes=st.dictionaries(st.sampled_from(ITEM_FIELDS), anything, max_size=3))
def test_any_value_in_any_item(machine, changes):
    item = shipment()["parcel_items"][0] | changes

    response = machine.post(encoded([shipment(parcel_items=[item])]))

    assert response.status_code in (200, 400)
    assert machine.ask("GET", f"{machine.path}/shipments").status_code == 200


@quiet
@given(body=st.one_of(st.binary(max_size=200), anything.map(encoded)))
@pytest.mark.parametrize("path", ["/shipments", "/shipments/delete", ""])
def test_any_body_anywhere(machine, path, body):
    method = "PATCH" if path == "" else "POST"

    response = machine.ask(method, machine.path + path, body)

    assert response.status_code in (200, 204, 400, 404)


@quiet
@given(
    query=st.dictionaries(
        st.sampled_from(
            [
                "cursor",
                "start_date",
                "end_date",
                "order_number",
                "sender_address",
                "shipping_rules",
                "external_order_ids",
                "external_shipment_ids[]",
            ]
        ),
        words.filter(lambda word: "\ud800" not in word),
        max_size=3,
    )
)
def test_any_query(machine, query):
    response = machine.client.get(
        f"{machine.path}/shipments", query, headers={"authorization": machine.authorization}
    )

    assert response.status_code in (200, 400, 404)
