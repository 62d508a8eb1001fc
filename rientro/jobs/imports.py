"""The clock's door to files, of orders and of carriers' invoices: load by id, make one call."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.fetch_pictures import fetch_pictures
from rientro.flows.look_at_source import look_at_source
from rientro.flows.run_import import run_import
from rientro.flows.take_invoice import take_invoice
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import FileSource, ImportRun, InvoiceFile


@app.task(name="run_import", queue="imports", retry=Patience(most_s=60))
def run_run_import(*, merchant_id: int, run_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            run = ImportRun.objects.get(pk=run_id)
        run_import(run=run, now=clock.now())


@app.task(name="take_invoice", queue="imports", retry=Patience(most_s=60))
def run_take_invoice(*, merchant_id: int, file_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            file = InvoiceFile.objects.get(pk=file_id)
        take_invoice(file=file, now=clock.now())


@app.task(name="look_at_source", queue="shops")
def run_look_at_source(*, merchant_id: int, source_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            found = list(FileSource.objects.filter(pk=source_id))
        for source in found:  # none where it was removed meanwhile
            look_at_source(source=source, now=clock.now())


@app.task(name="fetch_pictures", queue="shops")
def run_fetch_pictures(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        fetch_pictures(now=clock.now())
