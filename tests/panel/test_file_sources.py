"""Settings › Integrations for files: set up a place, agree to a key, look now, and read what came of each file."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from rientro.flows.look_at_source import look_at_source
from rientro.kit.tenancy import acting_for
from rientro.models import FileSource, Integration, SourceFile
from tests.flows.test_run_import import HEADINGS, SCARF
from tests.makers import NOW, make_integration
from tests.panel.places import place
from tests.sftp_server import PASSWORD, USER, sftp_server

pytestmark = pytest.mark.django_db
HABITS = {"pattern": "*.csv", "every_min": "1440", "at_hour": "6", "after": "move"}


@pytest.fixture
def files(house: Any) -> Integration:
    with acting_for(house.order.merchant_id):
        return make_integration(system="csv", shop_name="Brina files")


@pytest.fixture
def folder(house: Any, tmp_path: Path, settings: Any, monkeypatch: Any) -> Path:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    settings.IMPORT_DIR = str(tmp_path)
    own = tmp_path / str(house.order.merchant_id)
    own.mkdir()
    return own


def put(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    os.utime(folder / name, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))


def source_of(house: Any) -> FileSource:
    with acting_for(house.order.merchant_id):
        return FileSource.objects.get()


def test_the_page_of_files_offers_three_places_and_the_api_none(owner, house, files):
    page = owner.get(place("integration", files.pk)).content.decode()

    for kind in ("folder", "sftp", "https"):
        assert place("source_edit", files.pk, kind) in page
    assert "Fetch files" not in owner.get(place("integration", house.shop.pk)).content.decode()
    assert owner.get(place("source_edit", house.shop.pk, "folder")).status_code == 404
    assert owner.get(place("source_edit", files.pk, "ftp")).status_code == 404


def test_a_folder_is_looked_at_and_kept(owner, house, files, folder):
    put(folder, "orders.csv", f"{HEADINGS}\n{SCARF}")
    put(folder, "readme.txt", "x")

    answer = owner.post(
        place("source_edit", files.pk, "folder"), {"folder": "", **HABITS}, follow=True
    )

    page = answer.content.decode()
    assert "1 file lies there, “orders.csv”" in page
    assert "1 other has another name" in page
    assert "once a day, at 06:00" in page
    source = source_of(house)
    assert (source.pattern, source.every_min, source.at_hour, source.after) == (
        "*.csv",
        1440,
        6,
        "move",
    )

    with acting_for(house.order.merchant_id):
        look_at_source(source=source, now=NOW)
    page = owner.get(place("integration", files.pk)).content.decode()
    assert "Waits for its columns" in page
    assert "Waits for you" in page
    assert re.search(r'href="/panel/imports/[^"]+/columns/">orders.csv', page)


def test_a_folder_that_leads_elsewhere_is_refused_at_its_form(owner, house, files, folder):
    (folder.parent / "999").mkdir()

    page = owner.post(place("source_edit", files.pk, "folder"), {"folder": "../999", **HABITS})

    assert "Write the folder as it lies below your own" in page.content.decode()
    with acting_for(house.order.merchant_id):
        assert not FileSource.objects.exists()


def test_without_a_folder_of_the_operator_it_is_said(owner, files, settings):
    settings.IMPORT_DIR = ""

    page = owner.post(place("source_edit", files.pk, "folder"), {"folder": "", **HABITS})

    assert "its operator has named none" in page.content.decode()


def test_a_servers_key_is_agreed_to_and_a_changed_one_is_warned_of(owner, house, files, folder):
    address = place("source_edit", files.pk, "sftp")
    with sftp_server(folder) as server:
        typed = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": PASSWORD}
        typed |= {"path": "", **HABITS}
        page = owner.post(address, typed).content.decode()
        assert server.fingerprint in page
        assert "Your password has not been sent yet" in page
        assert server.logins == []

        agreed = typed | {"host_key": server.host_key, "agree": "on"}
        assert owner.post(address, agreed).status_code == 302
        assert PASSWORD not in owner.get(address).content.decode()
        again = owner.post(address, typed | {"password": ""})  # what is kept is kept
        assert again.status_code == 302
        port = server.port
    with sftp_server(folder, port=port) as other:
        page = owner.post(address, typed).content.decode()
        assert "another key than the one you agreed to" in page
        assert other.fingerprint in page
        assert other.logins == []
        page = owner.post(place("source_check", files.pk), follow=True).content.decode()
        assert "The server shows another key" in page


def test_a_wrong_password_stands_at_the_form(owner, house, files, folder):
    with sftp_server(folder) as server:
        typed = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": "wrong"}
        typed |= {"host_key": server.host_key, "agree": "on", **HABITS}
        page = owner.post(place("source_edit", files.pk, "sftp"), typed).content.decode()

    assert "refuses the user name, password or key" in page


def test_look_now_pause_fetch_and_stop(owner, house, files, folder):
    owner.post(place("source_edit", files.pk, "folder"), {"folder": "", **HABITS})

    page = owner.post(place("source_check", files.pk), follow=True).content.decode()
    assert "no file of such a name lies there now" in page
    owner.post(place("source_read", files.pk))
    assert source_of(house).next_at is not None
    assert "Paused" in owner.post(place("source_pause", files.pk), follow=True).content.decode()
    owner.post(place("source_pause", files.pk))
    assert source_of(house).state == "ok"
    page = owner.post(place("source_remove", files.pk), follow=True).content.decode()
    assert "An SFTP server" in page


def test_every_outcome_of_a_file_has_words(owner, house, files, folder):
    owner.post(place("source_edit", files.pk, "folder"), {"folder": "", **HABITS})
    with acting_for(house.order.merchant_id):
        source = FileSource.objects.get()
        for state in ("watched", "same", "taken"):
            SourceFile.objects.create(
                source=source, name=f"{state}.csv", size=10, state=state, seen_at=NOW
            )
        SourceFile.objects.create(
            source=source,
            name="bad.csv",
            size=10,
            state="refused",
            error="“%(name)s” is larger than 20 MB.",
            error_facts={"name": "bad.csv"},
            seen_at=NOW,
        )

    page = owner.get(place("integration", files.pk)).content.decode()

    for words in ("Still being written", "The same once more", "“bad.csv” is larger than 20 MB."):
        assert words in page


def test_a_web_address_must_be_https(owner, files, monkeypatch):
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS", raising=False)

    page = owner.post(
        place("source_edit", files.pk, "https"), {"url": "http://shop.example/x.csv", **HABITS}
    )

    assert "must begin with https://" in page.content.decode()
