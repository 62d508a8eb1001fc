"""A return without a label of ours, at the desk."""

import pytest
from django.urls import reverse

from rientro.models import Event, Parcel
from rientro.models.own_parcels import own_parcel
from tests import makers
from tests.documents.reading import scanned, words

NUMBER = "RR473124829IT"


@pytest.fixture
def ret(merchant):
    brand = makers.make_brand()
    return makers.make_return(makers.make_order(brand), method="self_sent", carrier="none")


def page(client, ret):
    answer = client.get(reverse("panel:return", args=[ret.number]))
    return " ".join(answer.content.decode().split())


def press(client, name, ret, **fields):
    return client.post(reverse(f"panel:{name}", args=[ret.number]), fields, follow=True)


def test_the_desk_writes_the_number_down_and_moves_the_parcel(as_role, ret):
    desk = as_role("desk")
    assert "The shopper sends it" in page(desk, ret)

    press(desk, "return_number", ret, number="rr 473124829 it", carrier="Poste Italiane")
    shown = page(desk, ret)
    assert NUMBER in shown
    assert "https://www.poste.it/cerca/index.html#/risultati-spedizioni/RR473124829IT" in shown
    press(desk, "return_sent", ret)

    ret.refresh_from_db()
    assert ret.carrier == "in_transit"
    assert "Mark as on its way" not in page(desk, ret)
    actors = Event.objects.filter(name="return.number_told").values_list("actor", flat=True)
    assert list(actors) == [f"member:{desk.member.pk}"]


def test_a_contract_that_tracks_is_chosen(as_role, ret):
    account = makers.make_carrier_account(abilities=["track"])

    press(as_role("desk"), "return_number", ret, number=NUMBER, account=str(account.pk))

    parcel = own_parcel(ret)
    assert (parcel.watched_by, parcel.carrier_name) == (account, "Sandbox carrier")
    assert parcel.next_poll_at is not None


@pytest.mark.parametrize("number", ["<script>alert(1)</script>", "12", "RR47312482\x009IT' OR 1=1"])
def test_what_is_no_number_is_said_so(as_role, ret, number):
    said = press(as_role("desk"), "return_number", ret, number=number)

    assert "does not look like a tracking number" in said.content.decode()
    assert "<script>alert" not in said.content.decode()
    assert Parcel.objects.count() == 0


def test_the_sheet_is_drawn(as_role, ret):
    answer = as_role("desk").get(reverse("panel:return_slip", args=[ret.number]))

    pdf = answer.content
    assert answer["Content-Type"] == "application/pdf"
    assert scanned(pdf) == [("Code128", ret.number)] * 2
    assert "Via Tortona 27" in words(pdf)


def test_a_return_with_a_label_of_ours_has_no_such_card(as_role, merchant):
    other = makers.make_return(carrier="label_ready")

    desk = as_role("desk")

    assert "return_number" not in page(desk, other)
    assert "Sent without our label" not in page(desk, other)
    slip = desk.get(reverse("panel:return_slip", args=[other.number]))
    assert slip.status_code == 404


def test_where_no_carrier_sold_a_label_the_shopper_may_send_it(as_role, merchant):
    failed = makers.make_return(carrier="failed", carrier_problem="No.")
    desk = as_role("desk")
    assert "Sent without our label" in page(desk, failed)

    press(desk, "return_number", failed, number=NUMBER, carrier="DHL")

    failed.refresh_from_db()
    assert failed.carrier == "none"
    assert NUMBER in page(desk, failed)
