"""Polling against the real sandbox: batches, pace, rest, and news that a webhook told before."""

from datetime import timedelta

import pytest

from rientro.flows.poll_tracking import BATCH, poll_tracking
from rientro.flows.track_parcel import take_scans
from rientro.models import CarrierAccount, Event, Parcel
from tests.makers import NOW, make_carrier_account
from tests.parcels import make_parcel, moment, scan_of, sealed
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def account(merchant, customer):
    return make_carrier_account(
        credentials=sealed(token=customer.token), settings=customer.settings
    )


@pytest.fixture
def bought(customer):
    """Buy a label at the sandbox, by hand, and give its number."""

    def buy(reference="R-1"):
        address = {"name": "A", "street": "Via Roma 1", "city": "Torino", "country": "IT"}
        answer = customer.ask(
            "POST",
            "/v1/labels",
            json={"reference": reference, "from": address, "to": address | {"city": "Milano"}}
            | {"weight_g": 900, "service": "sandbox_return"},
        )
        return answer.json()["tracking_number"]

    return buy


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_news_is_fetched_and_the_next_question_is_set(account, bought, customer):
    parcel = make_parcel(account=account, tracking_number=bought())
    customer.scan(parcel.tracking_number, "handed_in", at=moment(140).isoformat())

    new = poll_tracking(account=account, now=NOW)

    found = again(parcel)
    assert (new, found.status) == (1, "handed_in")
    assert NOW + 4 * HOUR <= found.next_poll_at <= NOW + 4.4 * HOUR
    assert again(account).polled_at == NOW


def test_nothing_new_writes_no_event_and_asks_later(account, bought):
    parcel = make_parcel(account=account, tracking_number=bought())

    assert poll_tracking(account=account, now=NOW) == 0
    assert poll_tracking(account=account, now=NOW) == 0

    assert Event.objects.count() == 0
    assert again(parcel).next_poll_at >= NOW + 12 * HOUR


def test_what_a_webhook_told_is_not_told_again(account, bought, customer):
    parcel = make_parcel(account=account, tracking_number=bought())
    told = customer.scan(parcel.tracking_number, "handed_in", at=moment(140).isoformat())
    take_scans(parcel=parcel, scans=[scan_of(parcel, "handed_in", 140, key=told["id"])], now=NOW)

    assert poll_tracking(account=account, now=NOW) == 0


def test_delivered_parcels_are_not_asked_about(account, bought, customer):
    parcel = make_parcel(account=account, tracking_number=bought())
    customer.scan(parcel.tracking_number, "delivered", at=moment(140).isoformat())

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at is None
    customer.fault("unauthorized", on="tracking")  # would be noticed
    poll_tracking(account=account, now=NOW + 400 * HOUR)
    assert again(account).state == "ok"


def test_parcels_not_due_are_left_alone(account, bought):
    parcel = make_parcel(account=account, tracking_number=bought(), next_poll_at=NOW + HOUR)

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at == NOW + HOUR


def test_an_account_may_have_a_pace_of_its_own(account, bought):
    account.settings = account.settings | {"poll_every_s": "60"}
    account.save()
    parcel = make_parcel(account=account, tracking_number=bought())

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at <= NOW + timedelta(seconds=66)


def test_more_than_a_batch_is_asked_in_batches(account):
    parcels = [make_parcel(account=account) for _ in range(BATCH + 3)]

    poll_tracking(account=account, now=NOW)

    assert all(again(parcel).next_poll_at > NOW for parcel in parcels)


def test_a_parcel_without_news_for_45_days_is_given_up(account, bought):
    parcel = make_parcel(
        account=account, tracking_number=bought(), created_at=NOW - timedelta(days=46)
    )

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at is None


# When the carrier does not answer


def test_too_many_requests_are_obeyed(account, bought, customer):
    parcel = make_parcel(account=account, tracking_number=bought())
    customer.fault("too_many", on="tracking", retry_after="90")

    poll_tracking(account=account, now=NOW)

    until = NOW + timedelta(seconds=90)
    assert again(account).paused_until == until
    assert again(parcel).next_poll_at == until
    customer.scan(parcel.tracking_number, "handed_in", at=moment(140).isoformat())
    assert poll_tracking(account=again(account), now=until - timedelta(seconds=1)) == 0
    assert poll_tracking(account=again(account), now=until) == 1


def test_refused_credentials_are_said_once_and_asked_no_more(account, bought, customer):
    parcel = make_parcel(account=account, tracking_number=bought())
    customer.fault("unauthorized", on="tracking", count=2)
    customer.fault("unauthorized", on="account", count=2)

    for _ in range(3):
        poll_tracking(account=again(account), now=NOW)

    assert again(account).state == CarrierAccount.State.BROKEN
    assert Event.objects.filter(name="carrier.account_broken").count() == 1
    assert again(parcel).next_poll_at == NOW  # due again as soon as the account is mended


def test_refused_keys_of_tracking_alone_stop_no_purchase(account, bought, customer):
    parcels = [
        make_parcel(account=account, tracking_number=bought(f"R-{n}")) for n in range(BATCH + 1)
    ]
    customer.fault("unauthorized", on="tracking", count=1)

    for _ in range(3):
        poll_tracking(account=again(account), now=NOW)

    found = again(account)
    assert (found.state, found.paused_until) == (account.state, None)
    assert found.last_error
    assert Event.objects.filter(name="carrier.account_broken").count() == 0
    assert {again(parcel).next_poll_at for parcel in parcels} == {NOW + 6 * HOUR}


@pytest.mark.parametrize("fault", ["error_before", "reset_before", "garbage", "half_body"])
def test_a_carrier_that_does_not_answer_is_asked_later(account, bought, customer, fault):
    parcel = make_parcel(account=account, tracking_number=bought())
    customer.fault(fault, on="tracking")

    assert poll_tracking(account=account, now=NOW) == 0

    assert again(parcel).next_poll_at == NOW + timedelta(minutes=15)
    assert again(account).state == "ok"


def test_a_carrier_that_cannot_track_is_never_asked_again(account, bought, monkeypatch):
    account.settings = account.settings | {"cannot": "track"}
    account.save()
    parcel = make_parcel(account=account, tracking_number=bought())

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at is None


def test_parcels_of_another_account_are_not_asked_about(account, bought):
    other = make_carrier_account(name="Second contract", credentials=sealed(token="sandbox-other"))
    parcel = make_parcel(account=other, tracking_number=bought())

    poll_tracking(account=account, now=NOW)

    assert again(parcel).next_poll_at == NOW


def test_an_adapter_that_is_gone_breaks_the_account(merchant):
    account = make_carrier_account(carrier="nordpaket")
    make_parcel(account=account)

    assert poll_tracking(account=account, now=NOW) == 0
    assert again(account).state == CarrierAccount.State.BROKEN


def test_a_voided_label_is_not_asked_about(account, bought):
    parcel = make_parcel(account=account, tracking_number=bought())
    parcel.purchases.update(status="voided")

    poll_tracking(account=account, now=NOW)

    assert Parcel.objects.get(pk=parcel.pk).next_poll_at == NOW
