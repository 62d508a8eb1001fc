"""`script/medusa`: a real Medusa 2 to try the adapter against, by hand. See ``--help``."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import httpx

from rientro.host.real_medusa.house import ADMIN, ADMIN_PASSWORD, VERSION, MedusaError, MedusaHouse
from rientro.host.real_medusa.shelf import Shelf, fill
from rientro.host.real_medusa.talk import as_admin, as_shopper
from rientro.host.real_medusa.till import Till

PORT = 9100
GOODS = {"SHIRT-RED-M": 3, "MUG": 1}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    house = MedusaHouse(asked.data)
    if asked.verb == "up":
        try:
            return _up(house, asked.port)
        except MedusaError as error:
            raise SystemExit(str(error)) from None
    till = _till(house, f"http://127.0.0.1:{asked.port}")
    for _ in range(asked.count):
        for story in STORIES if asked.verb == "season" else [_plain]:
            order = till.order(story(till), "id,display_id,total")
            sys.stdout.write(f"#{order['display_id']}  {order['id']}  {story.__doc__}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/medusa", description=f"A real Medusa {VERSION} on this machine."
    )
    parser.add_argument("verb", choices=("up", "sell", "season"), help=_VERBS)
    parser.add_argument("--data", type=Path, default=Path("var/medusa"), help="where it lies")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--count", type=int, default=1, help="how many orders, or seasons")
    return parser


_VERBS = (
    "up: install it the first time, and run it until Ctrl-C; "
    "sell: one paid order; season: orders that are edited, refunded, sent, taken back, cancelled"
)


def _up(house: MedusaHouse, port: int) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write("Installing and starting Medusa; the first time takes some minutes.\n")
    house.install()
    with house.running(port) as url:
        if not house.book.exists():
            shelf = fill(as_admin(url, ADMIN, ADMIN_PASSWORD))
            house.book.write_text(json.dumps(asdict(shelf)))
            house.book.chmod(0o600)
        shelf = _shelf(house)
        sys.stdout.write(
            f"Medusa {VERSION}: {url}\nsecret API key: {shelf.secret_key}\n"
            f"admin: {ADMIN} / {ADMIN_PASSWORD}\nCtrl-C ends it.\n"
        )
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
    return 0


def _shelf(house: MedusaHouse) -> Shelf:
    return Shelf(**json.loads(house.book.read_text()))


def _till(house: MedusaHouse, url: str) -> Till:
    if not house.book.exists():
        raise SystemExit("There is no Medusa here yet: script/medusa up")
    shelf = _shelf(house)
    try:
        admin = as_admin(url, ADMIN, ADMIN_PASSWORD)
    except httpx.ConnectError:
        raise SystemExit(f"No Medusa answers at {url}: script/medusa up") from None
    return Till(shelf, as_shopper(url, shelf.publishable_key), admin)


def _plain(till: Till) -> str:
    """sold and paid"""
    return till.sell(GOODS)


def _edited(till: Till) -> str:
    """one unit less, and its price given back"""
    order = till.sell(GOODS)
    till.change_units(order, "SHIRT-RED-M", 2)
    till.refund(order, 25, "one less")
    return order


def _sent(till: Till) -> str:
    """sent with a tracking number"""
    order = till.sell(GOODS)
    till.fulfil(order, "RR123456785IT")
    return order


def _taken_back(till: Till) -> str:
    """sent, one unit received back and refunded in the shop's admin"""
    order = _sent(till)
    till.take_back(order, {"SHIRT-RED-M": 1})
    till.refund(order, 25, "came back")
    return order


def _goodwill(till: Till) -> str:
    """three euros given back without goods"""
    order = till.sell(GOODS)
    till.refund(order, 3, "sorry")
    return order


def _cancelled(till: Till) -> str:
    """cancelled before it was sent"""
    order = till.sell(GOODS)
    till.cancel(order)
    return order


STORIES: tuple[Callable[[Till], str], ...] = (
    *(_plain, _edited, _sent, _taken_back, _goodwill, _cancelled),
)

if __name__ == "__main__":
    sys.exit(main())
