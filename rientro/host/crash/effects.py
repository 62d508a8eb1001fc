"""C4: processes killed in the middle of a refund, a webhook, an import or a void; each has exactly one effect.

The void, with the credit it brings, is the storm of C1 on the points after the label. Exchange orders do not exist yet.
"""

import base64
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.mint_api_key import MintedKey, mint_api_key
from rientro.flows.open_return import Pick, open_return
from rientro.flows.queue_import import queue_import
from rientro.flows.read_file import read_file
from rientro.flows.run_import import run_import
from rientro.flows.send_webhooks import send_webhooks
from rientro.host.crash.actors import SENDER
from rientro.host.crash.children import Child
from rientro.host.crash.points import GIVING_BACK, IMPORTING, REFUNDING, TELLING
from rientro.host.crash.stage import SandboxProgram, Stage, move_clock, set_stage
from rientro.host.crash.storm import Storm, Wish
from rientro.kit import clock, crash_points
from rientro.kit.crypto import seal
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    Brand,
    Delivery,
    Event,
    ImportRun,
    Integration,
    LedgerEntry,
    Order,
    Refund,
    Return,
    WebhookEndpoint,
)
from rientro.policy.webhook_signatures import secret_of

LATER_S = 120  # a request whose process died is taken up again after ninety seconds, a webhook after a minute
TRIES = 6
ORDERS = 40
REFUND_MINOR = 1000
HEADINGS = "Order;Date;Postal code;Country;Item;SKU;Qty;Price"
Facts = dict[str, Any]


def run(
    rounds: int, *, seed: int, folder: Path, clock: Path, ends_at: float, only: str = ""
) -> Facts:
    """``rounds`` kills at each point; the figures. Django is ready and its database migrated."""
    began = time.monotonic()
    figures: dict[str, Facts] = {}
    wanted = only.split(",") if only else ["void", *SCENES]
    if "void" in wanted:
        figures["void and credit"] = _void(rounds, seed, folder, clock, ends_at)
    with SandboxProgram(folder) as sandbox:
        for name in (name for name in SCENES if name in wanted):
            make, points = SCENES[name]
            blows = [point for point in points for _ in range(rounds)]
            random.Random(seed).shuffle(blows)
            figures[name] = play(make, blows, sandbox, clock, ends_at)
    return {
        "held": all(part["held"] for part in figures.values()),
        "seed": seed,
        **figures,
        "seconds": round(time.monotonic() - began, 1),
    }


def _void(rounds: int, seed: int, folder: Path, clock: Path, ends_at: float) -> Facts:
    wish = Wish(kills=rounds, stops=0, seed=seed, pause_s=0.4, cannot="", points=GIVING_BACK)
    report = Storm(wish, folder=folder, clock=clock, ends_at=ends_at).run()
    kills = report.facts()["kills"]
    return {"kills": kills, "held": report.held, "statuses": report.findings.statuses}


class Scene:
    """One effect that is wanted once. ``act`` may be repeated; ``wrong`` says what is not as it should be."""

    def __init__(self, act: Callable[[], None], wrong: Callable[[], str]) -> None:
        self.act, self.wrong = act, wrong
        self.close: Callable[[], None] = lambda: None


def play(
    make: Callable[[Stage], Scene],
    blows: list[str],
    sandbox: SandboxProgram,
    file: Path,
    ends_at: float,
) -> Facts:
    """Each of ``blows`` in a scene of its own: killed there once, then left alone until nothing is wrong any more."""
    kills, missed, broken = Counter[str](), list[str](), list[str]()
    for number, point in enumerate(blows):
        if time.monotonic() > ends_at:
            break
        stage = set_stage(sandbox, returns=1, cannot="")
        scene = make(stage)
        try:
            ended = _child(scene, point)
            for _ in range(TRIES):  # it may have to wait before it comes that far
                if ended == "SIGKILL" or not scene.wrong():
                    break
                move_clock(file, LATER_S)
                ended = _child(scene, point)
            kills[point] += ended == "SIGKILL"
            if ended != "SIGKILL":
                missed.append(point)
            for _ in range(TRIES):
                if not scene.wrong():
                    break
                move_clock(file, LATER_S)
                _child(scene, None)
            _child(scene, None)  # and once more, when all is done
            if words := scene.wrong():
                broken.append(f"{number} {point}: {words}")
        finally:
            scene.close()
    return {
        "kills": kills.total(),
        "missed": missed,
        "broken": broken,
        "held": not broken and not missed,
    }


def _child(scene: Scene, point: str | None) -> str:
    def live() -> None:
        crash_points.arm(point)
        scene.act()

    return Child(live).wait()


# A refund, asked for by a machine with a key


def _refund(stage: Stage) -> Scene:
    key, ret = approved(stage)
    word = base64.b64encode(f"{key.public_key}:{key.secret_key}".encode()).decode()

    def act() -> None:
        from django.test import Client

        answer = Client(SERVER_NAME="127.0.0.1").post(
            f"/api/rientro/v1/returns/{ret.number}/refunds",
            json.dumps({"amount": "10.00", "kind": "money"}),
            content_type="application/json",
            headers={"Authorization": f"Basic {word}", "Idempotency-Key": f"refund-{ret.pk}"},
        )
        assert answer.status_code in (201, 409), answer.content

    def wrong() -> str:
        with merchant_transaction(stage.merchant_id):
            paid = list(Refund.objects.filter(ret=ret).values_list("amount_minor", flat=True))
            booked = LedgerEntry.objects.filter(subject__startswith="refund:").count()
            told = Event.objects.filter(ret=ret, name="return.refunded").count()
        seen = (paid, booked, told)
        return "" if seen == ([REFUND_MINOR], 1, 1) else f"refunds, ledger, events: {seen}"

    return Scene(act, wrong)


def approved(stage: Stage) -> tuple[MintedKey, Return]:
    """A return that can be paid back, and the key of a machine that may say so."""
    _, order, line = stage.tickets[0]
    with merchant_transaction(stage.merchant_id):
        key = mint_api_key(
            integration=Integration.objects.get(), every_shop=True, actor="clock", now=clock.now()
        )
        ret = open_return(
            order=Order.objects.get(pk=order), brand=Brand.objects.get(pk=stage.brand_id),
            picks=[Pick(line, 1)], method="print_at_home", refund_type="money", sender=SENDER,
            language="en", note="", actor="shopper", now=clock.now(),
        )  # fmt: skip
    connection.close()
    return key, ret


# A webhook


class _Receiver:
    """Says yes to everything, and counts by id."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                receiver.taken[self.headers.get("webhook-id", "")] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _webhook(stage: Stage) -> Scene:
    receiver = _Receiver()
    with merchant_transaction(stage.merchant_id):
        endpoint = WebhookEndpoint.objects.create(
            url=receiver.url, secret=seal({"secret": secret_of(b"k" * 32)}), created_at=clock.now()
        )
        event = Event.objects.create(name="return.scanned", actor="clock", happened_at=clock.now())
    connection.close()

    def act() -> None:
        with acting_for(stage.merchant_id):
            fan_out_event(event=event, now=clock.now())
            send_webhooks(endpoint=endpoint, now=clock.now())

    def wrong() -> str:
        with merchant_transaction(stage.merchant_id):
            states = list(Delivery.objects.values_list("state", flat=True))
        connection.close()
        seen = (states, sorted(receiver.taken))
        return "" if seen == (["delivered"], [f"evt_{event.pk}"]) else f"states, ids: {seen}"

    scene = Scene(act, wrong)
    scene.close = receiver.close
    return scene


# An import


def _import(stage: Stage) -> Scene:
    rows = [HEADINGS, *(f"K-{n};10.11.2026;10131;IT;Scarf;SC-{n};1;46,00" for n in range(ORDERS))]
    with acting_for(stage.merchant_id):
        with transaction.atomic():
            shop = Integration.objects.create(
                shop_name="File", system="csv", created_at=clock.now()
            )
        made = read_file(
            integration=shop, content="\n".join(rows).encode(), file_name="kills.csv", actor="clock",
            now=clock.now(),
        )  # fmt: skip
        queued = queue_import(run=made, now=clock.now())
    connection.close()

    def act() -> None:
        with acting_for(stage.merchant_id):
            run_import(run=queued, now=clock.now())

    def wrong() -> str:
        with merchant_transaction(stage.merchant_id):
            status = ImportRun.objects.get(pk=queued.pk).status
            orders = Order.objects.filter(integration=shop).count()
            told = [event.facts["created"] for event in Event.objects.filter(name="order.imported")]
        connection.close()
        seen = (status, orders, sum(told))
        return "" if seen == ("done", ORDERS, ORDERS) else f"status, orders, told: {seen}"

    return Scene(act, wrong)


SCENES: dict[str, tuple[Callable[[Stage], Scene], tuple[str, ...]]] = {
    "refund": (_refund, REFUNDING),
    "webhook": (_webhook, TELLING),
    "import": (_import, IMPORTING),
}
