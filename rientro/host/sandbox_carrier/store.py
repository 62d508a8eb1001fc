"""The memory of the sandbox: one SQLite file, safe against a power cut between two commits.

One connection under one lock: a label is sold in a fraction of a millisecond, and a queue of threads is
simpler to trust than a pool of writers.
"""

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rientro.host.sandbox_carrier.numbers import new_tracking_number
from rientro.host.sandbox_carrier.prices import CURRENCY, VOID_DAYS
from rientro.host.sandbox_carrier.wire import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS labels (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, reference TEXT NOT NULL, key TEXT NOT NULL,
    request_hash TEXT NOT NULL, tracking_number TEXT NOT NULL, service TEXT NOT NULL,
    request TEXT NOT NULL, price_minor INTEGER NOT NULL, currency TEXT NOT NULL,
    status TEXT NOT NULL, created_at TEXT NOT NULL, first_scan_at TEXT, voided_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS key_once ON labels (account, key) WHERE key <> '';
CREATE INDEX IF NOT EXISTS by_reference ON labels (account, reference);
CREATE INDEX IF NOT EXISTS by_number ON labels (tracking_number);
CREATE TABLE IF NOT EXISTS bill (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, label_id TEXT NOT NULL REFERENCES labels (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'credit')), amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (label_id, kind));
CREATE TABLE IF NOT EXISTS scans (
    id TEXT PRIMARY KEY, label_id TEXT NOT NULL REFERENCES labels (id), code TEXT NOT NULL,
    text TEXT NOT NULL, place TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS scans_of_label ON scans (label_id, at);
CREATE TABLE IF NOT EXISTS hooks (account TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL, last_answer TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at) WHERE done = 0;
"""
Row = dict[str, Any]


class Store:
    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.row_factory = lambda cursor, row: {
            column[0]: value for column, value in zip(cursor.description, row, strict=True)
        }
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Labels

    def sell(
        self, *, account: str, key: str, request: Row, price_minor: int, number: str, now: datetime
    ) -> tuple[Row, bool]:
        """(label, was it new): the same key with the same words answers the label of the first time."""
        words = json.dumps(request, sort_keys=True)
        words_hash = hashlib.sha256(words.encode()).hexdigest()
        with self._writing() as db:
            before = (
                key
                and db.execute(
                    "SELECT * FROM labels WHERE account = ? AND key = ?", (account, key)
                ).fetchone()
            )
            if before and before["request_hash"] != words_hash:
                raise Refusal(422, "key_reused", "This key was used for another request.")
            if before:
                return before, False
            label_id = f"lbl_{secrets.token_hex(8)}"
            db.execute(
                "INSERT INTO labels (id, account, reference, key, request_hash, tracking_number, service, "
                "request, price_minor, currency, status, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (label_id, account, request["reference"], key, words_hash,
                 number or new_tracking_number(), request["service"], words, price_minor, CURRENCY,
                 "created", now.isoformat()),
            )  # fmt: skip
            self._charge(db, account, label_id, "charge", price_minor, now)
            sold = db.execute("SELECT * FROM labels WHERE id = ?", (label_id,)).fetchone()
        return sold, True

    def _charge(
        self, db: sqlite3.Connection, account: str, label: str, kind: str, minor: int, now: datetime
    ) -> None:
        db.execute(
            "INSERT INTO bill (account, label_id, kind, amount_minor, currency, at) VALUES (?,?,?,?,?,?)",
            (account, label, kind, minor, CURRENCY, now.isoformat()),
        )

    def label(self, account: str, label_id: str) -> Row:
        """One label of this account. Raises Refusal 404."""
        found = self._rows("SELECT * FROM labels WHERE account = ? AND id = ?", account, label_id)
        if not found:
            raise Refusal(404, "not_found", "There is no such label.")
        return found[0]

    def labels_by_reference(self, account: str, reference: str) -> list[Row]:
        return self._rows(
            "SELECT * FROM labels WHERE account = ? AND reference = ? ORDER BY created_at, id",
            account, reference,
        )  # fmt: skip

    def void(self, account: str, label_id: str, now: datetime) -> Row:
        """Void and credit a label, once. Raises Refusal 409 after a scan or after the window."""
        with self._writing() as db:
            label = self.label(account, label_id)
            if label["voided_at"]:
                return label
            if label["first_scan_at"]:
                raise Refusal(409, "already_scanned", "The parcel has been scanned; it stays.")
            if now - datetime.fromisoformat(label["created_at"]) > timedelta(days=VOID_DAYS):
                raise Refusal(409, "too_late", f"Labels can be voided for {VOID_DAYS} days.")
            db.execute(
                "UPDATE labels SET voided_at = ?, status = 'voided' WHERE id = ?",
                (now.isoformat(), label_id),
            )
            self._charge(db, account, label_id, "credit", label["price_minor"], now)
            return self.label(account, label_id)

    def recent(self, search: str = "", limit: int = 100) -> list[Row]:
        """Labels of every account, newest first, by a part of number, reference or request."""
        return self._rows(
            "SELECT * FROM labels WHERE ? = '' OR instr(lower(tracking_number || ' ' || reference || "
            "' ' || request), lower(?)) ORDER BY created_at DESC, rowid DESC LIMIT ?",
            search, search, limit,
        )  # fmt: skip

    def newest(self, tracking_number: str) -> Row | None:
        """The label that was given this number last, whoever bought it."""
        found = self._rows(
            "SELECT * FROM labels WHERE tracking_number = ? ORDER BY rowid DESC LIMIT 1",
            tracking_number,
        )
        return found[0] if found else None

    def count(self) -> int:
        return int(self._rows("SELECT count(*) AS n FROM labels")[0]["n"])

    # The bill

    def bill(self, account: str, after: int = 0, limit: int = 1000) -> list[Row]:
        """Lines of the statement in the order they were written."""
        return self._rows(
            "SELECT bill.*, labels.reference, labels.tracking_number FROM bill JOIN labels "
            "ON labels.id = bill.label_id WHERE bill.account = ? AND bill.id > ? "
            "ORDER BY bill.id LIMIT ?",
            account, after, limit,
        )  # fmt: skip

    def totals(self, account: str) -> dict[str, int]:
        """Cents ever charged and ever credited."""
        sums = self._rows(
            "SELECT kind, sum(amount_minor) AS minor FROM bill WHERE account = ? GROUP BY kind",
            account,
        )
        return {"charge": 0, "credit": 0} | {row["kind"]: row["minor"] for row in sums}

    # Scans

    def scan(self, *, tracking_number: str, code: str, text: str, place: str, at: datetime) -> Row:
        """Write a scan of the newest label with this number, and put its webhook on the pile."""
        with self._writing() as db:
            label = self.newest(tracking_number)
            if label is None:
                raise Refusal(404, "not_found", "No label has this tracking number.")
            if label["voided_at"]:
                raise Refusal(409, "voided", "This label was voided; nobody can hand it in.")
            scan_id = f"scn_{secrets.token_hex(8)}"
            when = at.isoformat()
            db.execute(
                "INSERT INTO scans (id, label_id, code, text, place, at) VALUES (?,?,?,?,?,?)",
                (scan_id, label["id"], code, text, place, when),
            )
            db.execute(
                "UPDATE labels SET status = ?, first_scan_at = coalesce(min(first_scan_at, ?), ?) "
                "WHERE id = ?",
                (code, when, when, label["id"]),
            )
            told = {"id": scan_id, "code": code, "text": text, "place": place, "at": when}
            self._pile_up(db, label, told)
        return told | {"tracking_number": tracking_number}

    def _pile_up(self, db: sqlite3.Connection, label: Row, told: Row) -> None:
        hook = db.execute("SELECT 1 FROM hooks WHERE account = ?", (label["account"],)).fetchone()
        if hook:
            body = {"scans": [told | {"tracking_number": label["tracking_number"]}]}
            db.execute(
                "INSERT INTO deliveries (id, account, body, next_at) VALUES (?,?,?,0)",
                (f"dlv_{secrets.token_hex(8)}", label["account"], json.dumps(body)),
            )

    def scans(self, account: str, numbers: list[str]) -> list[Row]:
        marks = ",".join("?" * len(numbers))
        return self._rows(
            "SELECT scans.*, labels.tracking_number FROM scans JOIN labels ON labels.id = scans.label_id "
            f"WHERE labels.account = ? AND labels.tracking_number IN ({marks}) "
            "ORDER BY scans.at, scans.id",
            account, *numbers,
        )  # fmt: skip

    # Webhooks

    def set_hook(self, account: str, url: str, secret: str) -> None:
        with self._writing() as db:
            db.execute(
                "INSERT INTO hooks (account, url, secret) VALUES (?,?,?) ON CONFLICT (account) "
                "DO UPDATE SET url = excluded.url, secret = excluded.secret",
                (account, url, secret),
            )

    def drop_hook(self, account: str) -> None:
        with self._writing() as db:
            db.execute("DELETE FROM hooks WHERE account = ?", (account,))

    def due(self, now_s: float, limit: int = 50) -> list[Row]:
        """Deliveries whose time has come, with the address and secret of today."""
        return self._rows(
            "SELECT deliveries.*, hooks.url, hooks.secret FROM deliveries JOIN hooks USING (account) "
            "WHERE done = 0 AND next_at <= ? ORDER BY next_at, deliveries.rowid LIMIT ?",
            now_s, limit,
        )  # fmt: skip

    def settle(self, delivery_id: str, *, done: bool, next_at: float | None, answer: str) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE deliveries SET attempts = attempts + 1, done = ?, next_at = ?, last_answer = ? "
                "WHERE id = ?",
                (int(done), next_at, answer[:200], delivery_id),
            )

    def deliveries(self, limit: int = 50) -> list[Row]:
        return self._rows("SELECT * FROM deliveries ORDER BY rowid DESC LIMIT ?", limit)
