"""Forgetting a person: nothing of them is left in any table, and the books still add up."""

import pytest
from django.apps import apps
from django.db import models

from rientro.flows.redact_order import StillUnderWay, redact_order
from rientro.kit.tenancy import ScopedRow
from rientro.models import (
    CustomsPaper,
    Label,
    LabelPurchase,
    Mail,
    Parcel,
    Return,
    ReturnItem,
    StoredDocument,
    Ticket,
)
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return

pytestmark = pytest.mark.django_db

CANARY = "Zebedea"


@pytest.fixture
def order(merchant):
    fields = ("name", "company", "street", "address_2", "city", "state", "email", "phone")
    return make_order(
        make_brand(),
        **dict.fromkeys(fields, CANARY),
        email_norm=CANARY.lower(),
        receipt_norm=CANARY.lower(),
        facts={"note": CANARY},
    )


@pytest.fixture
def ret(order):
    made = make_return(order, note=CANARY, settlement="open")
    ReturnItem.objects.update(note=CANARY)
    Mail.objects.create(
        key="k", kind="cancelled", ret=made, to=CANARY, subject=CANARY, created_at=NOW
    )
    parcel = Parcel.objects.create(ret=made, created_at=NOW)
    request = {"sender": {"name": CANARY, "country": "IT"}, "receiver": {"name": "Shop"}}
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=make_carrier_account(),
        reference="r1",
        status="bought",
        request=request,
        created_at=NOW,
    )
    paper = StoredDocument.objects.keep(f"%PDF {CANARY}".encode(), content_type="application/pdf")
    label = Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="c",
        tracking_number="T",
        price_minor=495,
        currency="EUR",
        facts={"request": request},
        pdf_a4=paper,
        bought_at=NOW,
    )
    declared = StoredDocument.objects.keep(f"%PDF CN 23 {CANARY}".encode(), content_type="a/pdf")
    CustomsPaper.objects.create(label=label, kind="cn23", document=declared)
    return made


def places_of(word: str) -> list[str]:
    """Every column of every table of the merchant that still holds ``word``."""
    found = []
    for model in apps.get_models():
        if not issubclass(model, ScopedRow):
            continue
        for row in model._default_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                if isinstance(field, models.BinaryField):
                    value = bytes(value or b"").decode(errors="replace")
                if word.lower() in str(value).lower():
                    found.append(f"{model.__name__}.{field.name}")
    return found


def test_nothing_of_the_person_is_left_anywhere(order, ret):
    Ticket.issue(order=order, brand=order.brand, level=2, language="it", now=NOW, name=CANARY)
    Return.objects.update(settlement="refunded")
    before = len(set(places_of(CANARY)))

    redact_order(order=order, actor="member:1", now=NOW)

    assert before > 15
    assert places_of(CANARY) == []


def test_numbers_amounts_and_items_stay(order, ret):
    Return.objects.update(settlement="refunded")

    redact_order(order=order, actor="member:1", now=NOW)

    ret.refresh_from_db()
    order.refresh_from_db()
    purchase = LabelPurchase.objects.get()
    assert (order.number, order.country, order.redacted_at) == (order.number, "IT", NOW)
    assert (ret.value_minor, ret.from_country, ret.items.count()) == (4600, "IT", 1)
    assert purchase.request["sender"] == {"name": "", "country": "IT"}
    assert purchase.request["receiver"] == {"name": "Shop"}


def test_a_return_under_way_keeps_its_address(order, ret):
    with pytest.raises(StillUnderWay):
        redact_order(order=order, actor="member:1", now=NOW)

    order.refresh_from_db()
    assert (order.name, order.redacted_at) == (CANARY, None)


def test_a_paper_that_another_label_shares_stays(order, ret):
    other = make_return(make_order(order.brand, number="OTHER"), settlement="refunded")
    label = Label.objects.get()
    parcel = Parcel.objects.create(ret=other, created_at=NOW)
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=label.purchase.account,
        reference="r2",
        status="bought",
        created_at=NOW,
    )
    Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="c2",
        tracking_number="T2",
        price_minor=495,
        currency="EUR",
        pdf_a4=label.pdf_a4,
        bought_at=NOW,
    )
    Return.objects.update(settlement="refunded")

    redact_order(order=order, actor="member:1", now=NOW)

    assert StoredDocument.objects.filter(pk=label.pdf_a4_id).exists()


def test_twice_is_once(order):
    first = redact_order(order=order, actor="member:1", now=NOW)
    second = redact_order(order=order, actor="member:2", now=NOW)

    assert first.redacted_at == second.redacted_at
    assert order.events.filter(name="order.redacted").count() == 1
