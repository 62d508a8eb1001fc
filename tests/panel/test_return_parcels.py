"""A return in several parcels at the desk: each label by itself, all together, and what one of them lacks."""

import io

import pikepdf
import pytest

from rientro.carriers.base import Can, InvalidRequest
from rientro.flows.buy_label import buy_label
from rientro.flows.store_label import store_label
from rientro.models import Label, LabelPurchase, PortalSettings, Return
from rientro.models.purchasing import intend_label
from tests import makers
from tests.flows.conftest import depot
from tests.flows.test_labelless import picture
from tests.makers import NOW
from tests.panel.places import place

__all__ = ["depot"]


@pytest.fixture
def two(house, depot):
    house.account.delete()
    makers.make_carrier_account(carrier="scripted", is_default=True)
    ret = makers.make_return(
        makers.make_order(house.brand, lines=[{"quantity": 2}]), quantity=2, parcel_count=2
    )
    intend_label(ret, at=NOW)
    return ret


def buy_all():
    for purchase in LabelPurchase.objects.filter(status="buying").order_by("pk"):
        buy_label(purchase=purchase, now=NOW)
    for label in Label.objects.filter(pdf_a6=None):
        store_label(label=label, now=NOW)


def text(answer):
    return answer.content.decode()


def pages(answer):
    with pikepdf.open(io.BytesIO(answer.content)) as opened:
        return len(opened.pages)


def test_every_parcel_is_shown_with_its_number_and_what_it_costs(owner, two):
    buy_all()

    page = text(owner.get(place("return", two.number)))

    assert "2 parcels" in page
    for label in Label.objects.all():
        assert label.tracking_number in page
    assert "The label cost you" in page
    assert "€9.80" in page


def test_labels_come_together_or_one_by_one(owner, two):
    buy_all()
    first = Label.objects.order_by("pk").first()

    together = owner.get(place("return_label", two.number) + "?format=a6")
    alone = owner.get(place("return_label", two.number) + f"?format=a6&label={first.pk}")
    stranger = owner.get(place("return_label", two.number) + "?format=a6&label=999999999")

    assert (pages(together), pages(alone), stranger.status_code) == (2, 1, 404)


def test_one_label_is_given_back_and_the_other_stays(owner, two):
    buy_all()
    first, second = Label.objects.order_by("pk")

    owner.post(place("return_void", two.number), {"label": str(first.pk)})

    assert [Label.objects.get(pk=one.pk).void for one in (first, second)] == ["requested", "none"]


def test_the_desk_reads_which_parcel_lacks_a_label_and_asks_again(owner, two, depot):
    depot.script = [InvalidRequest("The second street is not known.")]
    buy_all()

    page = text(owner.get(place("return", two.number)))
    owner.post(place("return_retry", two.number))
    buy_all()

    assert "Not every parcel has a label" in page
    assert "The second street is not known." in page
    assert Label.objects.filter(void="none").count() == 2
    assert "Not every parcel has a label" not in text(owner.get(place("return", two.number)))


def test_the_code_of_a_labelless_parcel_is_there_for_the_desk(owner, house, depot):
    house.account.delete()
    depot.can |= Can.LABELLESS
    depot.code = picture()
    makers.make_carrier_account(carrier="scripted", is_default=True, abilities=["labelless"])
    ret = makers.make_return(makers.make_order(house.brand), method="labelless")
    intend_label(ret, at=NOW)
    buy_all()

    page = text(owner.get(place("return", ret.number)))
    code = owner.get(place("return_label", ret.number) + "?format=code")

    assert "the shopper shows a code at the drop-off point" in page
    assert code["Content-Type"] == "image/png"


def test_a_pick_up_that_was_refused_may_become_a_label_to_print(owner, house, depot):
    house.account.delete()
    depot.script = [InvalidRequest("No driver comes to this street.")]
    makers.make_carrier_account(carrier="scripted", is_default=True, abilities=["pickup"])
    ret = makers.make_return(
        makers.make_order(house.brand), method="pickup", pickup_on="2026-11-26"
    )
    intend_label(Return.objects.get(pk=ret.pk), at=NOW)
    buy_all()

    page = text(owner.get(place("return", ret.number)))
    owner.post(place("return_retry", ret.number), {"printed": "1"})
    buy_all()

    assert "As a label to print" in page
    ret.refresh_from_db()
    assert (ret.method, ret.carrier) == ("print_at_home", "label_ready")


def test_the_settings_say_what_no_carrier_can_do(owner, house):
    form = {
        "active": "on",
        "window_days": "30",
        "fulfilment_buffer_days": "5",
        "order_buffer_days": "10",
        "review": "none",
        "fee": "0",
        "fee_currency": "EUR",
        "print_at_home": "on",
        "labelless": "on",
        "pickup": "on",
        "most_parcels": "3",
        "refund_money": "on",
        "refund_within_days": "14",
        "label_valid_days": "14",
        "silent_after_days": "5",
        "void_unused_days": "0",
    }

    owner.post(place("portal_of", house.brand.pk), form)

    row = PortalSettings.objects.get(brand=house.brand)
    assert (row.labelless, row.pickup, row.most_parcels) == (True, True, 3)
    page = text(owner.get(place("portal_of", house.brand.pk)))
    assert "None of your carriers can do this today" in page


def test_the_desk_adds_a_parcel_and_its_label_is_bought(owner, house, depot):
    house.account.delete()
    makers.make_carrier_account(carrier="scripted", is_default=True)
    ret = makers.make_return(makers.make_order(house.brand))
    intend_label(ret, at=NOW)
    buy_all()

    assert "Another parcel" in text(owner.get(place("return", ret.number)))
    owner.post(place("return_add", ret.number))
    buy_all()

    ret.refresh_from_db()
    assert (ret.parcel_count, ret.carrier) == (2, "label_ready")
    assert Label.objects.filter(void="none").count() == 2
    assert "One parcel more" in text(owner.get(place("return", ret.number)))


def test_a_return_that_arrived_takes_no_further_parcel(owner, two):
    Return.objects.filter(pk=two.pk).update(carrier="delivered")

    owner.post(place("return_add", two.number))

    assert Return.objects.get(pk=two.pk).parcel_count == 2


def test_a_return_that_waits_for_the_desk_gets_the_label_later(owner, house, depot):
    ret = makers.make_return(
        makers.make_order(house.brand), approval="requested", carrier="none", approved_at=None
    )

    owner.post(place("return_add", ret.number))

    assert Return.objects.get(pk=ret.pk).parcel_count == 2
    assert not LabelPurchase.objects.filter(parcel__ret=ret).exists()
