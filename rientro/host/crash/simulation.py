"""C5: a seed drives shopper, desk, worker, sweeper, the line to the carrier, the clock and crashes, all at once.

In one process, with a real PostgreSQL and the real sandbox carrier behind the fault proxy: a crash is an exception at
a marked point, which leaves exactly what was committed, as a kill does. The same seed plays the same story.
"""

import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from rientro.flows.approve_return import approve_return
from rientro.flows.buy_label import buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.open_return import Pick, open_return
from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.refund_return import refund_return
from rientro.flows.reject_return import reject_return
from rientro.flows.request_void import request_void
from rientro.flows.retry_label import retry_label
from rientro.flows.store_label import store_label
from rientro.flows.sweep_purchases import AFTER_S, sweep_purchases
from rientro.flows.void_label import void_label
from rientro.host.crash.actors import SENDER
from rientro.host.crash.proof import Findings, examine, settle_by_hand
from rientro.host.crash.stage import SandboxProgram, Stage, set_stage
from rientro.host.fault_proxy.proxy import FaultProxy
from rientro.kit import clock, crash_points
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import acting_for
from rientro.models import Brand, Label, LabelPurchase, Order, PortalSettings, Refund, Return

RETURNS, STEPS, CALM_ROUNDS = 3, 40, 12
CANNOT = ("", "idempotency_key", "find_by_reference", "idempotency_key,find_by_reference")
TASKS = {"buy_label": "purchase_id", "store_label": "label_id", "void_label": "label_id"}
BUYING, LOOKING, VOIDING = (
    ("POST", "/v1/labels"), ("GET", "/v1/labels"), ("DELETE", "/v1/labels/.*"),
)  # fmt: skip
DOUBTS = (
    "reset_at_once", "close_at_once", "reset_after", "close_after", "half_head_after", "half_body_after",
    "broken_chunks_after", "html_after", "empty_after", "cut_json_after", "other_json_after",
    "not_http_after", "gzip_bomb_after", "chunked", "late", "answered_twice",
)  # fmt: skip
STATUSES = (400, 422, 429, 500, 502, 503, 504, 302)


class Killed(BaseException):
    """The process died here."""


class World:
    """One merchant with a few orders, one carrier, one clock; ``chance`` decides everything."""

    def __init__(self, seed: int, stage: Stage, line: FaultProxy, cannot: str) -> None:
        self.chance = random.Random(seed)
        self.stage, self.line, self.cannot = stage, line, cannot
        self.now: datetime = clock.now()
        self.did: Counter[str] = Counter()
        self.struck = 0

    def play(self) -> None:
        crash_points.haunt(self._strike)
        try:
            for _ in range(STEPS):
                self._step()
        finally:
            crash_points.haunt(None)
        self._calm_down()

    def _step(self) -> None:
        self.now += timedelta(seconds=self.chance.choice([0, 1, 5, 25, 50, -20]))
        acts: list[Callable[[], object]] = [self._work] * 6 + [self._sweep] * 2
        acts += [self._break_line] * 3 + [self._open] * 4 + [self._approve] * 2
        acts += [self._reject, self._cancel, self._retry, self._give_back]
        acts += [self._receive, self._refund, self._switch_review]
        act = self.chance.choice(acts)
        self.did[act.__name__.strip("_")] += 1
        try:
            act()
        except Killed:
            connection.close()  # whatever was open died with the process
        except RientroError:
            pass  # refused in words: a story goes on

    def _strike(self, name: str) -> None:
        if self.chance.random() < 0.06:
            self.struck += 1
            raise Killed(name)

    # People

    def _open(self) -> None:
        ticket_order_line = self.chance.choice(self.stage.tickets)
        with transaction.atomic():
            open_return(
                order=Order.objects.get(pk=ticket_order_line[1]),
                brand=Brand.objects.get(pk=self.stage.brand_id),
                picks=[Pick(ticket_order_line[2], 1)],
                method="print_at_home",
                refund_type="money",
                sender=SENDER,
                language="en",
                note="",
                actor="shopper",
                now=self.now,
            )

    def _ret(self) -> Return:
        pks = list(Return.objects.order_by("pk").values_list("pk", flat=True))
        if not pks:
            raise NothingYet("No return was opened yet.")
        return Return.objects.get(pk=self.chance.choice(pks))

    @transaction.atomic
    def _approve(self) -> None:
        approve_return(ret=self._ret(), actor="member:1", now=self.now)

    @transaction.atomic
    def _reject(self) -> None:
        reject_return(ret=self._ret(), words="No.", actor="member:1", now=self.now)

    @transaction.atomic
    def _cancel(self) -> None:
        cancel_return(ret=self._ret(), actor="shopper", now=self.now)

    @transaction.atomic
    def _retry(self) -> None:
        retry_label(ret=self._ret(), actor="member:1", now=self.now)

    @transaction.atomic
    def _give_back(self) -> None:
        labels = list(Label.objects.order_by("pk"))
        if labels:
            request_void(label=self.chance.choice(labels), actor="member:1", now=self.now)

    @transaction.atomic
    def _receive(self) -> None:
        ret = self._ret()
        items = [
            ReceivedItem(item_id=item.pk, quantity=self.chance.randint(0, item.quantity))
            for item in ret.items.order_by("pk")
        ]
        receive_return(ret=ret, items=items, actor="member:1", now=self.now)

    @transaction.atomic
    def _refund(self) -> None:
        amount = self.chance.choice([0, 100, 4600, 5000])
        refund_return(
            ret=self._ret(), amount_minor=amount, kind="money", actor="member:1", now=self.now
        )

    @transaction.atomic
    def _switch_review(self) -> None:
        review = self.chance.choice(["none", "all"])
        PortalSettings.objects.filter(brand_id=self.stage.brand_id).update(review=review)

    # Machines

    def _break_line(self) -> None:
        method, path = self.chance.choice([BUYING, BUYING, LOOKING, VOIDING])
        times = self.chance.randint(1, 2)
        if self.chance.random() < 0.4:
            status = self.chance.choice(STATUSES)
            self.line.play("says", method=method, path=path, times=times, status=status)
        else:
            self.line.play(self.chance.choice(DOUBTS), method=method, path=path, times=times)

    def _sweep(self) -> None:
        sweep_purchases(now=self.now)

    def _work(self) -> bool:
        """A worker takes one waiting job. If it dies, the job is gone with it."""
        waiting = _jobs(self.stage.merchant_id)
        if not waiting:
            return False
        number, task, args = self.chance.choice(waiting)
        _forget(number)
        with transaction.atomic():
            model = LabelPurchase if task == "buy_label" else Label
            row: Any = model.objects.get(pk=args[TASKS[task]])
        if task == "buy_label":
            buy_label(purchase=row, now=self.now)
        elif task == "void_label":
            void_label(label=row, now=self.now)
        else:
            store_label(label=row, now=self.now)
        return True

    # The end

    def _calm_down(self) -> None:
        """The line is well again, time passes, the clock of the stage goes with it."""
        self.line.well()
        for _ in range(CALM_ROUNDS):
            self.now += timedelta(seconds=AFTER_S + 3600)
            sweep_purchases(now=self.now)
            while True:
                try:
                    if not self._work():
                        break
                except RientroError:
                    pass  # the sweeper comes again


class NothingYet(RientroError):
    """There is nothing to act on."""


def run(seeds: int, *, seed: int, folder: Path, ends_at: float) -> dict[str, Any]:
    """Play ``seeds`` stories from ``seed`` on; the figures. Django is ready and its database migrated."""
    began, broken, played = time.monotonic(), dict[int, list[str]](), 0
    did: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    ours = theirs = struck = by_hand = 0
    with SandboxProgram(folder) as sandbox, FaultProxy(sandbox.url) as line:
        for number in range(seed, seed + seeds):
            if time.monotonic() > ends_at:
                break
            world, findings, settled = _story(number, sandbox, line)
            wrong = _wrong(findings, world)
            if wrong:
                broken[number] = wrong
            played, struck, by_hand = played + 1, struck + world.struck, by_hand + settled
            did += world.did
            statuses.update(findings.statuses)
            ours, theirs = ours + findings.ours_minor, theirs + findings.theirs_minor
    return {
        "held": not broken and ours == theirs and played > 0,
        "seeds": f"{seed} to {seed + played - 1}",
        "played": played,
        "crashes": struck,
        "broken": broken,
        "steps": dict(did),
        "statuses": dict(statuses),
        "settled_by_hand": by_hand,
        "ours_minor": ours,
        "theirs_minor": theirs,
        "seconds": round(time.monotonic() - began, 1),
    }


def _story(seed: int, sandbox: SandboxProgram, line: FaultProxy) -> tuple[World, Findings, int]:
    line.begin(seed)
    line.forget()
    sandbox.token = f"sandbox-{secrets.token_hex(8)}"
    cannot = random.Random(seed).choice(CANNOT)
    stage = set_stage(sandbox, returns=RETURNS, cannot=cannot, url=line.url)
    world = World(seed, stage, line, cannot)
    with acting_for(stage.merchant_id):
        world.play()
    settled = settle_by_hand(stage, sandbox)
    if settled:
        with acting_for(stage.merchant_id):
            world._calm_down()
    return world, examine(stage, sandbox, set()), settled


def _wrong(found: Findings, world: World) -> list[str]:
    """The invariants that did not hold, in words."""
    with acting_for(world.stage.merchant_id), transaction.atomic():
        overpaid = [
            ret.number
            for ret in Return.objects.all()
            if sum(Refund.objects.filter(ret=ret).values_list("amount_minor", flat=True))
            > ret.value_minor
        ]
        living = Counter(Label.objects.filter(void="none").values_list("parcel_id", flat=True))
        useless = [
            label.pk
            for label in Label.objects.filter(void="none").select_related("parcel__ret")
            if label.parcel.ret.approval in ("cancelled", "rejected")
        ]
    told = {
        "bought twice": found.bought_twice,
        "off the books": found.off_the_books,
        "stuck": found.stuck,
        "over reserved": found.over_reserved,
        "unbalanced": found.unbalanced,
        "nobody was told": found.unalarmed,
        "paid back too much": overpaid,
        "two labels on one parcel": [pk for pk, times in living.items() if times > 1],
        "a label for nobody": useless,
    }
    return [f"{words}: {what}" for words, what in told.items() if what]


def _jobs(merchant: int) -> list[tuple[int, str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args::text FROM procrastinate_jobs WHERE status = 'todo' "
            "AND task_name = ANY(%s) AND (args->>'merchant_id')::bigint = %s ORDER BY id",
            [list(TASKS), merchant],
        )
        return [(number, name, json.loads(args)) for number, name, args in cursor.fetchall()]


def _forget(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [number])
