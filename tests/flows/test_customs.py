"""A label across a customs border waits for what customs must know, and goes on by itself."""

from datetime import timedelta

import pytest

from rientro.flows.fill_customs import TooLateForCustoms, fill_customs
from rientro.flows.resume_customs import resume_customs
from rientro.flows.retry_label import CannotRetry, retry_label
from rientro.flows.save_product_customs import save_product_customs
from rientro.models import Event, LabelPurchase, ProductCustoms
from rientro.models.customs import declared, goods_by_item, missing_by_item
from rientro.models.purchasing import intend_label
from rientro.policy.declaration import BadCustoms, CustomsTold
from tests.makers import NOW, make_address, make_carrier_account, make_order, make_return

UNKNOWN = {"hs_code": "", "origin_country": "", "weight_g": 0}
WHOLE = CustomsTold(hs_code="6117.10 00", origin_country="it", weight_g="300")


def make_waiting(*lines, **fields):
    """A return from Switzerland of an order's first line, whose label was asked for."""
    order = make_order(lines=list(lines) or [UNKNOWN])
    ret = make_return(order, from_country="CH", from_postal_code="8001", **fields)
    if not LabelPurchase.objects.exists():
        make_carrier_account()
    assert intend_label(ret, at=NOW) is None
    return ret


def names(ret):
    return list(Event.objects.filter(ret=ret).order_by("pk").values_list("name", flat=True))


def test_a_label_waits_for_what_customs_must_know(merchant):
    ret = make_waiting()

    assert (ret.carrier, ret.customs_wanted_at) == ("label_pending", NOW)
    assert LabelPurchase.objects.count() == 0
    event = Event.objects.get(ret=ret)
    assert (event.name, event.facts["missing"]) == (
        "return.customs_wanted",
        ["hs_code", "origin_country", "weight_g"],
    )


def test_nothing_waits_inside_one_customs_territory(merchant):
    order = make_order(lines=[UNKNOWN])
    make_carrier_account()

    assert intend_label(make_return(order, from_country="DE"), at=NOW) is not None


def test_asking_again_tells_nobody_twice(merchant):
    ret = make_waiting()

    intend_label(ret, at=NOW + timedelta(hours=1))

    assert names(ret) == ["return.customs_wanted"]
    assert ret.customs_wanted_at == NOW


def test_what_is_filled_in_for_a_return_buys_its_label(merchant):
    ret = make_waiting()
    item = ret.items.get()

    fill_customs(ret=ret, told={item.pk: WHOLE}, remember=False, actor="member:1", now=NOW)

    purchase = LabelPurchase.objects.get()
    ret.refresh_from_db()
    assert ret.customs_wanted_at is None
    assert purchase.request["customs"]["items"] == [
        {
            "description": "Merino scarf, Moss · one size",
            "quantity": 1,
            "value_minor": 4600,
            "weight_g": 300,
            "hs_code": "61171000",
            "origin_country": "IT",
            "sku": item.order_line.sku,
        }
    ]
    assert purchase.parcel.weight_g == 300
    assert names(ret) == ["return.customs_wanted", "return.customs_filled", "return.label_asked"]
    assert ProductCustoms.objects.count() == 0


def test_half_of_it_goes_on_waiting(merchant):
    ret = make_waiting()
    told = {ret.items.get().pk: CustomsTold(hs_code="611710")}

    fill_customs(ret=ret, told=told, remember=True, actor="member:1", now=NOW)

    ret.refresh_from_db()
    assert ret.customs_wanted_at == NOW
    assert list(missing_by_item(ret).values()) == [("origin_country", "weight_g")]
    assert LabelPurchase.objects.count() == 0


def test_what_is_remembered_serves_every_return_that_waits(merchant):
    sku = {"sku": "SCARF"} | UNKNOWN
    first, second = make_waiting(sku), make_waiting(sku)

    fill_customs(
        ret=first, told={first.items.get().pk: WHOLE}, remember=True, actor="member:1", now=NOW
    )

    assert resume_customs(now=NOW) == 1
    second.refresh_from_db()
    assert second.customs_wanted_at is None
    assert LabelPurchase.objects.count() == 2
    assert resume_customs(now=NOW) == 0


def test_a_product_filled_in_from_the_list_lets_its_returns_go_on(merchant, jobs):
    ret = make_waiting({"sku": "SCARF"} | UNKNOWN)

    save_product_customs(told={"SCARF": WHOLE}, actor="member:1", now=NOW)

    assert "resume_customs" in jobs.names()
    assert resume_customs(now=NOW) == 1
    ret.refresh_from_db()
    assert ret.customs_wanted_at is None


def test_an_order_that_comes_in_again_with_codes_lets_its_return_go_on(merchant):
    ret = make_waiting()
    ret.order.lines.update(hs_code="611710", origin_country="IT", weight_g=90)

    assert resume_customs(now=NOW) == 1


def test_what_the_shop_said_wins_over_the_list_and_the_return_over_both(merchant):
    ret = make_waiting({"sku": "S"} | UNKNOWN | {"hs_code": "6117.10"})
    item = ret.items.get()
    ProductCustoms.objects.create(
        sku="S", hs_code="420321", origin_country="PT", weight_g=50, saved_at=NOW
    )
    goods = goods_by_item(ret)[item.pk]
    assert (goods.hs_code, goods.origin_country, goods.weight_g) == ("611710", "PT", 50)

    item.customs = {"hs_code": "611720"}
    item.save()

    assert goods_by_item(ret)[item.pk].hs_code == "611720"


def test_a_shops_nonsense_counts_as_nothing(merchant):
    ret = make_waiting({"hs_code": "wool", "origin_country": "XX", "weight_g": 1})

    assert list(missing_by_item(ret).values()) == [("hs_code", "origin_country")]


def test_a_parcel_declares_what_lies_in_it(merchant):
    ret = make_return(make_order(), quantity=2, from_country="CH")
    item = ret.items.get()

    assert [row["quantity"] for row in declared(ret)["items"]] == [2]
    assert [row["quantity"] for row in declared(ret, [(item.pk, 1)])["items"]] == [1]


def test_the_receivers_tax_numbers_and_the_first_invoice_are_named(merchant):
    order = make_order(facts={"customs_invoice_nr": "INV-7"})
    order.sender_address.vat_number = "IT09481230967"
    order.sender_address.save()
    make_address(eori_number="ITX", is_default=False)

    told = declared(make_return(order, from_country="CH"))

    assert (told["invoice_number"], told["receiver_vat"], told["receiver_eori"]) == (
        "INV-7",
        "IT09481230967",
        "",
    )
    bare = declared(make_return(make_order(facts={}, number="BR-1"), from_country="CH"))
    assert bare["invoice_number"] == "BR-1"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (CustomsTold(hs_code="123"), "hs_code"),
        (CustomsTold(origin_country="XX"), "origin_country"),
        (CustomsTold(weight_g="0"), "weight_g"),
        (CustomsTold(weight_g="1.5"), "weight_g"),
        (CustomsTold(weight_g="9999999"), "weight_g"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(merchant, told, field):
    ret = make_waiting()
    item = ret.items.get()

    with pytest.raises(BadCustoms) as refused:
        fill_customs(ret=ret, told={item.pk: told}, remember=True, actor="member:1", now=NOW)

    assert (refused.value.facts["field"], refused.value.facts["item"]) == (field, item.pk)
    assert ProductCustoms.objects.count() == 0


def test_a_product_without_a_sku_or_without_words_is_not_kept(merchant):
    told = {" ": WHOLE, "A": CustomsTold()}

    assert save_product_customs(told=told, actor="member:1", now=NOW) == []
    assert ProductCustoms.objects.count() == 0


def test_one_wrong_product_keeps_none(merchant):
    told = {"A": WHOLE, "B": CustomsTold(hs_code="1")}

    with pytest.raises(BadCustoms) as refused:
        save_product_customs(told=told, actor="member:1", now=NOW)

    assert refused.value.facts["item"] == "B"
    assert ProductCustoms.objects.count() == 0


def test_the_same_again_is_no_news(merchant):
    save_product_customs(told={"A": WHOLE}, actor="member:1", now=NOW)

    assert save_product_customs(told={"A": WHOLE}, actor="member:1", now=NOW) == []
    assert Event.objects.filter(name="product.customs_saved").count() == 1


def test_nothing_is_filled_in_once_the_label_is_bought(merchant):
    ret = make_return(from_country="CH", carrier="label_ready")

    with pytest.raises(TooLateForCustoms):
        fill_customs(
            ret=ret, told={ret.items.get().pk: WHOLE}, remember=False, actor="member:1", now=NOW
        )


def test_a_waiting_return_is_not_asked_for_again_by_hand(merchant):
    ret = make_waiting()

    with pytest.raises(CannotRetry):
        retry_label(ret=ret, actor="member:1", now=NOW)


def test_a_cancelled_return_waits_for_nothing(merchant):
    from rientro.flows.cancel_return import cancel_return

    ret = make_waiting()
    cancel_return(ret=ret, actor="shopper", now=NOW)
    ret.order.lines.update(hs_code="611710", origin_country="IT", weight_g=90)

    assert resume_customs(now=NOW) == 0
