"""Where journeys happen: a live server, a real job worker, a carrier beside them, and the mails that were sent."""

import email
import email.policy
import os
import re
import subprocess
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
from django.db import connection

from rientro.host.mails import LINE
from rientro.host.parent import VARIABLE
from rientro.host.parts import CHILD
from tests import makers
from tests.sandbox import Customer

PATIENCE_S = 30
PASSWORD = "open sesame, open wide"


def wait_for(question: Callable[[], Any], words: Callable[[], str]) -> Any:
    """Ask until the answer is worth something."""
    until = time.monotonic() + PATIENCE_S
    while not (answer := question()):
        assert time.monotonic() < until, f"waited in vain for {words()}"
        time.sleep(0.05)
    return answer


class Worker:
    """The job worker as `rientro up` runs it, on the database of the tests; its mails go to files."""

    def __init__(self, folder: Path, database_url: str, base_url: str) -> None:
        self.mails = folder / "mails"
        self.log = folder / "worker.log"
        self.environ = os.environ | {
            "DATABASE_URL": database_url,
            # Named, so that the worker does not step down: this role is the application's already.
            "DATABASE_OWNER_URL": database_url,
            "RIENTRO_BASE_URL": base_url,
            "RIENTRO_MAIL": f"file:{self.mails}",
            VARIABLE: str(os.getpid()),
        }
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*CHILD, "worker"], env=self.environ, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def is_at_work(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)


class Stage:
    """One test's installation. Everything on it is done through the doors; only people are made beforehand."""

    password = PASSWORD

    def __init__(self, url: str, worker: Worker, customer: Customer) -> None:
        self.url, self.worker, self.customer = url, worker, customer
        self.old_mails = set(self._files())

    def member_of(self, name: str, **fields: Any) -> Any:
        """A merchant that has nothing yet, and its owner."""
        merchant = makers.make_merchant(name=name, **fields)
        user = makers.make_user(password=PASSWORD, first_name="Elena", last_name="Ricci")
        return makers.make_member(merchant, user=user)

    # Mails

    def mails(self, to: str = "") -> list[EmailMessage]:
        """What was sent in this test, the oldest first."""
        found = []
        for file in sorted(set(self._files()) - self.old_mails, key=lambda f: f.stat().st_mtime):
            for told in file.read_bytes().split(f"\n{LINE}\n".encode()):
                mail = email.message_from_bytes(told, policy=email.policy.default)
                if told.strip() and to in str(mail["To"]):
                    found.append(mail)
        return found

    def mail(self, to: str, subject: str) -> EmailMessage:
        """The newest mail to somebody whose subject has these words; waits for it."""

        def look() -> EmailMessage | None:
            fitting = [m for m in self.mails(to) if re.search(subject, str(m["Subject"]))]
            return fitting[-1] if fitting else None

        found: EmailMessage = wait_for(
            look, lambda: f"a mail to {to} about {subject}: {self._subjects()} {self.troubles()}"
        )
        return found

    def _subjects(self) -> list[str]:
        return [f"{mail['To']}: {mail['Subject']}" for mail in self.mails()]

    def _files(self) -> list[Path]:
        return list(self.worker.mails.glob("*.log"))

    # The API

    def tell(self, keys: "Keys", *shipments: dict[str, Any]) -> list[dict[str, Any]]:
        """Send orders as a client of Sendcloud's API does."""
        answer = httpx.post(
            f"{keys.base}/integrations/{keys.integration}/shipments",
            auth=(keys.public, keys.secret),
            json=list(shipments),
        )
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()
        assert {one["status"] for one in told} <= {"created", "updated"}, told
        return told

    # The end

    def troubles(self) -> list[tuple[str, ...]]:
        """Jobs that failed, if only once, and mails that did not go: (what, why)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT task_name, status::text, args::text FROM procrastinate_jobs "
                "WHERE status IN ('failed', 'aborted') OR attempts > 1"
            )
            failed = cursor.fetchall()
            cursor.execute(
                "SELECT kind, state, error FROM rientro_mail WHERE merchant_id > 0 AND error > ''"
            )
            return failed + cursor.fetchall()


class Keys:
    """What a person copies from the page that shows a new key."""

    def __init__(self, base: str, integration: str, public: str, secret: str) -> None:
        self.base, self.integration, self.public, self.secret = base, integration, public, secret


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage, part: str) -> str:
    """The first address in a mail that has ``part`` in it."""
    found = [link for link in re.findall(r"https?://[^\s>)]+", words_of(mail)) if part in link]
    assert found, words_of(mail)
    return found[0]
