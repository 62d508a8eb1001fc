"""What the storm plays on: a merchant with orders, and a sandbox carrier that is a process of its own."""

import json
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from django.db import connection, transaction

from rientro.kit import clock
from rientro.kit.crypto import seal
from rientro.kit.ids import new_token, token_hash
from rientro.kit.tenancy import acting_for
from rientro.models import (
    Brand,
    CarrierAccount,
    Integration,
    Merchant,
    Order,
    OrderLine,
    PortalSettings,
    SenderAddress,
    Ticket,
)

STOP_S = 10
BATCH = 500  # rows of one INSERT: PostgreSQL takes 65,535 parameters


class SandboxProgram:
    """The carrier: `python -m rientro.host.sandbox_carrier` on a free port."""

    def __init__(self, folder: Path) -> None:
        self.token = f"sandbox-{secrets.token_hex(8)}"
        command = [sys.executable, "-m", "rientro.host.sandbox_carrier", "--port", "0", "--data"]
        self._process = subprocess.Popen(
            [*command, str(folder / "sandbox-carrier")], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        found = re.search(r"http://\S+", self._process.stdout.readline())
        assert found is not None, "the sandbox carrier did not start"
        self.url = found.group()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(STOP_S)

    def bill(self) -> list[dict[str, Any]]:
        """Every line of the carrier's statement."""
        lines: list[dict[str, Any]] = []
        after = "0"
        with httpx.Client(headers={"Authorization": f"Bearer {self.token}"}, timeout=30) as client:
            while after is not None:
                page = client.get(f"{self.url}/v1/statement", params={"after": after}).json()
                lines += page["lines"]
                after = page["next"]
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The rows that everything plays on; ``tickets`` are (ticket, order, line) not used yet."""

    merchant_id: int
    brand_id: int
    account_id: int
    tickets: list[tuple[int, int, int]]


def set_stage(sandbox: SandboxProgram, *, returns: int, cannot: str, url: str = "") -> Stage:
    """A merchant of its own with ``returns`` orders of one unit each, every one with a shopper's ticket.

    The carrier is met at ``url``, or at its own address.
    """
    now = clock.now()
    merchant = Merchant.objects.create(name="Crash harness", created_at=now)
    with acting_for(merchant.pk), transaction.atomic():
        brand = Brand.objects.create(name="Crash", slug=f"crash-{merchant.pk}", created_at=now)
        PortalSettings.objects.create(brand=brand, allow_without_outbound=True)
        address = SenderAddress.objects.create(
            label="Desk", company="Crash S.r.l.", street="Via Tortona", house_number="27",
            postal_code="20144", city="Milano", state="MI", country="IT", brand=brand,
            is_default=True, created_at=now,
        )  # fmt: skip
        account = CarrierAccount.objects.create(
            carrier="sandbox", name="Sandbox", service="sandbox_return", is_default=True,
            state="ok", credentials=seal({"token": sandbox.token}),
            settings={"url": url or sandbox.url, "cannot": cannot}, created_at=now,
        )  # fmt: skip
        shop = Integration.objects.create(shop_name="Crash", created_at=now)
        orders = Order.objects.bulk_create(
            [_order(number, shop, brand, address) for number in range(returns)], batch_size=BATCH
        )
        lines = OrderLine.objects.bulk_create(
            [
                OrderLine(order=order, line_key="1", name="Scarf", quantity=1, price_minor=4600)
                for order in orders
            ],
            batch_size=BATCH,
        )
        tickets = Ticket.objects.bulk_create(
            [Ticket(
                token_hash=token_hash(new_token()), brand=brand, order=order, created_at=now,
                seen_at=now, expires_at=now + timedelta(days=365),
            )
            for order in orders], batch_size=BATCH,
        )  # fmt: skip
    keys = [
        (ticket.pk, order.pk, line.pk)
        for ticket, order, line in zip(tickets, orders, lines, strict=True)
    ]
    return Stage(merchant_id=merchant.pk, brand_id=brand.pk, account_id=account.pk, tickets=keys)


def _order(number: int, shop: Integration, brand: Brand, address: SenderAddress) -> Order:
    now = clock.now()
    return Order(
        integration=shop, external_order_id=f"C-{number}", number=f"C-{number}",
        number_norm=f"c{number}", name="Giulia Ferrero", street="Corso Moncalieri",
        house_number="14", postal_code="10131", postal_norm="10131", city="Torino", country="IT",
        currency="EUR", ordered_at=now, fulfilled_at=now, delivered_at=now, brand=brand,
        sender_address=address, created_at=now, updated_at=now,
    )  # fmt: skip


def cut_locks() -> None:
    """End the sessions that hold the buyers' locks, as the server does when a network is cut."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'rientro-alive-lock' AND datname = current_database()"
        )
    connection.close()


def move_clock(file: Path, seconds: float) -> None:
    """The house's clock goes on; the machine's stays."""
    file.write_text(json.dumps(clock.offset_s() + seconds))
