"""A season of one shop, driven by a seed: sales, edits, refunds, lost and doubled webhooks, restarts; then the count.

    Play(fake, credentials, settings, seed=7, orders=500).run()

``run`` raises AssertionError with the seed where our copy is not what stands in the shop.
"""

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.test import Client

from rientro.flows.connect_shop import connect_shop
from rientro.flows.fetch_shop_orders import read_shop_news, retry_shop_orders, sweep_shop
from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.flows.walk_shop import walk_shop
from rientro.models import Order, ShopLink, ShopRefusal, ShopWalk
from rientro.models.shop_consent import ShopWish
from tests.shops.fakes.shop import FakeShop, Line, Sale, ShopkeeperMay, Told

GOODS = (
    Line("SCARF-R", "Scarf", 1, 3990, variant="red", weight_g=180),
    Line("SCARF-B", "Scarf", 1, 3990, variant="blue", weight_g=180),
    Line("VEST-M", "Vest", 1, 8900, variant="M", weight_g=420),
    Line("SOCKS", "Socks", 1, 799, weight_g=60),
    Line("COAT-48", "Coat", 1, 24900, variant="48", weight_g=1900),
)
WORDS = {
    "email": ("ada@example.com", "bob@example.net", "chloé@example.org"),
    "name": ("Ada Rossi", "Bob O'Neill", "Çelik Ünal", "Łucja Żak"),
    "street": ("Via Roma 1", "Rue de l'Église 2 bis", "Hauptstraße 3"),
    "postal_code": ("50123", "75001", "10115"),
    "city": ("Firenze", "Paris", "Berlin"),
}


class Play:
    """``post`` sends a webhook to us; by default through Django's own client, which is quick."""

    def __init__(
        self,
        fake: FakeShop,
        credentials: Mapping[str, str],
        settings: Mapping[str, str],
        *,
        seed: int,
        orders: int,
        post: Callable[[str, Mapping[str, str], bytes], int] | None = None,
    ) -> None:
        self.fake, self.seed, self.orders = fake, seed, orders
        self.rng = random.Random(seed)
        self.post = post or post_inside
        self.ids: list[str] = []
        told = {name: value for name, value in settings.items() if name != "url"}
        wish = ShopWish(
            system=fake.SYSTEM, url=fake.url, credentials=credentials, settings=told, days=30
        )
        self.link: ShopLink = connect_shop(wish=wish, actor="member:1", now=fake.now)
        register_shop_webhooks(link=self.link, now=fake.now)

    def run(self) -> None:
        while len(self.ids) < self.orders:
            self._step()
            if self.rng.random() < 0.12:
                self._listen()
            if self.rng.random() < 0.02:
                self._disturb()
        self.settle()

    def settle(self) -> None:
        """The shop is quiet for an hour; whatever was lost on the way is found by then."""
        self.fake.down = False
        self.fake.outbox.clear()
        self.fake.tick(3700)
        for kind in ("backfill", "poll", "reconcile"):
            self._walk(kind)
        self.fake.tick(3700)
        self._walk("reconcile")
        retry_shop_orders(link=self._fresh(), now=self.fake.now + timedelta(days=1))
        while sweep_shop(link=self._fresh(), now=self.fake.now):
            if not self._fresh().swept_pk:
                break
        self.compare()

    def compare(self) -> None:
        with transaction.atomic():
            refused = [(row.number, row.reason) for row in ShopRefusal.objects.all()]
            copy = {order.external_order_id: _told(order) for order in self._copies()}
        assert refused == [], f"seed {self.seed}"
        truth = {key: _plain(told) for key, told in self.fake.truth().items()}
        wrong = {
            key: (copy.get(key), truth.get(key))
            for key in {*copy, *truth}
            if copy.get(key) != truth.get(key)
        }
        assert not wrong, f"seed {self.seed}: {len(wrong)} of {len(truth)} differ: {_some(wrong)}"

    # Steps

    def _step(self) -> None:
        self.fake.tick(self.rng.choice((0, 0, 0.4, 1, 3, 40)))
        if not self.ids or self.rng.random() < 0.35:
            self.ids.append(self.fake.place(self._sale()))
            return
        order_id = self.rng.choice(self.ids[-40:])
        act = self.rng.choice(
            (
                self._edit,
                self._edit,
                self._units,
                self._refund,
                self._refund,
                self._fulfil,
                self._cancel,
            )
        )
        with suppress(ShopkeeperMay):
            act(order_id)

    def _sale(self) -> Sale:
        lines = tuple(
            Line(**{**_fields(goods), "quantity": self.rng.randint(1, 4)})
            for goods in self.rng.sample(GOODS, self.rng.randint(1, 3))
        )
        words = {name: self.rng.choice(values) for name, values in WORDS.items()}
        return Sale(lines=lines, discount=self.rng.choice((0, 0, 0, 500)), **words)

    def _edit(self, order_id: str) -> None:
        name = self.rng.choice(list(WORDS))
        self.fake.edit(order_id, **{name: self.rng.choice(WORDS[name])})

    def _units(self, order_id: str) -> None:
        told = self.fake.truth()[order_id]
        if told.fulfilled or told.cancelled or not told.lines or self._was_refunded(order_id):
            return
        line = self.rng.choice(told.lines)
        if line.units:
            self.fake.change_units(order_id, line.sku, self.rng.randint(0, line.units))

    def _refund(self, order_id: str) -> None:
        told = self.fake.truth()[order_id]
        left = [line for line in told.lines if line.units]
        if told.cancelled or not left:
            return
        line = self.rng.choice(left)
        units = {line.sku: self.rng.randint(1, line.units)}
        self.fake.refund(order_id, units, restock=self.rng.random() < 0.5)

    def _fulfil(self, order_id: str) -> None:
        told = self.fake.truth()[order_id]
        if not (told.fulfilled or told.cancelled) and any(line.units for line in told.lines):
            self.fake.fulfil(order_id, f"TRK{self.rng.randint(10**6, 10**7)}")

    def _cancel(self, order_id: str) -> None:
        told = self.fake.truth()[order_id]
        if not (told.fulfilled or told.cancelled or self._was_refunded(order_id)):
            self.fake.cancel(order_id)

    def _was_refunded(self, order_id: str) -> bool:
        return bool(self.fake.refunds(order_id))

    # Our side

    def _listen(self) -> None:
        """Webhooks come as they like; the worker reads, and now and then polls."""
        statuses = self.fake.deliver(self.post, self.rng, drop=0.25, double=0.25, shuffle=True)
        assert all(status == 200 for status in statuses), statuses
        read_shop_news(link=self._fresh(), now=self.fake.now)
        if self.rng.random() < 0.3:
            self._walk("poll")

    def _disturb(self) -> None:
        if self.rng.random() < 0.5:
            self.fake.restart()
            return
        self.fake.down = True
        self._walk("poll")
        read_shop_news(link=self._fresh(), now=self.fake.now)
        self.fake.down = False

    def _walk(self, kind: str) -> None:
        with transaction.atomic():
            ShopLink.objects.update(rest_until=None)
            walk = ShopWalk.objects.get(link=self.link, kind=kind)
            if walk.next_at is None:
                return
            ShopWalk.objects.filter(pk=walk.pk).update(next_at=self.fake.now)
        while walk_shop(walk=walk, now=self.fake.now):
            pass

    def _fresh(self) -> ShopLink:
        with transaction.atomic():
            ShopLink.objects.update(rest_until=None)
            return ShopLink.objects.get(pk=self.link.pk)

    def _copies(self) -> list[Order]:
        found = Order.objects.filter(integration_id=self.link.integration_id)
        return list(found.prefetch_related("lines"))


def post_inside(address: str, headers: Mapping[str, str], body: bytes) -> int:
    """To our door without a socket."""
    told = {name.lower(): value for name, value in headers.items()}
    kind = told.pop("content-type", "application/json")
    more: dict[str, Any] = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in told.items()}
    return Client().post(urlsplit(address).path, body, content_type=kind, **more).status_code


def _told(order: Order) -> dict[str, Any]:
    cancelled = order.cancelled_at is not None
    lines = [line for line in order.lines.all() if line.removed_at is None]
    units = {line.sku: (line.quantity, line.price_minor) for line in lines if line.quantity}
    return {
        "number": order.number,
        "email": order.email,
        "name": order.name,
        "postal_code": order.postal_code,
        "country": order.country,
        "currency": order.currency,
        "cancelled": cancelled,
        "fulfilled": order.fulfilled_at is not None,
        "lines": None if cancelled else units,
    }


def _plain(told: Told) -> dict[str, Any]:
    units = {line.sku: (line.units, line.price) for line in told.lines if line.units}
    return {
        "number": told.number,
        "email": told.email,
        "name": told.name,
        "postal_code": told.postal_code,
        "country": told.country,
        "currency": told.currency,
        "cancelled": told.cancelled,
        "fulfilled": told.fulfilled,
        "lines": None if told.cancelled else units,
    }


def _fields(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def _some(wrong: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{key}: ours {ours}, theirs {theirs}" for key, (ours, theirs) in list(wrong.items())[:2]
    )
