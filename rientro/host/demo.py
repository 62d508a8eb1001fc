"""``rientro demo``: the whole house with two shops, two brands, sixty orders and a carrier to play with."""

import json
import os
import re
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rientro.config import environment
from rientro.host.house import House
from rientro.host.parts import Part, Parts
from rientro.host.up import Choices, run_step, say, up

DEFAULT_FOLDER = Path("data/demo")
STEP = re.compile(r"([+-])(\d+)([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class DemoError(RuntimeError):
    """The demo cannot be started or moved; the sentence says why."""


def demo(data: Path, choices: Choices, *, sandbox_port: int | None = None) -> None:
    """Serve the demo in the foreground; the first start fills it."""
    data = data.absolute()
    carrier = sandbox_port or _carrier_port(data, choices)
    _forget_other_houses()
    os.environ.update(settings_of(data, choices))
    house = House(data, os.environ)
    house.make_data_folder()
    _remember_port(data, carrier)
    url = f"http://127.0.0.1:{carrier}"
    folder = str(data / "sandbox-carrier")
    part = Part(
        "sandbox carrier",
        ["sandbox-carrier", "--port", str(carrier), "--data", folder],
        dict(os.environ),
    )

    def fill(parts: Parts) -> None:
        _wait_for(carrier, part)
        if _addresses_told(data) != (choices.url, url):
            say("filling the demo: two shops, two brands, sixty orders (half a minute, once)")
            arguments = ["--base-url", choices.url, "--sandbox-url", url]
            run_step(house, ["seed", "--file", str(demo_file(data)), *arguments], parts)

    up(
        house,
        choices,
        others=[part],
        other_ports=[carrier],
        between=fill,
        when_ready=lambda: print_welcome(data),
    )


def settings_of(data: Path, choices: Choices) -> dict[str, str]:
    """What makes a house a demo."""
    mails = data / "mails"
    return {
        "RIENTRO_DATA": str(data),
        "RIENTRO_DEMO": "1",
        "RIENTRO_BASE_URL": choices.url,
        "RIENTRO_CLOCK_FILE": str(clock_file(data)),
        "RIENTRO_MAIL": f"file:{mails}",
        "RIENTRO_ALLOW_PRIVATE_TARGETS": "1",
    }


def _forget_other_houses() -> None:
    """A demo never works on the database that this shell is set up for."""
    for name in environment.KNOWN.keys() - {"RIENTRO_PG_BIN", "RIENTRO_PG_USER"}:
        os.environ.pop(name, None)


def demo_file(data: Path) -> Path:
    """Addresses and logins, for people and for programs."""
    return data / "demo.json"


def clock_file(data: Path) -> Path:
    """The offset of the demo's clock, in seconds."""
    return data / "clock.json"


def print_welcome(data: Path) -> None:
    """What to open, and how to log in."""
    facts = json.loads(demo_file(data).read_text())
    lines = ["", "  Rientro is running. Ctrl-C stops it.", ""]
    for brand in facts["brands"]:
        lines.append(f"  Portal of {brand['name']:<22} {brand['portal_url']}")
    lines += [
        f"  Panel                            {facts['url']}/panel/",
        f"      log in with                  {facts['login']['email']}  {facts['login']['password']}",
        f"  Sandbox carrier                  {facts['sandbox_carrier_url']}",
        f"  Mails                            rientro demo-mails --data {data}",
        f"  Another day                      rientro demo-clock +15d --data {data}",
        f"  All of this, for programs        {demo_file(data)}",
    ]
    for order in facts.get("try", []):
        proof = f"postal code {order['postal_code']}"
        if order.get("receipt"):
            proof = f"bought in a store, receipt {order['receipt']}"
        lines.append(f"  Try order {order['number']:<22} {proof}")
    if "files" in facts:
        lines.append(f"  Orders to bring in for Shop B    {facts['files']['orders_csv']}")
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def move_clock(data: Path, step: str) -> datetime:
    """Move the demo's clock by ``+15d``, ``-2h``, ``+30m``, to a day (``2026-12-24``), or back (``now``)."""
    file = clock_file(data)
    if not data.exists():
        raise DemoError(f"There is no demo in {data}. Name its folder with --data.")
    present = float(json.loads(file.read_text())) if file.exists() else 0.0
    offset = offset_after(present, step, datetime.now(UTC))
    new = file.with_suffix(".new")
    new.write_text(json.dumps(offset))
    new.replace(file)
    return datetime.now(UTC) + timedelta(seconds=offset)


def offset_after(present: float, step: str, machine: datetime) -> float:
    """The clock's offset in seconds after ``step``."""
    if step in {"now", "reset"}:
        return 0.0
    if found := STEP.fullmatch(step):
        sign = 1 if found[1] == "+" else -1
        return present + sign * timedelta(**{UNITS[found[3]]: int(found[2])}).total_seconds()
    try:
        day = datetime.fromisoformat(step)
    except ValueError:
        raise DemoError(
            f"{step!r} is no step of a clock. Try +15d, -2h, +30m, 2026-12-24, or now."
        ) from None
    if day.tzinfo is None:
        day = day.replace(tzinfo=UTC)
    return round((day - machine).total_seconds(), 3)


# --- ports


def _carrier_port(data: Path, choices: Choices) -> int:
    """The port at which the demo's carrier account knows its carrier: the one of the first start."""
    try:
        return int(json.loads((data / "ports.json").read_text())["sandbox_carrier"])
    except (OSError, ValueError, KeyError):
        pass
    for port in (choices.port + 1, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoError("No free port was found for the sandbox carrier.")


def _remember_port(data: Path, port: int) -> None:
    (data / "ports.json").write_text(json.dumps({"sandbox_carrier": port}))


def _addresses_told(data: Path) -> tuple[str, str] | None:
    """What the demo was filled with: a demo that moves to other ports has to be told."""
    try:
        facts: dict[str, Any] = json.loads(demo_file(data).read_text())
    except (OSError, ValueError):
        return None
    return facts["url"], facts["sandbox_carrier_url"]


def _wait_for(port: int, part: Part) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and part.alive:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.03)
    raise DemoError(f"The sandbox carrier does not answer on port {port}.")
