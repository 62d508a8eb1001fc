"""What patches a process or weighs much is imported by the worker alone."""

import os
import subprocess
import sys

import pytest

from tests.environment import ROOT

HEAVY = {"karrio", "loguru", "PyPDF2", "phonenumbers"}
DOORS = ["rientro.panel.urls", "rientro.portal.urls", "rientro.api.urls", "rientro.hooks.urls"]


def imported(script):
    """The heavy libraries in a process that ran ``script``."""
    told = f"import sys\n{script}\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "rientro.config.settings"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_no_process_that_serves_pages_imports_the_library_of_real_carriers():
    doors = "; ".join(f"importlib.import_module({door!r})" for door in DOORS)
    script = f"""
import importlib, django
django.setup()
importlib.import_module("rientro.config.urls"); {doors}
from rientro.carriers import registry
from rientro.host import web
registry.keep_worker_only_out()
for code in registry.codes():
    registry.known(code), registry.can_of(code, {{}}), registry.missing(code)
"""

    assert imported(script) == []


def test_the_worker_has_it_only_once_it_needs_it():
    script = """
import django
django.setup()
import rientro.host.worker, rientro.jobs.labels
from rientro.carriers.registry import open_carrier
open_carrier("gls", {"client_id": "a", "client_secret": "b"}, {}).services("DE", "DE")
"""

    assert imported(script) == []
    assert "karrio" in imported("from rientro.carriers.karrio import library; library.load()")


@pytest.mark.parametrize("folder", ["panel", "portal", "api", "hooks", "host/web.py"])
def test_no_door_names_the_library(folder):
    place = ROOT / "rientro" / folder
    sources = [place] if place.suffix else sorted(place.rglob("*.py"))

    assert [str(path) for path in sources if "carriers.karrio" in path.read_text()] == []
