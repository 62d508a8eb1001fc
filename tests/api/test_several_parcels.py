"""Several parcels, codes and drivers through the API: additions that change no answer of before."""

import io
from datetime import timedelta

import pikepdf
import pytest

from rientro.carriers.base import Can, InvalidRequest
from rientro.kit import clock
from rientro.kit.tenancy import merchant_transaction
from rientro.kit.workdays import workdays_after
from rientro.models import CarrierAccount, Label, PortalSettings, Return
from tests import makers
from tests.api.checking import checked
from tests.api.test_portal import FROM, look_up, order, portal, send, shop
from tests.api.test_v3_returns import make, wish
from tests.flows.conftest import depot
from tests.flows.test_labelless import picture

__all__ = ["depot", "order", "shop"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(machine, depot):
    depot.can |= Can.LABELLESS | Can.PICKUP
    depot.code = picture()
    makers.make_carrier_account(carrier="scripted", abilities=["labelless", "pickup"])
    return machine


def told_of(desk, told):
    return checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}"), "v3_get_return")


def test_three_parcels_are_three_purchases(desk, depot, jobs):
    told = make(desk, wish(collo_count=3, weight={"value": 3, "unit": "kg"}))
    jobs.run()

    found = told_of(desk, told)

    assert len(told["multi_collo_ids"]) == 3
    assert told["parcel_id"] == told["multi_collo_ids"][0]
    assert (found["collo_count"], depot.count()) == (3, 3)
    assert [box["parcel_id"] for box in found["parcels"]] == told["multi_collo_ids"]
    assert sum(box["weight"]["value"] for box in found["parcels"]) == pytest.approx(3)
    assert len({box["tracking_number"] for box in found["parcels"]}) == 3
    ids = "&".join(f"parcels={number}" for number in told["multi_collo_ids"])
    merged = desk.ask("GET", f"/api/v3/parcel-documents/label?{ids}")
    with pikepdf.open(io.BytesIO(merged.content)) as opened:
        assert len(opened.pages) == 3


def test_one_parcel_answers_as_before(desk, jobs):
    told = make(desk)
    jobs.run()

    found = told_of(desk, told)

    assert told["multi_collo_ids"] == []
    assert (found["collo_count"], found["parcels"]) == (1, [])


def test_a_client_that_waits_gets_every_label(desk, depot):
    body = wish(collo_count=2, external_reference="rma-2")

    answer = desk.ask("POST", "/api/v3/returns/announce-synchronously", body)

    assert answer.status_code == 201, answer.content
    labels = Label.objects.all()
    assert (labels.count(), labels.filter(pdf_a6=None).count()) == (2, 0)


def test_one_refusal_of_two_is_told_and_loses_nothing(desk, depot, jobs):
    depot.script = [InvalidRequest("This street is not known.")]
    told = make(desk, wish(collo_count=2))
    jobs.run()

    found = told_of(desk, told)

    assert found["errors"] == [
        {"code": "parcel_announcement_error", "detail": "This street is not known."}
    ]
    assert len([box for box in found["parcels"] if box["tracking_number"]]) == 1


def test_a_code_instead_of_a_label(desk, depot, jobs):
    told = make(desk, wish(delivery_option="drop_off_labelless"))
    jobs.run()

    assert told_of(desk, told)["delivery_option"] == "drop_off_labelless"
    assert Label.objects.get().code.content_type == "image/png"


def test_without_a_carrier_that_gives_codes_a_label_is_bought(desk, depot, jobs):
    CarrierAccount.objects.update(abilities=[])

    told = make(desk, wish(delivery_option="drop_off_labelless", ship_with=...))
    jobs.run()

    assert told_of(desk, told)["delivery_option"] == "drop_off_point"
    assert [request.labelless for request in depot.requests] == [False]


def test_a_driver_on_a_day(desk, depot, jobs):
    day = next(workdays_after(clock.now().date() + timedelta(days=1), "IT"))

    told = make(desk, wish(delivery_option="pickup", pickup_date=day.isoformat()))
    jobs.run()

    assert told_of(desk, told)["delivery_option"] == "pickup"
    assert [request.pickup_on for request in depot.requests] == [day]


@pytest.mark.django_db(transaction=True)
def test_the_portal_offers_what_the_brand_and_a_carrier_can(client, order):
    with merchant_transaction(order.merchant.pk):
        PortalSettings.objects.update(labelless=True, pickup=True)
        CarrierAccount.objects.update(abilities=["labelless"])

    told = checked(client.get(portal()), "v2_get_return_portal")["portal"]

    assert told["delivery_options"] == ["drop_off_point", "drop_off_labelless", "in_store"]


@pytest.mark.django_db(transaction=True)
def test_the_portal_takes_as_many_parcels_as_the_brand_allows(client, order):
    with merchant_transaction(order.merchant.pk):
        PortalSettings.objects.update(most_parcels=2)
    token = look_up(client).json()["access_token"]

    refused = send(client, order, token, incoming_parcel={"collo_count": 3, **FROM})
    taken = send(client, order, token, incoming_parcel={"collo_count": 2, **FROM})

    assert refused.status_code == 400
    assert len(checked(taken, "v2_create_incoming_return")["incoming_parcels"]) == 2
    with merchant_transaction(order.merchant.pk):
        assert Return.objects.get().parcel_count == 2


def test_our_own_api_gives_all_labels_in_one_file(desk, jobs):
    make(desk, wish(collo_count=2))
    jobs.run()
    number = Return.objects.get().number

    answer = desk.ask("GET", f"/api/rientro/v1/returns/{number}/label?format=a6")

    assert answer.status_code == 200, answer.content
    with pikepdf.open(io.BytesIO(answer.content)) as opened:
        assert len(opened.pages) == 2
