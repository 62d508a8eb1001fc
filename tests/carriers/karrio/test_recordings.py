"""Each recording is played back over real HTTP: what we send must be what it says, and so must what we make of it.

The recordings in ``tests/carriers/recordings`` are our own: requests as our adapters send them, answers in the shapes
of the carriers' public descriptions. ``date`` and ``source`` stand in each. ``@paper`` and ``@picture`` are a fake's
label.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path

import pytest
import time_machine

from rientro.carriers.base import CarrierError, Customs, CustomsItem
from rientro.carriers.karrio import tokens
from rientro.carriers.registry import KNOWN, open_carrier
from tests.carriers.fakes.behind_karrio import standing_in
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, running
from tests.carriers.fakes.ups import picture
from tests.carriers.karrio.conftest import EVERY

FOLDER = Path(__file__).resolve().parents[1] / "recordings"
FAKES = {fake.CODE: fake for fake in EVERY}
FILES = sorted(path for path in FOLDER.glob("*/*.json") if path.parent.name in FAKES)
HEADERS = ("authorization", "content-type", "accept", "dhl-api-key", "x-okapi-key")
TODAY = "2026-11-25T09:00:00+00:00"
CUSTOMS = Customs(
    currency="EUR",
    items=(
        CustomsItem(
            description="Wool coat",
            quantity=1,
            value_minor=18900,
            weight_g=1100,
            hs_code="620111",
            origin_country="IT",
        ),
    ),
    invoice_number="INV-7",
)


class Played:
    """A recording, its fake that only says what stands there, and the adapter."""

    def __init__(self, file):
        self.told = json.loads(file.read_text())
        self.fake = FAKES[file.parent.name]()
        self.fake.next_answers = [_answer(one) for one in self.told["exchanges"]]
        self.carrier = open_carrier(self.fake.CODE, self.fake.credentials, self.fake.settings)

    def run(self):
        asked = self.told["asked"]
        match asked["what"]:
            case "buy":
                return _label(self.carrier.buy_label(self._wish(asked)))
            case "void":
                return asdict(self.carrier.cancel_label(asked["reference"]))
            case "track":
                told = self.carrier.track(asked["numbers"])
                return {number: [_scan(scan) for scan in scans] for number, scans in told.items()}
        raise AssertionError(asked)

    def _wish(self, asked):
        changes = dict(asked.get("changes", {}))
        if changes.pop("customs", False):
            changes["customs"] = CUSTOMS
        return self.fake.wish(asked["reference"], **changes)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_is_sent_and_made_of_it_is_what_was_written_down(file):
    played = Played(file)
    tokens.forget_all()

    with (
        time_machine.travel(TODAY, tick=True),
        running(played.fake) as fake,
        standing_in(fake),
    ):
        try:
            made = played.run()
        except CarrierError as error:
            made = {"error": type(error).__name__, "message": str(error.message)}

    assert [sent_of(heard) for heard in fake.heard] == [
        {name: value for name, value in one.items() if name not in ("status", "answer", "type")}
        for one in played.told["exchanges"]
    ]
    assert made == played.told["result"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_recording_says_when_and_from_where_it_is(file):
    told = json.loads(file.read_text())

    assert told["date"] >= "2026-11-25"
    assert "No carrier was contacted" in told["source"]


def test_every_carrier_behind_karrio_has_recordings():
    behind = {code for code, known in KNOWN.items() if known.extra == "karrio"}

    assert {file.parent.name for file in FILES} == behind


def sent_of(heard):
    """A request in the words of a recording."""
    return {
        "method": heard.method,
        "path": heard.path,
        "query": {name: values[0] for name, values in heard.query.items()},
        "headers": {name: heard.headers[name] for name in HEADERS if name in heard.headers},
        "sent": _body(heard.body),
    }


def _body(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def _answer(one):
    answer = one["answer"]
    if isinstance(answer, str):
        whole = _filled(answer)
        body = whole.encode() if isinstance(whole, str) else whole
        if "@bytes" in answer:
            body = answer.encode().replace(b"@bytes", pdf())
        return Answer(one["status"], body=body, headers={"Content-Type": one["type"]})
    return Answer(one["status"], json.loads(_filled(json.dumps(answer))))


def _filled(text):
    paper = base64.b64encode(pdf()).decode()
    return text.replace("@paper", paper).replace("@picture", picture())


def _label(bought):
    told = asdict(bought)
    for name in ("document", "code"):
        told[name] = bool(told[name])
    return told


def _scan(scan):
    return {
        "status": str(scan.status),
        "at": scan.occurred_at.isoformat(),
        "code": scan.code,
        "description": scan.description,
        "place": scan.place,
    }
