"""The command line: every verb explains itself, and failures are sentences."""

import pytest

from rientro.cli import parser
from tests.host.houses import rientro

VERBS = [
    *("up", "migrate", "doctor", "backup", "restore", "upgrade-database", "rotate-keys", "manage"),
    *("demo", "demo-clock", "demo-mails", "sandbox-carrier", "create-merchant", "create-login"),
]


def test_help_names_every_verb(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])

    told = capsys.readouterr().out
    assert [verb for verb in VERBS if f"    {verb}" not in told] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([verb, "--help"])

    assert ended.value.code == 0
    assert "--data DIR" in capsys.readouterr().out


def test_a_step_back_of_the_clock_is_no_option():
    assert parser().parse_args(["demo-clock", "--", "-2h"]).step == "-2h"


def test_a_failure_is_a_sentence_and_a_status(folder):
    told = rientro("restore", str(folder / "nothing.backup"), data=folder / "data")

    assert told.returncode == 1
    assert told.stderr.startswith("rientro: ")
    assert "Traceback" not in told.stderr
