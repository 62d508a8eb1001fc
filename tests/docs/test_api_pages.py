"""The commands of docs/api are run as they stand, and what comes is compared with what the pages say.

A page's ``sh`` blocks run one after the other; a ``json`` block is the answer of the last command before it. In it
``"…"`` stands for what was left out: further keys, further items, the rest of a word. Values may differ, their
kinds may not. ``# 404`` at the end of a command is the status it has; without one it succeeds.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta

import pytest

from rientro.api import openapi
from rientro.flows.poll_tracking import poll_tracking
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import CarrierAccount
from tests.api.world import World
from tests.environment import ROOT
from tests.sandbox import sandbox_process

__all__ = ["sandbox_process"]
FOLDER = ROOT / "docs" / "api"
# These run against a filled demo, or need its worker; their commands stand indented.
NOT_RUN = {"parcels", "return-portal"}
PAGES = sorted(
    page.stem
    for page in FOLDER.glob("*.md")
    if page.stem not in NOT_RUN and not page.stem.startswith("rientro-")
)
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.M | re.S)
# ``export RULE=1   # .id``: from the answer before; without a path it is a word that the test knows.
EXPORT = re.compile(r"^export (\w+)=\S+(?:\s+# ?(.*))?$")
SHELL = 'curl() { command curl -sS -m 30 -w "%{stderr}\\nSTATUS %{http_code}\\n" "$@"; echo; }\n'


class Reader:
    """Somebody who reads a page from its top, types what it says and looks at the answers."""

    def __init__(self, words, folder):
        self.words, self.folder = dict(words), folder
        self.last = None

    def type(self, block):
        lines = [line for line in block.splitlines() if not self.exported(line)]
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-c", SHELL + "\n".join(lines)],
            env=os.environ | self.words,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        for line in done.stdout.splitlines():
            try:
                self.last = json.loads(line)
            except ValueError:
                continue
        told = re.findall(r"^STATUS (\d+)", done.stderr, re.M)
        assert told == statuses(lines, told), f"{block}\n{done.stdout}\n{done.stderr}"

    def exported(self, line):
        found = EXPORT.match(line)
        if found is None:
            return False
        name, how = found[1], (found[2] or "").strip()
        if how.startswith("."):
            value = self.last
            for step in how.strip(".").split("."):
                value = value[int(step)] if step.isdigit() else value[step]
            self.words[name] = str(value)
        assert name in self.words, f"nobody knows {name}"
        return True


def statuses(lines, told):
    """What each command is to answer: the status at its end, or any success."""
    commands = re.split(r"^(?=curl )", "\n".join(lines), flags=re.M)
    named = [re.search(r"# (\d{3})\s*$", one) for one in commands if one.startswith("curl ")]
    assert len(named) == len(told)
    return [
        found[1] if found else (status if status.startswith("2") else "a success")
        for found, status in zip(named, told, strict=True)
    ]


def differences(said, came, path=""):
    """Where an answer is not what a page says; kinds are compared, not values."""
    if said == "…":
        return []
    if isinstance(said, dict):
        if not isinstance(came, dict):
            return [] if came is None else [f"{path}: {kind(came)} and no object"]
        keys = set(said) - {"…"}
        found = [f"{path}.{key} is missing" for key in sorted(keys - set(came))]
        if "…" not in said:
            found += [f"{path}.{key} is not on the page" for key in sorted(set(came) - keys)]
        both = sorted(keys & set(came))
        return found + [
            w for key in both for w in differences(said[key], came[key], f"{path}.{key}")
        ]
    if isinstance(said, list):
        if not isinstance(came, list):
            return [f"{path}: {kind(came)} and no list"]
        if said and said != ["…"] and not came:
            return [f"{path}: an empty list"]
        return differences(said[0], came[0], f"{path}[0]") if said and came else []
    if said is None or came is None:  # what may be null is the document's to say
        return []
    return [] if kind(said) == kind(came) else [f"{path}: {kind(came)} and not {kind(said)}"]


def kind(value):
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.fixture
def words(live_server, sandbox_process, settings):
    """A merchant with an order, a return whose label was bought and scanned, and the words of the pages."""
    settings.BASE_URL = live_server.url
    customer = sandbox_process.customer()
    world = World(customer, full=False)
    world.make_portal_return()
    world.run_jobs()
    [label] = customer.labels()
    customer.scan(label["tracking_number"], "handed_in")
    with merchant_transaction(world.merchant.pk):
        [account] = CarrierAccount.objects.all()
    with acting_for(world.merchant.pk):
        poll_tracking(account=account, now=clock.now() + timedelta(days=1))
    world.make("v3_create_shipping_rule")
    returned = world.ask("GET", "/api/v2/returns").json()["returns"][0]
    return {
        "BASE": live_server.url,
        "KEYS": f"{world.public_key}:{world.secret_key}",
        "INTEGRATION": str(world.integration.pk),
        "BRAND": str(world.brand.pk),
        "DOMAIN": world.domain,
        "ADDRESS": str(world.rome.pk),
        "CONTRACT": str(world.ask("GET", "/api/v2/contracts").json()["contracts"][0]["id"]),
        "RETURN": str(returned["id"]),
        "PARCEL": str(returned["incoming_parcel"]),
        "TRACKING": label["tracking_number"],
        "INVOICE": str(world.ask("GET", "/api/v2/user/invoices").json()["invoices"][0]["id"]),
    }


@pytest.mark.skipif(not shutil.which("curl"), reason="the pages are typed into curl")
@pytest.mark.django_db(transaction=True)
def test_what_the_pages_say_is_what_comes(words, tmp_path):
    wrong = []
    for page in PAGES:
        reader = Reader(words, tmp_path)
        for what, block in BLOCK.findall((FOLDER / f"{page}.md").read_text()):
            if what == "sh":
                reader.type(block)
            else:
                wrong += [f"{page}{one}" for one in differences(json.loads(block), reader.last)]
    assert "\n".join(wrong) == ""


def test_every_page_is_in_the_index_and_every_link_leads_somewhere():
    index = (FOLDER / "README.md").read_text()
    lost = [page.name for page in FOLDER.glob("*.md") if f"({page.name})" not in index]
    broken = [
        f"{page.name}: {link}"
        for page in FOLDER.glob("*.md")
        for link in re.findall(r"\]\(([^)#]+)", page.read_text())
        if "://" not in link and not (FOLDER / link).exists()
    ]

    assert set(lost) <= {"README.md"}
    assert broken == []


def test_every_address_of_the_pages_is_one_of_ours():
    known = [
        re.compile(re.sub(r"\{\w+\}", r"[^/]+", path) + "/?")
        for path in (*openapi.document()["paths"], "/api/docs", "/api/openapi.json")
    ]
    strange = [
        f"{page.name}: {path}"
        for page in FOLDER.glob("*.md")
        for path in re.findall(r"\$BASE(/api/[^\s\"'?]+)", page.read_text())
        if not path.endswith("/v1") and not any(one.fullmatch(path) for one in known)
    ]

    assert strange == []


def test_the_page_on_keys_names_every_scope():
    told = set(
        re.findall(r"`((?:read|write):[a-z-]+)`", (FOLDER / "authentication.md").read_text())
    )
    needed = {one.scope for _, _, _, one in openapi.operations() if one.scope}

    assert told == needed
