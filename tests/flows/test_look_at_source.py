"""Files that are fetched by themselves: once each, whole, by their columns; trouble is said and mends itself."""

import io
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from rientro.flows.delete_integration import delete_integration
from rientro.flows.look_at_source import look_at_source
from rientro.flows.purge_expired import purge_expired
from rientro.flows.queue_import import Habits, queue_import
from rientro.flows.save_source import (
    HostKeyUnknown,
    IncompleteSource,
    SourceWish,
    look_into_source,
    pause_source,
    remove_source,
    save_source,
)
from rientro.kit import clock
from rientro.kit.crypto import unseal
from rientro.kit.locks import alive_lock
from rientro.kit.tables import open_table
from rientro.kit.tenancy import acting_for
from rientro.models import (
    Event,
    FileSource,
    ImportRefusal,
    ImportRun,
    Integration,
    Merchant,
    Order,
    SourceFile,
)
from rientro.models.source_books import due_sources
from rientro.shops.base import AuthFailed, InvalidRequest
from tests import makers
from tests.fake_server import running
from tests.flows.test_run_import import BELT, HEADINGS, SCARF
from tests.sftp_server import PASSWORD, USER, sftp_server
from tests.shops.sources.test_places import Files

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = f"{HEADINGS};Something new"


class Desk:
    """A merchant with a folder, and a clock of its own."""

    def __init__(self, folder: Path, merchant: Merchant, shop: Integration) -> None:
        self.folder, self.merchant, self.shop = folder, merchant, shop
        self.now = clock.now()

    def save(self, **changes: Any) -> FileSource:
        wish = {"kind": "folder", "place": {"folder": ""}} | changes
        source, _ = save_source(
            integration=self.shop, wish=SourceWish(**wish), actor="member:1", now=self.now
        )
        return source

    def put(self, name: str, *rows: str, headings: str = HEADINGS, old: int = 120) -> Path:
        return self.put_bytes(name, "\n".join([headings, *rows]).encode(), old=old)

    def put_bytes(self, name: str, content: bytes, *, old: int = 120) -> Path:
        file = self.folder / name
        file.write_bytes(content)
        moment = self.now.timestamp() - old
        os.utime(file, (moment, moment))
        return file

    def look(self, jobs: Any, *, after_min: int = 0) -> FileSource:
        """What the clock does: a look, and the runs that it posted."""
        self.now += timedelta(minutes=after_min)
        (source,) = rows(FileSource)
        look_at_source(source=source, now=self.now)
        jobs.run()
        return rows(FileSource)[0]

    def agree(self, jobs: Any) -> None:
        """A person confirms the columns of the file that waits."""
        waiting = rows(ImportRun, status="preview")[0]
        columns = {"number": "Order", "ordered_on": "Date", "name": "Name", "street": "Street"}
        columns |= {"house_number": "No", "postal_code": "Postal code", "city": "City"}
        columns |= {"country": "Country", "email": "E-mail", "item": "Item", "sku": "SKU"}
        columns |= {"quantity": "Qty", "price": "Price"}
        known = {
            code: name for code, name in columns.items() if name in waiting.options["headings"]
        }
        queue_import(
            run=waiting, mapping=waiting.mapping | known, habits=Habits(decimal=","), now=self.now
        )
        jobs.run()


@pytest.fixture
def desk(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    settings.IMPORT_DIR = str(tmp_path)
    with transaction.atomic():
        merchant = makers.make_merchant()
    folder = tmp_path / str(merchant.pk)
    folder.mkdir()
    with acting_for(merchant.pk):
        with transaction.atomic():
            makers.make_address(makers.make_brand(slug="brina"))
            shop = makers.make_integration(system="csv")
        yield Desk(folder, merchant, shop)


@pytest.fixture
def known(desk: Desk, jobs: Any) -> Desk:
    """A desk where a person has confirmed a first file."""
    desk.save()
    desk.put("first.csv", SCARF)
    desk.look(jobs)
    desk.agree(jobs)
    desk.look(jobs, after_min=15)
    return desk


@transaction.atomic
def rows(model: Any, **wanted: Any) -> list[Any]:
    return list(model.objects.filter(**wanted).order_by("pk"))


def numbers() -> list[str]:
    return sorted(order.number for order in rows(Order))


def files() -> list[tuple[str, str]]:
    return [(row.name, row.state) for row in rows(SourceFile)]


def events() -> list[str]:
    names = [event.name for event in rows(Event, name__startswith="integration.")]
    return [name.removeprefix("integration.") for name in names if name != "integration.changed"]


def test_a_first_file_waits_for_a_person_and_the_next_ones_run_by_themselves(desk, jobs):
    desk.save()
    desk.put("monday.csv", SCARF, BELT)

    source = desk.look(jobs)

    assert (source.state, numbers()) == ("waiting", [])
    assert "monday.csv" in source.last_error % source.error_facts
    assert events() == []  # a first file is as it should be
    desk.agree(jobs)
    assert numbers() == ["BR-1"]
    desk.put("tuesday.csv", SCARF.replace("BR-1", "BR-2"))
    source = desk.look(jobs, after_min=15)
    assert (source.state, source.last_error, numbers()) == ("ok", "", ["BR-1", "BR-2"])
    assert [run.actor for run in rows(ImportRun)] == ["clock", "clock"]


def test_a_file_is_read_once_however_often_it_is_looked_at(known, jobs):
    for _ in range(4):
        known.look(jobs, after_min=15)

    assert files() == [("first.csv", "taken")]
    assert len(rows(ImportRun)) == 1


def test_the_same_content_put_there_again_is_no_news_and_a_change_is(known, jobs):
    known.put("first.csv", SCARF, old=61)
    known.look(jobs, after_min=15)
    assert files() == [("first.csv", "taken"), ("first.csv", "same")]
    assert len(rows(ImportRun)) == 1

    known.put("first.csv", SCARF, SCARF.replace("BR-1", "BR-7"))
    known.look(jobs, after_min=15)

    assert files()[2:] == [("first.csv", "taken")]
    assert numbers() == ["BR-1", "BR-7"]


def test_half_a_file_waits_until_it_is_whole(known, jobs):
    known.put("half.csv", SCARF.replace("BR-1", "BR-2")[:40], old=5)
    source = known.look(jobs)
    assert files()[-1] == ("half.csv", "watched")
    assert source.next_at == known.now + timedelta(minutes=2)

    known.put("half.csv", SCARF.replace("BR-1", "BR-2"), old=5)
    known.look(jobs, after_min=2)

    assert numbers() == ["BR-1", "BR-2"] or files()[-1] == ("half.csv", "watched")
    known.look(jobs, after_min=2)
    assert files()[-1] == ("half.csv", "taken")
    assert numbers() == ["BR-1", "BR-2"]
    assert len([row for row in rows(SourceFile) if row.name == "half.csv"]) == 1


def test_a_file_stamped_in_the_future_is_read_once_two_looks_agree(known, jobs):
    known.put("ahead.csv", SCARF.replace("BR-1", "BR-3"), old=-3600)

    known.look(jobs)
    assert "BR-3" not in numbers()
    known.look(jobs, after_min=2)

    assert "BR-3" in numbers()


def test_other_headings_wait_and_the_integration_says_so_until_somebody_looked(known, jobs):
    known.put("other.csv", f"{SCARF};x", headings=OTHER)

    source = known.look(jobs, after_min=15)

    assert source.state == "waiting"
    assert rows(Integration)[0].failing_since == known.now
    assert events() == ["failing"]
    known.agree(jobs)
    source = known.look(jobs, after_min=15)
    assert (source.state, events()) == ("ok", ["failing", "recovered"])
    assert rows(Integration)[0].failing_since is None


def test_two_files_that_wait_need_one_person(desk, jobs):
    desk.save()
    desk.put("a.csv", SCARF, old=300)
    desk.put("b.csv", SCARF.replace("BR-1", "BR-2"))
    desk.look(jobs)
    assert due(desk) == []
    desk.agree(jobs)

    assert len(due(desk)) == 1  # at once, not when its time comes
    desk.look(jobs)

    assert numbers() == ["BR-1", "BR-2"]


def test_read_files_are_moved_by_what_came_of_them(desk, jobs):
    desk.save(after="move")
    desk.put("good.csv", SCARF)
    desk.look(jobs)
    assert (desk.folder / "good.csv").exists()  # it waits for its columns
    desk.agree(jobs)
    desk.put("bad.csv", SCARF.replace("Italia", "Atlantis").replace("BR-1", "BR-9"))
    desk.put_bytes("picture.csv", b"\xd0\xcf\x11\xe0 an old workbook")
    desk.look(jobs, after_min=15)
    desk.look(jobs, after_min=2)

    left = sorted(path.name for path in desk.folder.iterdir() if path.is_file())
    done = sorted(path.name for path in (desk.folder / "done").iterdir())
    failed = sorted(path.name for path in (desk.folder / "failed").iterdir())
    assert left == []
    assert [name.split(".")[0] for name in done] == ["good"]
    assert [name.split(".")[0] for name in failed] == ["bad", "picture"]
    assert all(row.settled_at and row.moved_to for row in rows(SourceFile))
    assert [refusal.order_number for refusal in rows(ImportRefusal)] == ["BR-9"]

    desk.put("good.csv", SCARF)  # put there once more
    desk.look(jobs, after_min=15)
    desk.look(jobs, after_min=15)
    assert not (desk.folder / "good.csv").exists()
    assert len(rows(ImportRun)) == 2


def test_bad_rows_are_refused_alone_and_a_bad_file_is_said_and_forgotten(known, jobs):
    known.put("mixed.csv", SCARF.replace("BR-1", "BR-4"), SCARF.replace("Italia", "Atlantis"))
    source = known.look(jobs, after_min=15)
    assert (source.state, numbers()) == ("ok", ["BR-1", "BR-4"])
    assert "Atlantis" in rows(ImportRefusal)[0].reason

    known.put_bytes("broken.csv", b"")
    source = known.look(jobs, after_min=15)
    assert source.state == "failing"
    assert "broken.csv" in source.last_error % source.error_facts
    assert events() == ["failing"]

    known.put("next.csv", SCARF.replace("BR-1", "BR-5"))
    known.look(jobs, after_min=15)
    source = known.look(jobs, after_min=15)
    assert (source.state, events()) == ("ok", ["failing", "recovered"])


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (300 * 1024 * 1024))
    return out.getvalue()


def test_bombs_and_giants_are_refused_with_words(known, jobs):
    known.put_bytes("bomb.xlsx", _bomb())
    with (known.folder / "giant.csv").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    os.utime(known.folder / "giant.csv", (1, 1))

    source = known.look(jobs, after_min=15)

    assert source.state == "failing"
    refused = {row.name: row.error % row.error_facts for row in rows(SourceFile, state="refused")}
    assert set(refused) == {"bomb.xlsx", "giant.csv"}
    assert "20 MB" in refused["giant.csv"]
    assert len(rows(ImportRun)) == 1


def test_only_the_named_files_are_read(desk, jobs):
    desk.save(pattern="orders-*.csv, *.xlsx")
    desk.put("orders-1.csv", SCARF)
    desk.put("ORDERS-2.CSV", SCARF)
    desk.put("stock.csv", SCARF)

    desk.look(jobs)

    assert sorted(name for name, _ in files()) == ["ORDERS-2.CSV", "orders-1.csv"]
    seen = look_into_source(source=rows(FileSource)[0])
    assert ([each.name for each in seen.wanted], seen.others) == (
        ["ORDERS-2.CSV", "orders-1.csv"],
        1,
    )


def test_a_merchant_never_reads_anothers_folder(desk, jobs, tmp_path):
    other = tmp_path / "999"
    other.mkdir()
    (other / "theirs.csv").write_text(f"{HEADINGS}\n{SCARF}")
    os.utime(other / "theirs.csv", (1, 1))
    (desk.folder / "link.csv").symlink_to(other / "theirs.csv")
    (desk.folder / "in").symlink_to(other)

    for folder in ("../999", "in", "..", "/999"):
        with pytest.raises(InvalidRequest):
            desk.save(place={"folder": folder})
    desk.save()
    desk.look(jobs)

    assert rows(SourceFile) == []


def test_two_workers_at_once_read_a_file_once(desk, jobs):
    desk.save()
    desk.put("a.csv", SCARF)
    source = rows(FileSource)[0]

    with alive_lock(f"file_source:{source.merchant_id}:{source.pk}"):
        look_at_source(source=source, now=desk.now)

    assert rows(SourceFile) == []


def test_a_look_that_dies_in_between_repeats_and_loses_nothing(desk, jobs, monkeypatch):
    desk.save()
    desk.put("a.csv", SCARF)
    source = rows(FileSource)[0]

    class Died(Exception): ...

    def die(point: str) -> None:
        raise Died(point)

    monkeypatch.setattr("rientro.flows.look_at_source.mark", die)
    with pytest.raises(Died):
        look_at_source(source=source, now=desk.now)
    assert (rows(SourceFile), rows(ImportRun)) == ([], [])
    monkeypatch.undo()

    look_at_source(source=source, now=desk.now)

    assert (len(rows(SourceFile)), len(rows(ImportRun))) == (1, 1)


# SFTP


def _wish(server: Any, **changes: Any) -> dict[str, Any]:
    place = {"host": "127.0.0.1", "port": server.port, "user": USER, "path": ""}
    place |= {"host_key": server.host_key}
    return {
        "kind": "sftp",
        "place": place | changes.pop("place", {}),
        "credentials": {"password": PASSWORD},
    } | changes


def test_a_servers_key_is_agreed_on_before_the_password_is_sent(desk, jobs):
    with sftp_server(desk.folder) as server:
        with pytest.raises(HostKeyUnknown) as caught:
            desk.save(**_wish(server, place={"host_key": ""}))
        assert caught.value.facts["fingerprint"] == server.fingerprint
        assert server.logins == []
        assert rows(FileSource) == []

        source = desk.save(**_wish(server, place={"host_key": caught.value.facts["host_key"]}))

        assert server.logins == [(USER, PASSWORD)]
        assert PASSWORD not in source.credentials
        assert unseal(source.credentials) == {"password": PASSWORD}


def test_a_server_is_read_and_its_files_are_moved(desk, jobs):
    with sftp_server(desk.folder) as server:
        desk.save(**_wish(server, after="move"))
        desk.put("a.csv", SCARF)
        desk.look(jobs)
        desk.agree(jobs)
        desk.look(jobs, after_min=15)

    assert numbers() == ["BR-1"]
    assert [path.name.split(".")[0] for path in (desk.folder / "done").iterdir()] == ["a"]


def test_another_host_key_marks_the_integration_and_the_right_one_mends_it(desk, jobs):
    with sftp_server(desk.folder) as server:
        desk.save(**_wish(server))
        port, key = server.port, server.key
    with sftp_server(desk.folder, port=port) as other:
        source = desk.look(jobs)
        assert source.state == "broken"
        assert "another key" in source.last_error
        assert (other.logins, events()) == ([], ["failing"])
    with sftp_server(desk.folder, port=port, key=key):
        source = desk.look(jobs, after_min=60)
        assert (source.state, events()) == ("ok", ["failing", "recovered"])


def test_a_wrong_password_is_not_kept(desk, jobs):
    with sftp_server(desk.folder) as server, pytest.raises(AuthFailed):
        desk.save(**_wish(server, credentials={"password": "wrong"}))
    assert rows(FileSource) == []


def test_a_server_that_is_away_is_said_after_a_while(desk, jobs):
    with sftp_server(desk.folder) as server:
        desk.save(**_wish(server))

    states = [desk.look(jobs, after_min=15).state for _ in range(3)]

    assert states == ["ok", "ok", "failing"]
    assert events() == ["failing"]
    assert rows(FileSource)[0].next_at > desk.now


def test_what_is_kept_opens_no_other_server(desk, jobs):
    with sftp_server(desk.folder) as server, sftp_server(desk.folder) as other:
        desk.save(**_wish(server))
        desk.save(**_wish(server, credentials={}, pattern="*.csv"))
        assert unseal(rows(FileSource)[0].credentials) == {"password": PASSWORD}

        with pytest.raises(AuthFailed):
            desk.save(**_wish(other, credentials={}))
        assert (USER, PASSWORD) not in other.logins


# The web


def test_an_address_of_the_web_is_read_when_its_content_changes(desk, jobs):
    with running(Files()) as web:
        web.content = f"{HEADINGS}\n{SCARF}".encode()
        desk.save(kind="https", place={"url": f"{web.url}/export/orders.csv"})
        desk.look(jobs)
        desk.agree(jobs)
        for _ in range(3):  # a server that tells no ETag sends it each time
            desk.look(jobs, after_min=15)
        assert (len(rows(ImportRun)), numbers()) == (1, ["BR-1"])

        web.content, web.tag = f"{HEADINGS}\n{SCARF.replace('BR-1', 'BR-2')}".encode(), '"2"'
        desk.look(jobs, after_min=15)
        desk.look(jobs, after_min=15)
        assert web.heard[-1].headers["if-none-match"] == '"2"'
        web.status, web.tag = 500, ""
        states = [desk.look(jobs, after_min=15).state for _ in range(3)]
        web.status = 200
        states.append(desk.look(jobs, after_min=15).state)

    assert (len(rows(ImportRun)), numbers()) == (2, ["BR-1", "BR-2"])
    assert states == ["ok", "ok", "failing", "ok"]
    assert events() == ["failing", "recovered"]


def test_a_file_that_nobody_looked_at_for_a_week_waits_anew(desk, jobs):
    desk.save()
    desk.put("a.csv", SCARF)
    desk.look(jobs)

    purge_expired(now=desk.now + timedelta(days=8))
    desk.look(jobs, after_min=8 * 1440)

    assert [run.status for run in rows(ImportRun)] == ["preview"]
    assert rows(FileSource)[0].state == "waiting"


# When


def test_places_are_due_by_their_rhythm(desk, jobs):
    desk.save(every_min=1440, at_hour=6)
    assert len(due(desk)) == 1
    source = desk.look(jobs)

    assert due(desk) == []
    there = source.next_at.astimezone(ZoneInfo(desk.merchant.time_zone))
    assert (there.hour, there.minute) == (6, 0)
    assert timedelta() < source.next_at - desk.now <= timedelta(days=1)

    pause_source(source=source, paused=True, actor="member:1", now=desk.now)
    desk.now += timedelta(days=3)
    assert due(desk) == []


@transaction.atomic
def due(desk: Desk) -> Any:
    return due_sources(now=desk.now)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"kind": "ftp"}, "kind"),
        ({"every_min": 1}, "every_min"),
        ({"every_min": 1440, "at_hour": 24}, "every_min"),
        ({"kind": "sftp", "place": {"user": "x"}}, "host"),
        ({"kind": "sftp", "place": {"host": "x"}}, "user"),
        ({"kind": "https", "place": {"url": "ftp://x"}}, "url"),
        ({"kind": "https", "place": {"url": "https://[bad/x.csv"}}, "url"),
        ({"kind": "https", "place": {"url": "https://u:p@shop.example/x"}}, "url"),
    ],
)
def test_what_is_missing_is_named(desk, wish, field):
    with pytest.raises(IncompleteSource) as caught:
        desk.save(**wish)
    assert caught.value.facts["field"] == field


def test_a_disconnected_integration_forgets_its_place(known, jobs):
    with transaction.atomic():
        delete_integration(integration=known.shop, actor="member:1", now=known.now)

    assert (rows(FileSource), rows(SourceFile), numbers()) == ([], [], ["BR-1"])


@pytest.mark.parametrize("how", ["integration", "place"])
def test_what_was_taken_away_while_it_was_read_leaves_nothing(known, jobs, monkeypatch, how):
    known.put("late.csv", SCARF.replace("BR-1", "BR-8"))
    source = rows(FileSource)[0]

    def meanwhile(content: bytes) -> Any:
        if how == "integration":
            delete_integration(integration=known.shop, actor="member:1", now=known.now)
        else:
            remove_source(source=source, actor="member:1", now=known.now)
        return open_table(content)

    monkeypatch.setattr("rientro.flows.look_at_source.open_table", meanwhile)
    look_at_source(source=source, now=known.now + timedelta(minutes=15))

    jobs.run()
    assert (rows(FileSource), numbers(), len(rows(ImportRun))) == ([], ["BR-1"], 1)


def test_a_place_that_is_removed_leaves_the_orders(known, jobs):
    remove_source(source=rows(FileSource)[0], actor="member:1", now=known.now)

    assert (rows(FileSource), numbers(), len(rows(ImportRun))) == ([], ["BR-1"], 1)


def test_what_a_file_was_is_forgotten_only_when_another_followed(known, jobs):
    known.put("first.csv", SCARF, old=61)
    known.look(jobs, after_min=15)

    purge_expired(now=known.now + timedelta(days=91))

    assert files() == [("first.csv", "same")]
