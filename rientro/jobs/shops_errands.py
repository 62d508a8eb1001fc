"""The clock's door to what a shop is asked for a return: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.run_errand import run_errand
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import ShopErrand


@app.task(name="run_errand", queue="shops", priority=10, retry=Patience())
def run_run_errand(*, merchant_id: int, errand_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            errand = ShopErrand.objects.get(pk=errand_id)
        run_errand(errand=errand, now=clock.now())
