"""What loading Karrio does to a process, and that it is undone. Each in a process of its own."""

import subprocess
import sys

import pytest

from rientro.carriers.karrio import library, transport
from rientro.carriers.karrio.library import HookMoved, NotInstalled


def run(script, **environment):
    done = subprocess.run(
        [sys.executable, "-c", f"from rientro.carriers.karrio import library\n{script}"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done


def test_karrio_itself_would_switch_certificates_off():
    """If this fails, Karrio has mended it and our guard may go."""
    done = run(
        "import ssl, warnings; warnings.simplefilter('ignore'); import karrio.core.utils.helpers\n"
        "assert ssl._create_default_https_context is ssl._create_unverified_context",
        KARRIO_LOG_LEVEL="CRITICAL",
    )

    assert done.returncode == 0


def test_the_process_is_left_as_it_was():
    run(
        """
import ssl, PIL.ImageFile, os
unverified = ssl._create_unverified_context
library.load()
assert ssl._create_default_https_context is ssl.create_default_context
assert ssl._create_default_https_context().verify_mode is ssl.CERT_REQUIRED
assert ssl._create_unverified_context is unverified
assert PIL.ImageFile.LOAD_TRUNCATED_IMAGES is False
import urllib.request
assert urllib.request._opener is None
"""
    )


def test_it_writes_nothing_to_screen_or_file(tmp_path):
    file = tmp_path / "karrio.log"

    done = run(
        """
made = library.load()
gateway = made.gateway("ups", dict(carrier_id="a", client_id="b", client_secret="TOPSECRET"), library.Tokens("x"))
made.sdk.Shipment.create(dict(service="x", shipper={}, recipient={}, parcels=[{}])).from_(gateway).parse()
""",
        KARRIO_LOG_LEVEL="DEBUG",
        KARRIO_LOG_FILE=str(file),
    )

    assert (done.stdout, done.stderr) == ("", "")
    assert not file.exists() or "TOPSECRET" not in file.read_text()


def test_every_function_that_sends_is_ours():
    made = library.load()
    from karrio.core.utils import helpers
    from karrio.mappers.dhl_universal import proxy

    assert helpers._urlopen_with_span is transport.send
    assert proxy.exec_async is library._in_turn
    assert made.lib.run_concurently(lambda item: item + 1, [1, 2]) == [2, 3]


def test_the_proof_fails_when_the_hook_is_not_on_the_way(monkeypatch):
    from karrio.core.utils import helpers

    library.load()
    monkeypatch.setattr(helpers, "_urlopen_with_span", lambda request, timeout=None: None)

    with pytest.raises(HookMoved) as moved:
        library.self_check()
    assert "is not ours any more" in moved.value.facts["why"]


def test_the_proof_fails_when_karrio_sends_past_the_hook(monkeypatch):
    from karrio.core.utils import helpers

    made = library.load()
    monkeypatch.setattr(made.lib.utils, "request", lambda **_: "an answer from somewhere")

    with pytest.raises(HookMoved) as moved:
        library.self_check()
    assert "sends past our transport" in moved.value.facts["why"]
    assert helpers._urlopen_with_span is transport.send


@pytest.mark.parametrize(
    ("version", "error"), [("", NotInstalled), ("2025.5", HookMoved), ("2026.1.33", HookMoved)]
)
def test_nothing_is_sent_without_the_very_version(monkeypatch, version, error):
    monkeypatch.setattr(library, "_version", lambda name: version)
    monkeypatch.setattr(library, "_loaded", None)

    with pytest.raises(error) as absent:
        library.load()
    assert "rientro[karrio]" in absent.value.facts["why"]


def test_only_the_connectors_that_we_checked_are_installed():
    assert sorted(library.load().sdk.gateway.providers) == [
        "bpost",
        "colissimo",
        "dhl_parcel_de",
        "dhl_universal",
        "fedex",
        "gls",
        "ups",
    ]
