"""What the fakes of the carriers behind Karrio have in common: hosts, access tokens, who knocks.

    with running(FakeUps()) as carrier, standing_in(carrier):
        Ups(carrier.credentials, carrier.settings).buy_label(carrier.wish("R-1"))

``standing_in`` leads the carrier's hosts to the fake, or to a proxy before it: ``standing_in(carrier, proxy.url)``. It
sets RIENTRO_CARRIER_HOSTS, which the adapters read for every request. ``bought`` and ``purchases`` count what was sold
and how often it was asked; the line of a purchase is ``PURCHASE``.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from rientro.carriers.base import LabelRequest
from rientro.carriers.karrio import tokens
from tests.carriers.conftest import label_request
from tests.carriers.fakes.server import Answer, FakeCarrier, Heard


class BehindKarrio(FakeCarrier):
    CODE: ClassVar[str]
    HOSTS: ClassVar[tuple[str, ...]]
    TOKEN: ClassVar[str] = ""  # the path that gives access tokens; empty: there are none
    PURCHASE: ClassVar[str] = ""  # its line; empty: nothing is sold
    WISH: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"test_mode": "1"}
        self.numbers = itertools.count(1)
        self.tokens = 0
        self.good_token = ""
        self.scans: dict[str, Any] = {}
        self.answer_purchase: Answer | None = None  # instead of selling
        self.answer_all: Answer | None = None  # instead of any answer but a token
        self.before_purchase: Callable[[], object] | None = None  # while the client waits

    @property
    def purchases(self) -> int:
        return self.lines().count(self.PURCHASE)

    def wish(self, reference: str = "R-1", **changes: Any) -> LabelRequest:
        """A parcel that this carrier takes."""
        return label_request(reference, **self.WISH | changes)

    def answer(self, heard: Heard) -> Answer:
        if self.TOKEN and heard.path == self.TOKEN:
            return self.give_token(heard)
        if not self.knows(heard):
            return self.stranger()
        if self.answer_all:
            return self.answer_all
        if heard.line == self.PURCHASE:
            if self.before_purchase:
                self.before_purchase()
            if self.answer_purchase:
                return self.answer_purchase
        return self.serve(heard)

    def give_token(self, heard: Heard) -> Answer:
        return self.give_token_now() if self.may_have_token(heard) else self.stranger()

    def give_token_now(self) -> Answer:
        self.tokens += 1
        self.good_token = f"token-{self.tokens}"
        return Answer(
            words={
                "access_token": self.good_token,
                "token_type": "Bearer",
                "expires_in": "3599",
                "issued_at": "1764057600000",
            }
        )

    def may_have_token(self, heard: Heard) -> bool:
        return True

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("authorization") == f"Bearer {self.good_token}"

    def stranger(self) -> Answer:
        raise NotImplementedError

    def serve(self, heard: Heard) -> Answer:
        raise NotImplementedError


@contextmanager
def standing_in(fake: BehindKarrio, url: str = "") -> Iterator[None]:
    """Lead the hosts of ``fake`` to it, or to ``url``, for the time of the block."""
    before = os.environ.get("RIENTRO_CARRIER_HOSTS")
    there = url or fake.url
    os.environ["RIENTRO_CARRIER_HOSTS"] = ",".join(f"{host}={there}" for host in fake.HOSTS)
    tokens.forget_all()
    try:
        yield
    finally:
        if before is None:
            del os.environ["RIENTRO_CARRIER_HOSTS"]
        else:
            os.environ["RIENTRO_CARRIER_HOSTS"] = before
