"""What the doctor and a starting worker say of the carriers behind Karrio."""

import logging
import subprocess
import sys

import pytest

from rientro.carriers.karrio import library
from rientro.host.doctor_carriers import carrier_findings, complain
from rientro.host.findings import Level


def levels():
    return [finding.level for finding in carrier_findings()]


def test_all_is_well_with_the_library_that_the_tests_use(caplog):
    complain()

    assert levels() == [Level.GOOD, Level.GOOD]
    assert caplog.records == []


def test_a_house_without_the_library_is_well_too(monkeypatch, caplog):
    monkeypatch.setattr(library, "_version", lambda name: "")
    monkeypatch.setattr(library, "_loaded", None)

    complain()

    assert levels() == [Level.GOOD, Level.GOOD]
    assert caplog.records == []


def test_another_version_is_said_loudly(monkeypatch, caplog):
    monkeypatch.setattr(library, "_version", lambda name: "2027.1")
    monkeypatch.setattr(library, "_loaded", None)

    complain()

    assert levels() == [Level.GOOD, Level.BAD]
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert "Karrio 2027.1 is installed" in caplog.text


def test_a_hook_that_moved_is_said_loudly(monkeypatch, caplog):
    monkeypatch.setattr(library, "HOOK", "_urlopen_somewhere_else")
    monkeypatch.setattr(library, "_loaded", None)

    complain()

    assert levels()[-1] is Level.BAD
    assert "_urlopen_somewhere_else is not where it was" in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        "api-eu.dhl.com=https://carrier.example",
        "api-eu.dhl.com=http://10.0.0.1:80",
        "nonsense",
        "a=b",
    ],
)
def test_stand_ins_elsewhere_are_refused(monkeypatch, caplog, words):
    monkeypatch.setenv("RIENTRO_CARRIER_HOSTS", words)

    complain()

    assert levels()[0] is Level.BAD
    assert "RIENTRO_CARRIER_HOSTS wants HOST=http://127.0.0.1:PORT" in caplog.text


def test_stand_ins_on_this_machine_want_a_look(monkeypatch):
    monkeypatch.setenv("RIENTRO_CARRIER_HOSTS", "api-eu.dhl.com=http://127.0.0.1:9001")

    assert levels()[0] is Level.CARE


def test_a_worker_starts_without_importing_the_library():
    script = (
        "import sys; from rientro.host.doctor_carriers import complain; complain(); "
        "assert not {'karrio', 'loguru', 'PyPDF2'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
