"""The demo's content, made through the real flows against a real sandbox carrier."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from PIL import Image

from rientro.documents.label import draw_a6
from rientro.documents.logo import prepared
from rientro.flows.find_order import find_order
from rientro.flows.queue_import import queue_import
from rientro.flows.read_file import read_file
from rientro.flows.run_import import run_import
from rientro.host.demo_data import logos, seed
from rientro.host.demo_data.order_file import HEADINGS, write_order_file
from rientro.host.demo_data.orders import orders_of_shop_a, orders_of_shop_b
from rientro.host.demo_data.pictures import drawn, scene
from rientro.host.demo_data.products import NORDLICHT, PRODUCTS, SARTORIA
from rientro.host.demo_data.seeding import EMAIL
from rientro.kit.tenancy import merchant_transaction
from rientro.models import (
    ApiKey,
    Brand,
    Charge,
    Event,
    Label,
    Mail,
    Merchant,
    Order,
    ProductPicture,
    Return,
    SenderAddress,
    User,
)
from rientro.models.mail_facts import TO_DESK
from rientro.policy.columns import guess
from tests.documents.makers import facts
from tests.documents.reading import scanned
from tests.makers import make_address, make_brand, make_integration
from tests.sandbox import sandbox_process  # noqa: F401

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"


@pytest.mark.django_db(transaction=True)
def test_an_empty_house_is_filled_once(sandbox_process, settings, tmp_path, mailoutbox):  # noqa: F811
    settings.DATA_DIR = tmp_path

    said = seed(NOW, BASE, sandbox_process.url)

    assert User.objects.get(email=EMAIL).check_password(said["login"]["password"])
    with merchant_transaction(Merchant.objects.get(name="Resi & Co. Logistica").pk):
        every_kind_of_return_is_there()
        a_label_is_read_and_carries_its_number()
        mails_went_out_when_things_happened(mailoutbox)
        the_orders_it_names_open(said)
        before = counted()
    again = seed(NOW + timedelta(days=3), BASE, sandbox_process.url, json.loads(json.dumps(said)))
    assert again == said
    with merchant_transaction(Merchant.objects.get().pk):
        assert counted() == before


def counted():
    return [model.objects.count() for model in (Order, Return, Label, Event, ApiKey)]


def every_kind_of_return_is_there():
    assert Order.objects.count() == 60
    assert Counter(Order.objects.values_list("brand__name", flat=True)) == {
        "Sartoria Brina": 35,
        "Nordlicht Outdoor": 25,
    }
    assert not Order.objects.filter(brand_by_default=True).exists()
    assert set(Return.objects.values_list("tab", flat=True)) == {
        "requests", "in_transit", "returned", "completed", "rejected"
    }  # fmt: skip
    assert Return.objects.exclude(silent_since=None).count() == 2
    assert Return.objects.filter(carrier="failed").count() == 1
    assert Charge.objects.exclude(credited_at=None).count() == 2
    assert ProductPicture.objects.count() == len(PRODUCTS)
    assert SenderAddress.objects.get(is_default=True).label == "Milano"


def a_label_is_read_and_carries_its_number():
    label = Label.objects.select_related("pdf_a6").exclude(pdf_a6=None).first()
    assert ("Code128", label.tracking_number) in scanned(bytes(label.pdf_a6.content))


def mails_went_out_when_things_happened(mailoutbox):
    sent = Event.objects.filter(name="return.mail_sent")
    mails = Mail.objects.filter(state="sent")
    assert mails.count() == len(mailoutbox)
    assert sent.count() == mails.exclude(kind__in=TO_DESK).count() > 50
    assert mails.filter(kind="label_failed").count() == 1
    assert sent.filter(happened_at__lt=NOW - timedelta(days=7)).count() > 20
    assert not sent.filter(happened_at__gt=NOW).exists()


def the_orders_it_names_open(said):
    for row in said["try"]:
        found = find_order(
            brand=Brand.objects.get(slug=row["brand"]),
            number=row["number"],
            postal_code=row["postal_code"] or row["receipt"],
            network="127.0.0.1",
            now=NOW,
        )
        assert found.ticket_token


def test_two_shops_sell_to_six_countries_and_share_one_number():
    a, b = orders_of_shop_a(NOW), orders_of_shop_b(NOW)

    assert len(a) + len(b) == 60
    assert {order.country for order in a + b} == {"IT", "DE", "AT", "FR", "CH", "NL"}
    assert {order.number for order in a} & {order.number for order in b} == {"10500"}
    assert {order.channel for order in a} == {"web", "store"}
    assert any(order.postal_code.startswith("0") for order in a)
    assert any(order.postal_code.startswith("0") for order in b)
    assert any(line.final_sale for order in a for line in order.lines or ())


def test_every_product_has_a_picture_of_four_by_five():
    for products in (SARTORIA, NORDLICHT):
        for picture in drawn(products):
            assert Image.open(io.BytesIO(picture)).size == (600, 750)


@pytest.mark.parametrize("name", ["scene-sartoria", "scene-nordlicht"])
def test_the_scenes_are_drawn(name):
    assert Image.open(io.BytesIO(scene(name))).size == (1080, 1290)


@pytest.mark.parametrize("source", [logos.SARTORIA, logos.NORDLICHT])
def test_the_logos_fit_a_label(source):
    ready = prepared(logos.logo(source))

    assert ready is not None
    assert len(draw_a6(facts(logo=logos.logo(source), test=True))) < 34_000


def test_the_file_to_try_has_new_orders_and_one_receipt(tmp_path):
    write_order_file(tmp_path / "orders.csv", NOW)
    with (tmp_path / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))

    assert {row["Bestellnummer"] for row in rows}.isdisjoint(
        order.number for order in orders_of_shop_b(NOW)
    )
    assert {row["Kassenbon"] for row in rows if row["Kanal"] == "store"} == {"K204-0417"}
    assert any(row["PLZ"].startswith("0") for row in rows)


@pytest.mark.django_db(transaction=True)
def test_the_file_comes_in_without_a_word_from_a_person(merchant, tmp_path):
    write_order_file(tmp_path / "orders.csv", NOW)
    with transaction.atomic():
        make_address(make_brand())
        shop = make_integration(system="csv")
    content = (tmp_path / "orders.csv").read_bytes()
    run = read_file(
        integration=shop, content=content, file_name="orders.csv", actor="member:1", now=NOW
    )

    run = run_import(run=queue_import(run=run, now=NOW), now=NOW)

    assert (run.orders_created, run.rows_refused, run.error) == (6, 0, "")
    with transaction.atomic():
        jacket = Order.objects.get(number="NL-77402")
        till = Order.objects.get(channel="store")
        assert (jacket.postal_code, jacket.total_minor) == ("01099", 77790)
        assert (till.receipt_norm, till.postal_code, till.lines.count()) == ("k2040417", "", 2)


def test_the_importer_knows_every_heading_of_the_file():
    assert set(guess(HEADINGS).values()) == set(HEADINGS)
