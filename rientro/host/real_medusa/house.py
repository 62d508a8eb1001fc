"""Medusa and its PostgreSQL on this machine: installed once, migrated, started, stopped."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg

from rientro.host.parent import VARIABLE
from rientro.host.postgres import OWNER, PORT, Cluster
from rientro.host.real_medusa.relay import Relay

VERSION = "2.21.2"
PACKAGES = ("@medusajs/medusa", "@medusajs/framework", "@medusajs/cli")
DATABASE = "medusa"
ADMIN = "admin@shop.example"
ADMIN_PASSWORD = "only-for-this-machine-1"  # noqa: S105 - of a shop that only this machine sees
READY_S = 120
TIED = (sys.executable, "-m", "rientro.host.real_medusa.tied")
ROOT = Path(__file__).resolve().parents[3]
CONFIG = """\
const { defineConfig } = require("@medusajs/framework/utils")
module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: { storeCors: "*", adminCors: "*", authCors: "*", jwtSecret: "trial", cookieSecret: "trial" },
  },
  admin: { disable: true },
})
"""


class MedusaError(RuntimeError):
    """Medusa cannot be installed or started; the sentence says what to do."""


class MedusaHouse:
    """Everything lies in ``folder``: the npm packages, the database, the logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.shop = self.folder / "shop"
        self.log = self.folder / "medusa.log"
        self.book = self.folder / "shelf.json"  # written when the shop is filled
        self._cluster = Cluster(self.folder / "postgres", fast=True)

    def install(self) -> None:
        """From npm's registry, once; 700 MB. No script of a package is run."""
        if self._installed() == VERSION:
            return
        if not shutil.which("npm"):
            raise MedusaError("Medusa needs Node.js 20 with npm. Install it and start again.")
        self.shop.mkdir(parents=True, exist_ok=True)
        wanted = {"private": True, "dependencies": dict.fromkeys(PACKAGES, VERSION)}
        (self.shop / "package.json").write_text(json.dumps(wanted))
        (self.shop / "medusa-config.js").write_text(CONFIG)
        (self.shop / "src").mkdir(exist_ok=True)
        # Its peers are a browser's parts and test tools, which a server does without.
        how = ("--legacy-peer-deps", "--ignore-scripts", "--no-package-lock", "--no-audit")
        self._do(["npm", "install", "--no-fund", *how], os.environ)

    @contextmanager
    def running(self, port: int) -> Iterator[str]:
        """Medusa at 127.0.0.1:``port``, migrated and with an admin; its address. All ends with the block."""
        self._cluster.start()
        relay = Relay(self._cluster.socket_folder / f".s.PGSQL.{PORT}")
        relay.start()
        try:
            environ = self._database(relay.port)
            with self._server(port, environ) as address:
                yield address
        finally:
            relay.stop()
            self._cluster.stop()

    def _database(self, port: int) -> dict[str, str]:
        """The environment that leads to a migrated database. One that was not filled to the end begins anew."""
        fresh = not self.book.exists()
        if fresh:
            with self._cluster.connect() as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        self._cluster.prepare(DATABASE)
        environ = self._environ(port)
        migrated = self.folder / "migrated"  # by which version
        if fresh or not migrated.exists() or migrated.read_text() != VERSION:
            self._do([*TIED, self._program(), "db:migrate"], environ)
            migrated.write_text(VERSION)
        if fresh:
            admin = ["--email", ADMIN, "--password", ADMIN_PASSWORD]
            self._do([*TIED, self._program(), "user", *admin], environ)
        return environ

    @contextmanager
    def _server(self, port: int, environ: dict[str, str]) -> Iterator[str]:
        address = f"http://127.0.0.1:{port}"
        command = [*TIED, self._program(), "start", "--host", "127.0.0.1", "--port", str(port)]
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                cwd=self.shop,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait(address, child)
            yield address
        finally:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(20)
            child.kill()
            child.wait()

    def _wait(self, address: str, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                    return
            if child.poll() is not None:
                break
            time.sleep(0.5)
        raise MedusaError(f"Medusa did not start. Look into {self.log}.")

    def _environ(self, port: int) -> dict[str, str]:
        password = psycopg.conninfo.conninfo_to_dict(self._cluster.url(OWNER, DATABASE))["password"]
        return dict(os.environ) | {
            "DATABASE_URL": f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}",
            "NODE_ENV": "production",
            "MEDUSA_DISABLE_TELEMETRY": "true",
            "PYTHONPATH": str(ROOT),
            VARIABLE: str(os.getpid()),
        }

    def _program(self) -> str:
        return str(self.shop / "node_modules" / ".bin" / "medusa")

    def _installed(self) -> str:
        told = self.shop / "node_modules" / "@medusajs" / "medusa" / "package.json"
        version: str = json.loads(told.read_text())["version"] if told.exists() else ""
        return version

    def _do(self, command: list[str], environ: Mapping[str, str]) -> None:
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                cwd=self.shop,
                env=dict(environ),
                stdin=subprocess.DEVNULL,  # whoever asks a question gets no answer, and ends
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            words = " ".join(Path(word).name for word in command[-6:] if word != ADMIN_PASSWORD)
            raise MedusaError(f"“{words}” failed ({done.returncode}). Look into {self.log}.")
