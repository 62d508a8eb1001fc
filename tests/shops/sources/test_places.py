"""Folders, SFTP servers and addresses of the web: what lies there is read, and nothing that does not."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import asyncssh
import pytest

from rientro.shops.base import AuthFailed, InvalidRequest, RateLimited, Unavailable
from rientro.shops.sources.base import (
    HostKeyChanged,
    Listed,
    StillWritten,
    TooLarge,
    Where,
    is_plain,
    stamped,
)
from rientro.shops.sources.registry import visit
from rientro.shops.sources.sftp import fingerprint_of, is_private_key, shown_key
from tests.fake_server import Answer, FakeServer, Heard, running
from tests.sftp_server import PASSWORD, USER, Server, sftp_server

MOST = 1000


@pytest.fixture(autouse=True)
def _private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "drop" / "7"
    folder.mkdir(parents=True)
    return folder


def in_folder(own: Path, folder: str = "") -> Where:
    return Where(kind="folder", place={"folder": folder}, credentials={}, root=str(own))


def over_sftp(server: Server, **changes: Any) -> Where:
    place = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "path": "",
        "host_key": server.host_key,
    }
    credentials = {"password": PASSWORD} | changes.pop("credentials", {})
    return Where(kind="sftp", place=place | changes, credentials=credentials)


def names(where: Where) -> list[str]:
    with visit(where) as place:
        return sorted(each.name for each in place.look())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    root = tmp_path / "server"
    root.mkdir()
    with sftp_server(root) as server:
        yield server


@pytest.fixture(params=["folder", "sftp"])
def place(request: pytest.FixtureRequest, own: Path) -> Iterator[tuple[Path, Where]]:
    """What both kinds of folders do alike: (the folder on the disk, where it is)."""
    if request.param == "folder":
        yield own, in_folder(own)
        return
    with sftp_server(own) as server:
        yield own, over_sftp(server)


def test_plain_files_alone_are_shown(place):
    disk, where = place
    (disk / "orders.csv").write_text("a")
    (disk / ".hidden.csv").write_text("a")
    (disk / "half.csv.part").write_text("a")
    (disk / "sub").mkdir()
    (disk / "sub" / "deep.csv").write_text("a")
    os.mkfifo(disk / "pipe.csv")
    (disk / "link.csv").symlink_to(disk / "orders.csv")
    (disk / "out.csv").symlink_to("/etc/hostname")

    assert names(where) == ["orders.csv"]


def test_a_file_is_read_whole_and_moved(place):
    disk, where = place
    (disk / "orders.csv").write_bytes(b"number\n1\n")

    with visit(where) as there:
        (listed,) = there.look()
        assert there.read(listed, most_bytes=MOST) == b"number\n1\n"
        moved = there.move(listed, "done", stamp="1")

    assert moved == "done/orders.1.csv"
    assert (disk / "done" / "orders.1.csv").read_bytes() == b"number\n1\n"
    assert names(where) == []
    assert abs((listed.changed_at - datetime.now(UTC)).total_seconds()) < 60


def test_a_file_that_changes_meanwhile_is_neither_read_nor_moved(place):
    disk, where = place
    file = disk / "orders.csv"
    file.write_bytes(b"number\n1\n")

    with visit(where) as there:
        (listed,) = there.look()
        file.write_bytes(b"number\n1\n2\n")
        with pytest.raises(StillWritten):
            there.read(listed, most_bytes=MOST)
        with pytest.raises(StillWritten):
            there.move(listed, "done", stamp="1")
        file.unlink()
        with pytest.raises(StillWritten):
            there.read(listed, most_bytes=MOST)

    assert not (disk / "done").exists()


def test_a_file_that_becomes_a_link_is_not_followed(place):
    disk, where = place
    file = disk / "orders.csv"
    file.write_bytes(b"x" * 9)
    (disk.parent / "secret.csv").write_bytes(b"s" * 9)

    with visit(where) as there:
        (listed,) = there.look()
        file.unlink()
        file.symlink_to(disk.parent / "secret.csv")
        with pytest.raises(StillWritten):
            there.read(listed, most_bytes=MOST)


def test_a_large_file_is_not_read(place):
    disk, where = place
    (disk / "orders.csv").write_bytes(b"x" * (MOST + 1))

    with visit(where) as there, pytest.raises(TooLarge):
        there.read(there.look()[0], most_bytes=MOST)


def test_a_hundred_megabytes_are_refused_at_once(place):
    disk, where = place
    with (disk / "orders.csv").open("wb") as file:
        file.truncate(100 * 1024 * 1024)

    began = time.monotonic()
    with visit(where) as there, pytest.raises(TooLarge):
        there.read(there.look()[0], most_bytes=20 * 1024 * 1024)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/b.csv", "", ".x", "a\0b", "a\nb", "x" * 256, "a\\b"]
)
def test_a_name_is_no_path(name):
    assert not is_plain(name)


def test_a_stamp_goes_before_the_ending():
    assert (stamped("a.b.csv", "1"), stamped("orders", "1")) == ("a.b.1.csv", "orders.1")


# Folders of this machine


@pytest.mark.parametrize(
    "folder", ["../8", "..", "a/../../8", "/../8", ".ssh", "a/.b", "x\0y", "..\\8"]
)
def test_another_merchants_folder_cannot_be_written_down(own, folder):
    other = own.parent / "8"
    other.mkdir()
    (other / "orders.csv").write_text("theirs")

    with pytest.raises(InvalidRequest):
        names(in_folder(own, folder))


def test_a_folder_that_is_a_link_is_not_entered(own):
    other = own.parent / "8"
    other.mkdir()
    (other / "orders.csv").write_text("theirs")
    (own / "in").symlink_to(other)

    with pytest.raises(InvalidRequest, match="no folder"):
        names(in_folder(own, "in"))


def test_a_done_folder_that_is_a_link_takes_nothing(own):
    other = own.parent / "8"
    other.mkdir()
    (own / "done").symlink_to(other)
    (own / "orders.csv").write_text("mine")

    with visit(in_folder(own)) as there, pytest.raises(InvalidRequest):
        there.move(there.look()[0], "done", stamp="1")

    assert list(other.iterdir()) == []


def test_folders_below_the_own_one_are_entered(own):
    (own / "shop" / "new").mkdir(parents=True)
    (own / "shop" / "new" / "orders.csv").write_text("x")

    assert names(in_folder(own, "/shop/new/")) == ["orders.csv"]


def test_without_a_folder_of_the_operator_none_is_read():
    where = Where(kind="folder", place={"folder": ""}, credentials={}, root="")

    with pytest.raises(InvalidRequest, match="RIENTRO_IMPORT_DIR"):
        names(where)


def test_a_merchant_without_a_folder_is_told_which(own):
    with pytest.raises(InvalidRequest, match="“9”"):
        names(in_folder(own.parent / "9"))


# SFTP


def test_a_servers_key_is_shown_before_anything_is_said(server):
    key, fingerprint = shown_key("127.0.0.1", server.port)

    assert key.split()[:2] == server.host_key.split()[:2]
    assert fingerprint == server.fingerprint == fingerprint_of(key)
    assert server.logins == []


def test_another_key_is_refused_and_hears_no_password(server, tmp_path):
    with sftp_server(tmp_path) as other, pytest.raises(HostKeyChanged):
        names(over_sftp(server, port=other.port))
    assert other.logins == []


def test_without_an_agreed_key_nothing_is_sent(server):
    with pytest.raises(HostKeyChanged):
        names(over_sftp(server, host_key=""))
    assert server.logins == []


def test_a_wrong_password_is_said(server):
    with pytest.raises(AuthFailed, match="password"):
        names(over_sftp(server, credentials={"password": "wrong"}))
    assert server.logins == [(USER, "wrong")]


def test_a_key_opens_as_well(server):
    server.client_key = asyncssh.generate_private_key("ssh-ed25519")
    text = server.client_key.export_private_key("openssh").decode()
    sealed = server.client_key.export_private_key("pkcs8-pem", passphrase="open").decode()
    (server.root / "orders.csv").write_text("x")

    assert names(over_sftp(server, credentials={"key": text, "password": ""})) == ["orders.csv"]
    assert names(over_sftp(server, credentials={"key": sealed, "password": "open"})) == [
        "orders.csv"
    ]
    assert is_private_key(text)
    assert is_private_key(sealed, "open")
    assert not is_private_key(sealed)
    with pytest.raises(AuthFailed):
        names(over_sftp(server, credentials={"key": "nonsense"}))


def test_a_missing_folder_is_said(server):
    with pytest.raises(InvalidRequest, match="no such folder"):
        names(over_sftp(server, path="nowhere"))


def test_a_server_that_is_none_is_unavailable(server):
    class Http(FakeServer):
        ROUTES: ClassVar[dict[str, str]] = {}

        def refused(self, heard: Heard) -> None:
            return None

    with running(Http()) as web, pytest.raises(Unavailable):
        names(over_sftp(server, port=web.port))
    with pytest.raises(Unavailable):
        names(over_sftp(server, port=1))


def test_a_private_address_is_closed_unless_the_operator_opens_it(server, monkeypatch):
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")

    for host in ("127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1"):
        with pytest.raises(InvalidRequest, match="private network"):
            names(over_sftp(server, host=host))
        with pytest.raises(InvalidRequest):
            shown_key(host, server.port)
    with pytest.raises(InvalidRequest, match="Port 25"):
        names(over_sftp(server, host="mail.example", port=25))
    assert server.logins == []


# The web


class Files(FakeServer):
    ROUTES: ClassVar[dict[str, str]] = {
        "GET /export/orders.csv": "file",
        "GET /open": "hop",
        "GET /other": "other",
        "GET /round": "round",
    }

    def __init__(self) -> None:
        super().__init__()
        self.content, self.tag, self.wanted, self.status = b"number\n1\n", "", "", 200
        self.hop_to = ""

    def refused(self, heard: Heard) -> Answer | None:
        if self.wanted and heard.headers.get("authorization") != self.wanted:
            return Answer(401, {})
        return None

    def file(self, heard: Heard) -> Answer:
        if self.tag and heard.headers.get("if-none-match") == self.tag:
            return Answer(304)
        headers = {"ETag": self.tag} if self.tag else {}
        return Answer(self.status, body=self.content, headers=headers)

    def hop(self, heard: Heard) -> Answer:
        return Answer(302, headers={"Location": self.hop_to})

    def round(self, heard: Heard) -> Answer:
        return Answer(302, headers={"Location": "/round"})


@pytest.fixture
def web() -> Iterator[Files]:
    with running(Files()) as server:
        yield server


def at(web: Files, path: str = "/export/orders.csv", mark: str = "", **told: str) -> Where:
    return Where(kind="https", place={"url": web.url + path}, credentials=told, mark=mark)


def test_an_address_is_one_file_with_the_name_at_its_end(web):
    with visit(at(web)) as there:
        (listed,) = there.look()
        assert listed == Listed(name="orders.csv", size=9)
        assert there.read(listed, most_bytes=MOST) == b"number\n1\n"


def test_what_has_not_changed_is_not_sent_again(web):
    web.tag = '"one"'
    with visit(at(web)) as there:
        there.look()
        mark = there.mark

    assert names(at(web, mark=mark)) == []
    web.tag = '"two"'
    assert names(at(web, mark=mark)) == ["orders.csv"]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"user": "brina", "password": "sesame"}, "Basic YnJpbmE6c2VzYW1l"),
        ({"bearer": "token"}, "Bearer token"),
    ],
)
def test_keys_of_both_kinds_open(web, told, wanted):
    web.wanted = wanted

    assert names(at(web, **told)) == ["orders.csv"]
    with pytest.raises(AuthFailed):
        names(at(web))


def test_keys_do_not_travel_to_another_machine(web):
    with running(Files()) as other:
        web.hop_to = f"{other.url}/export/orders.csv"

        assert names(at(web, "/open", bearer="token")) == ["open"]

        assert "authorization" not in other.heard[0].headers
        assert web.heard[0].headers["authorization"] == "Bearer token"


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, InvalidRequest), (403, AuthFailed), (500, Unavailable), (429, RateLimited)],
)
def test_answers_that_are_no_file_are_said(web, status, error):
    web.status = status

    with pytest.raises(error):
        names(at(web))


def test_an_endless_round_ends(web):
    with pytest.raises(InvalidRequest, match="on and on"):
        names(at(web, "/round"))


def test_more_than_twenty_megabytes_are_not_read(web):
    web.content = b"x" * (21 * 1024 * 1024)

    with pytest.raises(TooLarge):
        names(at(web))


def test_only_https_to_public_addresses_without_the_operators_word(web, monkeypatch):
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")

    with pytest.raises(InvalidRequest, match="https"):
        names(at(web))
    with pytest.raises(InvalidRequest):
        names(Where(kind="https", place={"url": "https://127.0.0.1/x.csv"}, credentials={}))
    assert web.heard == []
