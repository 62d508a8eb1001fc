"""Every adapter's purchase as the carrier reads it: the same tree as of a plain address, each field in its own leaf."""

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import pytest

from rientro.carriers.base import InvalidRequest
from rientro.carriers.karrio import tokens
from rientro.carriers.registry import codes, open_carrier
from rientro.kit.text import clean_line
from rientro.policy.sender import LONGEST
from tests.carriers.conftest import SHOPPER, label_request
from tests.carriers.easypost.conftest import AMERICAN
from tests.carriers.fakes.behind_karrio import BehindKarrio, standing_in
from tests.carriers.fakes.bpost import FakeBpost
from tests.carriers.fakes.colissimo import FakeColissimo
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.easypost import FakeEasyPost
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.sendcloud import FakeSendcloud
from tests.carriers.fakes.server import FakeCarrier, running
from tests.carriers.fakes.ups import FakeUps
from tests.hostile.addresses import COUNT, Hostile, addresses, plain
from tests.hostile.wires import FakeSandbox, is_meant, leaves, places

# What people type freely; a postal code that is none is refused long before a carrier is asked (policy.sender).
TYPED = ("name", "company", "street", "house_number", "address_2", "city", "phone", "email")
FAKES: dict[str, type[FakeCarrier]] = {
    "sandbox": FakeSandbox,
    "sendcloud": FakeSendcloud,
    "easypost": FakeEasyPost,
    "dhl_parcel_de": FakeDhlParcelDe,
    "ups": FakeUps,
    "fedex": FakeFedEx,
    "bpost": FakeBpost,
    "colissimo": FakeColissimo,
}
WISHES: dict[str, dict[str, Any]] = {
    "sendcloud": {"service": "postnl:standard/return"},
    "easypost": {"service": "USPS:GroundAdvantage", "sender": AMERICAN},
}
SELL_NOTHING = {
    "prepaid",
    "gls",
    "dhl",
}  # a drawer of the merchant's own, and two that only follow parcels
SOME = [
    pytest.param(0, 25, id="every-25th"),
    *(pytest.param(at, 4, id=f"{at}-every-4th", marks=pytest.mark.deep) for at in range(4)),
]


def test_every_carrier_that_sells_is_tried():
    assert set(FAKES) | SELL_NOTHING == set(codes())


@dataclass
class Desk:
    fake: FakeCarrier
    carrier: Any
    wish: dict[str, Any]

    def heard_of(self, hostile: Hostile, reference: str) -> dict[str, str]:
        """Leaves of all that was sent for one purchase, by the line of their request."""
        usual = self.wish.get("sender", SHOPPER)
        sender = replace(usual, **{name: getattr(hostile, name) for name in TYPED})
        before = len(self.fake.heard)
        self.carrier.buy_label(label_request(reference, **self.wish | {"sender": sender}))
        found: dict[str, str] = {}
        for heard in self.fake.heard[before:]:
            line = f"{heard.method} " if heard.method == "GET" else "POST "
            found |= {line + path: text for path, text in leaves(heard).items()}
        return found


@contextmanager
def standing(code: str):
    with ExitStack() as stack:
        fake = stack.enter_context(running(FAKES[code]()))
        if isinstance(fake, BehindKarrio):
            stack.enter_context(standing_in(fake))
            stack.callback(tokens.forget_all)
        carrier = open_carrier(code, fake.credentials, fake.settings)
        yield Desk(fake, carrier, WISHES.get(code) or getattr(fake, "WISH", {}))


def as_taken_in(hostile: Hostile, code: str) -> Hostile:
    """As policy.sender lets it in, with what it asks for."""
    asked = NEEDED | ({"house_number"} if code in SPLITS_STREETS else set())
    kept = {
        name: clean_line(getattr(hostile, name), LONGEST.get(name, 200))
        or (name[0] if name in asked else "")
        for name in TYPED
    }
    return replace(hostile, **kept)


def harmless(hostile: Hostile, at: int) -> Hostile:
    """Marks and letters alone, as long as what was typed, and nothing where nothing was."""
    usual = plain(at)
    shaped = {
        name: getattr(usual, name).ljust(len(getattr(hostile, name)), "x")
        if getattr(hostile, name)
        else ""
        for name in TYPED
    }
    return replace(usual, **shaped)


STREET = {"street", "house_number", "address_2"}
NEEDED = {"name", "street", "city"}
SPLITS_STREETS = {
    "bpost"
}  # wants the number apart, and looks for it in the street where none was typed


def wrong(desk: Desk, hostile: Hostile, reference: str) -> list[str]:
    """What is not as in the purchase of a harmless address of the same shape; "refused" where both were."""
    usual = harmless(hostile, 9999)
    try:
        like = desk.heard_of(usual, f"{reference}-P")
    except InvalidRequest:
        return ["refused"]
    told = desk.heard_of(hostile, reference)
    where = places(like, usual.at)
    rows = {row_of(path) for path, names in where.items() if set(names) <= STREET}
    others = {path for path in set(told) ^ set(like) if row_of(path) not in rows}
    found = [f"another tree: {sorted(others)}"] if others else []
    for path, names in where.items():
        if row_of(path) not in rows and not is_meant(told[path], hostile, names):
            found.append(f"{path} {names}: {told[path]!r}")
    street = "".join(told[path] for path in sorted(told) if row_of(path) in rows)
    if not any(is_meant(street, hostile, list(order)) for order in permutations(STREET)):
        found.append(f"street: {street!r}")
    return found


def row_of(path: str) -> str:
    """Lines of a street are one thing: a long one runs on in the next, ``AddressLine/0`` in ``AddressLine/1``."""
    return re.sub(r"(?<=[/.])[0-9]+$|(?<=/line)[0-9]$", "", path)


@pytest.mark.parametrize("code", sorted(FAKES))
@pytest.mark.parametrize(("start", "step"), SOME)
def test_a_hostile_address_reaches_the_carrier_as_it_was_meant(code, start, step):
    problems, refused = [], 0
    with standing(code) as desk:
        seen = places(desk.heard_of(plain(7), "R-7"), 7)
        assert {name for names in seen.values() for name in names} >= NEEDED
        for hostile in addresses(COUNT)[start::step]:
            found = wrong(desk, as_taken_in(hostile, code), f"R-{hostile.at}")
            refused += found == ["refused"]
            problems += [(hostile.at, each) for each in found if each != "refused"]

    assert problems == []
    assert refused <= COUNT // step // 10
