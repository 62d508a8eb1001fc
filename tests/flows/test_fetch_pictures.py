"""Pictures that shops told us of are fetched once, drawn anew and shown; what cannot be had is let go of."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction

from rientro.flows.fetch_pictures import Fetched, fetch_pictures
from rientro.jobs.schedule import run_fetch_pictures_all
from rientro.kit.images import MAX_BYTES
from rientro.kit.locks import alive_lock
from rientro.kit.tenancy import acting_for
from rientro.models import (
    Integration,
    OrderLine,
    PictureWish,
    ProductPicture,
    StoredDocument,
)
from rientro.policy.picture_tries import next_try
from tests import makers
from tests.fake_server import Answer, FakeServer, Heard, running
from tests.kit.test_images import picture, png_header
from tests.makers import NOW

pytestmark = pytest.mark.django_db(transaction=True)


class Pictures(FakeServer):
    ROUTES: ClassVar[dict[str, str]] = {"GET /{name}": "one"}

    def __init__(self) -> None:
        super().__init__()
        self.shelf: dict[str, Answer] = {}

    def refused(self, heard: Heard) -> None:
        return None

    def one(self, heard: Heard, name: str) -> Answer:
        return self.shelf.get(name, Answer(404))

    @property
    def asked(self) -> list[str]:
        return [heard.path[1:] for heard in self.heard]


def image(**more: Any) -> Answer:
    return Answer(body=picture("JPEG", (1600, 800), **more), headers={"Content-Type": "image/jpeg"})


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pictures]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk), running(Pictures()) as web:
        yield web


@pytest.fixture
def shop(web: Pictures) -> Integration:
    with transaction.atomic():
        return makers.make_integration()


@transaction.atomic
def sold(shop: Integration, *told: tuple[str, str]) -> None:
    """An order whose lines have these (SKU, address)."""
    lines = [
        {"name": "x", "sku": sku, "image_url": url, "quantity": 1, "price_minor": 100}
        for sku, url in told
    ]
    makers.make_order(makers.make_brand(), integration=shop, lines=lines)


@transaction.atomic
def rows(model: Any, **wanted: Any) -> list[Any]:
    return list(model.objects.filter(**wanted).order_by("pk"))


def test_a_picture_is_fetched_once_and_drawn_anew(web, shop):
    web.shelf["a.jpg"] = image()
    sold(shop, ("SC-1", f"{web.url}/a.jpg"), ("SC-2", ""), ("", f"{web.url}/b.jpg"))
    sold(shop, ("SC-1", f"{web.url}/a.jpg"))

    assert fetch_pictures(now=NOW) == Fetched(1, 0)
    assert fetch_pictures(now=NOW + timedelta(days=30)) == Fetched(0, 0)

    (kept,) = rows(ProductPicture)
    assert (kept.integration_id, kept.sku) == (shop.pk, "SC-1")
    (document,) = rows(StoredDocument)
    assert document.content_type == "image/jpeg"
    assert bytes(document.content) != web.shelf["a.jpg"].body
    assert document.size < len(web.shelf["a.jpg"].body)
    assert web.asked == ["a.jpg"]
    assert rows(PictureWish) == []


def test_a_picture_that_is_here_is_not_asked_for(web, shop):
    with transaction.atomic():
        document = StoredDocument.objects.keep(b"x", content_type="image/png")
        ProductPicture.objects.create(integration=shop, sku="SC-1", picture=document)
    sold(shop, ("SC-1", f"{web.url}/a.jpg"))

    fetch_pictures(now=NOW)

    assert web.asked == []


def test_what_is_missing_is_asked_for_four_times_and_no_more(web, shop):
    sold(shop, ("SC-1", f"{web.url}/gone.jpg"))
    now = NOW
    for _ in range(40):
        fetch_pictures(now=now)
        now += timedelta(hours=12)

    assert web.asked == ["gone.jpg"] * 4
    (wish,) = rows(PictureWish)
    assert (wish.tries, wish.next_at, wish.error) == (4, None, "Its address answers 404.")


def test_another_address_begins_anew(web, shop):
    sold(shop, ("SC-1", f"{web.url}/gone.jpg"))
    for day in range(20):
        fetch_pictures(now=NOW + timedelta(days=day))
    web.shelf["new.jpg"] = image()
    sold(shop, ("SC-1", f"{web.url}/new.jpg"))

    assert fetch_pictures(now=NOW + timedelta(days=21)) == Fetched(1, 0)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("no picture", Answer(body=b"<html>")),
        ("a script", Answer(body=b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
        ("a bomb", Answer(body=png_header(50_000, 50_000))),
        ("too large", Answer(body=b"\xff\xd8\xff" + b"x" * MAX_BYTES)),
        ("round", Answer(302, headers={"Location": "/x.jpg"})),
    ],
)
def test_what_is_no_picture_is_never_asked_for_again(web, shop, what, answer):
    web.shelf["x.jpg"] = answer
    sold(shop, ("SC-1", f"{web.url}/x.jpg"))

    assert fetch_pictures(now=NOW) == Fetched(0, 1)
    asked = len(web.asked)
    fetch_pictures(now=NOW + timedelta(days=400))

    assert len(web.asked) == asked
    assert rows(PictureWish)[0].next_at is None
    assert rows(ProductPicture) == []


def test_private_and_odd_addresses_are_not_visited(web, shop, monkeypatch):
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")
    sold(
        shop,
        ("A", f"{web.url}/a.jpg"),
        ("B", "http://169.254.169.254/latest/meta-data"),
        ("C", "ftp://shop.example/x.jpg"),
        ("D", "file:///etc/passwd"),
        ("E", "http://user:secret@shop.example/x.jpg"),
        ("F", "https://[bad/x.jpg"),
    )

    fetch_pictures(now=NOW)

    assert web.asked == []
    given_up = {wish.sku: wish.next_at is None for wish in rows(PictureWish)}
    assert given_up == {"A": True, "B": True, "E": True, "F": False}


def test_a_hop_into_a_private_network_is_not_taken(web, shop, monkeypatch):
    web.shelf["x.jpg"] = Answer(302, headers={"Location": "http://169.254.169.254/x.jpg"})
    sold(shop, ("A", f"{web.url}/x.jpg"))

    fetch_pictures(now=NOW)

    assert rows(PictureWish)[0].error == "Its address is none that we go to."


def test_a_machine_that_is_down_is_left_alone_and_others_go_on(web, shop):
    for number in range(5):
        web.shelf[f"{number}.jpg"] = Answer(503)
    with running(Pictures()) as other:
        other.shelf["good.jpg"] = image()
        far = other.url.replace("127.0.0.1", "localhost")
        sold(shop, *[(f"S{n}", f"{web.url}/{n}.jpg") for n in range(5)], ("G", f"{far}/good.jpg"))

        assert fetch_pictures(now=NOW) == Fetched(1, 1)

    assert len(web.asked) == 1
    assert [wish.tries for wish in rows(PictureWish)] == [1, 0, 0, 0, 0]
    for number in range(5):
        web.shelf[f"{number}.jpg"] = image()
    assert fetch_pictures(now=NOW + timedelta(minutes=70)) == Fetched(5, 0)


def test_a_slow_machine_costs_its_deadline_once(web, shop, monkeypatch):
    monkeypatch.setattr("rientro.flows.fetch_pictures.DEADLINE_S", 0.5)
    web.slow_s = 3.0
    sold(shop, *[(f"S{n}", f"{web.url}/{n}.jpg") for n in range(10)])

    began = time.monotonic()
    assert fetch_pictures(now=NOW) == Fetched(0, 1)

    assert time.monotonic() - began < 2
    web.slow_s = 0.0


def test_one_go_is_bounded_and_the_next_goes_on(web, shop, monkeypatch):
    monkeypatch.setattr("rientro.flows.fetch_pictures.PER_LOOK", 3)
    for number in range(7):
        web.shelf[f"{number}.jpg"] = image()
    sold(shop, *[(f"S{n}", f"{web.url}/{n}.jpg") for n in range(7)])

    goes = [fetch_pictures(now=NOW).kept for _ in range(4)]

    assert goes == [3, 3, 1, 0]


def test_lines_are_looked_through_in_batches(web, shop, monkeypatch):
    monkeypatch.setattr("rientro.models.picture_wishes.MOST_LINES", 2)
    for number in range(7):
        web.shelf[f"{number}.jpg"] = image()
    sold(shop, *[(f"S{n}", f"{web.url}/{n}.jpg") for n in range(7)])

    assert fetch_pictures(now=NOW) == Fetched(7, 0)


def test_the_clock_posts_it_only_where_something_is_wanted(web, shop, jobs):
    run_fetch_pictures_all(0)
    assert jobs.names() == []
    web.shelf["a.jpg"] = image()
    sold(shop, ("SC-1", f"{web.url}/a.jpg"))

    for _ in range(2):  # the newest lines are looked at twice
        run_fetch_pictures_all(0)
        assert jobs.names() == ["fetch_pictures"]
        jobs.run()
    run_fetch_pictures_all(0)

    assert jobs.names() == []
    assert len(rows(ProductPicture)) == 1


def test_two_workers_do_not_ask_twice(web, shop):
    web.shelf["a.jpg"] = image()
    sold(shop, ("SC-1", f"{web.url}/a.jpg"))

    with transaction.atomic():
        merchant = OrderLine.objects.get().merchant_id
    with alive_lock(f"pictures:{merchant}"):
        assert fetch_pictures(now=NOW) == Fetched(0, 0)

    assert web.asked == []


def test_a_disconnected_integration_is_asked_nothing(web, shop):
    web.shelf["a.jpg"] = image()
    sold(shop, ("SC-1", f"{web.url}/a.jpg"))
    with transaction.atomic():
        Integration.objects.update(deleted_at=NOW)

    fetch_pictures(now=NOW)

    assert web.asked == []


def test_waits_grow_and_end():
    assert [next_try(n, at=NOW) and next_try(n, at=NOW) - NOW for n in range(1, 5)] == [
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=7),
        None,
    ]
