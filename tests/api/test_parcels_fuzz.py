"""Whatever a client puts into a parcel, the API answers in words and never breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import makers
from tests.api.checking import checked
from tests.api.test_fuzz import anything, encoded, quiet
from tests.api.test_parcels_create import URL, order, returned
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db

MORE = ["data", "reference", "note", "contract", "shipment", "sender_address", "quantity"]
MORE += ["shipment_uuid", "external_order_id", "external_shipment_id", "request_label_async"]
MORE += ["customs_information", "is_return", "from_country_state", "insured_value"]
FIELDS = sorted({*order(), *returned(), *MORE} - {"request_label"})
ITEM_FIELDS = [*sorted(returned()["parcel_items"][0]), "properties", "mid_code"]
changes = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4)
bodies = st.sampled_from([order(), returned(request_label=False)])


@pytest.fixture
def desk(machine, depot):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return machine


@quiet
@given(body=bodies, changes=changes)
def test_any_value_in_any_field(desk, body, changes):
    answer = desk.ask("POST", URL, encoded({"parcel": body | changes}))

    assert answer.status_code in (200, 400, 404)
    checked(answer, "v2_create_parcels")
    assert desk.ask("GET", URL).status_code == 200


@quiet
@given(body=bodies, item=st.dictionaries(st.sampled_from(ITEM_FIELDS), anything, max_size=3))
def test_any_value_in_any_item(desk, body, item):
    items = [body["parcel_items"][0] | item]

    answer = desk.ask(
        "POST", f"{URL}?errors=verbose", encoded({"parcels": [body | {"parcel_items": items}]})
    )

    assert answer.status_code in (200, 400)
    checked(answer, "v2_create_parcels")


@quiet
@given(body=bodies, changes=changes)
def test_any_value_in_any_change(desk, body, changes):
    reference = f"known-{body.get('is_return', False)}"
    known = desk.ask("POST", URL, {"parcel": body | {"external_reference": reference}})
    number = known.json()["parcel"]["id"]

    answer = desk.ask("PUT", URL, encoded({"parcel": {"id": number, **changes}}))

    assert answer.status_code in (200, 400, 404)
    checked(answer, "v2_update_parcel")
    assert desk.ask("GET", f"{URL}/{number}").status_code == 200


@quiet
@given(body=anything)
@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("name", ["parcel", "parcels"])
def test_any_body(desk, method, name, body):
    assert desk.ask(method, URL, encoded({name: body})).status_code in (400, 404)
