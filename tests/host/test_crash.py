"""C1 to C6 of every run, short; `script/crash --deep` is the long one (docs/reliability.md)."""

import json
import os
import re
import subprocess
import sys

import pytest

from rientro.host.crash.points import (
    ALL,
    CUT_OFF,
    DOUBT,
    FETCHING,
    GIVING_BACK,
    IMPORTING,
    PAYING,
    READING,
    REFUNDING,
    TELLING,
    WORKER,
)
from tests.environment import ROOT

# Passed on a second try only, after which a look-up has changed nothing.
SECOND_TRY = {"buy.looked", "errand.looked"}


def test_every_marked_point_is_struck():
    marked = set()
    for file in (ROOT / "rientro").rglob("*.py"):
        marked |= set(re.findall(r"\bmark\(\"([a-z_.]+)\"\)", file.read_text()))

    assert marked == {
        *ALL,
        *SECOND_TRY,
        *REFUNDING,
        *TELLING,
        *IMPORTING,
        *PAYING,
        *READING,
        *FETCHING,
    }
    assert len(ALL) >= 20


@pytest.fixture
def storm(test_database, tmp_path):
    """A storm in processes of its own, on the database of this test; gives its figures."""

    def run(name, *options):
        report = tmp_path / "report.json"
        environ = os.environ | {"DATABASE_URL": test_database.url(), "RIENTRO_DATA": str(tmp_path)}
        command = [sys.executable, "-m", "rientro.host.crash", "--data", str(tmp_path)]
        done = subprocess.run(
            [*command, "--only", name, "--json", str(report), *map(str, options)],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        return json.loads(report.read_text())[name]

    return run


def sound(figures):
    """What must be nothing after any storm."""
    names = ("missed", "lost", "bought_twice", "off_the_books", "stuck", "unalarmed")
    return {name: figures[name] for name in (*names, "over_reserved", "unbalanced")} == {
        **{name: [] for name in names},
        "over_reserved": 0,
        "unbalanced": False,
    }


def test_killed_at_every_point_nothing_is_lost_and_nothing_bought_twice(storm):
    figures = storm("C1", "--rounds", 1, "--seed", 11)

    assert sound(figures), figures
    assert figures["held"]
    assert (figures["points"], figures["kills"]) == (len(ALL), len(ALL))
    assert figures["statuses"] == {
        "bought": len(ALL) - len(GIVING_BACK),
        "voided": len(GIVING_BACK),
    }
    assert figures["ours_minor"] == figures["theirs_minor"] > 0
    # No bar on the time here: a busy machine is no fault of ours. script/crash holds it at 60 s.


def test_a_paused_buyer_is_never_taken_for_a_dead_one(storm):
    points = "buy.lock,buy.before_wire,buy.after_wire,write.label"

    figures = storm("C2", "--rounds", 1, "--carrier", "lookup", "--points", points)

    assert sound(figures), figures
    assert figures["stops"] == 4
    assert figures["ours_minor"] == figures["theirs_minor"] > 0


def test_where_nobody_can_tell_a_person_is_asked_and_nothing_bought_again(storm):
    points = [point for point in WORKER if point in DOUBT]

    figures = storm("C1", "--rounds", 1, "--carrier", "none", "--points", ",".join(points))

    assert sound(figures), figures
    assert figures["statuses"] == {"unknown": len(points)}
    assert figures["settled_by_hand"] == len(points)
    assert figures["ours_minor"] == figures["theirs_minor"] > 0


def test_a_buyer_that_was_cut_off_from_its_lock_writes_and_buys_nothing_any_more(storm):
    figures = storm("C2", "--rounds", 0, "--cuts", 1, "--carrier", "lookup", "--seed", 5)

    assert sound(figures), figures
    assert figures["cuts"] == len(CUT_OFF)
    assert figures["ours_minor"] == figures["theirs_minor"] > 0


def test_a_refund_a_webhook_and_an_import_have_one_effect_whatever_dies(storm):
    figures = storm("C4", "--rounds", 1, "--points", "refund,webhook,import")

    assert figures["held"], figures
    kills = [figures[name]["kills"] for name in ("refund", "webhook", "import")]
    assert kills == [len(REFUNDING), len(TELLING), len(IMPORTING)]


def test_a_shop_pays_a_refund_once_whatever_dies_and_whatever_the_line_loses(storm):
    figures = storm("C6", "--rounds", 1, "--seed", 3)

    assert figures["held"], figures
    assert (figures["kills"], figures["missed"], figures["broken"]) == (len(PAYING), [], [])


def test_whatever_a_seed_drives_three_books_agree(storm):
    figures = storm("C5", "--rounds", 4, "--seed", 100)

    assert figures["held"], figures
    assert (figures["played"], figures["broken"]) == (4, {})
    assert figures["crashes"] > 0


def test_a_living_house_under_fire_loses_nothing_and_buys_nothing_twice(tmp_path):
    """C3: the real `rientro up`, with a second worker; the clock is moved, so that nobody waits."""
    tmp_path.chmod(0o711)
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "rientro.host.crash", "--only", "C3", "--rounds", "6"]
    kinds = "web worker killed,worker killed,database stopped at once,line to the carrier cut"
    done = subprocess.run(
        [*command, "--seed", "4", "--rate", "2", "--points", kinds, "--json", str(report)],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    figures = json.loads(report.read_text())["C3"]

    # No bar on the time here: a busy machine is no fault of ours. script/crash holds it at 60 s.
    wrong = (
        "unanswered",
        "refused",
        "lost",
        "made_twice",
        "bought_twice",
        "off_the_books",
        "stuck",
    )
    assert {name: figures[name] for name in wrong} == {name: [] for name in wrong}, figures
    assert figures["repeated_differently"] == []
    assert sum(figures["blows"].values()) == 6
    assert figures["answered"] == figures["asked"] > 0
    assert figures["ours_minor"] == figures["theirs_minor"] > 0
