"""The returns desk: stages, filters, pages, one step for many, and what one return can go through."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.models import Event, Label, LabelPurchase, Parcel, Return
from rientro.panel import pages
from tests import makers
from tests.makers import NOW
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


def numbers(answer):
    return [ret.number for ret in answer.context["page"].rows]


def queries_of(client, address):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_list_asks_as_often_for_three_rows_as_for_one(owner, house):
    address = f"{place('returns')}?tab=in_transit"
    owner.get(address)
    one = queries_of(owner, address)
    for _more in range(2):
        ret = makers.make_return(makers.make_order(house.other_brand))
        Parcel.objects.create(ret=ret, created_at=NOW)

    assert queries_of(owner, address) == one


def test_each_return_stands_under_its_stage(owner, house):
    asked = makers.make_return(
        makers.make_order(house.brand), approval="requested", carrier="none", approved_at=None
    )

    assert numbers(owner.get(place("returns"))) == [asked.number]
    assert numbers(owner.get(f"{place('returns')}?tab=in_transit")) == [house.ret.number]
    assert numbers(owner.get(f"{place('returns')}?tab=completed")) == []


def test_counters_stop_at_the_cap(owner, house, monkeypatch):
    monkeypatch.setattr("rientro.panel.frame.COUNT_CAP", 2)
    for _more in range(3):
        makers.make_return(makers.make_order(house.brand))

    tabs = owner.get(place("returns")).context["tabs"]

    assert {tab["key"]: tab["count"] for tab in tabs}["in_transit"] == "1k+"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("brand={brand}", ["mine"]),
        ("brand={other}", ["theirs"]),
        ("country=DE", ["theirs"]),
        ("country=IT", ["mine"]),
        ("silent=1", ["theirs"]),
        ("days=7", ["mine"]),
        ("reason=too-small", []),
        ("q={number}", ["mine"]),
        ("q=oldenburg", ["theirs"]),
        ("country=nonsense", ["mine", "theirs"]),
        ("brand=999999", ["mine", "theirs"]),
    ],
)
def test_filters_narrow_the_list(owner, house, query, found):
    order = makers.make_order(
        house.other_brand, name="Kirsten Oldenburg", country="DE", postal_code="20099"
    )
    theirs = makers.make_return(
        order, requested_at=NOW - timedelta(days=9), silent_since=NOW - timedelta(days=5)
    )
    query = query.format(brand=house.brand.pk, other=house.other_brand.pk, number=house.ret.number)
    said = {"mine": house.ret.number, "theirs": theirs.number}
    owner.now = NOW

    import time_machine

    with time_machine.travel(NOW):
        rows = numbers(owner.get(f"{place('returns')}?tab=in_transit&{query}"))

    assert rows == [said[name] for name in found]


def test_a_filter_is_taken_away_by_its_chip(owner, house):
    answer = owner.get(f"{place('returns')}?tab=in_transit&country=IT&q=giulia")

    chips = {chip.name: chip.without for chip in answer.context["filters"].chips}
    assert chips == {"q": "tab=in_transit&country=IT", "country": "tab=in_transit&q=giulia"}


def test_pages_go_older_and_newer_without_a_gap(owner, house, monkeypatch):
    monkeypatch.setattr(pages.page_of, "__kwdefaults__", {"size": 2})
    every = [house.ret.number]
    for hour in range(1, 5):
        ret = makers.make_return(
            makers.make_order(house.brand), requested_at=NOW - timedelta(hours=hour)
        )
        every.append(ret.number)
    address = f"{place('returns')}?tab=in_transit"

    first = owner.get(address)
    second = owner.get(f"{place('returns')}?{first.context['page'].older}")
    third = owner.get(f"{place('returns')}?{second.context['page'].older}")
    back = owner.get(f"{place('returns')}?{third.context['page'].newer}")

    assert [*numbers(first), *numbers(second), *numbers(third)] == every
    assert (numbers(back), first.context["page"].newer, third.context["page"].older) == (
        numbers(second),
        "",
        "",
    )


@pytest.mark.parametrize("cursor", ["nonsense", "2026-11-24~x", "2026-11-24T10:00:00~5", "~"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(owner, house, cursor):
    answer = owner.get(f"{place('returns')}?tab=in_transit&after={cursor}")

    assert numbers(answer) == [house.ret.number]


def test_many_are_approved_at_once_and_the_rest_is_told(owner, house):
    asked = [
        makers.make_return(
            makers.make_order(house.brand), approval="requested", carrier="none", approved_at=None
        )
        for _more in range(2)
    ]

    answer = owner.post(
        place("returns_bulk"),
        {
            "act": "approve",
            "tab": "requests",
            "ret": [*[r.number for r in asked], house.ret.number],
        },
        follow=True,
    )

    states = [Return.objects.get(pk=ret.pk).approval for ret in asked]
    assert states == ["approved", "approved"]
    assert "2 returns approved." in text(answer)
    assert f"{house.ret.number}: " in text(answer)


def test_a_stranger_in_the_selection_stays_as_it_is(owner, house, strangers):
    owner.post(place("returns_bulk"), {"act": "cancel", "ret": [strangers.ret.number]})

    from rientro.kit.tenancy import acting_for

    with acting_for(strangers.ret.merchant_id):
        assert Return.objects.get(pk=strangers.ret.pk).approval == "approved"


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        ("warehouse", "deliver", 302),
        ("warehouse", "approve", 403),
        ("desk", "approve", 302),
        ("read_only", "deliver", 403),
        ("owner", "nonsense", 403),
    ],
)
def test_only_the_right_roles_do_it_to_many(as_role, house, role, act, status):
    answer = as_role(role).post(place("returns_bulk"), {"act": act, "ret": [house.ret.number]})

    assert answer.status_code == status


# One return


@pytest.fixture
def asked(house):
    return makers.make_return(
        makers.make_order(house.brand), approval="requested", carrier="none", approved_at=None
    )


def test_the_page_names_the_actors_of_its_timeline(owner, house):
    Event.record("return.approved", actor=f"member:{owner.member.pk}", at=NOW, ret=house.ret)
    Event.record("return.label_asked", actor="clock", at=NOW, ret=house.ret)

    told = owner.get(place("return", house.ret.number)).context["timeline"]

    assert [(moment.what, moment.who) for moment in told] == [
        ("Label asked for", "Rientro"),
        ("Approved", owner.member.user.email),
    ]


def test_a_return_is_approved_and_its_label_asked_for(owner, house, asked, jobs):
    answer = owner.post(place("return_approve", asked.number), follow=True)

    asked.refresh_from_db()
    assert (asked.approval, asked.carrier) == ("approved", "label_pending")
    assert "Approved." in text(answer)
    assert "buy_label" in jobs.names()
    assert asked.events.get(name="return.approved").actor == f"member:{owner.member.pk}"


def test_a_rejection_needs_words(owner, house, asked):
    answer = owner.post(place("return_reject", asked.number), {"words": "  "}, follow=True)

    asked.refresh_from_db()
    assert asked.approval == "requested"
    assert "Write one sentence" in text(answer)


def test_a_rejection_is_kept_in_its_words(owner, house, asked):
    owner.post(place("return_reject", asked.number), {"words": "The seal is broken."})

    asked.refresh_from_db()
    assert (asked.approval, asked.rejection) == ("rejected", "The seal is broken.")


def test_what_cannot_be_done_is_told_and_changes_nothing(owner, house):
    answer = owner.post(place("return_approve", house.ret.number), follow=True)

    assert "cannot become" in text(answer)


def test_a_box_is_counted_with_grades(owner, house):
    item = house.ret.items.get()
    given = {
        f"item{item.pk}-quantity": "1",
        f"item{item.pk}-grade": "used",
        f"item{item.pk}-disposition": "second_choice",
    }

    owner.post(place("return_receive", house.ret.number), given)

    item.refresh_from_db()
    house.ret.refresh_from_db()
    assert (item.received_quantity, item.grade, item.disposition) == (1, "used", "second_choice")
    assert house.ret.inspection == "accepted"


@pytest.mark.parametrize(
    ("quantity", "words"), [("7", "Between 0 and 1"), ("", "required"), ("-1", "greater")]
)
def test_a_count_that_cannot_be_is_said_beside_it(owner, house, quantity, words):
    item = house.ret.items.get()

    answer = owner.post(
        place("return_receive", house.ret.number), {f"item{item.pk}-quantity": quantity}
    )

    assert words in text(answer)
    item.refresh_from_db()
    assert item.received_quantity == 0


@pytest.mark.parametrize(
    ("typed", "settlement"),
    [("46,00", "refunded"), ("46.00", "refunded"), ("999", "open"), ("", "open")],
)
def test_money_goes_back_up_to_what_is_owed(owner, house, typed, settlement):
    owner.post(place("return_refund", house.ret.number), {"amount": typed, "kind": "money"})

    house.ret.refresh_from_db()
    assert house.ret.settlement == settlement


def test_a_return_is_closed_without_money(owner, house):
    answer = owner.post(
        place("return_refund", house.ret.number),
        {"close": "1", "amount": "46.00", "kind": "money"},
        follow=True,
    )

    house.ret.refresh_from_db()
    assert house.ret.settlement == "closed"
    assert "Closed without money." in text(answer)


def test_many_are_paid_back_as_promised(owner, house):
    owner.post(place("return_deliver", house.ret.number))

    answer = owner.post(
        place("returns_bulk"),
        {"act": "refund", "tab": "returned", "ret": [house.ret.number]},
        follow=True,
    )

    house.ret.refresh_from_db()
    assert (house.ret.settlement, house.ret.refunds.get().amount_minor) == ("refunded", 4600)
    assert "1 return paid back, or its shop asked to." in text(answer)


def test_a_stuck_parcel_is_marked_as_delivered(as_role, house):
    as_role("warehouse").post(place("return_deliver", house.ret.number))

    house.ret.refresh_from_db()
    assert (house.ret.carrier, house.ret.tab) == ("delivered", "returned")


def test_the_buttons_follow_the_role(as_role, house):
    page = text(as_role("read_only").get(place("return", house.ret.number)))

    assert "return_receive" not in page
    assert place("return_receive", house.ret.number) not in page
    assert place("return_cancel", house.ret.number) not in page


@pytest.fixture
def printed(house):
    """A return whose label nobody has used yet."""
    ret = makers.make_return(makers.make_order(house.brand), carrier="label_ready")
    purchase = LabelPurchase.objects.create(
        parcel=Parcel.objects.create(ret=ret, created_at=NOW),
        account=house.account,
        reference="R-PRINTED",
        status="bought",
        created_at=NOW,
    )
    Label.objects.create(
        parcel=purchase.parcel,
        purchase=purchase,
        carrier_reference="c1",
        tracking_number="TN1",
        price_minor=495,
        currency="EUR",
        bought_at=NOW,
    )
    return ret


def test_a_label_is_given_back_while_nobody_has_used_it(owner, printed):
    offered = text(owner.get(place("return", printed.number)))

    answer = owner.post(place("return_void", printed.number), follow=True)

    label = Label.objects.get()
    assert place("return_void", printed.number) in offered
    assert (label.void, label.purchase.status) == ("requested", "bought")
    assert "The carrier is asked to take the label back." in text(answer)
    assert place("return_void", printed.number) not in text(answer)
    assert Event.objects.filter(name="return.label_void_asked", ret=printed).count() == 1


def test_a_label_that_is_used_or_not_there_is_not_given_back(owner, house):
    from tests.panel.busy import _make_label

    nothing = owner.post(place("return_void", house.ret.number))
    _make_label(house)
    used = owner.post(place("return_void", house.ret.number), follow=True)
    page = text(owner.get(place("return", house.ret.number)))

    assert nothing.status_code == 404
    assert "The parcel is on its way: the label is used." in text(used)
    assert Label.objects.get().void == "none"
    assert place("return_void", house.ret.number) not in page


def test_a_label_that_is_not_there_has_no_address(owner, house):
    assert owner.get(place("return_label", house.ret.number)).status_code == 404


def test_a_label_is_handed_out_as_it_was_stored(owner, house):
    from tests.panel.busy import _make_label

    _make_label(house)

    answer = owner.get(f"{place('return_label', house.ret.number)}?format=a4")

    assert answer.content == b"%PDF-1.7 ..."
    assert answer["Content-Type"] == "application/pdf"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.fixture
def unsure(house):
    ret = makers.make_return(makers.make_order(house.brand))
    parcel = Parcel.objects.create(ret=ret, created_at=NOW)
    return LabelPurchase.objects.create(
        parcel=parcel, account=house.account, reference="R-1-LOST", status="unknown", created_at=NOW
    )


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"outcome": "bought", "tracking_number": "3S1", "price": "4,95"}, "bought"),
        ({"outcome": "not_bought"}, "refused"),
        ({"outcome": "bought", "tracking_number": "", "price": "4.95"}, "unknown"),
        ({"outcome": "bought", "tracking_number": "3S1", "price": "much"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_person_settles_a_purchase_in_doubt(owner, unsure, said, status):
    owner.post(place("purchase", unsure.pk), said)

    unsure.refresh_from_db()
    assert unsure.status == status


def test_a_purchase_of_another_merchant_is_not_there(owner, house, strangers):
    from rientro.kit.tenancy import acting_for

    with acting_for(strangers.ret.merchant_id):
        parcel = Parcel.objects.create(ret=strangers.ret, created_at=NOW)
        theirs = LabelPurchase.objects.create(
            parcel=parcel,
            account=strangers.account,
            reference="X",
            status="unknown",
            created_at=NOW,
        )

    assert owner.get(place("purchase", theirs.pk)).status_code == 404
    assert owner.post(place("purchase", theirs.pk), {"outcome": "not_bought"}).status_code == 404


def test_the_desk_may_not_settle(as_role, unsure):
    assert (
        as_role("desk").post(place("purchase", unsure.pk), {"outcome": "not_bought"}).status_code
        == 403
    )


def test_purchases_in_doubt_ask_as_often_for_three_as_for_one(owner, house, unsure):
    address = place("purchases")
    owner.get(address)
    one = queries_of(owner, address)
    for number in range(2):
        ret = makers.make_return(makers.make_order(house.brand))
        LabelPurchase.objects.create(
            parcel=Parcel.objects.create(ret=ret, created_at=NOW),
            account=house.account,
            reference=f"more{number}",
            status="unknown",
            created_at=NOW,
        )

    assert queries_of(owner, address) == one


def test_nothing_is_promised_for_a_return_that_is_off(owner, house):
    ret = makers.make_return(
        makers.make_order(house.brand), approval="rejected", carrier="none", closed_at=NOW
    )

    page = owner.get(place("return", ret.number))

    assert str(page.context["money"]["refund"]) == "0.00 EUR"
    assert page.context["states"][3][2] is None
