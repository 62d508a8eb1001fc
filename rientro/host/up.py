"""``rientro up``: PostgreSQL, web and worker as one thing that starts, heals and stops together."""

import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rientro.host.gate import Gate
from rientro.host.house import House
from rientro.host.parts import Part, Parts
from rientro.host.postgres import ClusterError
from rientro.host.processes import command_of

LOOK_EVERY_S = 5.0
READY_S = 90.0
LEFTOVERS_S = 10.0


class AlreadyUp(RuntimeError):
    """Another process runs this house."""


class PortInUse(RuntimeError):
    """Something else listens where the web part should."""


class NotReady(RuntimeError):
    """The house was started, but it does not serve."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator chose on the command line."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    jobs: int = 4

    @property
    def url(self) -> str:
        """Where this machine meets the web part."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def say(words: str) -> None:
    """One line for the operator, at once."""
    sys.stdout.write(f"rientro: {words}\n")
    sys.stdout.flush()


def up(
    house: House,
    choices: Choices,
    *,
    others: Sequence[Part] = (),
    other_ports: Sequence[int] = (),
    between: Callable[[Parts], None] | None = None,
    when_ready: Callable[[], None] | None = None,
) -> None:
    """Run the house until a signal asks it to stop. ``others`` are more parts; they are stopped last.

    ``between`` is called when the database and the other parts are there and the web is not yet.
    """
    house.make_data_folder()
    with only_one(house):
        # A port that a killed run held is free a moment after its parts are gone.
        patience_s = LEFTOVERS_S if end_leftovers(house) else 0.0
        check_port(choices.host, choices.port, patience_s)
        for port in other_ports:
            check_port("127.0.0.1", port, patience_s)
        web, worker, gate = _web(house, choices), _worker(house, choices), Gate()
        web.gate = gate
        parts = Parts([web, worker, *others], _say_if_died)
        parts.listen()
        say(f"starting in {house.data}")
        with house.database(always_stop=True):
            try:
                web.environment = worker.environment = house.environment()
                if not parts.stopping:
                    web.start()  # it loads meanwhile, and waits at its gate
                set_up(house, parts)
                for part in others:
                    part.start()
                if between and not parts.stopping:
                    between(parts)
                parts.start()
                gate.open()
                _note(house, parts)
                _wait_until_ready(house, parts, web, choices)
                if when_ready and not parts.stopping:
                    when_ready()
                parts.watch(lambda: _look(house, parts), LOOK_EVERY_S)
            finally:
                parts.stop()
                gate.close()
                _running_file(house).unlink(missing_ok=True)
                if house.embedded:
                    say("stopping PostgreSQL")
        say("stopped")


def set_up(house: House, parts: Parts | None = None) -> None:
    """Migrations, grants and stylesheets, in a process of its own. Once more if the database died under it."""
    try:
        run_step(house, ["setup", "--quiet"], parts, owner=True)
    except NotReady:
        if not house.embedded or house.cluster.is_alive():
            raise
        house.cluster.start()
        run_step(house, ["setup", "--quiet"], parts, owner=True)


def run_step(
    house: House, arguments: Sequence[str], parts: Parts | None = None, *, owner: bool = False
) -> None:
    """Run one step to its end; raises NotReady with its last words when it fails."""
    with tempfile.TemporaryFile() as output:
        environ = house.environment(owner=owner)
        step = Part(arguments[0], arguments, environ, output=output.fileno())
        status = parts.run_to_end(step) if parts else step.run()
        if status:
            output.seek(0)
            words = "\n".join(output.read().decode(errors="replace").strip().splitlines()[-15:])
            raise NotReady(f"The step {arguments[0]!r} failed:\n{words}")


# --- only one, and nobody left over


@contextmanager
def only_one(house: House) -> Iterator[None]:
    """One ``up`` per data folder; the lock goes with the process, so a kill -9 leaves none behind."""
    with (house.data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise AlreadyUp(
                f"Rientro already runs on {house.data} (process {pid}). Stop that one first "
                f"(Ctrl-C in its window, or: kill {pid}), or choose another folder with --data."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def end_leftovers(house: House) -> bool:
    """End parts that outlived a house killed with -9; False when nothing was killed.

    They end by themselves, unless they were paused.
    """
    try:
        noted: dict[str, int] = json.loads(_running_file(house).read_text())["parts"]
    except (OSError, ValueError, KeyError):
        return False
    deadline = time.monotonic() + LEFTOVERS_S
    while left := [pid for pid in noted.values() if _is_a_part(pid)]:
        if time.monotonic() > deadline - LEFTOVERS_S / 2:
            for pid in left:
                _kill_group(pid)
        if time.monotonic() > deadline:
            raise AlreadyUp(f"Processes of an earlier run do not end: {left}. End them by hand.")
        time.sleep(0.1)
    _running_file(house).unlink(missing_ok=True)
    return True


def check_port(host: str, port: int, patience_s: float = 0.0) -> None:
    """Raises PortInUse, in words, when we may not listen there (any more after ``patience_s``)."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return _try_port(host, port)
        except PortInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise PortInUse(
                f"This account may not listen on port {port}; ports below 1024 are kept for root. "
                "Choose another with --port and put a proxy in front."
            ) from None
        except OSError as error:
            raise PortInUse(
                f"Port {port} on {host} cannot be used ({error.strerror}): another program listens "
                "there. Stop it, or choose another port with --port."
            ) from None


def _is_a_part(pid: int) -> bool:
    return "rientro.host.child" in command_of(pid)


def _kill_group(pid: int) -> None:
    # A part leads its own group, so its own children go with it.
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _running_file(house: House) -> Path:
    return house.data / "running.json"


def _note(house: House, parts: Parts) -> None:
    pids = {part.name: part.process.pid for part in parts.parts if part.process}
    new = _running_file(house).with_suffix(".new")
    new.write_text(json.dumps({"pid": os.getpid(), "parts": pids}))
    new.replace(_running_file(house))


# --- the parts


def _web(house: House, choices: Choices) -> Part:
    where = ["--host", choices.host, "--port", str(choices.port)]
    return Part("web", ["web", *where, "--workers", str(choices.workers)], {})


def _worker(house: House, choices: Choices) -> Part:
    return Part("worker", ["worker", "--concurrency", str(choices.jobs)], {})


def _say_if_died(words: str) -> None:
    say(words)


def _look(house: House, parts: Parts) -> None:
    """Now and then: is PostgreSQL alive? And who lives under which number?"""
    if house.embedded and not house.cluster.is_alive():
        say("PostgreSQL does not answer; starting it again")
        try:
            house.cluster.start()
            say("PostgreSQL answers again")
        except ClusterError as error:
            say(str(error))  # the next look tries again
    _note(house, parts)


def _wait_until_ready(house: House, parts: Parts, web: Part, choices: Choices) -> None:
    deadline, look_at = time.monotonic() + READY_S, time.monotonic() + LOOK_EVERY_S
    while not parts.stopping:
        if web.process is not None and web.process.poll() is not None:
            raise NotReady("The web part ended while it was starting; its words stand above.")
        if _answers(choices):
            return
        if time.monotonic() > deadline:
            raise NotReady(f"The web part did not answer within {READY_S:g} seconds.")
        if time.monotonic() > look_at:  # the database may have died since it was started
            _look(house, parts)
            look_at = time.monotonic() + LOOK_EVERY_S
        parts.sleep(0.05)


def _answers(choices: Choices) -> bool:
    host = "127.0.0.1" if choices.host in {"0.0.0.0", "::", ""} else choices.host
    asked = http.client.HTTPConnection(host, choices.port, timeout=10)
    try:
        asked.request("GET", "/health/ready", headers={"Host": "127.0.0.1"})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
