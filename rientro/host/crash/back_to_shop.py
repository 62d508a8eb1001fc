"""C6: processes killed while a merchant's shop pays a refund back; it pays once, and our books say what it paid."""

import base64
import json
import random
import time
from pathlib import Path

from django.db import connection, transaction

from rientro.flows.run_errand import ErrandBusy, run_errand
from rientro.host.crash.effects import REFUND_MINOR, Facts, Scene, approved, play
from rientro.host.crash.points import PAYING
from rientro.host.crash.small_shop import CODE, KEY, Fault, SmallServer, opened
from rientro.host.crash.stage import SandboxProgram, Stage
from rientro.kit import clock as time_of_day
from rientro.kit.crypto import seal
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, Integration, LedgerEntry, Order, Refund, ShopErrand, ShopLink

PLENTY = 10 * REFUND_MINOR  # left of the order: a refund asked for twice would be paid twice
# What the line does to the first request of half the scenes, besides the kill.
FAULTS: tuple[list[Fault], ...] = ([], [], [], ["lose"], ["drop"], [500])


def run(rounds: int, *, seed: int, folder: Path, clock: Path, ends_at: float) -> Facts:
    """``rounds`` kills at each point; the figures. Django is ready and its database migrated."""
    began = time.monotonic()
    dice = random.Random(seed)
    blows = [point for point in PAYING for _ in range(rounds)]
    dice.shuffle(blows)
    with SandboxProgram(folder) as sandbox, opened() as server:

        def make(stage: Stage) -> Scene:
            return _scene(stage, server, dice)

        figures = play(make, blows, sandbox, clock, ends_at)
    return {**figures, "seed": seed, "seconds": round(time.monotonic() - began, 1)}


def _scene(stage: Stage, server: SmallServer, dice: random.Random) -> Scene:
    key, ret = approved(stage)
    word = base64.b64encode(f"{key.public_key}:{key.secret_key}".encode()).decode()
    order = f"{stage.merchant_id}"
    server.orders[order] = PLENTY
    with merchant_transaction(stage.merchant_id):
        shop = Integration.objects.get()
        Integration.objects.update(system=CODE)
        Order.objects.filter(pk=ret.order_id).update(external_order_id=order)
        ShopLink.objects.create(
            integration=shop,
            credentials=seal({"key": KEY}),
            settings={"url": server.url},
            connected_at=time_of_day.now(),
        )
    connection.close()
    # A kill before the wire leaves the fault for the next try, as a bad line would.
    server.faults = list(dice.choice(FAULTS))

    def act() -> None:
        from django.test import Client

        answer = Client(SERVER_NAME="127.0.0.1").post(
            f"/api/rientro/v1/returns/{ret.number}/refunds",
            json.dumps({"amount": "10.00", "kind": "money"}),
            content_type="application/json",
            headers={"Authorization": f"Basic {word}", "Idempotency-Key": f"refund-{ret.pk}"},
        )
        assert answer.status_code in (201, 202, 409), answer.content
        with acting_for(stage.merchant_id):
            with transaction.atomic():
                errands = list(ShopErrand.objects.filter(kind="refund"))
            for errand in errands:
                try:
                    run_errand(errand=errand, now=time_of_day.now())
                except ErrandBusy:  # the session of a killed one ends a moment later
                    continue

    def wrong() -> str:
        with merchant_transaction(stage.merchant_id):
            paid = list(Refund.objects.filter(ret=ret).values_list("amount_minor", "state"))
            booked = LedgerEntry.objects.filter(subject__startswith="refund:").count()
            told = Event.objects.filter(ret=ret, name="return.refunded").count()
            settled = list(ShopErrand.objects.values_list("state", flat=True))
        connection.close()
        seen = (paid, booked, told, settled, server.paid(order))
        wanted = ([(REFUND_MINOR, "paid")], 1, 1, ["done"], REFUND_MINOR)
        return "" if seen == wanted else f"refunds, ledger, events, errands, shop: {seen}"

    return Scene(act, wrong)
