"""Opening a return: policy asked, units held, the intent to buy written; or nothing written at all."""

import pytest

from rientro.flows.open_return import (
    BadAddress,
    BadPicks,
    FromAddress,
    NotReturnable,
    Pick,
    PortalClosed,
    open_return,
)
from rientro.models import (
    Event,
    LabelPurchase,
    LedgerEntry,
    OrderLine,
    Return,
    ReturnItem,
    SenderAddress,
    Ticket,
)
from tests.makers import (
    NOW,
    make_address,
    make_brand,
    make_carrier_account,
    make_integration,
    make_line,
    make_order,
)

pytestmark = pytest.mark.django_db

SENDER = FromAddress(
    name="Giulia Ferrero",
    street="Corso Moncalieri",
    house_number="14",
    postal_code="10131",
    city="Torino",
    country="IT",
)


@pytest.fixture
def order(merchant):
    make_carrier_account()
    return make_order(make_brand(portal={"fee_minor": 490}))


def opened(order, picks=None, **changes) -> Return:
    line = order.lines.order_by("position").first()
    wish = {
        "order": order,
        "brand": order.brand,
        "picks": [Pick(line.pk, 1, "too-small")] if picks is None else picks,
        "method": "print_at_home",
        "refund_type": "money",
        "sender": SENDER,
        "language": "it",
        "note": "",
        "actor": "shopper",
        "now": NOW,
    }
    return open_return(**wish | changes)


def nothing_written() -> bool:
    return not (
        Return.objects.exists()
        or ReturnItem.objects.exists()
        or LabelPurchase.objects.exists()
        or LedgerEntry.objects.exists()
        or Event.objects.exists()
        or OrderLine.objects.filter(returned_quantity__gt=0).exists()
    )


def test_a_return_in_time_is_approved_and_wants_its_label(order, jobs):
    ret = opened(order)

    names = list(Event.objects.order_by("pk").values_list("name", flat=True))
    assert (ret.number, ret.approval, ret.carrier) == ("R-10001", "approved", "label_pending")
    assert (ret.value_minor, ret.fee_minor, ret.refund_minor) == (4600, 490, 4110)
    assert names == ["return.requested", "return.approved", "return.label_asked"]
    assert LabelPurchase.objects.get().status == "buying"
    assert jobs.names().count("buy_label") == 1
    assert order.lines.get().returned_quantity == 1


def test_the_reason_is_kept_as_the_shopper_read_it(order):
    opened(order)

    item = ReturnItem.objects.get()
    assert (item.reason.code, item.reason_label) == ("too-small", "Troppo piccolo")
    assert item.decision["verdict"] == "accept"


def test_the_trace_says_what_decided_and_how_the_address_was_proven(order):
    ret = opened(order)
    other = opened(order, sender=FromAddress(**{**_fields(SENDER), "name": "Someone Else"}))

    assert ret.trace["decision"]["verdict"] == "accept"
    assert ret.trace["fee"]["fee"] == "4.90 EUR"
    assert ret.trace["sender"] == {"proof": "typed", "as_in_order": True}
    assert other.trace["sender"] == {"proof": "typed", "as_in_order": False}


def _fields(sender: FromAddress) -> dict[str, str]:
    return {name: getattr(sender, name) for name in FromAddress.__dataclass_fields__}


def test_a_fault_of_the_shops_costs_nothing(order):
    line = order.lines.get()

    ret = opened(order, [Pick(line.pk, 2, "faulty")])

    assert (ret.fee_minor, ret.refund_minor) == (0, 9200)


def test_a_return_under_review_waits_and_holds_its_units(merchant, jobs):
    order = make_order(make_brand(portal={"review": "all"}))

    ret = opened(order)

    assert (ret.approval, ret.carrier) == ("requested", "none")
    assert order.lines.get().returned_quantity == 1
    assert "buy_label" not in jobs.names()


def test_to_a_store_buys_no_label(merchant, jobs):
    brand = make_brand(portal={"in_store": True})
    make_address(brand)
    store = make_address(brand, is_store=True, is_return=False, label="Brera")

    ret = opened(make_order(brand), method="in_store", sender=FromAddress(), to_address=store)

    assert (ret.approval, ret.carrier, ret.to_address_id) == ("approved", "none", store.pk)
    assert "buy_label" not in jobs.names()


def test_parcels_go_to_the_orders_own_sender_address(order):
    make_address(order.brand, label="Elsewhere")

    assert opened(order).to_address_id == order.sender_address_id


def test_a_deleted_sender_address_gives_way_to_the_brands_own(order):
    other = make_address(order.brand, label="New desk", is_default=False)
    SenderAddress.objects.filter(pk=order.sender_address_id).update(
        deleted_at=NOW, is_default=False
    )
    order.refresh_from_db()

    assert opened(order).to_address_id == other.pk


@pytest.mark.parametrize(
    ("case", "picks"),
    [
        ("nothing", lambda line: []),
        ("one line twice", lambda line: [Pick(line.pk, 1), Pick(line.pk, 1)]),
        ("no units", lambda line: [Pick(line.pk, 0)]),
        ("fewer than none", lambda line: [Pick(line.pk, -1)]),
        ("a reason of nobody's list", lambda line: [Pick(line.pk, 1, "because")]),
    ],
)
def test_a_bad_list_writes_nothing(order, case, picks):
    with pytest.raises(BadPicks):
        opened(order, picks(order.lines.get()))

    assert nothing_written()


@pytest.mark.parametrize(
    "change",
    [
        {"method": "in_store"},
        {"method": "by_pigeon"},
        {"refund_type": "credit"},
        {"refund_type": "gold"},
    ],
)
def test_what_the_portal_does_not_offer_cannot_be_chosen(order, change):
    with pytest.raises(BadPicks):
        opened(order, **change)

    assert nothing_written()


def test_more_than_was_bought_cannot_come_back(order):
    with pytest.raises(NotReturnable) as refused:
        opened(order, [Pick(order.lines.get().pk, 3)])

    assert refused.value.facts["because"] == ["nothing_left"]
    assert nothing_written()


def test_same_units_cannot_come_back_twice(order):
    line = order.lines.get()
    opened(order, [Pick(line.pk, 2)])

    with pytest.raises(NotReturnable):
        opened(order, [Pick(line.pk, 1)])

    assert Return.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"final_sale": True}, "final_sale"),
        ({"removed_at": NOW}, "removed"),
    ],
)
def test_a_refused_line_refuses_the_whole_return(order, changes, because):
    vest = make_line(order, name="Vest", **changes)
    scarf = order.lines.exclude(pk=vest.pk).get()

    with pytest.raises(NotReturnable) as refused:
        opened(order, [Pick(scarf.pk, 1), Pick(vest.pk, 1)])

    assert refused.value.facts["because"] == [because]
    assert nothing_written()


def test_a_line_of_another_order_is_not_on_this_one(order):
    foreign = make_order(order.brand, integration=make_integration()).lines.get()

    with pytest.raises(NotReturnable):
        opened(order, [Pick(foreign.pk, 1)])

    assert nothing_written()


def test_switched_off_an_order_without_outbound_shipment_stays(merchant):
    order = make_order(make_brand(portal={"allow_without_outbound": False}), has_outbound=False)

    with pytest.raises(NotReturnable) as refused:
        opened(order)

    assert refused.value.facts["because"] == ["no_outbound"]


def test_a_closed_portal_opens_nothing(merchant):
    order = make_order(make_brand(portal={"active": False}))

    with pytest.raises(PortalClosed):
        opened(order)

    assert nothing_written()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": " "}),
        ("street", {"street": "\x00"}),
        ("city", {"city": ""}),
        ("country", {"country": "DE"}),
        ("postal_code", {"postal_code": "ABC"}),
    ],
)
def test_a_parcel_needs_a_whole_address_in_the_country_of_the_order(order, field, change):
    with pytest.raises(BadAddress) as refused:
        opened(order, sender=FromAddress(**_fields(SENDER) | change))

    assert refused.value.facts["field"] == field
    assert nothing_written()


def test_control_characters_of_an_address_go_nowhere(order):
    ret = opened(order, sender=FromAddress(**_fields(SENDER) | {"name": "Giu\x00lia\r\nBcc: x"}))

    assert ret.from_name == "Giu lia Bcc: x"


def test_one_form_sent_twice_is_one_return(order):
    ticket, _ = Ticket.issue(order=order, brand=order.brand, level=1, language="it", now=NOW)

    first = opened(order, ticket=ticket, nonce="n1")
    second = opened(order, ticket=ticket, nonce="n1")
    third = opened(order, ticket=ticket, nonce="n2")

    ticket.refresh_from_db()
    assert (first.pk == second.pk, first.pk == third.pk) == (True, False)
    assert ticket.opened_returns == [first.pk, third.pk]
