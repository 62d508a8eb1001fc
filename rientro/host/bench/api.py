"""Orders through POST /api/v2/integrations/{id}/shipments, 100 at a time, into the house's own web part.

Run by itself in a house of its own: ``python -m rientro.host.bench.api --orders 10000``. Two workers,
two clients; every order has three lines.
"""

import argparse
import base64
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rientro.host.bench.imports import NOW, make_merchant
from rientro.host.bench.portal import free_port, wait_for
from rientro.host.bench.spent import cpu_s, family
from rientro.host.house import House
from rientro.host.up import set_up

AT_ONCE = 100  # orders per request, the most that is documented


def measure(house: House, orders: int, clients: int) -> dict[str, Any]:
    """Orders per second, fresh and the same again. Django is set up; rows stay behind."""
    from rientro.flows.mint_api_key import mint_api_key
    from rientro.kit.tenancy import merchant_transaction

    merchant, shop = make_merchant()
    with merchant_transaction(merchant.pk):
        minted = mint_api_key(integration=shop, actor="clock", now=NOW)
    secret = f"{minted.public_key}:{minted.secret_key}".encode()
    headers = {
        "Authorization": "Basic " + base64.b64encode(secret).decode(),
        "Content-Type": "application/json",
    }
    bodies = [_body(start) for start in range(0, orders, AT_ONCE)]
    port = free_port()
    web = subprocess.Popen(
        [sys.executable, "-m", "rientro.host.child", "web", "--port", str(port), "--workers", "2"],
        # A benchmark is no stranger: the limits of the API would be what is measured.
        env=house.environment() | {"RIENTRO_API_LIMITS": "off"},
    )
    try:
        wait_for(port)
        address = f"/api/v2/integrations/{shop.pk}/shipments"
        server = house.cluster.server_pid() or 0
        before = _cpu(web.pid), _cpu(server)
        fresh = _send(port, address, headers, bodies, clients)
        spent = _cpu(web.pid) - before[0], _cpu(server) - before[1]
        again = _send(port, address, headers, bodies, clients)
    finally:
        web.terminate()
        web.wait()
    return {
        "orders": orders,
        "clients": clients,
        "fresh orders/s": round(orders / fresh),
        "same again orders/s": round(orders / again),
        "web CPU us per fresh order": round(spent[0] / orders * 1e6),
        "PostgreSQL CPU us per fresh order": round(spent[1] / orders * 1e6),
    }


def _send(
    port: int, address: str, headers: dict[str, str], bodies: list[bytes], clients: int
) -> float:
    def client(part: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in part:
            connection.request("POST", address, body, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            assert answer.status == 200, told
            assert all(result["status"] != "error" for result in told), told

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(client, [bodies[n::clients] for n in range(clients)]))
    return time.perf_counter() - started


def _cpu(pid: int) -> float:
    return sum(map(cpu_s, family(pid)))


def _body(start: int) -> bytes:
    return json.dumps([_shipment(number) for number in range(start, start + AT_ONCE)]).encode()


def _shipment(number: int) -> dict[str, Any]:
    return {
        "external_order_id": f"o{number}",
        "external_shipment_id": None,
        "order_number": f"#BR-{number}",
        "created_at": "2026-11-10T09:00:00+01:00",
        "updated_at": "2026-11-10T09:30:00+01:00",
        "name": "Giulia Ferrero",
        "company_name": "",
        "address": "Corso Moncalieri",
        "house_number": "14",
        "city": "Torino",
        "postal_code": "10131",
        "country": "IT",
        "email": f"person{number}@example.test",
        "telephone": "+39 011 5550101",
        "currency": "EUR",
        "total_order_value": "138.00",
        "weight": "0.900",
        "order_status": {"id": "processing", "message": "Processing"},
        "parcel_items": [
            {
                "description": f"Merino scarf {place}",
                "quantity": 1,
                "value": "46.00",
                "weight": "0.300",
                "hs_code": "6117.10",
                "origin_country": "IT",
                "sku": f"SC-{(number + place) % 5000}",
                "properties": {"Colour": "Moss"},
            }
            for place in range(3)
        ],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a house of its own, which is taken down afterwards."""
    parser = argparse.ArgumentParser(prog="rientro.host.bench.api", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=2)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rientro-bench-") as folder:
        Path(folder).chmod(0o711)
        house = House(Path(folder) / "data", os.environ)
        with house.database():
            set_up(house)
            house.enter()
            figures = measure(house, asked.orders, asked.clients)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
