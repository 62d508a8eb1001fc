"""The rows of a file become orders, batch by batch; a run that was killed goes on where it stopped."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils import translation

from rientro.kit.crash_points import mark
from rientro.kit.locks import alive_lock
from rientro.kit.said import said
from rientro.kit.sentences import Sentence
from rientro.kit.tables import TableRefused
from rientro.models import Event, ImportRefusal, ImportRun, Merchant, StoredDocument
from rientro.models.import_files import reading_of, rows_of_run
from rientro.models.order_intake import prepare, record_import, take_in
from rientro.models.rule_book import RuleBook
from rientro.policy.file_groups import orders_of
from rientro.policy.file_orders import OrderRead, read_order

BATCH = 1000  # orders per transaction
MOST_TRIES = 4  # without getting any further
STOPPED = Sentence(
    "This import stopped several times at the same place. Nothing is lost: the orders before it are in. "
    "Upload the file again, or split it."
)


def run_import(*, run: ImportRun, now: datetime) -> ImportRun:
    """Import the file of ``run``: good orders come in, every row of a bad one is kept with its reason.

    Each batch is one transaction with its orders, refusals, progress and event, so a killed run repeats
    nothing and loses nothing. One process at a time; a second one leaves at once. The file itself is forgotten
    when all of it is in. Writes no charge.
    """
    with alive_lock(f"import:{run.merchant_id}:{run.pk}") as lock:
        if not lock.mine:
            return run
        claimed = _claim(run, now=now)
        if claimed is None:
            return run
        run, content = claimed
        mark("import.claimed")
        try:
            _read_all(run, content, now=now)
        except TableRefused as refusal:
            return _fail(run, refusal.message, now=now)
        return _finish(run, now=now)


@transaction.atomic
def _claim(run: ImportRun, *, now: datetime) -> tuple[ImportRun, bytes] | None:
    """The run, marked as running, and its file; None if there is nothing (more) to do."""
    run = ImportRun.objects.locked().select_related("integration").get_or_missing(pk=run.pk)
    if run.status not in (ImportRun.Status.QUEUED, ImportRun.Status.RUNNING) or run.file_id is None:
        return None
    progress = run.options.get("orders_done", 0)
    tries = run.options.get("tries", 0) + 1 if progress == run.options.get("tried_at") else 1
    run.options = run.options | {"tries": tries, "tried_at": progress}
    run.status = ImportRun.Status.RUNNING.value
    run.started_at = run.started_at or now
    run.save(update_fields=["options", "status", "started_at"])
    if tries > MOST_TRIES:
        _fail(run, STOPPED, now=now)
        return None
    # Not through run.file: that would hold a second copy for as long as the run takes.
    kept = StoredDocument.objects.filter(pk=run.file_id).values_list("content", flat=True)
    return run, bytes(kept.get())


def _read_all(run: ImportRun, content: bytes, *, now: datetime) -> None:
    merchant = Merchant.objects.get(pk=run.merchant_id)
    reading = reading_of(run, merchant, now=now)
    with transaction.atomic():
        book = RuleBook(run.integration)
    # The groups come in the same order every time, so their count is the place where to go on.
    done = run.options.get("orders_done", 0)
    groups = islice(orders_of(lambda: rows_of_run(run, content), reading), done, None)
    while batch := [read_order(rows, reading) for rows in islice(groups, BATCH)]:
        _write(run, batch, book, now=now)
        mark("import.written")


@transaction.atomic
def _write(run: ImportRun, batch: Sequence[OrderRead], book: RuleBook, *, now: datetime) -> None:
    good = [read for read in batch if read.order is not None]
    prepared = prepare([read.order for read in good if read.order is not None], book)
    results = take_in(run.integration, prepared, at=now)
    mark("import.orders")
    for read, result in zip(good, results, strict=True):
        if result.status == "error":
            for field, words in result.errors.items():
                read.wrong(read.rows[0][0], field, f"{field}: {words}")
    record_import(run.integration, results, actor=run.actor, now=now)
    refused = _keep_refusals(run, [read for read in batch if read.problems])
    statuses = [result.status for result in results]
    run.options = run.options | {"orders_done": run.options.get("orders_done", 0) + len(batch)}
    ImportRun.objects.filter(pk=run.pk).update(
        options=run.options,
        rows_done=F("rows_done") + sum(len(read.rows) for read in batch),
        rows_refused=F("rows_refused") + refused,
        orders_created=F("orders_created") + statuses.count("created"),
        orders_updated=F("orders_updated") + statuses.count("updated"),
        orders_unchanged=F("orders_unchanged") + statuses.count("unchanged"),
    )


def _keep_refusals(run: ImportRun, refused: Sequence[OrderRead]) -> int:
    """The reasons are kept in the merchant's language: they go into a file that the merchant mends."""
    with translation.override(
        Merchant.objects.values_list("language", flat=True).get(pk=run.merchant_id)
    ):
        return _written_refusals(run, refused)


def _written_refusals(run: ImportRun, refused: Sequence[OrderRead]) -> int:
    place = run.options["headings"].index(run.mapping["number"])
    rows = [
        ImportRefusal(
            run=run,
            row_number=number,
            order_number=(cells[place] if place < len(cells) else "")[:120],
            reason=" ".join(map(said, reasons)),
            cells=cells,
        )
        for read in refused
        for number, cells, reasons in read.reasons()
    ]
    ImportRefusal.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


@transaction.atomic
def _finish(run: ImportRun, *, now: datetime) -> ImportRun:
    document = run.file_id
    run.refresh_from_db()
    run.status = ImportRun.Status.DONE.value
    run.finished_at = now
    run.file = None
    run.save(update_fields=["status", "finished_at", "file"])
    if document is not None and not ImportRun.objects.filter(file_id=document).exists():
        # It holds people's addresses, and all of it is in by now.
        StoredDocument.objects.filter(pk=document).delete()
    mark("import.done")
    Event.record(
        "import.done",
        actor=run.actor,
        at=now,
        integration=run.integration_id,
        run=run.pk,
        refused=run.rows_refused,
    )
    return run


@transaction.atomic
def _fail(run: ImportRun, words: str, *, now: datetime) -> ImportRun:
    run.status = ImportRun.Status.FAILED.value
    run.error = words
    run.finished_at = now
    run.save(update_fields=["status", "error", "finished_at"])
    return run
