from datetime import timedelta
from time import sleep

import pytest

from rientro.carriers.base import (
    AuthFailed,
    Can,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from rientro.flows.buy_label import AccountOnHold, LabelBusy, NotNow, buy_label
from rientro.kit.locks import alive_lock
from rientro.kit.money import Money
from rientro.models import Charge, Event, Label, LabelPurchase, LedgerEntry
from rientro.models.ledger import balances, owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_order, make_return

LATER = NOW + timedelta(minutes=5)


def make_purchase(ret=None, **account):
    fields = {"carrier": "scripted", "service": "std", "settings": {"prices": {"*": 490}}} | account
    make_carrier_account(**fields)
    return intend_label(ret or make_return(), at=NOW)


def ledger(purchase):
    rows = LedgerEntry.objects.filter(purchase=purchase).order_by("pk")
    return [(row.key.rsplit(":", 1)[1], row.state, row.amount_minor) for row in rows]


def events(purchase):
    return list(
        Event.objects.filter(ret=purchase.parcel.ret_id)
        .order_by("pk")
        .values_list("name", flat=True)
    )


def test_the_intent_sets_money_aside_and_posts_the_purchase(merchant, depot, jobs):
    purchase = make_purchase()

    assert purchase.status == "buying"
    assert purchase.asked_at is None
    assert ledger(purchase) == [("pending", "pending", 490)]
    assert set_aside() == {"EUR": 490}
    assert "buy_label" in jobs.names()
    assert depot.asked == []


def test_a_label_is_bought_billed_and_told(merchant, depot, jobs):
    purchase = make_purchase()
    jobs.clear()

    bought = buy_label(purchase=purchase, now=NOW)

    label = Label.objects.get()
    ret = label.parcel.ret
    assert (bought.status, ret.carrier) == ("bought", "label_ready")
    assert label.tracking_number == label.parcel.tracking_number == "SC000000001"
    assert ledger(purchase) == [("pending", "pending", 490), ("posted", "posted", 490)]
    assert owed_to_carrier(purchase.account) == {"EUR": depot.bill()}
    assert set_aside() == {}
    assert [charge.amount_minor for charge in Charge.objects.all()] == [490]
    assert events(purchase) == ["return.label_asked", "return.label_bought"]
    assert jobs.names() == ["deliver_event", "store_label"]
    assert sum(balances().values()) == 0


def test_a_second_call_buys_nothing(merchant, depot):
    purchase = make_purchase()
    buy_label(purchase=purchase, now=NOW)

    buy_label(purchase=purchase, now=LATER)

    assert depot.asked == [purchase.reference]
    assert Label.objects.count() == 1


def test_what_was_bought_before_the_crash_is_adopted(merchant, depot):
    depot.can = Can.FIND_BY_REFERENCE
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    purchase = make_purchase()
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    bought = buy_label(purchase=purchase, now=LATER)

    assert bought.status == "bought"
    assert depot.count() == 1
    assert owed_to_carrier(purchase.account) == {"EUR": depot.bill()}


def test_the_same_key_is_repeated_where_the_carrier_deduplicates(merchant, depot):
    depot.can = Can.IDEMPOTENCY_KEY
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    purchase = make_purchase()
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    bought = buy_label(purchase=purchase, now=LATER)

    assert bought.status == "bought"
    assert depot.asked == [purchase.reference, purchase.reference]
    assert depot.count() == 1


def test_a_carrier_that_can_only_look_up_is_given_time_before_it_is_asked_again(merchant, depot):
    depot.can = Can.FIND_BY_REFERENCE
    depot.script = [OutcomeUnknown("The line broke.")]
    purchase = make_purchase()
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW + timedelta(seconds=3))
    bought = buy_label(purchase=purchase, now=LATER)

    assert bought.status == "bought"
    assert depot.count() == 1
    assert len(depot.asked) == 2


def test_a_carrier_that_has_the_label_and_cannot_name_it_is_left_to_a_person(merchant, depot):
    depot.can = Can.IDEMPOTENCY_KEY
    lost = OutcomeUnknown("It is here already, and we do not know which.", for_a_person=True)
    depot.script = [OutcomeUnknown("The line broke."), lost]
    purchase = make_purchase()
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    settled = buy_label(purchase=purchase, now=LATER)

    assert (settled.status, settled.error_message) == ("unknown", lost.message)
    assert events(purchase)[-1] == "return.label_unknown"


def test_a_carrier_that_can_tell_nothing_is_never_asked_twice(merchant, depot):
    depot.can = Can.CANCEL
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    purchase = make_purchase()

    first = buy_label(purchase=purchase, now=NOW)
    again = buy_label(purchase=purchase, now=LATER)

    assert (first.status, again.status) == ("unknown", "unknown")
    assert depot.asked == [purchase.reference]
    assert ledger(purchase) == [("pending", "pending", 490)]
    assert events(purchase)[-1] == "return.label_unknown"


def test_a_buyer_that_died_after_asking_leaves_it_to_a_person(merchant, depot):
    """Killed between the question and the answer: the next buyer finds `asked_at` and no way to ask."""
    depot.can = Can.CANCEL
    purchase = make_purchase()
    LabelPurchase.objects.filter(pk=purchase.pk).update(asked_at=NOW)

    settled = buy_label(purchase=purchase, now=LATER)

    assert settled.status == "unknown"
    assert depot.asked == []


@pytest.mark.parametrize("error", [Unavailable("Not reached."), RateLimited("Too many.")])
def test_certain_failure_leaves_the_purchase_as_if_never_asked(merchant, depot, error):
    depot.can = Can.CANCEL
    depot.script = [error]
    purchase = make_purchase()

    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    purchase.refresh_from_db()
    assert (purchase.status, purchase.asked_at, purchase.attempts) == ("buying", None, 1)
    assert buy_label(purchase=purchase, now=LATER).status == "bought"


def test_a_passing_failure_does_not_hide_an_earlier_doubt(merchant, depot):
    depot.can = Can.IDEMPOTENCY_KEY
    depot.script = [(OutcomeUnknown("The line broke."), "after"), Unavailable("Not reached.")]
    purchase = make_purchase()
    for _ in range(2):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW)

    purchase.refresh_from_db()

    assert purchase.asked_at == NOW


def test_the_quiet_time_begins_when_the_carrier_is_really_asked(merchant, depot):
    """A slow question before the purchase takes nothing from the time that the purchase itself may take."""
    depot.can = Can.VALIDATE | Can.FIND_BY_REFERENCE
    depot.script = [OutcomeUnknown("The line broke.")]
    naps = [1.1]
    depot.during = lambda: sleep(naps.pop() if naps else 0)
    purchase = make_purchase()

    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    purchase.refresh_from_db()
    assert purchase.asked_at == NOW + timedelta(seconds=1)


def test_a_question_that_is_refused_says_nothing_about_the_purchase(merchant, depot):
    depot.can = Can.FIND_BY_REFERENCE
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    depot.finding = [InvalidRequest("Bad question.")]
    purchase = make_purchase()
    for _ in range(2):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=LATER)

    assert buy_label(purchase=purchase, now=LATER + timedelta(minutes=1)).status == "bought"
    assert depot.count() == 1


@pytest.mark.parametrize(("minutes", "left"), [(59, False), (60, True)])
def test_a_carrier_that_never_answers_the_question_is_left_to_a_person(
    merchant, depot, minutes, left
):
    depot.can = Can.FIND_BY_REFERENCE
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    depot.finding = [InvalidRequest("Bad question.")] * 3
    purchase = make_purchase()
    waits = []
    for after in (0, 20):
        with pytest.raises(NotNow) as wait:
            buy_label(purchase=purchase, now=NOW + timedelta(minutes=after))
        waits.append(wait.value.facts["retry_after_s"])

    late = NOW + timedelta(minutes=minutes)
    if left:
        assert buy_label(purchase=purchase, now=late).status == "unknown"
    else:
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=late)

    assert waits[1] == 300 > waits[0]
    assert depot.count() == 1
    assert events(purchase).count("return.label_unknown") == left


def test_a_carrier_that_is_asked_again_by_its_key_is_asked_for_days(merchant, depot):
    depot.can = Can.IDEMPOTENCY_KEY
    depot.script = [OutcomeUnknown("The line broke.")] * 3
    purchase = make_purchase()

    for hours in (0, 5, 50):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW + timedelta(hours=hours))

    assert buy_label(purchase=purchase, now=NOW + timedelta(hours=51)).status == "bought"


def test_a_no_to_the_second_question_says_nothing_about_the_first(merchant, depot):
    """Found by the simulation, seed 8: sold, the answer lost, and the repeated request refused."""
    depot.can = Can.IDEMPOTENCY_KEY
    depot.script = [(OutcomeUnknown("The line broke."), "after"), InvalidRequest("Closed.")]
    purchase = make_purchase()
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    settled = buy_label(purchase=purchase, now=LATER)

    assert (settled.status, settled.error_message) == ("unknown", "Closed.")
    assert set_aside() == {"EUR": 490}


def test_a_no_counts_once_a_late_look_has_found_nothing(merchant, depot):
    depot.script = [OutcomeUnknown("The line broke."), *[InvalidRequest("Closed.")] * 2]
    purchase = make_purchase()
    for seconds in (0, 5):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW + timedelta(seconds=seconds))

    assert buy_label(purchase=purchase, now=LATER).status == "refused"


def test_a_refusal_frees_the_money_and_says_why(merchant, depot):
    depot.script = [InvalidRequest("The postal code does not exist.")]
    purchase = make_purchase()

    refused = buy_label(purchase=purchase, now=NOW)

    ret = purchase.parcel.ret
    ret.refresh_from_db()
    assert refused.status == "refused"
    assert (ret.carrier, ret.carrier_problem) == ("failed", "The postal code does not exist.")
    assert ledger(purchase) == [("pending", "pending", 490), ("void", "voided", 490)]
    assert (set_aside(), owed_to_carrier(purchase.account)) == ({}, {})
    assert Charge.objects.count() == 0
    assert events(purchase)[-1] == "return.label_failed"


def test_refused_credentials_break_the_account_once_and_hold_the_queue(merchant, depot):
    depot.script = [AuthFailed("Unknown token."), AuthFailed("Unknown token.")]
    one, two = make_purchase(), None
    two = intend_label(make_return(), at=NOW)

    for purchase in (one, two, one):
        with pytest.raises(AccountOnHold):
            buy_label(purchase=purchase, now=NOW)

    one.account.refresh_from_db()
    assert one.account.state == "broken"
    assert depot.asked == [one.reference]
    assert Event.objects.filter(name="carrier.account_broken").count() == 1

    one.account.state = "ok"
    one.account.save(update_fields=["state"])
    depot.script = []
    assert {buy_label(purchase=p, now=LATER).status for p in (one, two)} == {"bought"}


def test_too_many_requests_pause_the_account(merchant, depot):
    depot.script = [RateLimited("Too many.", retry_after_s=120)]
    one = make_purchase()
    two = intend_label(make_return(), at=NOW)
    with pytest.raises(NotNow):
        buy_label(purchase=one, now=NOW)

    with pytest.raises(NotNow) as told:
        buy_label(purchase=two, now=NOW + timedelta(seconds=20))

    assert told.value.facts["retry_after_s"] == 101
    assert depot.asked == [one.reference]
    assert buy_label(purchase=two, now=LATER).status == "bought"


def test_a_carrier_in_trouble_is_left_alone_for_a_minute(merchant, depot):
    depot.script = [Unavailable("Not reached.")] * 10
    make_carrier_account(carrier="scripted")
    purchases = [intend_label(make_return(), at=NOW) for _ in range(11)]

    for purchase in purchases:
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW)

    assert len(depot.asked) == 10
    after = NOW + timedelta(seconds=61)
    assert buy_label(purchase=purchases[-1], now=after).status == "bought"


def test_the_third_failure_is_told_once(merchant, depot):
    depot.script = [Unavailable("Not reached.")] * 5
    purchase = make_purchase()

    for _ in range(5):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW)

    assert events(purchase) == ["return.label_asked", "return.label_delayed"]


def test_looks_that_fail_afterwards_do_not_tell_it_again(merchant, depot):
    depot.script = [Unavailable("Not reached."), *[OutcomeUnknown("The line broke.")] * 2]
    purchase = make_purchase()
    for _ in range(3):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=NOW)
    depot.finding = [Unavailable("Not reached.")] * 3

    for _ in range(3):
        with pytest.raises(NotNow):
            buy_label(purchase=purchase, now=LATER)

    assert events(purchase) == ["return.label_asked", "return.label_delayed"]


def test_another_price_than_quoted_is_billed_and_told(merchant, depot):
    depot.price = Money(520, "EUR")
    purchase = make_purchase()

    buy_label(purchase=purchase, now=NOW)

    assert owed_to_carrier(purchase.account) == {"EUR": 520} == {"EUR": depot.bill()}
    told = Event.objects.get(name="return.label_price_differs")
    assert (told.facts["quoted"], told.facts["billed"]) == ("4.90 EUR", "5.20 EUR")


def test_a_label_in_another_currency_is_posted_as_billed(merchant, depot):
    depot.price = Money(450, "GBP")
    purchase = make_purchase()

    buy_label(purchase=purchase, now=NOW)

    assert owed_to_carrier(purchase.account) == {"GBP": 450}
    assert set_aside() == {}


def test_a_tracking_number_of_another_parcel_reaches_no_second_shopper(merchant, depot, jobs):
    depot.number = "SAME1"
    first = make_purchase()
    buy_label(purchase=first, now=NOW)
    second = intend_label(make_return(), at=NOW)
    jobs.clear()

    buy_label(purchase=second, now=NOW)

    label = Label.objects.get(purchase=second)
    ret = second.parcel.ret
    ret.refresh_from_db()
    assert label.void == "requested"
    assert (ret.carrier, label.parcel.tracking_number) == ("failed", "")
    assert owed_to_carrier(second.account) == {"EUR": depot.bill()}
    assert "void_label" in jobs.names()
    assert "store_label" not in jobs.names()


def test_a_live_buyer_is_left_alone(merchant, depot):
    purchase = make_purchase()

    with (
        alive_lock(f"label-purchase:{purchase.merchant_id}:{purchase.pk}") as lock,
        pytest.raises(LabelBusy),
    ):
        assert lock.mine
        buy_label(purchase=purchase, now=NOW)

    assert depot.asked == []


def test_a_zombie_that_wakes_up_late_changes_nothing(merchant, depot):
    """While it slept with the answer in its hands, a person settled the purchase."""
    purchase = make_purchase()

    def settle_meanwhile():
        LabelPurchase.objects.filter(pk=purchase.pk).update(status="refused", settled_at=NOW)

    depot.during = settle_meanwhile
    came_back = buy_label(purchase=purchase, now=NOW)

    assert came_back.status == "refused"
    assert Label.objects.count() == 0
    assert ledger(purchase) == [("pending", "pending", 490)]


def test_without_a_carrier_the_desk_is_told_what_to_do(merchant, jobs):
    ret = make_return()

    assert intend_label(ret, at=NOW) is None

    ret.refresh_from_db()
    assert ret.carrier == "failed"
    assert "Connect one" in ret.carrier_problem
    assert jobs.names() == ["deliver_event"]


@pytest.mark.parametrize(
    ("settings", "minor"),
    [
        ({}, 0),
        ({"prices": {"*": 100, "IT": 200, "IT-IT": 300}}, 300),
        ({"prices": {"*": 100, "IT": 200, "IT-DE": 300}}, 200),
        ({"prices": {"DE": 100}}, 0),
        ({"prices": {"*": "495"}}, 495),
        ({"prices": {"*": "4,95"}}, 0),
        ({"prices": {"*": None}}, 0),
        ({"prices": "cheap"}, 0),
        ({"prices": {"*": -5}}, 0),
    ],
)
def test_the_accounts_own_price_list_quotes(merchant, depot, settings, minor):
    assert make_purchase(settings=settings).quoted_minor == minor


@pytest.mark.parametrize(
    ("told", "grams"), [(None, 1000), ("250", 250), ("heavy", 1000), (0, 1000)]
)
def test_items_without_weights_weigh_what_the_account_says(merchant, depot, told, grams):
    ret = make_return(make_order(lines=[{"weight_g": 0}]))

    purchase = make_purchase(ret, settings={"default_weight_g": told})

    assert purchase.request["parcel"]["weight_g"] == grams


def test_a_parcel_that_no_contract_takes_is_said_so(merchant, depot):
    make_carrier_account(carrier="scripted", settings={"max_weight_g": 100})
    ret = make_return()

    assert intend_label(ret, at=NOW) is None

    ret.refresh_from_db()
    assert (ret.carrier, "None of the connected carriers" in ret.carrier_problem) == (
        "failed",
        True,
    )
    assert ret.trace["carrier"]["left_out"][0]["why"] == "weight"


def test_why_this_contract_was_chosen_is_kept(merchant, depot):
    purchase = make_purchase()

    assert purchase.parcel.ret.trace["carrier"]["why"] == "default"


def test_the_intent_speaks_the_carriers_words(merchant, depot):
    from rientro.carriers.base import LabelRequest

    purchase = make_purchase()

    request = LabelRequest.from_json(purchase.request)

    assert request.to_json() == purchase.request
    assert (request.sender.city, request.receiver.city) == ("Torino", "Milano")
    assert request.parcel.weight_g == 300
    assert request.customs is None


def test_a_parcel_over_a_customs_border_carries_its_declaration(merchant, depot):
    purchase = make_purchase(make_return(from_country="CH"))

    customs = purchase.request["customs"]

    assert customs["contents"] == "returned_goods"
    assert [(item["quantity"], item["value_minor"]) for item in customs["items"]] == [(1, 4600)]
