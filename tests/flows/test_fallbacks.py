"""Who buys the label: rules, the next carrier after a clear no, and never another one after a doubt."""

from datetime import timedelta

import pytest

from rientro.carriers.base import Can, InvalidRequest, OutcomeUnknown, Unavailable, Unsupported
from rientro.flows.buy_label import NotNow, buy_label
from rientro.flows.disconnect_carrier import disconnect_carrier
from rientro.flows.request_void import request_void
from rientro.flows.settle_purchase import NotBought, settle_purchase
from rientro.flows.sweep_purchases import sweep_purchases
from rientro.models import CarrierAccount, ChoiceRule, Event, Label, LabelPurchase
from rientro.models.account_health import Health, health_of
from rientro.models.ledger import owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_return

pytestmark = pytest.mark.django_db
TOO_FAR = InvalidRequest("We do not go there.")


def rule(account, *, country="IT", service="", position=1):
    actions = [{"identifier": "buy_from", "value": str(getattr(account, "pk", account))}]
    if service:
        actions.append({"identifier": "as_service", "value": service})
    return ChoiceRule.objects.create(
        name=f"From {country}",
        position=position,
        conditions=[{"property": "from_country", "operator": "is", "compare_to": country}],
        actions=actions,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.fixture
def usual(merchant, depot):
    return make_carrier_account(carrier="scripted", name="Usual", service="usual")


@pytest.fixture
def special(usual):
    return make_carrier_account(carrier="scripted", name="Special", service="special")


def intend(**fields):
    return intend_label(make_return(**fields), at=NOW)


def buy(purchase):
    found = buy_label(purchase=purchase, now=NOW)
    return found


def newest():
    return LabelPurchase.objects.select_related("account", "parcel").order_by("-pk").first()


def test_a_rule_names_the_carrier_and_the_service(special):
    rule(special, service="retoure")

    purchase = intend()

    assert (purchase.account_id, purchase.service) == (special.pk, "retoure")
    assert purchase.request["service"] == "retoure"
    trace = purchase.parcel.ret.trace["carrier"]
    assert (trace["why"], trace["named_by"]["name"], trace["name"]) == (
        "rule",
        "From IT",
        "Special",
    )


def test_the_cheapest_by_its_price_list_is_taken(usual, special):
    usual.settings = {"prices": {"IT": 700}}
    special.settings = {"prices": {"IT-IT": 500}}
    usual.save(), special.save()
    rule("cheapest")

    purchase = intend()

    assert (purchase.account_id, purchase.quoted_minor) == (special.pk, 500)


@pytest.mark.parametrize("no", [TOO_FAR, Unsupported("Not that heavy.")])
def test_after_a_clear_no_the_next_one_is_asked_for_the_same_parcel(
    usual, special, depot, jobs, no
):
    rule(special)
    depot.script = [no]
    first = intend()

    assert buy(first).status == "refused"
    second = newest()
    assert (second.account_id, second.parcel_id, second.status) == (
        usual.pk,
        first.parcel_id,
        "buying",
    )
    assert buy(second).status == "bought"

    ret = first.parcel.ret
    ret.refresh_from_db()
    assert ret.carrier == "label_ready"
    assert owed_to_carrier(special) == {}
    assert owed_to_carrier(usual) == {"EUR": depot.bill()}
    assert set_aside() == {}
    told = ret.trace["carrier"]
    assert told["refused"][0]["words"] == no.message
    assert told["then"]["name"] == "Usual"
    assert Event.objects.get(name="return.label_turned_down").facts["words"] == no.message
    assert not Event.objects.filter(name="return.label_failed").exists()


def test_when_the_last_one_says_no_the_desk_reads_it(usual, special, depot):
    rule(special)
    depot.script = [TOO_FAR, InvalidRequest("Nor do we.")]

    buy(intend())
    buy(newest())

    ret = newest().parcel.ret
    assert (ret.carrier, ret.carrier_problem) == ("failed", "Nor do we.")
    assert LabelPurchase.objects.count() == 2
    assert set_aside() == {}


def test_after_a_doubt_nobody_else_is_asked(usual, special, depot, jobs):
    depot.can = Can.NOTHING
    rule(special)
    depot.script = [(OutcomeUnknown("The line broke."), "after")]

    first = buy(intend())
    sweep_purchases(now=NOW + timedelta(hours=1))
    settle_purchase(purchase=first, outcome=NotBought(), actor="member:1", now=NOW)

    assert LabelPurchase.objects.count() == 1
    assert newest().parcel.ret.carrier == "failed"


def test_a_carrier_that_is_only_away_is_waited_for(usual, special, depot):
    rule(special)
    depot.script = [Unavailable("Nobody there.")]

    with pytest.raises(NotNow):
        buy(intend())

    assert LabelPurchase.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"deleted_at": NOW}, {"state": "broken"}, {"test_mode": False}]
)
def test_a_next_one_that_cannot_any_more_is_passed_over(usual, special, depot, changes):
    rule(special)
    depot.script = [TOO_FAR]
    first = intend()
    CarrierAccount.objects.filter(pk=usual.pk).update(**changes)

    buy(first)

    assert LabelPurchase.objects.count() == 1
    assert newest().parcel.ret.carrier == "failed"


def test_what_waits_for_a_disconnected_carrier_goes_to_the_next(usual, special, depot, jobs):
    rule(special)
    intend()
    jobs.clear()

    disconnect_carrier(account=special, actor="member:1", now=NOW)
    jobs.run()

    assert (newest().account_id, newest().status) == (usual.pk, "bought")
    assert Label.objects.count() == 1


def test_what_a_disconnected_carrier_was_asked_already_waits_for_a_person(special, depot, jobs):
    rule(special)
    purchase = intend()
    LabelPurchase.objects.filter(pk=purchase.pk).update(asked_at=NOW)
    disconnect_carrier(account=special, actor="member:1", now=NOW)
    jobs.run()

    assert newest().status == "unknown"
    assert LabelPurchase.objects.count() == 1


def test_what_is_being_given_back_to_a_disconnected_carrier_waits_for_a_person(usual, depot, jobs):
    buy(intend())
    label = Label.objects.get()
    request_void(label=label, actor="member:1", now=NOW)
    jobs.clear()

    disconnect_carrier(account=usual, actor="member:1", now=NOW)
    sweep_purchases(now=NOW + timedelta(days=1))
    jobs.run()

    label.refresh_from_db()
    assert (label.void, label.void_waits_since) == ("requested", NOW)
    assert "ask the carrier yourself" in label.void_message
    assert depot.voided == []
    assert not Event.objects.filter(name="carrier.account_broken").exists()


# --- the breaker


def fresh(account):
    return CarrierAccount.objects.get(pk=account.pk)


def troubled(usual, depot, *, times=10):
    depot.script = [Unavailable("Nobody there.") for _ in range(times)]
    for _ in range(times):
        with pytest.raises(NotNow):
            buy(intend())


def test_ten_troubles_in_a_minute_let_the_account_rest(usual, depot):
    troubled(usual, depot)

    account = fresh(usual)
    assert health_of(account, at=NOW) is Health.PAUSED
    assert (account.resting, account.last_error) == ("trouble", "Nobody there.")
    asked = len(depot.asked)
    with pytest.raises(NotNow):
        buy(intend())
    assert len(depot.asked) == asked


def test_after_the_rest_one_goes_ahead_and_the_others_wait_for_it(usual, depot):
    troubled(usual, depot)
    later = NOW + timedelta(seconds=61)
    waiting = [intend(), intend()]
    assert health_of(fresh(usual), at=later) is Health.HALF_OPEN
    seen = []
    depot.during = lambda: seen.append(_refused(waiting[1], later))

    buy_label(purchase=waiting[0], now=later)

    assert seen == [True]
    assert health_of(fresh(usual), at=later) is Health.WORKING
    assert fresh(usual).last_error == ""
    depot.during = None
    assert buy_label(purchase=waiting[1], now=later).status == "bought"


def _refused(purchase, now):
    try:
        buy_label(purchase=purchase, now=now)
    except NotNow as error:
        return 0 < error.facts["retry_after_s"] <= 11
    return False


def test_one_trouble_after_the_rest_is_enough_for_another_rest(usual, depot):
    troubled(usual, depot)
    later = NOW + timedelta(seconds=61)
    depot.script = [Unavailable("Still nobody.")]

    with pytest.raises(NotNow):
        buy_label(purchase=intend(), now=later)

    account = fresh(usual)
    assert health_of(account, at=later) is Health.PAUSED
    assert account.last_error == "Still nobody."


def test_other_accounts_go_on_meanwhile(usual, special, depot):
    troubled(usual, depot)
    rule(special)

    assert buy(intend()).status == "bought"


def test_a_clear_no_ends_the_trouble_too(usual, depot):
    troubled(usual, depot)
    later = NOW + timedelta(seconds=61)
    depot.script = [TOO_FAR]

    buy_label(purchase=intend(), now=later)

    assert health_of(fresh(usual), at=later) is Health.WORKING
