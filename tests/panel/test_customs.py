"""What customs must know: asked for before a shopper waits, on every page where the desk looks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.flows.resume_customs import resume_customs
from rientro.kit.tenancy import acting_for
from rientro.models import CustomsPaper, LabelPurchase, ProductCustoms, Return, StoredDocument
from rientro.models.customs_wanted import (
    is_anything_wanted,
    lines_without_customs,
    products_without_customs,
)
from rientro.models.purchasing import intend_label
from tests import makers
from tests.makers import NOW
from tests.portal.papers import make_label

UNKNOWN = {"hs_code": "", "origin_country": "", "weight_g": 0}
SWISS = {"country": "CH", "postal_code": "8001"}


def text(answer):
    return answer.content.decode()


def make_swiss_order(*lines, **fields):
    return makers.make_order(lines=list(lines) or [{"sku": "SCARF"} | UNKNOWN], **SWISS | fields)


def make_waiting(**fields):
    ret = makers.make_return(make_swiss_order(), **fields)
    assert intend_label(ret, at=NOW) is None
    return Return.objects.get(pk=ret.pk)


# Which products


def test_products_are_asked_for_once_they_go_over_a_border(merchant):
    make_swiss_order({"sku": "A"} | UNKNOWN)
    make_swiss_order({"sku": "A"} | UNKNOWN, {"sku": "B", "weight_g": 0}, {"sku": "C"})
    makers.make_order(lines=[{"sku": "D"} | UNKNOWN])

    found = products_without_customs(now=NOW)

    assert [(row.sku, row.orders, row.missing) for row in found] == [
        ("A", 2, ("hs_code", "origin_country", "weight_g")),
        ("B", 1, ("weight_g",)),
    ]
    assert is_anything_wanted(now=NOW)


@pytest.mark.parametrize(
    ("country", "code", "asked"),
    [
        ("ES", "28001", False),
        ("ES", "35001", True),
        ("IT", "23041", True),
        ("DE", "78266", True),
        ("SM", "47890", False),
        ("GB", "BT1 1AA", False),
        ("GB", "SW1A 1AA", True),
        ("FI", "22100", True),
        ("US", "10001", True),
    ],
)
def test_the_list_knows_the_same_borders_as_the_policy(merchant, country, code, asked):
    order = makers.make_order(lines=[{"sku": "A"} | UNKNOWN], country=country, postal_code=code)

    assert bool(products_without_customs(now=NOW)) is asked
    assert bool(lines_without_customs(order)) is asked


def test_what_is_filled_in_leaves_the_list_part_by_part(merchant):
    order = make_swiss_order()
    kept = ProductCustoms.objects.create(sku="SCARF", hs_code="611710", saved_at=NOW)
    assert products_without_customs(now=NOW)[0].missing == ("origin_country", "weight_g")
    assert list(lines_without_customs(order).values()) == [("origin_country", "weight_g")]

    kept.origin_country, kept.weight_g = "IT", 90
    kept.save()

    assert products_without_customs(now=NOW) == []
    assert lines_without_customs(order) == {}
    assert not is_anything_wanted(now=NOW)


def test_a_shops_nonsense_counts_as_missing(merchant):
    make_swiss_order({"sku": "A", "hs_code": "wool", "origin_country": "XX", "weight_g": 5})

    assert products_without_customs(now=NOW)[0].missing == ("hs_code", "origin_country")


def test_cancelled_forgotten_and_old_orders_ask_for_nothing(merchant):
    make_swiss_order(cancelled_at=NOW)
    make_swiss_order(redacted_at=NOW)
    make_swiss_order(ordered_at=NOW.replace(year=2024))

    assert products_without_customs(now=NOW) == []


# The settings


def test_the_list_is_filled_in_once_per_product(owner, house, jobs):
    ret = make_waiting()
    page = text(owner.get("/panel/settings/customs/"))
    assert "SCARF" in page
    assert "Merino scarf" in page

    form = {"key": "SCARF", "r0-hs_code": "6117.10", "r0-origin_country": "IT", "r0-weight_g": "90"}
    answer = owner.post("/panel/settings/customs/", form, follow=True)

    assert "1 product saved" in text(answer)
    assert "No product lacks customs data" in text(answer)
    assert "SCARF" in text(owner.get("/panel/settings/customs/?show=known"))
    assert "resume_customs" in jobs.names()
    resume_customs(now=NOW)
    ret.refresh_from_db()
    assert ret.customs_wanted_at is None
    assert LabelPurchase.objects.filter(parcel__ret=ret).count() == 1


def test_what_is_wrong_stands_beside_the_product_and_nothing_is_lost(owner, house):
    make_swiss_order()

    form = {"key": "SCARF", "r0-hs_code": "61", "r0-origin_country": "IT", "r0-weight_g": "90"}
    answer = owner.post("/panel/settings/customs/", form)

    assert answer.status_code == 400
    assert "An HS code has 6 to 10 digits" in text(answer)
    assert 'value="61"' in text(answer)
    assert 'value="90"' in text(answer)
    assert ProductCustoms.objects.count() == 0


def test_an_orders_own_products_alone(owner, house):
    order = make_swiss_order()
    make_swiss_order({"sku": "OTHER"} | UNKNOWN)

    page = text(owner.get(f"/panel/settings/customs/?order={order.pk}"))

    assert "SCARF" in page
    assert "OTHER" not in page
    assert owner.get("/panel/settings/customs/?order=999999999999").status_code == 200
    assert owner.get("/panel/settings/customs/?order=x").status_code == 200


def test_the_desk_looks_and_does_not_write(house, merchant, client):
    user = makers.make_member(merchant, role="desk").user
    client.force_login(user)

    assert client.get("/panel/settings/customs/").status_code == 200
    assert client.post("/panel/settings/customs/", {"key": "A"}).status_code == 403


# Where the desk looks


def test_the_page_of_an_order_asks_before_there_is_a_return(owner, house):
    order = make_swiss_order()

    page = text(owner.get(f"/panel/orders/{order.pk}/"))

    assert "Customs data of 1 item is missing" in page
    assert f"/panel/settings/customs/?order={order.pk}" in page
    assert "Customs data of" not in text(owner.get(f"/panel/orders/{house.order.pk}/"))


def test_the_list_of_returns_says_how_many_wait_and_shows_them(owner, house):
    ret = make_waiting()

    page = text(owner.get("/panel/returns/?tab=in_transit"))
    only = text(owner.get("/panel/returns/?tab=in_transit&customs=1"))

    assert "1 label waits for customs data" in page
    assert "Customs data missing" in page
    assert ret.number in only
    assert house.ret.number not in only


def test_the_page_of_a_return_asks_and_the_label_follows(owner, house):
    ret = make_waiting()
    item = ret.items.get()
    page = text(owner.get(f"/panel/returns/{ret.number}/"))
    assert "the label waits" in page

    form = {
        "key": str(item.pk),
        "r0-hs_code": "6117 10",
        "r0-origin_country": "IT",
        "r0-weight_g": "90",
        "remember": "on",
    }
    answer = owner.post(f"/panel/returns/{ret.number}/customs/", form, follow=True)

    assert "the label waits" not in text(answer)
    assert LabelPurchase.objects.filter(parcel__ret=ret).count() == 1
    assert ProductCustoms.objects.get().hs_code == "611710"


def test_a_request_is_asked_for_before_it_is_approved(owner, house):
    ret = makers.make_return(make_swiss_order(), approval="requested", carrier="none")

    assert "before the label" in text(owner.get(f"/panel/returns/{ret.number}/"))


def test_nonsense_for_a_return_is_told(owner, house):
    ret = make_waiting()
    form = {"key": str(ret.items.get().pk), "r0-weight_g": "a lot"}

    answer = owner.post(f"/panel/returns/{ret.number}/customs/", form, follow=True)

    assert "Write the weight of one piece in whole grams" in text(answer)


def test_the_papers_hang_on_the_return(owner, house):
    ret = makers.make_return(make_swiss_order(), carrier="label_ready")
    label = make_label(ret)
    for kind in ("commercial_invoice", "cn23", "customs"):
        stored = StoredDocument.objects.keep(kind.encode(), content_type="application/pdf")
        CustomsPaper.objects.create(label=label, kind=kind, document=stored)

    page = text(owner.get(f"/panel/returns/{ret.number}/"))
    paper = owner.get(f"/panel/returns/{ret.number}/paper?kind=cn23")

    assert f"/panel/returns/{ret.number}/paper?kind=commercial_invoice" in page
    assert "?kind=cn22" not in page
    assert (paper.status_code, paper.content) == (200, b"cn23")
    assert f'filename="{ret.number}-cn23.pdf"' in paper["Content-Disposition"]
    for kind in ("cn22", "customs", "", "x"):
        gone = owner.get(f"/panel/returns/{ret.number}/paper?kind={kind}")
        assert gone.status_code == 404


def test_a_stranger_finds_no_paper(owner, house, strangers):
    with acting_for(strangers.ret.merchant_id):
        label = make_label(strangers.ret)
        stored = StoredDocument.objects.keep(b"theirs", content_type="application/pdf")
        CustomsPaper.objects.create(label=label, kind="cn23", document=stored)

    gone = owner.get(f"/panel/returns/{strangers.ret.number}/paper?kind=cn23")

    assert gone.status_code == 404


@pytest.mark.parametrize("known", ["", "?show=known"])
def test_the_settings_ask_as_often_for_three_products_as_for_one(owner, house, known):
    def asked():
        with CaptureQueriesContext(connection) as seen:
            owner.get(f"/panel/settings/customs/{known}")
        return len(seen)

    make_swiss_order({"sku": "A"} | UNKNOWN)
    ProductCustoms.objects.create(sku="K1", hs_code="611710", saved_at=NOW)
    asked()
    one = asked()
    make_swiss_order({"sku": "B"} | UNKNOWN, {"sku": "C"} | UNKNOWN)
    ProductCustoms.objects.create(sku="K2", hs_code="611710", saved_at=NOW)

    assert asked() == one
