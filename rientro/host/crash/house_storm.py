"""C3: the living house under load, struck at random times in all its parts; then one reckoning."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from rientro.host.crash.clients import Clients, Told
from rientro.host.crash.living_house import FullDisk, LivingHouse
from rientro.host.crash.proof import Findings, examine, settle_by_hand
from rientro.host.crash.stage import SandboxProgram, Stage, set_stage
from rientro.host.fault_proxy.proxy import FaultProxy
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import CarrierAccount, Integration, LabelPurchase, Return

BAR_S = 60.0
ANSWERED_WITHIN_S = 240.0
SWEPT_AFTER_S = 45  # the house's clock is moved on by this once the storm is over
BREAKS = ("reset_after", "reset_at_once", "hang_after", "close_after", "half_body_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseWish:
    """``blows``, or as many as fit into ``seconds``; ``rate`` wishes a second, a blow every ``every_s`` or so."""

    blows: int
    seconds: float
    rate: float
    seed: int
    cannot: str
    every_s: float = 2.0
    longest_pause_s: float = 6.0
    kinds: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class HouseReport:
    wish: HouseWish
    blows: Counter[str]
    told: Told
    findings: Findings
    unanswered: list[str]
    missing: list[str]  # answered, and not there
    doubled: list[str]  # one key, two returns
    asked: int
    by_hand: int
    settled_s: float
    alarm_s: float
    seconds: float
    not_played: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        wrong = self.unanswered or self.missing or self.doubled or self.told.differing
        slow = self.settled_s > BAR_S or self.alarm_s > 300
        return self.findings.held and not (wrong or slow or self.told.refused)

    def facts(self) -> dict[str, Any]:
        found, told = self.findings, self.told
        return {
            "held": self.held,
            "seed": self.wish.seed,
            "cannot": self.wish.cannot,
            "blows": dict(self.blows),
            "not_played": self.not_played,
            "asked": self.asked,
            "answered": len(told.answers),
            "answered_by_a_repeat": told.late,
            "repeated": told.repeated,
            "repeated_differently": told.differing,
            "unanswered": self.unanswered[:20],
            "refused": told.refused[:5],
            "lost": self.missing[:20],
            "made_twice": self.doubled,
            "bought_twice": sorted(found.bought_twice),
            "off_the_books": sorted(found.off_the_books),
            "stuck": sorted(found.stuck),
            "over_reserved": found.over_reserved,
            "unbalanced": found.unbalanced,
            "unalarmed": sorted(found.unalarmed),
            "statuses": found.statuses,
            "settled_by_hand": self.by_hand,
            "ours_minor": found.ours_minor,
            "theirs_minor": found.theirs_minor,
            "slowest_answer_s": round(told.slowest_s, 1),
            "settled_after_s": round(self.settled_s, 1),
            "slowest_alarm_s": round(self.alarm_s, 1),
            "seconds": round(self.seconds, 1),
        }


class HouseStorm:
    """Runs a HouseWish on a living house; this process is the client, the carrier's line and the judge."""

    def __init__(
        self, wish: HouseWish, living: LivingHouse, disk: FullDisk, clock_file: Path
    ) -> None:
        self.wish, self.living, self.disk, self.clock_file = wish, living, disk, clock_file
        self.chance = random.Random(wish.seed)
        self.blows: Counter[str] = Counter()
        self.not_played: set[str] = set()

    def run(self, folder: Path) -> HouseReport:
        began = time.monotonic()
        with ExitStack() as stack:
            sandbox = stack.enter_context(SandboxProgram(folder))
            self.line = stack.enter_context(FaultProxy(sandbox.url, seed=self.wish.seed))
            stage = set_stage(sandbox, returns=0, cannot=self.wish.cannot, url=self.line.url)
            clients = self._clients(stage)
            self.living.start_second_worker()
            clients.start()
            self._storm()
            self.living.wait_ready()
            unanswered = list(clients.finish(ANSWERED_WITHIN_S))
            settled_s = self._settle(stage)
            return self._reckon(stage, sandbox, clients, unanswered, settled_s, began)

    def _clients(self, stage: Stage) -> Clients:
        from rientro.flows.mint_api_key import mint_api_key

        with merchant_transaction(stage.merchant_id):
            shop = Integration.objects.get()
            key = mint_api_key(integration=shop, actor="clock", now=clock.now())
        return Clients(
            self.living.port,
            key.public_key,
            key.secret_key,
            rate=self.wish.rate,
            seed=self.wish.seed,
        )

    # The blows

    def _hands(self) -> dict[str, Callable[[], bool]]:
        living = self.living
        hands: dict[str, Callable[[], bool]] = {
            "web killed": lambda: living.kill("web"),
            "web worker killed": living.kill_web_worker,
            "worker killed": lambda: living.kill("worker"),
            "second worker killed": living.kill_second_worker,
            "worker paused": lambda: living.pause("worker", self._pause_s()),
            "web paused": lambda: living.pause("web", min(2.0, self._pause_s())),
            "database killed": lambda: living.kill_database(signal.SIGKILL),
            "database stopped at once": lambda: living.kill_database(signal.SIGQUIT),
            "house killed": living.kill_all,
            "line to the carrier cut": self._cut,
            "clock moved on": lambda: self._move(self.chance.choice([60.0, 600.0, 7200.0])),
            "clock moved back": lambda: self._move(-600.0),
            "disk full": lambda: self.disk.fill(self.chance.uniform(0.5, 2.0)),
        }
        wanted = self.wish.kinds or tuple(hands)
        return {name: hands[name] for name in wanted}

    def _storm(self) -> None:
        hands = self._hands()
        until = time.monotonic() + self.wish.seconds
        left: list[str] = []
        while time.monotonic() < until and self.blows.total() < self.wish.blows:
            if not left:  # each in turn, in an order of the seed's
                left = list(hands)
                self.chance.shuffle(left)
            name = left.pop()
            time.sleep(self.chance.uniform(0.3, 1.7) * self.wish.every_s)
            if hands[name]():
                self.blows[name] += 1
            else:
                self.not_played.add(name)
        self.line.well()

    def _pause_s(self) -> float:
        return self.chance.uniform(0.5, self.wish.longest_pause_s)

    def _cut(self) -> bool:
        """For a while every request to the carrier ends in one kind of silence."""
        self.line.play(self.chance.choice(BREAKS), times=-1, seconds=5)
        time.sleep(self.chance.uniform(0.3, 2.0))
        self.line.well()
        return True

    def _move(self, seconds: float) -> bool:
        self.clock_file.write_text(json.dumps(clock.offset_s() + seconds))
        return True

    # Afterwards

    def _settle(self, stage: Stage) -> float:
        """Seconds of the house's clock until nothing waits any more."""
        self.living.wait_ready()
        began = time.monotonic()
        self._move(SWEPT_AFTER_S)
        while (took := time.monotonic() - began) < 2 * BAR_S:
            with _patience():
                _make_due()
                if _is_settled(stage):
                    break
            time.sleep(1)
        return took + SWEPT_AFTER_S

    def _reckon(
        self, stage: Stage, sandbox: SandboxProgram, clients: Clients, unanswered: list[str],
        settled_s: float, began: float,
    ) -> HouseReport:  # fmt: skip
        there = _references(stage)
        findings = examine(stage, sandbox, set())
        alarm_s = _slowest_alarm(stage)
        by_hand = settle_by_hand(stage, sandbox)
        if by_hand and findings.held:
            statuses = findings.statuses
            self._settle(stage)
            findings = examine(stage, sandbox, set())
            findings.statuses = statuses
        return HouseReport(
            wish=self.wish,
            blows=self.blows,
            not_played=sorted(self.not_played),
            told=clients.told,
            findings=findings,
            unanswered=unanswered,
            missing=sorted(set(clients.told.answers) - set(there)),
            doubled=sorted(key for key, times in there.items() if times > 1),
            asked=len(clients.asked),
            by_hand=by_hand,
            settled_s=settled_s,
            alarm_s=alarm_s,
            seconds=time.monotonic() - began,
        )


@contextmanager
def _patience() -> Iterator[None]:
    """The database may just be coming back."""
    try:
        yield
    except (DatabaseError, psycopg.Error):
        connection.close()


def _make_due() -> None:
    """What was put off to later is due: the house's clock has moved on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL "
            "WHERE status = 'todo' AND scheduled_at IS NOT NULL AND queue_name = 'carriers'"
        )
    # An account that rests is asked again after a minute of the house's clock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM rientro_merchant")
        merchants = [pk for (pk,) in cursor.fetchall()]
    for merchant in merchants:
        with merchant_transaction(merchant):
            CarrierAccount.objects.update(paused_until=None)


def _is_settled(stage: Stage) -> bool:
    """Has every return its stored label, or a person who is asked?"""
    with merchant_transaction(stage.merchant_id):
        stored = Q(status="bought", labels__pdf_a6__isnull=False)
        known = Q(status__in=["unknown", "voided", "abandoned"])
        return not LabelPurchase.objects.exclude(stored | known).exists()


def _references(stage: Stage) -> Counter[str]:
    """How often each key made a return. The order's number is the key."""
    with merchant_transaction(stage.merchant_id):
        numbers = Return.objects.values_list("order__number", flat=True)
        return Counter(numbers)


def _slowest_alarm(stage: Stage) -> float:
    """Seconds from the last question to the carrier until a person was told that nobody knows."""
    with acting_for(stage.merchant_id), transaction.atomic():
        unknown = LabelPurchase.objects.filter(status="unknown").select_related("parcel__ret")
        waits = [
            (event.happened_at - purchase.asked_at).total_seconds()
            for purchase in unknown
            for event in purchase.parcel.ret.events.filter(name="return.label_unknown")
            if purchase.asked_at
        ]
    return max(waits, default=0.0)
