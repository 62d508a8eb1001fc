"""The demo's clock, mails and ports; the whole demo is met in tests/host/test_demo_whole.py."""

import json
from datetime import UTC, datetime

import pytest

from rientro.host.demo import DemoError, clock_file, move_clock, offset_after
from rientro.host.mails import newest
from rientro.kit import clock

MACHINE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = 86400


@pytest.mark.parametrize(
    ("present", "step", "offset"),
    [
        (0, "+15d", 15 * DAY),
        (15 * DAY, "+1d", 16 * DAY),
        (0, "-2h", -7200),
        (0, "+30m", 1800),
        (0, "2026-12-24", 29 * DAY + DAY / 2),
        (0, "2026-11-24T13:00+01:00", 0),
        (99, "now", 0),
    ],
)
def test_the_clock_takes_steps(present, step, offset):
    assert offset_after(present, step, MACHINE) == offset


@pytest.mark.parametrize("step", ["15", "+15", "+15w", "tomorrow", ""])
def test_a_step_that_is_none_is_refused_with_examples(step):
    with pytest.raises(DemoError, match=r"\+15d"):
        offset_after(0, step, MACHINE)


def test_the_house_follows_the_moved_clock(folder, monkeypatch):
    monkeypatch.setenv("RIENTRO_CLOCK_FILE", str(clock_file(folder)))

    said = move_clock(folder, "+15d")

    assert abs((clock.now() - said).total_seconds()) < 60
    assert json.loads(clock_file(folder).read_text()) == 15 * DAY


def test_a_clock_without_a_demo_is_refused(folder):
    with pytest.raises(DemoError, match="no demo"):
        move_clock(folder / "nothing", "+1d")


def test_mails_are_shown_newest_first(folder, settings):
    from django.core.mail import EmailMessage
    from django.core.mail.backends.filebased import EmailBackend

    backend = EmailBackend(file_path=str(folder))
    for subject in ("First", "Second è"):
        mail = EmailMessage(
            subject,
            "Ciao,\nla tua etichetta, 46 € e un caffè.",
            "a@example.test",
            ["b@example.test"],
        )
        backend.send_messages([mail])

    shown = newest(folder, 5)

    assert shown.index("Subject: Second è") < shown.index("Subject: First")
    assert "la tua etichetta, 46 € e un caffè." in shown
    assert "(2 mails" in shown


def test_no_mail_yet_says_where_they_will_be(folder):
    assert str(folder) in newest(folder, 5)
