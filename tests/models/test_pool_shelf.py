"""The pool of own labels: which one is taken, who gets it, and what comes back."""

from datetime import date, timedelta

import pytest

from rientro.kit.money import Money
from rientro.models import Event, LabelPool, PoolLabel
from rientro.models.pool_shelf import Shelf, ShelfLabel, Stock, pool_of, stock_of
from tests.makers import NOW, make_own_account, make_pool_labels

TODAY = NOW.date()
LANE = {"origin": "IT", "destination": "IT", "weight_g": 800}


@pytest.fixture
def account(merchant):
    return make_own_account()


@pytest.fixture
def shelf(account):
    return Shelf(account, now=NOW)


def take(shelf, reference, **lane):
    return shelf.take(reference=reference, **LANE | lane)


def test_a_purchase_gets_one_label_and_the_same_again(account, shelf):
    one, _ = make_pool_labels(account, 2)

    first = take(shelf, "R-1-a")
    again = take(shelf, "R-1-a")

    assert first == again == shelf.find("R-1-a")
    assert first == ShelfLabel(
        tracking_number=one.tracking_number,
        carrier_name="Poste Italiane",
        price=Money(590, "EUR"),
        expires_on=None,
    )
    one.refresh_from_db()
    assert (one.state, one.reference, one.taken_at) == ("taken", "R-1-a", NOW)
    assert stock_of(account, now=NOW) == Stock(free=1, taken=1, expired=0, retired=0, drafts=0)


def test_two_purchases_get_two_labels(account, shelf):
    make_pool_labels(account, 2)

    assert take(shelf, "R-1-a").tracking_number != take(shelf, "R-2-b").tracking_number
    assert take(shelf, "R-3-c") is None


@pytest.mark.parametrize(
    ("case", "label", "fits"),
    [
        ("no limits", {}, True),
        ("for this lane", {"origin_country": "IT", "destination_country": "IT"}, True),
        ("for another start", {"origin_country": "DE"}, False),
        ("for another end", {"destination_country": "DE"}, False),
        ("just heavy enough", {"max_weight_g": 800}, True),
        ("too light", {"max_weight_g": 799}, False),
        ("good for three days more", {"expires_on": TODAY + timedelta(days=3)}, True),
        ("good for two days more", {"expires_on": TODAY + timedelta(days=2)}, False),
        ("still to be looked at", {"state": "draft"}, False),
        ("set aside", {"state": "retired"}, False),
    ],
)
def test_what_fits(account, shelf, case, label, fits):
    make_pool_labels(account, 1, **label)

    assert (take(shelf, "R-1-a") is not None) is fits


def test_what_expires_first_goes_first(account, shelf):
    forever, later, soon = (
        make_pool_labels(account, 1, expires_on=day)[0]
        for day in (None, date(2027, 6, 1), date(2027, 1, 1))
    )

    order = [take(shelf, f"R-{n}").tracking_number for n in range(3)]

    assert order == [each.tracking_number for each in (soon, later, forever)]


def test_a_pool_is_its_accounts_alone(account, shelf):
    make_pool_labels(make_own_account(name="Other"), 1)

    assert take(shelf, "R-1-a") is None


@pytest.mark.parametrize(("choice", "state"), [("retire", "retired"), ("reuse", "free")])
def test_what_is_given_back_goes_where_the_merchant_said(account, shelf, choice, state):
    (label,) = make_pool_labels(account, 1)
    LabelPool.objects.create(account=account, given_back=choice)
    take(shelf, "R-1-a")

    assert shelf.give_back("R-1-a") is True
    assert shelf.give_back("R-1-a") is True

    label.refresh_from_db()
    assert (label.state, label.reference, label.taken_at) == (state, "", None)


def test_people_are_told_once_that_few_are_left_and_again_after_it_was_filled(account, shelf):
    pool = pool_of(account)
    pool.warn_below = 2
    pool.save(update_fields=["warn_below"])
    make_pool_labels(account, 3)

    for number in range(3):
        take(shelf, f"R-{number}")

    told = Event.objects.filter(name="pool.running_low")
    assert [event.facts["units"] for event in told] == [1]
    make_pool_labels(account, 1)
    shelf.give_back("R-nobody")
    assert pool_of(account).low_since == NOW
    make_pool_labels(account, 2)
    shelf.give_back("R-nobody")
    assert pool_of(account).low_since is None
    take(shelf, "R-8")
    take(shelf, "R-9")
    assert [event.facts["units"] for event in told.all()] == [1, 1], stock_of(account, now=NOW)


def test_nobody_is_told_where_nobody_wants_to_know(account, shelf):
    LabelPool.objects.create(account=account, warn_below=0)
    make_pool_labels(account, 1)

    take(shelf, "R-1")

    assert Event.objects.filter(name="pool.running_low").count() == 0


def test_a_number_stands_in_the_pool_once(account):
    from django.db import IntegrityError, transaction

    (label,) = make_pool_labels(account, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_pool_labels(account, 1, tracking_number=label.tracking_number)
    make_pool_labels(account, 1, tracking_number=label.tracking_number, state="draft")

    assert PoolLabel.objects.filter(tracking_number=label.tracking_number).count() == 2
