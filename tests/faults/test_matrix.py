"""Every fault of a purchase, at every carrier, five times: labels at the carrier are what our books say, never two."""

from datetime import timedelta

import pytest

from rientro.flows.buy_label import buy_label
from rientro.models import Event
from tests.faults.playing import (
    Attempt,
    account_at,
    books_agree,
    order_at,
    purchase_at,
    settle_by_hand,
)
from tests.faults.rows import OUTCOMES, ROWS, Outcome, ability
from tests.makers import NOW

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 200
ALERT_WITHIN = timedelta(minutes=5)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whatever_breaks_one_label_is_bought_or_none(merchant, world, row, strangers_tls):
    play(world, row, strangers_tls, seeds=FEW)


@pytest.mark.deep
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whatever_breaks_two_hundred_times(request, merchant, world, row, strangers_tls):
    if request.config.option.markexpr != "deep":
        pytest.skip("by hand: pytest -m deep tests/faults")
    play(world, row, strangers_tls, seeds=MANY)


def play(world, row, strangers_tls, *, seeds):
    if row.name in world.without:
        pytest.skip("this carrier's name and certificate are judged by kit.http (tests/kit)")
    outcome = world.otherwise.get(row.name, row.outcome)
    expected = OUTCOMES[outcome][ability(world.can)]
    account = account_at(world)
    order_at(world)
    buy_label(purchase=purchase_at(), now=NOW)  # its answer can be given again
    for seed in row.seeds(seeds):
        attempt = Attempt(world, row, seed, strangers_tls)
        attempt.told_in_part = outcome == "told in part"
        attempt.run()
        judge(attempt, expected)
        if attempt.row_now().status == "unknown":
            settle_by_hand(attempt)
    books_agree(world, account)
    # One alert each time it broke, however many jobs found out.
    told = Event.objects.filter(name="carrier.account_broken").count()
    if outcome != "token":
        assert told == (sum(map(row.times, row.seeds(seeds))) if outcome == "broken" else 0)
    account.refresh_from_db()
    assert account.state == "ok"


def judge(attempt: Attempt, expected: Outcome) -> None:
    purchase, ret, sold = attempt.row_now(), attempt.ret(), attempt.sold()
    if attempt.fault == "slam" and purchase.status == "bought":
        # The reset may come before the first byte is written: then we know that nothing was sent.
        expected = OUTCOMES["doubt"]["both"]
    if attempt.told_in_part and purchase.status == "bought":
        expected = OUTCOMES["fine"]["neither"]
    posts = {"1": 1, "n": attempt.times, "n+1": attempt.times + 1}[expected.posts]
    if attempt.fault == "slam":  # what was never read is not counted
        posts -= attempt.times if expected.status == "bought" else 1
    label = attempt.label()
    seen = {
        "status": purchase.status,
        "labels": len(sold),
        "posts": attempt.world.posts(),
        "posted": len(attempt.posted()),
    }
    assert seen == {
        "status": expected.status,
        "labels": expected.labels,
        "posts": posts,
        "posted": 1 if label is not None and label.charged_at else 0,
    }
    if expected.status == "bought":
        assert label is not None
        named = attempt.world.name_of
        assert (named(label.carrier_reference), label.tracking_number, label.void) == (
            named(sold[0].carrier_reference), sold[0].tracking_number, "none",
        )  # fmt: skip
        assert (ret.carrier, ret.carrier_problem) == ("label_ready", "")
        assert len(attempt.events("return.label_bought")) == 1
    else:
        assert label is None
        assert purchase.error_message
        secrets = [str(value) for value in attempt.world.credentials.values() if value]
        assert not [secret for secret in secrets if secret in purchase.error_message]
    if expected.status == "refused":
        assert ret.carrier == "failed"
        assert ret.carrier_problem == purchase.error_message
    if expected.status == "unknown":
        [told] = attempt.events("return.label_unknown")
        assert told.happened_at - attempt.purchase.created_at <= ALERT_WITHIN
        assert ret.carrier_problem
    delayed = len(attempt.events("return.label_delayed"))
    assert delayed == (1 if attempt.row.outcome == "unreached" else 0)
