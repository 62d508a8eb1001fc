"""Money goes back once in every shop that pays back, wherever the worker dies and whichever answer is lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from rientro.flows.connect_shop import connect_shop
from rientro.flows.refund_return import RefundWish, refund_return
from rientro.flows.run_errand import run_errand
from rientro.flows.walk_shop import walk_shop
from rientro.kit import crash_points
from rientro.models import Order, Refund, Return, ShopErrand, ShopLink, ShopWalk
from rientro.models.shop_consent import ShopWish
from rientro.shops.base import Can
from rientro.shops.registry import known
from tests import makers
from tests.fake_server import Answer, Heard, running
from tests.shops.fakes.shop import FakeShop, Line, Sale
from tests.shops.filled import FILLED, Filled

SALE = Sale(lines=(Line("SCARF", "Scarf", 3, 1990), Line("VEST", "Vest", 1, 8900)))
PAYING = {name: each for name, each in FILLED.items() if Can.REFUND in known(name).can}
POINTS = (
    *("errand.lock", "errand.claimed", "errand.before_wire", "errand.after_wire", "errand.looked"),
    *("refund.row", "refund.ledger", "refund.event", "errand.done", "errand.committed"),
)

pytestmark = [pytest.mark.django_db(transaction=True)]


class Died(BaseException):
    """The worker, at a marked point."""


@pytest.fixture(params=PAYING.values(), ids=list(PAYING))
def fake(request: pytest.FixtureRequest) -> Iterator[FakeShop]:
    filled: Filled = request.param
    with running(filled.fake()) as fake:
        fake.filled = filled  # type: ignore[attr-defined]
        yield fake


def sold(fake: Any) -> str:
    """An order that was sent; its id."""
    key = fake.place(SALE)
    fake.tick(60)
    fake.fulfil(key, "TRK1234567")
    fake.tick(60)
    return str(key)


def returned(fake: Any) -> Return:
    """The order came in, and one of its scarves back."""
    credentials, settings = fake.filled.form(fake)
    wish = ShopWish(system=fake.SYSTEM, url=fake.url, credentials=credentials, settings=settings)
    link = connect_shop(wish=wish, actor="member:1", now=fake.now)
    with transaction.atomic():
        walk = ShopWalk.objects.get(link=link, kind="backfill")
    while walk_shop(walk=walk, now=fake.now):
        pass
    with transaction.atomic():
        order = Order.objects.get()
        order.lines.exclude(sku="SCARF").update(position=9)
        return makers.make_return(order, requested_at=fake.now, approved_at=fake.now)


def pay(ret: Return, *, now: datetime, **wish: Any) -> Refund:
    with transaction.atomic():
        made = refund_return(
            ret=ret,
            amount_minor=ret.refund_minor,
            kind="money",
            actor="member:1",
            now=now,
            wish=RefundWish(**wish),
        )
    assert made is not None
    return made


def run(refund: Refund, *, now: datetime) -> str:
    """One try of the worker; the state of the errand afterwards."""
    with transaction.atomic():
        ShopLink.objects.update(rest_until=None)
        errand = ShopErrand.objects.get(refund=refund)
    run_errand(errand=errand, now=now)
    with transaction.atomic():
        return ShopErrand.objects.get(refund=refund).state


def settle(refund: Refund, *, now: datetime) -> str:
    """What the sweeper does: come again until it is decided."""
    state = ""
    for step in range(12):
        state = run(refund, now=now + timedelta(minutes=5 * (step + 1)))
        if state not in ("waiting", "asking"):
            return state
    return state


def paid_in_shop(fake: FakeShop, key: str) -> list[int]:
    return [refund.amount for refund in fake.refunds(key)]


def test_a_refund_goes_through_with_its_goods(house, fake):
    key = sold(fake)
    ret = returned(fake)
    restocks = Can.RESTOCK in known(fake.SYSTEM).can
    before = fake.stock("SCARF") if restocks else 0

    refund = pay(ret, now=fake.now, restock=restocks)
    state = run(refund, now=fake.now)

    assert state == "done"
    assert paid_in_shop(fake, key) == [ret.refund_minor]
    if restocks:
        assert fake.stock("SCARF") == before + 1
    with transaction.atomic():
        refund.refresh_from_db()
        ret.refresh_from_db()
    assert (refund.state, ret.settlement) == ("paid", "refunded")


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_pays_once(house, fake, point):
    key = sold(fake)
    ret = returned(fake)
    refund = pay(ret, now=fake.now)
    reached = []

    def ghost(name: str) -> None:
        if name == point and not reached:
            reached.append(name)
            raise Died

    crash_points.haunt(ghost)
    try:
        run(refund, now=fake.now)
    except Died:
        pass
    finally:
        crash_points.haunt(None)

    assert settle(refund, now=fake.now) == "done"
    assert paid_in_shop(fake, key) == [ret.refund_minor]
    with transaction.atomic():
        assert Refund.objects.get(pk=refund.pk).state == "paid"


@pytest.mark.parametrize("acted", [True, False], ids=["done and lost", "lost before it was done"])
def test_an_answer_that_is_lost_pays_once(house, fake, acted):
    key = sold(fake)
    ret = returned(fake)
    refund = pay(ret, now=fake.now)
    real, lost = fake.answer, []

    def losing(heard: Heard) -> Answer:
        if heard.method == "POST" and _pays(heard) and not lost:
            lost.append(heard.line)
            if acted:
                real(heard)
            raise ConnectionError("the line is cut")
        return real(heard)

    fake.answer = losing  # type: ignore[method-assign]
    run(refund, now=fake.now)
    state = settle(refund, now=fake.now)

    assert lost
    assert state == "done"
    assert paid_in_shop(fake, key) == [ret.refund_minor]


def _pays(heard: Heard) -> bool:
    return "refund" in heard.path or b"refundCreate" in heard.body


def test_more_than_is_left_in_the_shop_is_refused_and_nothing_is_paid(house, fake):
    key = sold(fake)
    ret = returned(fake)
    fake.refund(key, {"SCARF": 3, "VEST": 1})  # the shopkeeper was quicker
    told = len(fake.refunds(key))
    refund = pay(ret, now=fake.now)

    assert settle(refund, now=fake.now) == "refused"
    assert len(fake.refunds(key)) == told
    with transaction.atomic():
        assert Refund.objects.get(pk=refund.pk).state == "failed"
