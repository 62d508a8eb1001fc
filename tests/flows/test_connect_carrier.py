"""Connecting a carrier: tried first, sealed, and told where to send its news."""

from urllib.parse import urlsplit

import pytest

from rientro.carriers.base import AuthFailed, Unavailable
from rientro.carriers.registry import UnknownCarrier
from rientro.flows.connect_carrier import (
    Contract,
    IncompleteContract,
    check_carrier,
    connect_carrier,
    renew_webhooks,
)
from rientro.flows.disconnect_carrier import disconnect_carrier, set_default_carrier
from rientro.hooks.tokens import account_of
from rientro.kit.crypto import unseal
from rientro.kit.errors import Missing
from rientro.models import CarrierAccount, Event
from tests.makers import NOW, make_address, make_carrier_account
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db


def contract(customer, **changes):
    words = {
        "carrier": "sandbox",
        "name": "Our sandbox",
        "credentials": {"token": customer.token},
        "settings": {"url": customer.url},
        "service": "sandbox_return",
    }
    return Contract(**words | changes)


def connect(customer, *, account=None, **changes):
    return connect_carrier(
        contract=contract(customer, **changes), account=account, actor="member:1", now=NOW
    )


def hook_path(customer):
    """The address that the carrier was given."""
    import sqlite3

    with sqlite3.connect(customer.file) as db:
        [(url,)] = db.execute("SELECT url FROM hooks WHERE account = ?", (customer.token,))
    return urlsplit(url).path


def test_credentials_are_tried_sealed_and_answered_with_a_webhook(merchant, customer):
    account = connect(customer)

    assert (account.name, account.service, account.state) == ("Our sandbox", "sandbox_return", "ok")
    assert (account.is_default, account.test_mode, account.checked_at) == (True, True, NOW)
    assert customer.token not in account.credentials
    opened = unseal(account.credentials)
    assert opened["token"] == customer.token
    assert opened["webhook_secret"].startswith("whs_")
    [event] = Event.objects.all()
    assert (event.name, event.actor) == ("carrier.account_connected", "member:1")
    assert customer.token not in str(event.facts)


def test_the_carrier_was_given_the_address_that_finds_the_account(merchant, customer):
    account = connect(customer)

    _, _, _, code, token, _ = hook_path(customer).split("/")
    assert code == "sandbox"
    assert account_of(code, token) == account


def test_refused_credentials_write_nothing(merchant, customer):
    with pytest.raises(AuthFailed):
        connect(customer, credentials={"token": "nonsense"})

    assert CarrierAccount.objects.count() == 0
    assert Event.objects.count() == 0


def test_a_carrier_that_cannot_be_reached_writes_nothing(merchant, customer):
    with pytest.raises(Unavailable):
        connect(customer, settings={"url": "http://127.0.0.1:1"})

    assert CarrierAccount.objects.count() == 0


def test_a_carrier_that_takes_no_webhook_is_connected_all_the_same(merchant, customer):
    customer.fault("error_before", on="webhook.put")

    account = connect(customer)

    assert account.state == "ok"
    assert unseal(account.credentials) == {"token": customer.token}


def test_an_empty_box_is_named(merchant, customer):
    with pytest.raises(IncompleteContract) as caught:
        connect(customer, credentials={"token": " "})

    assert caught.value.facts == {"field": "token"}


def test_an_unknown_carrier_is_refused(merchant, customer):
    with pytest.raises(UnknownCarrier):
        connect(customer, carrier="nordpaket")


def test_the_second_account_is_not_the_default(merchant, customer, sandbox_process):
    first = connect(customer)
    second = connect(sandbox_process.customer())

    assert (first.is_default, second.is_default) == (True, False)


def test_the_default_can_be_passed_on(merchant, customer, sandbox_process):
    first = connect(customer)
    second = connect(sandbox_process.customer())

    for _ in range(2):
        set_default_carrier(account=second, actor="member:1", now=NOW)

    assert list(CarrierAccount.objects.filter(is_default=True)) == [second]
    assert Event.objects.filter(name="carrier.account_default").count() == 1
    assert first.pk != second.pk


@pytest.mark.parametrize("has_address", [True, False])
def test_without_a_service_the_usual_one_of_the_country_is_taken(merchant, customer, has_address):
    if has_address:
        make_address()

    assert connect(customer, service="").service == "sandbox_return"


def test_no_service_is_invented(merchant, customer):
    make_address(country="AQ")

    assert connect(customer, service="").service == ""


# Moving house


def test_the_carrier_learns_where_we_have_moved(merchant, customer, settings):
    account = connect(customer)
    before = hook_path(customer)
    assert renew_webhooks(now=NOW) == 0

    settings.BASE_URL = "https://returns.example"

    assert renew_webhooks(now=NOW) == 1
    assert renew_webhooks(now=NOW) == 0
    _, _, _, code, token, _ = hook_path(customer).split("/")
    assert hook_path(customer) != before
    assert account_of(code, token) == account


def test_who_cannot_be_told_is_told_the_next_time(merchant, customer, settings):
    connect(customer)
    settings.BASE_URL = "https://returns.example"
    customer.fault("error_before", on="webhook.put")

    assert [renew_webhooks(now=NOW), renew_webhooks(now=NOW)] == [0, 1]


def test_an_account_that_cannot_be_opened_is_passed_over(merchant, settings):
    make_carrier_account(carrier="nordpaket")
    make_carrier_account(carrier="sandbox", credentials="nonsense", name="Sealed elsewhere")

    assert renew_webhooks(now=NOW) == 0


# Mending


def test_an_empty_secret_keeps_the_one_that_is_sealed(merchant, customer):
    account = connect(customer)

    connect(customer, account=account, credentials={}, name="New name")

    account.refresh_from_db()
    assert account.name == "New name"
    assert unseal(account.credentials)["token"] == customer.token


def test_the_secret_before_stays_good_after_mending(merchant, customer):
    account = connect(customer)
    before = unseal(account.credentials)["webhook_secret"]

    connect(customer, account=account, credentials={})

    account.refresh_from_db()
    opened = unseal(account.credentials)
    assert opened["webhook_secret_before"] == before
    assert opened["webhook_secret"] != before


def test_secrets_do_not_move_to_another_address(merchant, customer):
    account = connect(customer)
    elsewhere = customer.url.replace("127.0.0.1", "localhost")

    with pytest.raises(IncompleteContract) as caught:
        connect(customer, account=account, credentials={}, settings={"url": elsewhere})

    assert caught.value.facts == {"field": "token"}


def test_mending_a_broken_account_lets_it_work_again(merchant, customer):
    account = connect(customer)
    CarrierAccount.objects.update(state="broken", last_error="no", paused_until=NOW)

    connect(customer, account=account, credentials={})

    account.refresh_from_db()
    assert (account.state, account.last_error, account.paused_until) == ("ok", "", None)


def test_checking_finds_out_what_is_wrong(merchant, customer):
    account = connect(customer)
    customer.fault("unauthorized", on="account")
    customer.fault("error_before", on="account")

    seen = []
    for _ in range(3):
        found = check_carrier(account=account, actor="member:1", now=NOW)
        seen.append((found.state, bool(found.last_error)))

    assert seen == [("broken", True), ("broken", True), ("ok", False)]


def test_disconnecting_forgets_the_secrets_and_keeps_the_books(merchant, customer):
    account = connect(customer)
    _, _, _, code, token, _ = hook_path(customer).split("/")

    disconnect_carrier(account=account, actor="member:1", now=NOW)

    account.refresh_from_db()
    assert (account.credentials, account.is_default, account.deleted_at) == ("", False, NOW)
    assert account_of(code, token) is None
    with pytest.raises(Missing):
        disconnect_carrier(account=account, actor="member:1", now=NOW)


def test_a_disconnected_account_cannot_be_the_default(merchant):
    account = make_carrier_account(deleted_at=NOW, is_default=False)

    with pytest.raises(Missing):
        set_default_carrier(account=account, actor="member:1", now=NOW)
