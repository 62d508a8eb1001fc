"""The clock's door to labels: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.buy_label import buy_label
from rientro.flows.resume_customs import resume_customs
from rientro.flows.store_label import store_label
from rientro.flows.sweep_purchases import sweep_purchases
from rientro.flows.void_label import void_label
from rientro.flows.void_unused import void_unused
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from rientro.models import Label, LabelPurchase


@app.task(name="buy_label", queue="carriers", retry=Patience())
def run_buy_label(*, merchant_id: int, purchase_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            purchase = LabelPurchase.objects.get(pk=purchase_id)
        buy_label(purchase=purchase, now=clock.now())


@app.task(name="store_label", queue="carriers", retry=Patience())
def run_store_label(*, merchant_id: int, label_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            label = Label.objects.get(pk=label_id)
        store_label(label=label, now=clock.now())


@app.task(name="void_label", queue="carriers", retry=Patience())
def run_void_label(*, merchant_id: int, label_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            label = Label.objects.select_related("parcel").get(pk=label_id)
        void_label(label=label, now=clock.now())


@app.task(name="void_unused", queue="default")
def run_void_unused(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        void_unused(now=clock.now())


@app.task(name="sweep_purchases", queue="default")
def run_sweep_purchases(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        sweep_purchases(now=clock.now())


@app.task(name="resume_customs", queue="default")
def run_resume_customs(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        resume_customs(now=clock.now())
