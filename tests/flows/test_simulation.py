"""Seeds drive shopper, desk, carrier, clock and crashes at once; whatever happens, three books agree in the end.

Every step may die at any marked point, which rolls back what was not committed, as a kill does. A failing seed is
replayed by its number. ``pytest -m deep`` plays many more.
"""

import json
import random
from datetime import timedelta

import pytest
from django.db import connection

from rientro.carriers.base import (
    Can,
    CancelResult,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from rientro.flows.approve_return import approve_return
from rientro.flows.buy_label import buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.refund_return import refund_return
from rientro.flows.reject_return import reject_return
from rientro.flows.request_void import request_void
from rientro.flows.retry_label import retry_label
from rientro.flows.settle_purchase import NotBought, WasBought, settle_purchase
from rientro.flows.sweep_purchases import AFTER_S, sweep_purchases
from rientro.flows.void_label import void_label
from rientro.kit import crash_points
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import acting_for
from rientro.models import Charge, Event, Label, LabelPurchase, OrderLine, Refund, Return
from rientro.models.ledger import balances, owed_to_carrier, set_aside
from tests.flows import scripted
from tests.makers import (
    NOW,
    make_brand,
    make_carrier_account,
    make_merchant,
    make_order,
    make_return,
)

ABILITIES = [
    Can.CANCEL | Can.IDEMPOTENCY_KEY | Can.FIND_BY_REFERENCE,
    Can.CANCEL | Can.IDEMPOTENCY_KEY,
    Can.CANCEL | Can.FIND_BY_REFERENCE,
    Can.CANCEL,
]
WORK = ("buy_label", "void_label")
STEPS = 60


class Killed(BaseException):
    """The process died here."""


class World:
    """One merchant with three returns, one carrier, one clock; ``chance`` decides everything."""

    def __init__(self, seed, depot):
        self.chance = random.Random(seed)
        self.depot = depot
        self.now = NOW
        depot.can = self.chance.choice(ABILITIES)
        self.account = make_carrier_account(carrier="scripted", settings={"prices": {"*": 490}})
        order = make_order(make_brand(), lines=[{"quantity": 5}])
        self.rets = [
            make_return(order, approval="requested", carrier="none", approved_at=None)
            for _ in range(3)
        ]

    def step(self):
        self.now += timedelta(seconds=self.chance.choice([0, 1, 5, 25, 50]))
        acts = [self.work] * 6 + [self.sweep] * 2 + [self.fail_next] * 3
        acts += [self.approve] * 3 + [self.reject, self.cancel, self.retry, self.give_back]
        acts += [self.receive, self.refund, self.settle]
        try:
            self.chance.choice(acts)()
        except (RientroError, Killed):
            pass

    def ret(self):
        return Return.objects.get(pk=self.chance.choice(self.rets).pk)

    # People

    def approve(self):
        approve_return(ret=self.ret(), actor="member:1", now=self.now)

    def reject(self):
        reject_return(ret=self.ret(), words="No.", actor="member:1", now=self.now)

    def cancel(self):
        cancel_return(ret=self.ret(), actor="shopper", now=self.now)

    def retry(self):
        retry_label(ret=self.ret(), actor="member:1", now=self.now)

    def give_back(self):
        label = Label.objects.order_by("?").first()
        if label:
            request_void(label=label, actor="member:1", now=self.now)

    def receive(self):
        ret = self.ret()
        items = [
            ReceivedItem(item_id=item.pk, quantity=self.chance.randint(0, item.quantity))
            for item in ret.items.all()
        ]
        receive_return(ret=ret, items=items, actor="member:1", now=self.now)

    def refund(self):
        amount = self.chance.choice([0, 100, 4600, 5000])
        refund_return(
            ret=self.ret(), amount_minor=amount, kind="money", actor="member:1", now=self.now
        )

    def settle(self):
        """A person looks at the carrier's own list, and is right."""
        purchase = LabelPurchase.objects.filter(status="unknown").order_by("pk").first()
        if purchase is None:
            return
        sold = self.depot.sold.get(purchase.reference)
        outcome = NotBought()
        if sold:
            outcome = WasBought(
                tracking_number=sold[0].tracking_number,
                price=sold[0].price,
                carrier_reference=sold[0].carrier_reference,
            )
        settle_purchase(purchase=purchase, outcome=outcome, actor="member:1", now=self.now)

    # Machines

    def fail_next(self):
        doubt = OutcomeUnknown("The line broke.")
        step = self.chance.choice(
            [
                doubt,
                (doubt, "after"),
                Unavailable("Not reached."),
                RateLimited("Too many.", retry_after_s=30),
                InvalidRequest("No."),
            ]
        )
        self.depot.script.append(step)
        self.depot.cancelling.append(
            self.chance.choice(
                [
                    None,
                    CancelResult(outcome="requested"),
                    CancelResult(outcome="refused", message="No."),
                    Unavailable("Not reached."),
                ]
            )
        )

    def sweep(self):
        sweep_purchases(now=self.now)

    def work(self, *, may_die=True):
        """A worker takes one waiting job. If it dies, the job is gone with it."""
        waiting = self.jobs()
        if not waiting:
            return False
        number, task, args = self.chance.choice(waiting)
        forget(number)
        if may_die and self.chance.random() < 0.5:
            crash_points.arm("any")
        try:
            if task == "buy_label":
                purchase = LabelPurchase.objects.get(pk=args["purchase_id"])
                buy_label(purchase=purchase, now=self.now)
            else:
                void_label(label=Label.objects.get(pk=args["label_id"]), now=self.now)
        except RientroError:
            pass  # the sweeper comes again
        finally:
            crash_points.arm(None)
        return True

    def jobs(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, args::text FROM procrastinate_jobs "
                "WHERE status = 'todo' AND task_name = ANY(%s) ORDER BY id",
                [list(WORK)],
            )
            return [(number, task, json.loads(args)) for number, task, args in cursor.fetchall()]

    # The end

    def calm_down(self):
        """The carrier is well again, time passes, people settle what only they can know."""
        self.depot.script, self.depot.cancelling = [], []
        for _ in range(12):
            self.now += timedelta(seconds=AFTER_S + 3600)
            sweep_purchases(now=self.now)
            while self.work(may_die=False):
                pass
            for _ in range(LabelPurchase.objects.filter(status="unknown").count()):
                self.settle()


def forget(number):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [number])


def check(world):
    """The invariants of reliability.md §3.1, and that nothing waits any more."""
    depot = world.depot
    assert depot.count() == Label.objects.count()
    assert all(len(group) == 1 for group in depot.sold.values())
    assert sum(owed_to_carrier(world.account).values()) == depot.bill()
    charges = Charge.objects.filter(credited_at=None).values_list("amount_minor", flat=True)
    assert sum(charges) == depot.bill()
    assert set_aside() == {}
    assert sum(balances().values()) == 0
    open_ones = LabelPurchase.objects.filter(status__in=["buying", "unknown"])
    assert not open_ones.exists()
    assert not Label.objects.filter(void="requested").exists()
    for ret in world.rets:
        ret.refresh_from_db()
        live = Label.objects.filter(parcel__ret=ret, void="none").count()
        assert live <= 1
        assert ret.carrier != "label_pending"
        if ret.approval in ("cancelled", "rejected"):
            assert live == 0
        paid = sum(Refund.objects.filter(ret=ret).values_list("amount_minor", flat=True))
        assert paid <= ret.value_minor
    alive = sum(ret.approval in ("requested", "approved") for ret in world.rets)
    assert OrderLine.objects.get().returned_quantity == alive
    assert Event.objects.filter(name="return.label_bought").count() == depot.count()


def play(seed, depot, monkeypatch):
    world = World(seed, depot)

    def strike(name):
        if world.chance.random() < 0.15:
            crash_points.arm(None)
            raise Killed(name)

    monkeypatch.setattr(crash_points, "_strike", strike)
    for _ in range(STEPS):
        world.step()
    world.calm_down()
    check(world)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_three_books_agree(merchant, depot, monkeypatch, seed):
    play(seed, depot, monkeypatch)


@pytest.mark.deep
def test_whatever_happens_three_books_agree_a_thousand_times(request, merchant, depot, monkeypatch):
    if request.config.option.markexpr != "deep":
        pytest.skip("a quarter of an hour: pytest -m deep tests/flows/test_simulation.py")
    for seed in range(1000, 2000):
        fresh = scripted.Depot()
        monkeypatch.setattr(scripted, "depot", fresh)
        with acting_for(make_merchant().pk):
            play(seed, fresh, monkeypatch)
