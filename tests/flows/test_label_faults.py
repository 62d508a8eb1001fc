"""Every way a carrier fails, played by the real program against the purchase of a label.

Whatever went wrong, at the end three books agree: our purchase, our ledger, the carrier's statement.
"""

from datetime import datetime, timedelta

import pytest

from rientro.flows.buy_label import AccountOnHold, NotNow, buy_label
from rientro.flows.void_label import void_label
from rientro.kit.errors import RientroError
from rientro.models import CarrierAccount, Label, LabelPurchase, Return
from rientro.models.ledger import balances, owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_return
from tests.parcels import sealed
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db

CARRIERS = {
    "keys and lookup": {},
    "lookup only": {"idempotency": False},
    "keys only": {"lookup": False},
    "neither": {"idempotency": False, "lookup": False},
}
SWITCHED_OFF = {"idempotency": "idempotency_key", "lookup": "find_by_reference"}
NOTHING_DONE = ["too_many", "too_many_empty", "unavailable"]
DOUBTFUL_UNSOLD = ["error_before", "reset_before", "redirect"]
DOUBTFUL_SOLD = [
    "error_after", "gateway_after", "reset_after", "half_body", "garbage", "empty", "empty_object",
    "not_an_object", "gzip_bomb", "many_headers",
]  # fmt: skip


def purchase_at(customer, *, carrier="keys and lookup"):
    """A purchase at a carrier with these abilities."""
    lacking = [name for name, on in CARRIERS[carrier].items() if not on]
    if lacking:
        customer.switch(**CARRIERS[carrier])
    make_carrier_account(
        credentials=sealed(token=customer.token),
        settings=customer.settings | {"cannot": [SWITCHED_OFF[name] for name in lacking]},
    )
    return intend_label(make_return(), at=NOW)


def buy_patiently(purchase: LabelPurchase, *, tries: int = 6) -> LabelPurchase:
    """What the queue does: ask again when the flow says so, never sooner."""
    now: datetime = NOW
    for _ in range(tries):
        CarrierAccount.objects.update(paused_until=None)
        try:
            return buy_label(purchase=LabelPurchase.objects.get(pk=purchase.pk), now=now)
        except NotNow as error:
            now += timedelta(seconds=int(error.facts["retry_after_s"]) + 1)
    raise AssertionError("The purchase does not come to an end.")


def assert_books_agree(customer, purchase):
    ours = owed_to_carrier(purchase.account).get("EUR", 0)
    theirs = round(float(customer.statement()["due"]["amount"]) * 100)
    assert ours == theirs
    assert sum(balances().values()) == 0
    assert set_aside() == {}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("fault", NOTHING_DONE)
def test_what_was_surely_not_done_is_done_later(merchant, customer, carrier, fault):
    purchase = purchase_at(customer, carrier=carrier)
    customer.fault(fault, count=2)

    bought = buy_patiently(purchase)

    assert bought.status == "bought"
    assert len(customer.labels()) == 1
    assert_books_agree(customer, purchase)


@pytest.mark.parametrize("carrier", ["keys and lookup", "lookup only", "keys only"])
@pytest.mark.parametrize("fault", DOUBTFUL_UNSOLD + DOUBTFUL_SOLD)
def test_doubt_ends_in_one_label_where_the_carrier_can_be_asked(merchant, customer, carrier, fault):
    purchase = purchase_at(customer, carrier=carrier)
    customer.fault(fault)

    bought = buy_patiently(purchase)

    [label] = Label.objects.all()
    [told] = customer.labels()
    assert (bought.status, label.tracking_number) == ("bought", told["tracking_number"])
    assert_books_agree(customer, purchase)


@pytest.mark.parametrize("fault", DOUBTFUL_UNSOLD + DOUBTFUL_SOLD)
def test_doubt_waits_for_a_person_where_the_carrier_cannot_be_asked(merchant, customer, fault):
    purchase = purchase_at(customer, carrier="neither")
    customer.fault(fault)

    settled = buy_patiently(purchase)

    assert settled.status == "unknown"
    assert len(customer.labels()) == (fault in DOUBTFUL_SOLD)
    again = buy_patiently(purchase)
    assert again.status == "unknown"
    assert len(customer.labels()) == (fault in DOUBTFUL_SOLD)
    assert owed_to_carrier(purchase.account) == {}
    assert Label.objects.count() == 0


def test_a_look_that_fails_too_is_looked_again(merchant, customer):
    purchase = purchase_at(customer, carrier="lookup only")
    customer.fault("reset_after")
    customer.fault("garbage", on="labels.find", count=2)

    assert buy_patiently(purchase).status == "bought"
    assert len(customer.labels()) == 1
    assert_books_agree(customer, purchase)


def test_a_storm_of_doubts_ends_in_one_label(merchant, customer):
    purchase = purchase_at(customer)
    for fault in ("error_before", "reset_after", "garbage", "unavailable"):
        customer.fault(fault)

    assert buy_patiently(purchase, tries=12).status == "bought"
    assert len(customer.labels()) == 1
    assert_books_agree(customer, purchase)


def test_a_refusal_costs_nothing_and_is_told(merchant, customer):
    purchase = purchase_at(customer)
    customer.fault("refuse")

    refused = buy_patiently(purchase)

    ret = Return.objects.get(pk=purchase.parcel.ret_id)
    assert (refused.status, ret.carrier) == ("refused", "failed")
    assert ret.carrier_problem == "The carrier does not accept this parcel."
    assert_books_agree(customer, purchase)


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
def test_refused_credentials_hold_the_purchase_until_they_are_mended(merchant, customer, fault):
    purchase = purchase_at(customer)
    customer.fault(fault)
    with pytest.raises(AccountOnHold):
        buy_label(purchase=purchase, now=NOW)
    with pytest.raises(AccountOnHold):
        buy_label(purchase=LabelPurchase.objects.get(pk=purchase.pk), now=NOW)
    CarrierAccount.objects.update(state="ok")

    assert buy_patiently(purchase).status == "bought"
    assert len(customer.labels()) == 1
    assert_books_agree(customer, purchase)


def test_another_price_is_posted_as_billed(merchant, customer):
    purchase = purchase_at(customer)
    customer.fault("wrong_price", extra_minor=333)

    buy_patiently(purchase)

    assert_books_agree(customer, purchase)


def test_a_number_that_another_parcel_has_is_billed_hidden_and_voided(merchant, customer):
    first = buy_patiently(purchase_at(customer))
    number = Label.objects.get(purchase=first).tracking_number
    customer.fault("duplicate_number", number=number)

    second = buy_patiently(intend_label(make_return(), at=NOW))

    label = Label.objects.get(purchase=second)
    assert label.void == "requested"
    assert Return.objects.get(pk=second.parcel.ret_id).carrier == "failed"
    assert_books_agree(customer, first)
    void_label(label=label, now=NOW)
    assert_books_agree(customer, first)
    assert len([told for told in customer.labels() if told["voided_at"]]) == 1


@pytest.mark.parametrize("fault", ["error_after", "reset_after", "half_body", "garbage"])
def test_a_void_without_an_answer_is_credited_once(merchant, customer, fault):
    purchase = buy_patiently(purchase_at(customer))
    Label.objects.update(void="requested", void_requested_at=NOW)
    customer.fault(fault, on="labels.void")
    now = NOW

    for _ in range(4):
        try:
            void_label(label=Label.objects.get(), now=now)
        except RientroError:
            now += timedelta(minutes=20)

    assert Label.objects.get().void == "voided"
    assert_books_agree(customer, purchase)
    assert customer.statement()["due"]["amount"] == "0.00"
