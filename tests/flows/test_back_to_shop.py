"""A refund goes to the shop and is paid there once, whatever is answered, lost, killed or pressed twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction

from rientro.flows.deliver_event import deliver_event
from rientro.flows.redact_order import StillUnderWay, redact_order
from rientro.flows.refund_return import BadRefund, NotRefundable, RefundWish, refund_return
from rientro.flows.run_errand import DISCONNECTED, PAUSED, ErrandBusy, run_errand
from rientro.flows.settle_refund import NothingToSettle, settle_refund
from rientro.kit import crash_points
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    Event,
    Integration,
    LedgerEntry,
    Mail,
    Order,
    Refund,
    Return,
    ShopErrand,
    ShopLink,
)
from rientro.models.back_to_shop import due_errands
from rientro.models.mail_facts import letter_of
from rientro.shops.base import Can
from tests.makers import NOW, make_member, make_merchant
from tests.small_shop import ORDER, connect, returned, small_shop

pytestmark = pytest.mark.django_db(transaction=True)

AMOUNT = 8750
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def shop():
    with small_shop() as server:
        yield server


@pytest.fixture
def merchant():
    made = make_merchant()
    with acting_for(made.pk):
        yield made


@pytest.fixture
def ret(merchant, shop):
    with transaction.atomic():
        return returned(connect(shop))


def pay(ret, amount_minor=AMOUNT, kind="money", **wish):
    with transaction.atomic():
        return refund_return(
            ret=ret,
            amount_minor=amount_minor,
            kind=kind,
            actor="member:1",
            now=NOW,
            wish=RefundWish(**wish),
        )


def errand_of(refund):
    with transaction.atomic():
        return ShopErrand.objects.get(refund=refund)


def run(refund, after=timedelta()):
    return run_errand(errand=errand_of(refund), now=NOW + after)


def settle(refund, outcome, **more):
    with transaction.atomic():
        return settle_refund(refund=refund, outcome=outcome, actor="member:2", now=NOW, **more)


def stands(ret, refund):
    """(refund, return, ledger entries, errand)"""
    with transaction.atomic():
        refund.refresh_from_db()
        ret.refresh_from_db()
        booked = LedgerEntry.objects.filter(subject=f"refund:{refund.pk}").count()
        errand = ShopErrand.objects.filter(refund=refund).first()
        return refund.state, ret.settlement, booked, errand.state if errand else ""


def told(ret):
    with transaction.atomic():
        names = Event.objects.filter(ret=ret, name__startswith="return.refund").order_by("pk")
        return [name.removeprefix("return.") for name in names.values_list("name", flat=True)]


# The straight way


def test_the_money_is_promised_until_the_shop_has_paid_it(ret, shop):
    refund = pay(ret)

    assert stands(ret, refund) == ("pending", "promised", 0, "waiting")
    assert shop.heard == []

    run(refund)

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert told(ret) == ["refund_pending", "refunded"]
    (made,) = shop.refunds[ORDER]
    assert (made["amount"], made["shipping"], made["units"]) == (AMOUNT, 0, {"L1": 2})
    assert (made["method"], made["note"]) == ("original", f"Return {ret.number}")
    assert refund.reference == made["id"]
    assert shop.stock == {"L1": 2}


def test_whatever_a_shop_tells_along_the_payment_is_written_down(ret, shop):
    refund = pay(ret)

    assert run(refund).answer["facts"] == {"paid": "87.5", "odd": "ab"}
    assert stands(ret, refund)[0] == "paid"


def test_the_order_is_read_again_before_it_is_refunded(ret, shop):
    run(pay(ret))

    assert shop.heard == [f"GET /orders/{ORDER}", f"POST /orders/{ORDER}/refunds"]


@pytest.mark.parametrize(
    ("grade", "disposition", "restock", "on_the_shelf"),
    [
        ("new", "restock", None, {"L1": 2}),
        ("new", "", None, {"L1": 2}),
        ("damaged", "scrap", None, {}),
        ("opened", "", None, {}),
        ("new", "restock", False, {}),
        ("damaged", "scrap", True, {"L1": 2}),
    ],
)
def test_what_is_as_new_goes_back_to_the_shelf(
    ret, shop, grade, disposition, restock, on_the_shelf
):
    with transaction.atomic():
        ret.items.update(grade=grade, disposition=disposition)

    run(pay(ret, restock=restock))

    assert shop.stock == on_the_shelf


def test_a_coupon_with_goods_for_the_shelf_is_refused(ret, shop):
    with pytest.raises(BadRefund, match="stock"):
        pay(ret, method="coupon", restock=True)


def test_parts_name_their_own_units_and_never_one_twice(ret, shop):
    with transaction.atomic():
        item = ret.items.get().pk
    run(pay(ret, 4600, units={item: 1}))
    with pytest.raises(BadRefund):
        pay(ret, 4150, units={item: 2})
    run(pay(ret, 4150))

    assert [made["units"] for made in shop.refunds[ORDER]] == [{"L1": 1}, {"L1": 1}]
    assert shop.paid(ORDER) == AMOUNT


def test_postage_goes_back_on_top_of_the_goods_and_no_more_than_was_paid(ret, shop):
    with pytest.raises(BadRefund, match="postage"):
        pay(ret, AMOUNT + 501, shipping_minor=501)
    with pytest.raises(BadRefund):
        pay(ret, AMOUNT + 500, shipping_minor=499)

    run(pay(ret, AMOUNT + 500, shipping_minor=500))

    (made,) = shop.refunds[ORDER]
    assert (made["amount"], made["shipping"]) == (AMOUNT + 500, 500)
    with transaction.atomic():
        assert LedgerEntry.objects.get().amount_minor == AMOUNT + 500
    with pytest.raises(BadRefund):
        pay(ret, 1, shipping_minor=1)


def test_postage_alone_takes_no_units_with_it(ret, shop):
    run(pay(ret, 500, shipping_minor=500))

    (made,) = shop.refunds[ORDER]
    assert made["units"] == {}


def test_credit_in_the_shop_is_credit_in_the_books(ret, shop):
    refund = pay(ret, kind="credit")
    run(refund)

    assert (refund.kind, refund.method) == ("credit", "store_credit")
    assert shop.refunds[ORDER][0]["method"] == "store_credit"


def test_a_coupon_has_a_code_for_desk_and_shopper(ret, shop):
    refund = pay(ret, method="coupon")
    run(refund)
    stands(ret, refund)

    assert refund.code == f"THANKS-{ORDER}-1"
    assert shop.stock == {}  # it is no refund of the order
    assert shop.refunds[ORDER][0]["email"] == ret.from_email
    with transaction.atomic():
        event = Event.objects.get(name="return.refunded")
        assert "code" not in event.facts
        (mail,) = deliver_event(event=event, now=NOW)
        assert mail.kind == "refunded"
        letter = letter_of(mail)
        assert refund.code in letter.text
        assert refund.code in letter.html


def test_no_mail_goes_out_before_the_money(ret):
    refund = pay(ret)
    with transaction.atomic():
        assert deliver_event(event=Event.objects.get(), now=NOW) == []
    run(refund)

    with transaction.atomic():
        assert deliver_event(event=Event.objects.get(name="return.refunded"), now=NOW)


def test_what_was_paid_by_another_road_is_written_down_at_once(ret, shop):
    refund = pay(ret, method="elsewhere")

    assert stands(ret, refund) == ("paid", "refunded", 1, "")
    assert told(ret) == ["refunded"]
    assert shop.heard == []


def test_an_exchange_is_no_business_of_the_shop(ret, shop):
    refund = pay(ret, kind="exchange")

    assert stands(ret, refund)[0] == "paid"
    assert shop.heard == []


def test_a_shop_that_cannot_refund_is_not_asked(merchant):
    with small_shop(Can.NOTE) as server, transaction.atomic():
        ret = returned(connect(server))
        refund = pay(ret)
        assert refund.state == "paid"
        with pytest.raises(BadRefund):
            pay(ret, method="coupon")


def test_a_shop_that_only_knows_coupons_gives_coupons(merchant):
    with small_shop(Can.COUPON) as server:
        with transaction.atomic():
            ret = returned(connect(server))
        assert pay(ret, 1000).method == ""  # money goes by another road
        refund = pay(ret, 1000, kind="credit")
        run(refund)
        stands(ret, refund)
    assert (refund.method, refund.code) == ("coupon", f"THANKS-{ORDER}-1")
    assert server.stock == {}


def test_no_more_than_what_came_back_less_the_fee(ret, shop):
    with pytest.raises(BadRefund):
        pay(ret, AMOUNT + 1)
    with transaction.atomic():
        assert Refund.objects.count() == ShopErrand.objects.count() == 0


# Twice


def test_a_task_that_comes_twice_pays_once(ret, shop):
    refund = pay(ret)
    run(refund)
    run(refund)
    run(refund, HOUR)

    assert shop.paid(ORDER) == AMOUNT
    assert told(ret) == ["refund_pending", "refunded"]


def test_two_tasks_at_once_pay_once(ret, shop, merchant):
    refund = pay(ret)
    errand = errand_of(refund)
    shop.hold.clear()

    def work():
        try:
            with acting_for(merchant.pk):
                run_errand(errand=errand, now=NOW)
            return "done"
        except ErrandBusy:
            shop.hold.set()
            return "busy"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(call.result(60) for call in [pool.submit(work) for _ in range(2)])

    assert ended == ["busy", "done"]
    assert shop.paid(ORDER) == AMOUNT


def test_two_members_who_press_at_once_refund_once(ret, shop, merchant):
    def press(amount):
        try:
            with merchant_transaction(merchant.pk):
                wish = RefundWish(seen=0)
                return refund_return(
                    ret=ret, amount_minor=amount, kind="money", actor="member:1", now=NOW, wish=wish
                )
        except NotRefundable:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        made = [each for each in pool.map(press, [1000] * 8) if each]

    assert len(made) == 1
    run(made[0])
    assert shop.paid(ORDER) == 1000
    with pytest.raises(NotRefundable, match="Look again"):
        pay(ret, 1000, seen=0)


def test_while_one_refund_is_with_the_shop_nothing_else_goes_back(ret):
    pay(ret, 1000)

    for amount, wish in ((1000, {}), (1000, {"method": "elsewhere"}), (0, {})):
        with pytest.raises(NotRefundable):
            pay(ret, amount, **wish)


# What a shop may answer


def test_a_refusal_opens_the_return_for_another_amount(ret, shop):
    shop.orders[ORDER] = 5000
    refund = pay(ret)
    errand = run(refund)

    assert stands(ret, refund) == ("failed", "open", 0, "refused")
    assert errand.error == "The order has less left than that."
    assert told(ret) == ["refund_pending", "refund_failed"]
    with transaction.atomic():
        words = Event.objects.get(name="return.refund_failed").facts["words"]
    assert words == "The order has less left than that."

    again = pay(ret, 5000)
    run(again)
    assert stands(ret, again) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == 5000


@pytest.mark.parametrize("fault", ["lose", "drop", 500, 502])
def test_a_lost_answer_is_looked_for_and_never_paid_twice(ret, shop, fault):
    shop.faults = [fault]
    refund = pay(ret)
    run(refund)
    assert stands(ret, refund) == ("pending", "promised", 0, "asking")

    asked = len(shop.heard)
    run(refund, timedelta(seconds=80))
    assert len(shop.heard) == asked  # the shop may still be at work on it
    run(refund, timedelta(seconds=100))

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == AMOUNT
    assert "/refunds?reference=" in shop.heard[asked]


def test_a_shop_that_is_too_slow_is_looked_into_later(merchant, shop):
    with transaction.atomic():
        ret = returned(connect(shop, deadline_s=0.3))
    shop.hold.clear()
    refund = pay(ret)
    run(refund)
    assert stands(ret, refund)[3] == "asking"
    shop.hold.set()

    run(refund, 2 * MINUTE)

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == AMOUNT


@pytest.mark.parametrize(("fault", "wait_s"), [(429, 7), (503, None)])
def test_a_shop_that_did_nothing_is_asked_again_later(ret, shop, fault, wait_s):
    shop.blind = [fault]
    refund = pay(ret)
    errand = run(refund)

    assert stands(ret, refund) == ("pending", "promised", 0, "waiting")
    assert errand.error
    assert errand.asked_at is None
    if wait_s:
        assert errand.next_at == NOW + timedelta(seconds=wait_s)
    run(refund, 5 * MINUTE)
    assert stands(ret, refund) == ("paid", "refunded", 1, "done")


def test_doubt_that_lasts_an_hour_is_left_to_a_person(ret, shop):
    shop.faults = ["lose"]
    refund = pay(ret)
    run(refund)
    shop.blind = [404] * 50
    waits, after = [], timedelta()
    while stands(ret, refund)[3] == "asking":
        errand = errand_of(refund)
        waits.append(int((errand.next_at - NOW - after).total_seconds()))
        after = errand.next_at - NOW
        run(refund, after)

    assert stands(ret, refund) == ("pending", "promised", 0, "unknown")
    assert waits == [90, 90, 180, 360, 720, 900, 900, 900][: len(waits)]
    assert HOUR <= after < timedelta(minutes=80)
    assert told(ret) == ["refund_pending", "refund_unknown"]
    assert len(shop.refunds[ORDER]) == 1
    run(refund, 5 * HOUR)  # nobody asks any more
    with pytest.raises(NotRefundable):
        pay(ret, 100)


def unknown(ret, shop, *, paid):
    """A refund of which nobody knows; was it ``paid``?"""
    refund = pay(ret)
    shop.faults = ["lose" if paid else "drop"]
    run(refund)
    shop.blind = [404] * 20
    run(refund, 2 * MINUTE)
    run(refund, 2 * HOUR)
    shop.blind = []
    assert stands(ret, refund)[3] == "unknown"
    return refund


def test_a_person_says_that_it_was_refunded(ret, shop):
    refund = unknown(ret, shop, paid=True)
    settle(refund, "refunded")

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert told(ret)[2:] == ["refund_settled", "refunded"]
    with transaction.atomic():
        said = Event.objects.get(name="return.refund_settled")
        assert (said.actor, said.facts["outcome"]) == ("member:2", "refunded")
    with pytest.raises(NothingToSettle):
        settle(refund, "again")


def test_a_person_says_that_it_was_not_and_the_shop_is_asked_again(ret, shop):
    refund = unknown(ret, shop, paid=False)
    settle(refund, "again")
    run(refund, 2 * HOUR)

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == AMOUNT


def test_a_person_who_errs_pays_nothing_twice_where_the_shop_can_be_asked(ret, shop):
    refund = unknown(ret, shop, paid=True)
    settle(refund, "again")
    run(refund, 2 * HOUR)

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == AMOUNT


def test_where_the_shop_still_cannot_say_a_person_is_believed(ret, shop):
    refund = unknown(ret, shop, paid=False)
    settle(refund, "again")
    shop.blind = [404]
    run(refund, 2 * HOUR)

    assert shop.paid(ORDER) == AMOUNT
    assert stands(ret, refund) == ("paid", "refunded", 1, "done")


def test_a_refusal_after_a_doubt_that_cannot_be_looked_into_is_a_doubt(ret, shop):
    refund = unknown(ret, shop, paid=True)
    settle(refund, "again")
    shop.blind, shop.orders[ORDER] = [404], AMOUNT  # nothing is left, because it was paid
    run(refund, 2 * HOUR)

    assert stands(ret, refund) == ("pending", "promised", 0, "unknown")
    assert shop.paid(ORDER) == AMOUNT


def test_a_person_gives_it_up(ret, shop):
    refund = unknown(ret, shop, paid=False)
    settle(refund, "given_up")

    assert stands(ret, refund) == ("failed", "open", 0, "refused")
    run(pay(ret, 1000), MINUTE)
    assert shop.paid(ORDER) == 1000


def test_a_refund_that_only_waits_can_be_taken_back(ret, shop):
    refund = pay(ret)
    settle(refund, "given_up")
    run(refund)

    assert stands(ret, refund) == ("failed", "open", 0, "refused")
    assert shop.heard == []


def test_keys_that_are_refused_mark_the_shop_and_the_refund_waits(ret, shop):
    shop.blind = [401]
    refund = pay(ret)
    run(refund)

    assert stands(ret, refund) == ("pending", "promised", 0, "waiting")
    with transaction.atomic():
        assert ShopLink.objects.get().state == "broken"
    errand = run(refund, 2 * MINUTE)
    assert errand.error == "The shop says 401."
    assert len(shop.heard) == 1  # a shop that rests is asked nothing
    with transaction.atomic():
        ShopLink.objects.update(state="ok", rest_until=None)
    run(refund, 4 * MINUTE)
    assert stands(ret, refund) == ("paid", "refunded", 1, "done")


def test_a_paused_shop_is_asked_when_it_goes_on(ret, shop):
    with transaction.atomic():
        ShopLink.objects.update(state="paused")
    refund = pay(ret)

    assert run(refund).error == PAUSED
    assert shop.heard == []
    with transaction.atomic():
        assert due_errands(now=NOW + MINUTE) == [errand_of(refund).pk]
        ShopLink.objects.update(state="ok")
    run(refund, MINUTE)
    assert stands(ret, refund) == ("paid", "refunded", 1, "done")


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        (False, ("failed", "open", 0, "refused")),
        (True, ("pending", "promised", 0, "unknown")),
    ],
)
def test_a_shop_that_was_disconnected_is_said(ret, shop, asked, ends):
    refund = pay(ret)
    if asked:
        shop.faults = ["lose"]
        run(refund)
    with transaction.atomic():
        Integration.objects.filter(pk=ret.order.integration_id).update(deleted_at=NOW)

    errand = run(refund, 2 * MINUTE)

    assert stands(ret, refund) == ends
    assert errand.error == DISCONNECTED


# Processes that die


def test_whoever_dies_after_the_claim_is_found_by_the_sweeper(ret, shop):
    refund = pay(ret)

    class Dead(Exception):
        pass

    def ghost(point):
        if point == "errand.before_wire":
            raise Dead

    crash_points.haunt(ghost)
    try:
        with pytest.raises(Dead):
            run(refund)
    finally:
        crash_points.haunt(None)
    with transaction.atomic():
        assert due_errands(now=NOW + timedelta(seconds=89)) == []
        assert due_errands(now=NOW + timedelta(seconds=90)) == [errand_of(refund).pk]
    run(refund, timedelta(seconds=90))

    assert stands(ret, refund) == ("paid", "refunded", 1, "done")
    assert shop.paid(ORDER) == AMOUNT


# People are told


def mails_of(ret, name):
    with transaction.atomic():
        event = Event.objects.get(ret=ret, name=name)
        return deliver_event(event=event, now=NOW)


def test_a_refusal_is_mailed_to_those_who_decide_in_the_shops_words(ret, shop, merchant):
    with transaction.atomic():
        for role in ("owner", "desk", "warehouse"):
            make_member(merchant, role=role)
    shop.orders[ORDER] = 5000
    run(pay(ret))

    mails = mails_of(ret, "return.refund_failed")
    assert [mail.kind for mail in mails] == ["refund_failed"] * 2
    with transaction.atomic():
        letter = letter_of(mails[0])
    assert "The order has less left than that." in letter.text
    assert "€87.50" in letter.text
    assert f"/panel/returns/{ret.number}/" in letter.html
    assert ret.from_email not in {mail.to for mail in mails}


def test_a_doubt_is_mailed_too_and_what_somebody_gave_up_is_not(ret, shop, merchant):
    with transaction.atomic():
        make_member(merchant)
    refund = unknown(ret, shop, paid=True)
    (mail,) = mails_of(ret, "return.refund_unknown")
    with transaction.atomic():
        assert "nobody knows whether the money went" in letter_of(mail).text

    settle(refund, "given_up")
    assert mails_of(ret, "return.refund_failed") == []


def test_nobody_is_forgotten_while_their_money_is_with_the_shop(ret, shop):
    run(pay(ret, 1000))
    refund = pay(ret, 1000)
    with pytest.raises(StillUnderWay), transaction.atomic():
        redact_order(order=ret.order, actor="member:1", now=NOW)
    run(refund)
    with transaction.atomic():
        redact_order(order=ret.order, actor="member:1", now=NOW)
        assert {errand.answer.get("facts") for errand in ShopErrand.objects.all()} == {None}


# Notes


def deliver(ret, name):
    with transaction.atomic():
        event = Event.record(name, actor="clock", at=NOW, ret=ret)
        deliver_event(event=event, now=NOW)
        deliver_event(event=event, now=NOW)


def notes():
    with transaction.atomic():
        return list(ShopErrand.objects.filter(kind="note"))


def test_the_order_says_that_there_is_a_return_when_its_label_is_bought(ret, shop, settings):
    deliver(ret, "return.approved")
    assert notes() == []
    deliver(ret, "return.label_bought")
    deliver(ret, "return.label_bought")
    (note,) = notes()
    run_errand(errand=note, now=NOW)
    run_errand(errand=note, now=NOW)

    (words,) = shop.notes[ORDER]
    assert words.startswith(f"Return {ret.number}: 2 × SKU-")
    assert words.endswith(f"{settings.BASE_URL}/panel/returns/{ret.number}/")
    with transaction.atomic():
        assert Event.objects.filter(name="return.order_noted").count() == 1


def test_a_return_without_a_label_is_noted_when_it_is_approved(ret, shop):
    with transaction.atomic():
        Return.objects.update(method="in_store")
        ret.refresh_from_db()
    deliver(ret, "return.approved")

    assert len(notes()) == 1


def test_a_note_whose_answer_got_lost_stands_once(ret, shop):
    deliver(ret, "return.label_bought")
    (note,) = notes()
    shop.faults = ["lose"]
    run_errand(errand=note, now=NOW)
    run_errand(errand=note, now=NOW + 2 * MINUTE)

    assert len(shop.notes[ORDER]) == 1
    assert notes()[0].state == "done"


def test_a_note_that_the_shop_refuses_troubles_nobody(ret, shop):
    shop.faults = [422]
    deliver(ret, "return.label_bought")
    (note,) = notes()
    run_errand(errand=note, now=NOW)

    assert notes()[0].state == "refused"
    assert notes()[0].error == "The shop says 422."


def test_a_merchant_who_wants_no_notes_gets_none(ret, shop):
    with transaction.atomic():
        Integration.objects.update(settings={"notes": False})
    deliver(ret, "return.label_bought")

    assert notes() == []


def test_nothing_that_is_kept_of_an_errand_names_the_shopper(ret, shop):
    run(pay(ret, method="coupon"))
    deliver(ret, "return.label_bought")

    with transaction.atomic():
        order = Order.objects.get()
        for errand in ShopErrand.objects.all():
            kept = f"{errand.request}{errand.answer}{errand.error}"
            assert not any(
                word in kept for word in (order.email, order.name, order.street, ret.from_email)
            )


def test_mails_are_written_once(ret, shop):
    run(pay(ret))
    with transaction.atomic():
        event = Event.objects.get(name="return.refunded")
        deliver_event(event=event, now=NOW)
        deliver_event(event=event, now=NOW)
        assert Mail.objects.filter(kind="refunded").count() == 1
