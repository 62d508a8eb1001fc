"""The whole way of a shopper, with forms alone: no script."""

import pytest

from rientro.models import Return
from tests.makers import make_brand, make_carrier_account, make_order
from tests.portal import walk

pytestmark = pytest.mark.django_db


def test_two_details_lead_to_a_return_and_the_wish_for_its_label(client, merchant, jobs):
    make_carrier_account()
    order = make_order(make_brand(slug="brina"))

    page = walk.up_to_check(client, order)
    answer = walk.confirm(client, order)
    done = client.get("/brina/done/")

    ret = Return.objects.get()
    assert page.status_code == 200
    assert answer["Location"] == "/brina/done/"
    assert "Your label is being made." in done.content.decode()
    assert (ret.number, ret.approval, ret.carrier) == ("R-10001", "approved", "label_pending")
    assert (ret.from_name, ret.from_street, ret.from_country) == (
        "Giulia Ferrero",
        "Corso Moncalieri",
        "IT",
    )
    assert "buy_label" in jobs.names()


def test_the_return_page_tells_what_is_next(client, merchant):
    make_carrier_account()
    order = make_order(make_brand(slug="brina"))
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()

    page = client.get(f"/brina/r/{ret.link_token}/")

    assert page.status_code == 200
    assert "Refund of €46.00" in page.content.decode()
    assert "Giulia" not in page.content.decode()
