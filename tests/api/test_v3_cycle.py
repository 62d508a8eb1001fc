"""The returns cycle of version 3, in the calls of a shop module: validate, make, follow, print, list, cancel."""

import base64
import re
from datetime import timedelta

import pytest

from rientro.kit import clock
from tests import makers
from tests.api.test_v3_returns import FROM, MILAN
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db


class ShopModule:
    """What such a module does with an answer: it reads the keys without a guard, and raises."""

    def __init__(self, client, public_key, secret_key):
        self.client = client
        token = base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()
        self.headers = {"authorization": f"Basic {token}", "accept": "application/json"}

    def call(self, method, path, body=None):
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api/v3{path}", headers=self.headers, **more)
        if answer.status_code >= 400:
            raise RuntimeError(answer.json()["errors"][0]["detail"])
        return answer

    def create_return(self, body):
        told = self.call("post", "/returns", body).json()
        if not isinstance(told["return_id"], int) or not isinstance(told["parcel_id"], int):
            raise TypeError("no ids")
        assert isinstance(told["multi_collo_ids"], list)
        return told

    def get_return(self, return_id):
        told = self.call("get", f"/returns/{return_id}").json()
        return told.get("data", told)


@pytest.fixture
def shop(machine, depot, client):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return ShopModule(client, machine.public_key, machine.secret_key)


def test_a_shop_module_goes_through_the_whole_cycle(shop, depot, jobs):
    me = shop.call("get", "/user/auth/metadata").json()["data"]
    assert me["integration_id"]
    options = shop.call("post", "/shipping-options", {"functionalities": {"returns": True}}).json()
    body = {
        "from_address": FROM,
        "to_address": MILAN,
        "shipping_option": {"code": options["data"][0]["code"]},
        "order_number": "1042",
        "parcel_items": [
            {
                "description": "Merino scarf",
                "quantity": 1,
                "price": {"value": 46, "currency": "EUR"},
                "return_reason_id": "29",
            }
        ],
    }
    assert shop.call("post", "/returns/validate", body).json()["order_number"] == "1042"

    made = shop.create_return(body)
    assert shop.get_return(made["return_id"])["label"] is None
    jobs.run()

    told = shop.get_return(made["return_id"])
    url = told["label"]["label_printer"]
    assert url == f"http://testserver/api/v3/parcels/{made['parcel_id']}/documents/label"
    paper = shop.call("get", re.sub(".*/api/v3", "", url))
    assert paper.content.startswith(b"%PDF")
    tracked = shop.call("get", f"/parcels/tracking/{told['tracking_number']}").json()
    assert tracked["details"]["is_return"] is True

    start, end = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    span = f"from_date={start:%Y-%m-%d %H:%M:%S}&to_date={end:%Y-%m-%d %H:%M:%S}"
    listed = shop.call("get", f"/returns?{span}").json()
    assert [row["id"] for row in listed["data"]] == [made["return_id"]]

    assert depot.bill() == 490
    cancelled = shop.call("patch", f"/returns/{made['return_id']}/cancel")
    assert cancelled.json()["message"] == "Cancellation requested successfully"
    jobs.run()
    assert depot.bill() == 0
    with pytest.raises(KeyError):
        # Its 409 has a form of its own, without ``detail``; such modules read ``message``.
        shop.call("patch", f"/returns/{made['return_id']}/cancel")
    gone = shop.get_return(made["return_id"])
    assert (gone["parent_status"], gone["is_cancellable"]) == ("cancelled", False)
