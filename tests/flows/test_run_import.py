"""A file of orders, from the upload to the last refused row."""

from datetime import UTC, datetime, timedelta

import pytest

from rientro.flows.purge_expired import purge_expired
from rientro.flows.queue_import import (
    AlreadyOnItsWay,
    ColumnsMissing,
    Habits,
    queue_import,
    settle_columns,
)
from rientro.flows.read_file import read_file
from rientro.flows.run_import import run_import
from rientro.kit.locks import alive_lock
from rientro.kit.tables import TableRefused
from rientro.models import (
    Charge,
    ColumnMapping,
    Event,
    ImportRefusal,
    ImportRun,
    LedgerEntry,
    Merchant,
    Order,
    OrderLine,
    StoredDocument,
)
from tests import makers

NOW = makers.NOW
HEADINGS = "Order;Date;Name;Street;No;Postal code;City;Country;E-mail;Item;SKU;Qty;Price"
SCARF = "BR-1;10.11.2026;Giulia Ferrero;Corso Moncalieri;14;10131;Torino;Italia;g@example.test;Scarf;SC-1;2;46,00"
BELT = "BR-1;10.11.2026;Giulia Ferrero;Corso Moncalieri;14;10131;Torino;Italia;g@example.test;Belt;B-1;1;1.020,50"


@pytest.fixture
def shop(merchant):
    makers.make_address(makers.make_brand())
    return makers.make_integration(system="csv")


def upload(shop, *rows, encoding="utf-8"):
    content = "\n".join([HEADINGS, *rows]).encode(encoding)
    return read_file(
        integration=shop, content=content, file_name="orders.csv", actor="member:1", now=NOW
    )


def bring_in(shop, *rows, **more):
    run = queue_import(run=upload(shop, *rows, **more), now=NOW)
    return run_import(run=run, now=NOW)


def counts(run):
    return run.orders_created, run.orders_updated, run.orders_unchanged, run.rows_refused


def test_rows_of_one_order_become_its_lines(shop, jobs):
    run = upload(shop, SCARF, BELT)
    queue_import(run=run, now=NOW)

    jobs.run()

    order = Order.objects.get()
    run.refresh_from_db()
    assert (run.status, run.rows_total, run.rows_done) == ("done", 2, 2)
    assert counts(run) == (1, 0, 0, 0)
    assert (order.number, order.country, order.total_minor) == ("BR-1", "IT", 2 * 4600 + 102050)
    assert order.ordered_at == datetime(2026, 11, 9, 23, 0, tzinfo=UTC)  # midnight in Rome
    assert list(order.lines.order_by("position").values_list("sku", "quantity", "price_minor")) == [
        ("SC-1", 2, 4600),
        ("B-1", 1, 102050),
    ]
    assert (Charge.objects.count(), LedgerEntry.objects.count()) == (0, 0)


def test_the_same_file_twice_changes_nothing(shop):
    bring_in(shop, SCARF, BELT)
    before = list(Order.objects.values()), list(OrderLine.objects.order_by("pk").values())

    again = bring_in(shop, SCARF, BELT)

    assert counts(again) == (0, 0, 1, 0)
    assert (list(Order.objects.values()), list(OrderLine.objects.order_by("pk").values())) == before


def test_rows_of_an_order_may_be_spread_over_the_file(shop, monkeypatch):
    monkeypatch.setattr("rientro.flows.run_import.BATCH", 2)
    others = [SCARF.replace("BR-1", f"BR-{n}") for n in range(2, 8)]

    run = bring_in(shop, SCARF, *others, BELT)

    assert counts(run) == (7, 0, 0, 0)
    assert Order.objects.get(number="BR-1").lines.count() == 2


def test_a_row_without_a_number_continues_the_order_above(shop):
    run = bring_in(shop, SCARF, ";;;;;;;;;Belt;B-1;1;20")

    assert counts(run) == (1, 0, 0, 0)
    assert OrderLine.objects.count() == 2


def test_every_row_of_a_bad_order_is_kept_with_its_reason(shop):
    bad = BELT.replace(";1;1.020,50", ";none;1.020,50").replace("BR-1", "BR-2")

    run = bring_in(shop, SCARF, SCARF.replace("BR-1", "BR-2"), bad, ";;;;;;;;;;;;", "x;y")

    rows = list(ImportRefusal.objects.order_by("row_number").values_list("row_number", "reason"))
    assert counts(run) == (1, 0, 0, 3)
    assert rows == [
        (3, "See row 4: same order."),
        (4, "“none” is no number of pieces."),
        (6, "“y” cannot be read as a date."),
    ]
    refusal = ImportRefusal.objects.get(row_number=4)
    assert (refusal.order_number, refusal.cells) == ("BR-2", bad.split(";"))


def test_nobody_could_find_an_order_without_code_mail_and_receipt(shop):
    bare = SCARF.replace("10131", "").replace("g@example.test", "")

    run = bring_in(shop, bare)

    assert run.rows_refused == 1
    assert "nobody can find" in ImportRefusal.objects.get().reason


def test_a_till_receipt_needs_no_address(shop):
    content = b"Order;Date;Receipt;Item\nT-1;10.11.2026;RC 00-17;Scarf"
    run = read_file(integration=shop, content=content, file_name="till.csv", actor="m", now=NOW)

    run_import(run=queue_import(run=run, now=NOW), now=NOW)

    order = Order.objects.get()
    assert (order.channel, order.receipt_norm, order.postal_norm) == ("store", "rc0017", "")


def test_a_status_cancels_the_order_and_a_later_file_brings_it_back(shop):
    content = "Order;Date;E-mail;Status\nA;10.11.2026;a@example.test;{}"

    def bring(status):
        run = read_file(
            integration=shop,
            content=content.format(status).encode(),
            file_name="x.csv",
            actor="m",
            now=NOW,
        )
        run_import(run=queue_import(run=run, now=NOW), now=NOW)
        return Order.objects.get().cancelled_at

    assert [bring("Paid"), bring("Annullato"), bring("Paid")] == [None, NOW, None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_files_come_in_whatever_encoding(shop, encoding):
    bring_in(shop, SCARF.replace("Giulia Ferrero", "Jürgen Größmann"), encoding=encoding)

    assert Order.objects.get().name == "Jürgen Größmann"


def test_leading_zeros_are_kept_and_mended(shop):
    bring_in(
        shop,
        SCARF.replace("BR-1", "0017").replace("10131", "00184").replace("SC-1", "007"),
        SCARF.replace("BR-1", "0018").replace("10131", "184").replace("SC-1", '="008"'),
    )

    assert [(o.number, o.postal_code) for o in Order.objects.order_by("pk")] == [
        ("0017", "00184"),
        ("0018", "00184"),
    ]
    assert sorted(line.sku for line in OrderLine.objects.all()) == ["007", "008"]


# --- columns


def test_columns_are_remembered_for_the_next_file_of_that_kind(shop):
    run = upload(shop, SCARF)
    settle_columns(
        run=run,
        mapping={
            "number": "SKU",
            "ordered_on": "Date",
            "email": "E-mail",
            "evil": "Price",
            "sku": "no",
        },
        habits=Habits(date_order="mdy", country="DE"),
    )
    queue_import(run=run, now=NOW)

    again = upload(shop, BELT)

    assert again.mapping == {"number": "SKU", "ordered_on": "Date", "email": "E-mail"}
    assert (again.options["date_order"], again.options["country"]) == ("mdy", "DE")
    assert again.options["remembered"] is True
    assert ColumnMapping.objects.count() == 1


def test_without_a_number_and_a_date_nothing_starts(shop, jobs):
    run = upload(shop, SCARF)
    settle_columns(run=run, mapping={"name": "Name"}, habits=Habits())

    with pytest.raises(ColumnsMissing) as caught:
        queue_import(run=run, now=NOW)

    assert caught.value.facts["labels"] == ["Order number", "Date of the order"]
    assert jobs.names() == []


def test_a_run_is_started_once(shop, jobs):
    run = upload(shop, SCARF)
    queue_import(run=run, now=NOW)

    with pytest.raises(AlreadyOnItsWay):
        queue_import(run=run, now=NOW)
    with pytest.raises(AlreadyOnItsWay):
        settle_columns(run=run, mapping={}, habits=Habits())

    assert jobs.names() == ["run_import"]


def test_a_file_that_is_no_table_leaves_nothing_behind(shop):
    for content in (b"", b"\n\n", b"only,headings\n", b"%PDF-1.7", b"PK\x03\x04broken"):
        with pytest.raises(TableRefused):
            read_file(integration=shop, content=content, file_name="x", actor="m", now=NOW)

    assert ImportRun.objects.count() == 0


# --- being killed


class Killed(BaseException):
    pass


def test_a_killed_run_goes_on_where_it_stopped(shop, monkeypatch):
    monkeypatch.setattr("rientro.flows.run_import.BATCH", 2)
    rows = [SCARF.replace("BR-1", f"BR-{n}") for n in range(6)]
    bad = SCARF.replace("BR-1", "BR-1b").replace("10.11.2026", "soon")
    run = queue_import(run=upload(shop, bad, *rows), now=NOW)
    real, calls = Event.record, []

    def dies(name, **facts):
        calls.append(name)
        if len(calls) == 3:
            raise Killed
        return real(name, **facts)

    monkeypatch.setattr(Event, "record", dies)
    with pytest.raises(Killed):
        run_import(run=run, now=NOW)
    halfway = ImportRun.objects.get()
    monkeypatch.setattr(Event, "record", real)

    run_import(run=run, now=NOW + timedelta(minutes=1))

    done = ImportRun.objects.get()
    assert (halfway.status, halfway.rows_done, halfway.orders_created) == ("running", 4, 3)
    assert (done.status, done.rows_done, counts(done)) == ("done", 7, (6, 0, 0, 1))
    assert (done.started_at, done.finished_at) == (NOW, NOW + timedelta(minutes=1))
    assert Order.objects.count() == 6


def test_a_run_that_dies_at_the_same_place_again_and_again_is_given_up(shop, monkeypatch):
    run = queue_import(run=upload(shop, SCARF), now=NOW)
    monkeypatch.setattr(
        "rientro.flows.run_import.read_order", lambda *_: (_ for _ in ()).throw(Killed)
    )

    for _ in range(4):
        with pytest.raises(Killed):
            run_import(run=run, now=NOW)
    run_import(run=run, now=NOW)

    run.refresh_from_db()
    assert (run.status, run.finished_at) == ("failed", NOW)
    assert "Upload the file again" in run.error


def test_a_second_worker_leaves_a_living_run_alone(shop):
    run = queue_import(run=upload(shop, SCARF), now=NOW)

    with alive_lock(f"import:{run.merchant_id}:{run.pk}"):
        run_import(run=run, now=NOW)

    assert (ImportRun.objects.get().status, Order.objects.count()) == ("queued", 0)


def test_the_file_is_forgotten_when_it_is_in(shop):
    waiting = upload(shop, SCARF)
    bring_in(shop, SCARF)
    kept = StoredDocument.objects.count()

    run_import(run=queue_import(run=waiting, now=NOW), now=NOW)

    assert (kept, StoredDocument.objects.count()) == (1, 0)
    assert ImportRun.objects.filter(file=None).count() == 2


def test_a_file_that_nobody_starts_is_forgotten_after_a_week(shop):
    idle = upload(shop, SCARF)
    started = queue_import(run=upload(shop, BELT), now=NOW)

    early = purge_expired(now=NOW + timedelta(days=6))
    late = purge_expired(now=NOW + timedelta(days=8))

    assert (early, late) == (0, 1)
    assert list(ImportRun.objects.all()) == [started]
    assert list(StoredDocument.objects.values_list("pk", flat=True)) == [started.file_id]
    assert not ImportRun.objects.filter(pk=idle.pk).exists()


def test_refused_rows_are_forgotten_after_a_month(shop):
    bring_in(shop, SCARF.replace("10.11.2026", "soon"))

    purge_expired(now=NOW + timedelta(days=29))
    kept = ImportRefusal.objects.count()
    purge_expired(now=NOW + timedelta(days=31))

    assert (kept, ImportRefusal.objects.count(), ImportRun.objects.count()) == (1, 0, 1)


def test_reasons_are_kept_in_the_merchants_language(shop):
    Merchant.objects.filter(pk=shop.merchant_id).update(language="it")

    bring_in(shop, SCARF.replace(";2;", ";viele;"))

    assert ImportRefusal.objects.get().reason == "«viele» non è un numero di pezzi."
