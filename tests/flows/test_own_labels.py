"""Labels from the merchant's own pool: bought once each, by a hundred at once, and by buyers who die."""

from datetime import timedelta

import pytest
import typst

from rientro.flows.buy_label import NotNow, buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.store_label import store_label
from rientro.flows.void_label import void_label
from rientro.host.crash.children import Child
from rientro.host.crash.points import WORKER
from rientro.kit.crash_points import arm
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    Label,
    LabelPool,
    LabelPurchase,
    LedgerEntry,
    Parcel,
    PoolLabel,
    StoredDocument,
)
from rientro.models.ledger import balances, owed_to_carrier
from rientro.models.pool_shelf import Shelf
from rientro.models.purchasing import intend_label
from tests.flows.test_races import together
from tests.makers import (
    NOW,
    make_carrier_account,
    make_merchant,
    make_order,
    make_own_account,
    make_pool_labels,
    make_return,
)

LATER = NOW + timedelta(minutes=5)
BUYERS, TAKERS = 30, 100
LANE = {"origin": "IT", "destination": "IT", "weight_g": 300}
PAPER = typst.compile(b"#set page(width: 105mm, height: 148mm)\nOWN 1", format="pdf")
POINTS = WORKER[: WORKER.index("store.read")]


def asked(account, count=1):
    order = make_order(lines=[{"quantity": count}])
    purchases = [intend_label(make_return(order), at=NOW) for _ in range(count)]
    assert all(purchase.account_id == account.pk for purchase in purchases)
    return purchases


def test_a_label_of_the_pool_is_bought_and_printed_as_it_was_uploaded(merchant, jobs):
    account = make_own_account()
    paper = StoredDocument.objects.keep(PAPER, content_type="application/pdf")
    (own,) = make_pool_labels(account, 1, paper=paper)
    (purchase,) = asked(account)

    bought = buy_label(purchase=purchase, now=NOW)

    label = Label.objects.select_related("parcel__ret").get()
    assert bought.status == "bought"
    assert (label.tracking_number, label.price_minor) == (own.tracking_number, 590)
    assert label.parcel.ret.carrier == "label_ready"
    assert owed_to_carrier(account) == {"EUR": 590}
    store_label(label=label, now=NOW)
    label.refresh_from_db()
    assert label.pdf_a6_id
    assert label.zpl_id is None


def test_an_empty_pool_refuses_in_words_and_is_not_waited_for(merchant):
    account = make_own_account()
    make_pool_labels(account, 1)
    first, second = asked(account, 2)
    buy_label(purchase=first, now=NOW)

    refused = buy_label(purchase=second, now=NOW)

    ret = second.parcel.ret
    ret.refresh_from_db()
    assert refused.status == "refused"
    assert (ret.carrier, "none left" in ret.carrier_problem) == ("failed", True)
    assert sum(balances().values()) == 0


def test_a_cancelled_return_gives_its_label_back_and_the_next_one_gets_it(merchant, jobs):
    account = make_own_account()
    LabelPool.objects.create(account=account, given_back="reuse")
    (own,) = make_pool_labels(account, 1)
    first = asked(account)[0]
    buy_label(purchase=first, now=NOW)
    cancel_return(ret=first.parcel.ret, actor="shopper", now=NOW)

    void_label(label=Label.objects.get(), now=NOW)

    own.refresh_from_db()
    assert (own.state, Label.objects.get().void) == ("free", "voided")
    assert owed_to_carrier(account) == {"EUR": 0}
    (second,) = asked(account)
    buy_label(purchase=second, now=NOW)
    own.refresh_from_db()
    assert (own.state, own.reference) == ("taken", second.reference)
    assert [p.tracking_number for p in Parcel.objects.order_by("pk")] == ["", own.tracking_number]
    assert Label.objects.filter(void="none").count() == 1


def test_a_label_whose_parcel_was_scanned_is_not_given_back(merchant, jobs):
    account = make_own_account()
    make_pool_labels(account, 1)
    (purchase,) = asked(account)
    buy_label(purchase=purchase, now=NOW)
    Label.objects.update(void="requested", void_requested_at=NOW)
    Parcel.objects.update(first_scan_at=NOW)

    void_label(label=Label.objects.get(), now=NOW)

    label = Label.objects.get()
    assert (label.void, PoolLabel.objects.get().state) == ("refused", "taken")
    assert "label is used" in label.void_message


def test_another_contract_is_chosen_when_the_pool_has_none(merchant):
    own = make_own_account()
    other = make_carrier_account(carrier="sandbox", test_mode=False, is_default=False)
    make_pool_labels(own, 1, origin_country="DE")

    purchase = intend_label(make_return(), at=NOW)

    assert purchase.account_id == other.pk
    left_out = purchase.parcel.ret.trace["carrier"]["left_out"]
    assert [(each["contract_id"], each["why"]) for each in left_out] == [(own.pk, "stock")]


def test_a_pool_that_runs_out_after_the_choice_hands_over_to_the_next_contract(merchant):
    own = make_own_account()
    other = make_carrier_account(carrier="sandbox", test_mode=False, settings={"brands": ["1"]})
    (label,) = make_pool_labels(own, 1)
    ret = make_return()
    other.settings = {"brands": [str(ret.brand_id)]}
    other.save()
    own.settings = {"brands": [str(ret.brand_id)]}
    own.save()
    purchase = intend_label(ret, at=NOW)
    assert purchase.account_id == own.pk
    label.state = "retired"
    label.save()

    buy_label(purchase=purchase, now=NOW)

    later = LabelPurchase.objects.order_by("pk").last()
    assert (later.account_id, later.status) == (other.pk, "buying")


# Races and kills, with real connections


@pytest.mark.django_db(transaction=True)
def test_a_hundred_take_from_one_shelf_and_no_label_is_given_twice(transactional_db):
    """Ninety labels for a hundred purchases, each asked for by two threads, ten times over."""
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        account = make_own_account()
        make_pool_labels(account, 10 * (TAKERS // 2 - 5))

    def take(number):
        with acting_for(merchant.pk):
            references = [f"R-{turn}-{number % (TAKERS // 2)}" for turn in range(10)]
            return {r: Shelf(account, now=NOW).take(reference=r, **LANE) for r in references}

    answers = together(take, TAKERS)

    got = {}
    for reference, label in (pair for answer in answers for pair in answer.items()):
        got.setdefault(reference, []).append(label)
    given = [labels[0].tracking_number for labels in got.values() if labels[0]]
    assert [pair for pair in got.values() if pair[0] != pair[1]] == []
    assert len(given) == len(set(given)) == 10 * (TAKERS // 2 - 5)
    with merchant_transaction(merchant.pk):
        assert PoolLabel.objects.filter(state="free").count() == 0


@pytest.mark.django_db(transaction=True)
def test_buyers_at_one_moment_take_a_label_each_and_the_rest_is_told(transactional_db):
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        account = make_own_account()
        make_pool_labels(account, BUYERS - 5)
        purchases = asked(account, BUYERS)

    def buy(number):
        with acting_for(merchant.pk):
            return buy_label(purchase=purchases[number], now=NOW).status

    answers = together(buy, BUYERS)

    assert not [answer for answer in answers if isinstance(answer, RientroError)]
    with merchant_transaction(merchant.pk):
        taken = PoolLabel.objects.filter(state="taken").values_list("reference", flat=True)
        bought = LabelPurchase.objects.filter(status="bought").values_list("reference", flat=True)
        numbers = Label.objects.values_list("tracking_number", flat=True)
        assert (sorted(taken), len(set(numbers))) == (sorted(bought), BUYERS - 5)
        assert PoolLabel.objects.filter(state="free").count() == 0
        assert LabelPurchase.objects.filter(status="refused").count() == 5
        assert owed_to_carrier(account) == {"EUR": 590 * (BUYERS - 5)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", POINTS)
def test_a_buyer_that_is_killed_anywhere_gets_the_same_label_again(transactional_db, point):
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        account = make_own_account()
        make_pool_labels(account, 3)
        (purchase,) = asked(account)

    def buy(now=NOW):
        with acting_for(merchant.pk):
            return buy_label(purchase=purchase, now=now)

    def die():
        arm(point)
        buy()

    child = Child(die)
    assert child.wait() == "SIGKILL"
    with merchant_transaction(merchant.pk):
        before = list(PoolLabel.objects.filter(state="taken").values_list("pk", flat=True))
    for _ in range(40):  # PostgreSQL needs a moment to notice that the buyer is gone
        try:
            done = buy(LATER)
        except (NotNow, RientroError):
            continue
        break

    assert done.status == "bought"
    with merchant_transaction(merchant.pk):
        taken = PoolLabel.objects.get(state="taken")
        assert before in ([], [taken.pk])
        assert taken.reference == purchase.reference
        assert Label.objects.get().tracking_number == taken.tracking_number
        assert LedgerEntry.objects.filter(purchase=purchase).count() == 2
        assert sum(balances().values()) == 0
