import pytest

from rientro.flows.receive_return import BadCount, NotExpected, ReceivedItem, receive_return
from rientro.models import Event
from rientro.policy.lifecycle import IllegalMove
from tests.makers import NOW, make_return


@pytest.fixture
def ret(merchant):
    return make_return(quantity=2, carrier="in_transit")


def receive(ret, quantity, **words):
    item = ret.items.get()
    found = ReceivedItem(item_id=item.pk, quantity=quantity, **words)
    return receive_return(ret=ret, items=[found], actor="member:1", now=NOW)


@pytest.mark.parametrize(
    ("quantity", "result"), [(2, "accepted"), (1, "partly_accepted"), (0, "rejected")]
)
def test_the_count_decides(ret, quantity, result):
    received = receive(ret, quantity, grade="new", disposition="restock")

    received.refresh_from_db()
    item = ret.items.get()
    assert (received.inspection, received.carrier) == (result, "delivered")
    assert (received.delivered_at, received.received_at) == (NOW, NOW)
    assert received.tab == "returned"
    assert (item.received_quantity, item.grade, item.disposition) == (quantity, "new", "restock")
    told = Event.objects.get(name="return.received")
    assert told.facts == {"result": result, "units": quantity, "of": 2}


def test_the_rest_may_come_in_a_second_box(ret):
    receive(ret, 1)
    receive(ret, 1)

    assert receive(ret, 2).inspection == "accepted"


def test_what_was_counted_to_its_end_is_not_counted_again(ret):
    receive(ret, 2)

    with pytest.raises(IllegalMove):
        receive(ret, 1)

    assert ret.items.get().received_quantity == 2


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(3, {}), (-1, {}), (1, {"grade": "shiny"}), (1, {"disposition": "moon"})],
)
def test_a_bad_count_writes_nothing(ret, quantity, words):
    with pytest.raises(BadCount):
        receive(ret, quantity, **words)

    ret.refresh_from_db()
    assert ret.inspection == "pending"


def test_items_of_another_return_are_refused(ret):
    other = make_return().items.get()

    with pytest.raises(BadCount):
        receive_return(
            ret=ret,
            items=[ReceivedItem(item_id=other.pk, quantity=1)],
            actor="member:1",
            now=NOW,
        )


def test_one_item_named_twice_is_refused(ret):
    item = ReceivedItem(item_id=ret.items.get().pk, quantity=1)

    with pytest.raises(BadCount):
        receive_return(ret=ret, items=[item, item], actor="member:1", now=NOW)


def test_only_an_approved_return_is_received(merchant):
    ret = make_return(approval="requested", carrier="none")

    with pytest.raises(NotExpected):
        receive(ret, 1)


def test_a_box_from_a_store_needs_no_scan(merchant):
    ret = make_return(method="in_store", carrier="none")

    assert receive(ret, 1).carrier == "delivered"
