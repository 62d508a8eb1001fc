"""A return in several boxes: a purchase, a label, a number and a charge for each, and one end for all."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rientro.carriers.base import Can, InvalidRequest
from rientro.flows.add_parcel import CannotAddParcel, add_parcel
from rientro.flows.buy_label import buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.request_void import CannotVoid, request_void
from rientro.flows.retry_label import CannotRetry, retry_label
from rientro.flows.store_label import store_label
from rientro.flows.track_parcel import take_scans
from rientro.flows.void_label import void_label
from rientro.flows.void_unused import void_unused
from rientro.models import Charge, Event, Label, LabelPurchase, Parcel, PortalSettings, Return
from rientro.models.purchase_outcomes import write_void_refused
from rientro.models.purchasing import intend_label
from rientro.policy.tracking import LABEL_VOIDED
from tests.documents.reading import words
from tests.makers import NOW, make_carrier_account, make_order, make_return
from tests.parcels import scan_of


@pytest.fixture
def two(merchant, depot):
    """A return in two boxes, its purchases intended."""
    make_carrier_account(carrier="scripted")
    ret = make_return(make_order(lines=[{"quantity": 2}]), quantity=2, parcel_count=2)
    intend_label(ret, at=NOW)
    return ret


def buy_all(ret):
    for purchase in LabelPurchase.objects.filter(parcel__ret=ret, status="buying").order_by("pk"):
        buy_label(purchase=purchase, now=NOW)
    ret.refresh_from_db()


def statuses(ret):
    return list(
        LabelPurchase.objects.filter(parcel__ret=ret)
        .order_by("pk")
        .values_list("status", flat=True)
    )


def test_each_box_gets_a_purchase_a_number_and_a_charge(two, depot):
    buy_all(two)

    labels = Label.objects.order_by("pk")
    assert len({label.tracking_number for label in labels}) == 2
    assert [label.parcel.position for label in labels] == [1, 2]
    assert Charge.objects.filter(ret=two).count() == 2
    assert depot.bill() == 980
    assert two.carrier == "label_ready"


def test_goods_and_weight_are_divided(two):
    boxes = Parcel.objects.filter(ret=two).order_by("position")
    item = two.items.get()

    assert [box.contents for box in boxes] == [[[item.pk, 1]], [[item.pk, 1]]]
    assert sum(box.weight_g for box in boxes) == item.order_line.weight_g * 2


def test_one_refusal_does_not_lose_the_other(two, depot):
    depot.script = [InvalidRequest("This street is not known.")]

    buy_all(two)

    assert statuses(two) == ["refused", "bought"]
    assert (two.carrier, two.carrier_problem) == ("label_ready", "This street is not known.")
    assert Event.objects.filter(ret=two, name="return.label_failed").count() == 1
    assert depot.bill() == 490


def test_the_second_refusal_does_not_lose_the_first(two, depot):
    depot.script = [None, InvalidRequest("This street is not known.")]

    buy_all(two)

    assert statuses(two) == ["bought", "refused"]
    assert two.carrier == "label_ready"


def test_a_return_has_failed_when_every_box_was_refused(two, depot):
    depot.script = [InvalidRequest("No."), InvalidRequest("No.")]

    buy_all(two)

    assert two.carrier == "failed"


def test_the_desk_asks_again_for_the_box_that_was_refused_only(two, depot):
    depot.script = [InvalidRequest("No.")]
    buy_all(two)

    retry_label(ret=two, actor="member:1", now=NOW)
    buy_all(two)

    assert statuses(two) == ["refused", "bought", "bought"]
    assert Parcel.objects.filter(ret=two).count() == 2
    assert (two.carrier, two.carrier_problem) == ("label_ready", "")


def test_nothing_is_asked_again_where_no_box_lacks_a_label(two):
    buy_all(two)

    with pytest.raises(CannotRetry):
        retry_label(ret=two, actor="member:1", now=NOW)


def test_cancelling_gives_every_label_back(two, depot):
    buy_all(two)

    cancel_return(ret=two, actor="shopper", now=NOW)
    for label in Label.objects.all():
        void_label(label=label, now=NOW)

    assert statuses(two) == ["voided", "voided"]
    assert depot.bill() == 0
    assert not Charge.objects.filter(ret=two, credited_at=None).exists()


def test_cancelling_abandons_the_box_that_nobody_asked_for(two, depot):
    buy_label(purchase=LabelPurchase.objects.order_by("pk").first(), now=NOW)

    cancel_return(ret=two, actor="shopper", now=NOW)

    assert statuses(two) == ["bought", "abandoned"]
    assert [label.void for label in Label.objects.all()] == ["requested"]


def test_giving_one_label_back_leaves_the_other_in_hand(two):
    buy_all(two)
    first = Label.objects.order_by("pk").first()

    request_void(label=first, actor="member:1", now=NOW)
    void_label(label=first, now=NOW)
    two.refresh_from_db()

    assert two.carrier == "label_ready"
    retry_label(ret=two, actor="member:1", now=NOW)
    buy_all(two)
    boxes = Parcel.objects.filter(ret=two).order_by("position")
    assert [box.position for box in boxes] == [1, 2, 3]
    assert boxes[2].contents == boxes[0].contents
    assert Label.objects.filter(void="none").count() == 2


def test_the_end_of_one_is_not_the_end_of_all(two):
    buy_all(two)
    first, second = Parcel.objects.filter(ret=two).order_by("position")

    told = []
    for parcel, status, hour in (
        (first, "delivered", 153),
        (second, "exception", 154),
        (second, "delivered", 155),
    ):
        take_scans(parcel=parcel, scans=[scan_of(parcel, status, hour)], now=NOW)
        told.append(Return.objects.get(pk=two.pk).carrier)

    assert told == ["in_transit", "exception", "delivered"]
    assert Event.objects.filter(ret=two, name="return.delivered").count() == 1


def test_a_lost_parcel_shows_until_it_turns_up(two):
    buy_all(two)
    first, second = Parcel.objects.filter(ret=two).order_by("position")

    told = []
    for parcel, status, hour in (
        (first, "in_transit", 152),
        (second, "lost", 153),
        (first, "delivered", 154),
        (second, "delivered", 155),
    ):
        take_scans(parcel=parcel, scans=[scan_of(parcel, status, hour)], now=NOW)
        told.append(Return.objects.get(pk=two.pk).carrier)

    assert told == ["in_transit", "exception", "lost", "delivered"]


def test_a_box_that_was_given_back_is_not_waited_for(two):
    buy_all(two)
    first, second = Label.objects.order_by("pk")
    request_void(label=first, actor="member:1", now=NOW)
    void_label(label=first, now=NOW)

    take_scans(parcel=second.parcel, scans=[scan_of(second.parcel, "delivered", 155)], now=NOW)

    assert Return.objects.get(pk=two.pk).carrier == "delivered"


@pytest.fixture
def one_arrived(two):
    """Of two boxes with a label each the second has arrived; the label of the first."""
    buy_all(two)
    first, second = Label.objects.order_by("pk")
    take_scans(parcel=second.parcel, scans=[scan_of(second.parcel, "delivered", 155)], now=NOW)
    assert Return.objects.get(pk=two.pk).carrier == "in_transit"
    return first


def test_an_unused_label_goes_back_although_another_box_has_arrived(two, one_arrived):
    request_void(label=one_arrived, actor="member:1", now=NOW)
    void_label(label=one_arrived, now=NOW)

    two.refresh_from_db()
    second = Parcel.objects.get(ret=two, position=2)
    assert (two.carrier, two.delivered_at) == ("delivered", second.delivered_at)
    assert Event.objects.filter(ret=two, name="return.delivered").count() == 1
    assert Charge.objects.filter(ret=two, credited_at=None).count() == 1


def test_the_clock_gives_back_the_label_of_the_box_that_stayed(two, one_arrived):
    PortalSettings.objects.update(void_unused_days=30)

    assert void_unused(now=NOW + timedelta(days=31)) == 1

    one_arrived.refresh_from_db()
    assert one_arrived.void == "requested"
    assert Label.objects.exclude(pk=one_arrived.pk).get().void == "none"


def test_the_box_that_has_arrived_keeps_its_label(two, one_arrived):
    used = Label.objects.exclude(pk=one_arrived.pk).get()

    with pytest.raises(CannotVoid):
        request_void(label=used, actor="member:1", now=NOW)


def test_a_carriers_word_that_a_label_is_void_moves_the_return_once(two, one_arrived):
    request_void(label=one_arrived, actor="member:1", now=NOW)
    news = scan_of(one_arrived.parcel, LABEL_VOIDED, 156)

    for _again in range(2):
        take_scans(parcel=one_arrived.parcel, scans=[news], now=NOW)

    assert Return.objects.get(pk=two.pk).carrier == "delivered"
    assert Event.objects.filter(ret=two, name="return.delivered").count() == 1


def test_goods_that_are_being_declared_are_not_declared_again_for_one_box_more(merchant, depot):
    make_carrier_account(carrier="scripted")
    order = make_order(lines=[{"hs_code": "611710", "origin_country": "IT", "weight_g": 200}])
    ret = make_return(order, from_country="CH", from_postal_code="8001")
    intend_label(ret, at=NOW)

    with pytest.raises(CannotAddParcel):
        add_parcel(ret=ret, actor="member:1", now=NOW)


def test_a_box_on_the_road_lacks_no_label_because_it_was_not_taken_back(two, depot):
    buy_all(two)
    first = Label.objects.select_related("parcel").order_by("pk").first()
    request_void(label=first, actor="member:1", now=NOW)
    take_scans(parcel=first.parcel, scans=[scan_of(first.parcel, "in_transit", 150)], now=NOW)
    assert void_label(label=first, now=NOW).void == "refused"

    with pytest.raises(CannotRetry):
        retry_label(ret=two, actor="member:1", now=NOW)

    assert len(depot.asked) == 2


def test_each_paper_says_which_box_it_is_for_and_what_lies_in_it(two):
    buy_all(two)

    papers = [store_label(label=label, now=NOW) for label in Label.objects.order_by("pk")]

    said = [words(paper.pdf_a4.content) for paper in papers]
    assert ["1 / 2" in said[0], "2 / 2" in said[1]] == [True, True]


def test_the_database_holds_one_living_label_per_box(two):
    buy_all(two)
    label = Label.objects.order_by("pk").first()
    label.pk, label.purchase_id = None, LabelPurchase.objects.order_by("-pk").first().pk

    with pytest.raises(IntegrityError), transaction.atomic():
        label.save(force_insert=True)


def keep_first(ret):
    """The carrier refuses to take the first box's label back."""
    first = Label.objects.select_related("parcel").filter(parcel__ret=ret).order_by("pk").first()
    request_void(label=first, actor="member:1", now=NOW)
    write_void_refused(first, words="Too late.", at=NOW, actor="clock")


def test_one_box_more_buys_one_label_although_another_was_not_taken_back(two):
    buy_all(two)
    keep_first(two)

    add_parcel(ret=two, actor="member:1", now=NOW)

    assert statuses(two) == ["bought", "bought", "buying"]


def test_a_refused_code_is_replaced_for_its_own_box_alone(merchant, depot):
    depot.can |= Can.LABELLESS
    make_carrier_account(carrier="scripted", abilities=["labelless"])
    order = make_order(lines=[{"quantity": 2}])
    ret = make_return(order, quantity=2, parcel_count=2, method="labelless")
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)
    keep_first(ret)
    depot.script = [InvalidRequest("No codes here.")]

    second = LabelPurchase.objects.get(parcel__ret=ret, status="buying")
    buy_label(purchase=second, now=NOW)

    assert statuses(ret) == ["bought", "refused", "buying"]
    assert LabelPurchase.objects.get(status="buying").parcel_id == second.parcel_id
