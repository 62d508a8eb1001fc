"""Questions that a page has for a carrier and the worker puts: credentials, services, prices."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import AuthFailed, Can, Quote, Service, Unavailable
from rientro.carriers.known import Field
from rientro.flows.ask_quotes import Trip, ask_quotes, quote_label
from rientro.flows.connect_carrier import (
    Contract,
    IncompleteContract,
    NotInstalled,
    check_carrier,
    connect_carrier,
    try_credentials,
)
from rientro.flows.disconnect_carrier import disconnect_carrier
from rientro.flows.purge_expired import purge_expired
from rientro.flows.read_services import ask_services, read_services
from rientro.flows.save_account import AccountTerms, save_account
from rientro.kit.crypto import unseal
from rientro.kit.money import Money
from rientro.models import CarrierAccount, CarrierInquiry, Event
from rientro.models.inquiries import close_inquiry, still_waiting
from tests.flows import scripted
from tests.makers import (
    NOW,
    make_address,
    make_brand,
    make_carrier_account,
    make_order,
    make_return,
)

pytestmark = pytest.mark.django_db
SECRET = Field(name="token", label="Access token", secret=True)
PLACE = Field(name="url", label="Address", target=True, default="https://heavy.example")


@pytest.fixture
def heavy(merchant, depot, monkeypatch):
    """The scripted carrier, as one that only the worker may load."""
    known = replace(scripted.KNOWN, worker_only=True, credentials=(SECRET,), settings=(PLACE,))
    monkeypatch.setitem(registry.KNOWN, "scripted", known)
    return depot


def connect(account=None, *, token="t0k3n", **fields):
    values = {"carrier": "scripted", "name": "Heavy", "credentials": {"token": token}} | fields
    return connect_carrier(contract=Contract(**values), account=account, actor="member:1", now=NOW)


def work(kind):
    """What the worker would do with the newest question of this kind."""
    found = CarrierInquiry.objects.filter(kind=kind).select_related("account").latest("pk")
    return {"check": try_credentials, "services": read_services, "quote": quote_label}[kind](
        inquiry=found, now=NOW
    )


# --- credentials of a carrier that only the worker may load


def test_a_page_asks_nothing_and_the_worker_finds_the_account_good(heavy, jobs, monkeypatch):
    monkeypatch.setattr(registry, "_closed", {"worker_only"})

    account = connect()

    assert (account.state, account.credentials) == ("unchecked", "")
    assert jobs.names() == ["check_carrier"]
    assert "t0k3n" not in CarrierInquiry.objects.get().proposal
    monkeypatch.setattr(registry, "_closed", set())
    jobs.run()

    account.refresh_from_db()
    assert (account.state, account.is_default, account.checked_at is None) == ("ok", True, False)
    assert unseal(account.credentials) == {"token": "t0k3n"}
    assert "cancel" in account.abilities
    assert CarrierInquiry.objects.get().proposal == ""
    assert Event.objects.filter(name="carrier.account_connected").count() == 1


def test_refused_credentials_of_a_new_account_are_not_kept(heavy):
    account = connect()
    heavy.checking = [AuthFailed("Wrong token.")]

    asked = work("check")

    account.refresh_from_db()
    assert (asked.state, asked.words, asked.proposal) == ("failed", "Wrong token.", "")
    assert (account.state, account.last_error, account.credentials) == (
        "broken",
        "Wrong token.",
        "",
    )


def test_new_credentials_that_are_refused_leave_the_old_ones_at_work(heavy):
    account = connect()
    work("check")
    account.refresh_from_db()

    connect(account, token="mistyped", name="Renamed")
    heavy.checking = [AuthFailed("Wrong token.")]
    asked = work("check")

    account.refresh_from_db()
    assert asked.words == "Wrong token."
    assert (account.state, account.name) == ("ok", "Heavy")
    assert unseal(account.credentials) == {"token": "t0k3n"}


def test_an_empty_secret_keeps_the_one_that_is_sealed(heavy):
    account = connect()
    work("check")
    account.refresh_from_db()

    connect(account, token="", name="Renamed")
    work("check")

    account.refresh_from_db()
    assert (account.name, unseal(account.credentials)) == ("Renamed", {"token": "t0k3n"})


def test_secrets_do_not_move_to_another_address(heavy):
    account = connect()
    work("check")
    account.refresh_from_db()

    with pytest.raises(IncompleteContract):
        connect(account, token="", settings={"url": "https://thief.example"})


def test_a_carrier_that_cannot_be_reached_leaves_the_account_unchecked(heavy):
    account = connect()
    heavy.checking = [Unavailable("Nobody there.")]
    asked = work("check")

    account.refresh_from_db()
    assert (asked.state, account.state, account.last_error) == (
        "failed",
        "unchecked",
        "Nobody there.",
    )


def test_what_was_typed_is_tried_again_when_the_carrier_was_only_away(heavy):
    account = connect()
    heavy.checking = [Unavailable("Nobody there.")]
    work("check")

    check_carrier(account=account, actor="member:1", now=NOW)
    work("check")

    account.refresh_from_db()
    assert (account.state, unseal(account.credentials)) == ("ok", {"token": "t0k3n"})
    assert CarrierInquiry.objects.latest("pk").proposal == ""


def test_an_account_is_checked_again_by_the_worker(heavy, jobs):
    account = connect()
    work("check")
    account.refresh_from_db()
    jobs.clear()
    heavy.checking = [AuthFailed("Revoked.")]

    check_carrier(account=account, actor="member:1", now=NOW)
    assert jobs.names() == ["check_carrier"]
    jobs.run()

    account.refresh_from_db()
    assert (account.state, account.last_error) == ("broken", "Revoked.")


def test_a_second_worker_changes_nothing(heavy):
    connect()
    first = work("check")
    heavy.checking = [AuthFailed("Wrong token.")]

    again = work("check")

    assert (first.state, again.state) == ("answered", "answered")
    assert CarrierAccount.objects.get().state == "ok"


def test_a_carrier_that_is_not_installed_says_so(heavy, monkeypatch):
    known = replace(registry.KNOWN["scripted"], needs=("a-library-that-is-not-here",))
    monkeypatch.setitem(registry.KNOWN, "scripted", known)

    with pytest.raises(NotInstalled) as caught:
        connect()

    assert caught.value.facts == {"missing": ["a-library-that-is-not-here"]}
    assert CarrierAccount.objects.count() == 0


def test_a_disconnected_account_forgets_what_was_typed(heavy, jobs):
    account = connect()

    disconnect_carrier(account=account, actor="member:1", now=NOW)
    jobs.run()

    assert CarrierInquiry.objects.count() == 0
    assert CarrierAccount.objects.get().state == "unchecked"


def test_an_account_disconnected_while_its_carrier_is_asked_stays_disconnected(heavy, jobs):
    account = connect()
    heavy.during = lambda: disconnect_carrier(account=account, actor="member:1", now=NOW)

    jobs.run()

    account = CarrierAccount.objects.get()
    assert (account.deleted_at, account.credentials, account.is_default) == (NOW, "", False)


def test_what_is_saved_while_the_carrier_is_asked_is_kept(heavy):
    account = connect()
    work("check")
    check_carrier(account=account, actor="member:1", now=NOW)
    heavy.during = lambda: save_account(
        account=account,
        terms=AccountTerms(name="Light", max_weight_g=500),
        actor="member:1",
        now=NOW,
    )

    work("check")

    assert CarrierAccount.objects.get().settings["max_weight_g"] == 500


# --- services


def service(code, **fields):
    return Service(code=code, name=code.title(), origin="IT", destination="IT", **fields)


def test_services_are_read_for_the_lanes_that_are_used(merchant, depot, jobs):
    account = make_carrier_account(carrier="scripted")
    make_address()
    for country in ("DE", "FR", "DE"):
        make_return(make_order(make_brand()), from_country=country)
    depot.offered = [
        service("retoure", max_weight_g=20_000, price_from=Money(495, "EUR")),
        service("letter"),
    ]

    ask_services(account=account, actor="member:1", now=NOW)
    jobs.run()

    account.refresh_from_db()
    assert depot.lanes == [("DE", "IT"), ("FR", "IT"), ("IT", "IT")]
    first, _second = account.services
    assert (first["code"], first["max_weight_g"], first["price_minor"]) == ("retoure", 20_000, 495)
    assert first["lanes"] == [["DE", "IT"], ["FR", "IT"], ["IT", "IT"]]
    assert account.services_read_at is not None
    assert CarrierInquiry.objects.get().answer["count"] == 2


def test_only_lanes_that_the_account_takes_are_asked_about(merchant, depot):
    account = make_carrier_account(carrier="scripted", settings={"countries": ["DE"]})
    make_address()
    ask_services(account=account, actor="member:1", now=NOW)

    work("services")

    assert depot.lanes == [("DE", "IT")]


def test_services_stay_when_the_carrier_does_not_answer(merchant, depot):
    account = make_carrier_account(carrier="scripted", services=[{"code": "retoure"}])
    make_address()
    depot.offered = Unavailable("Nobody there.")
    ask_services(account=account, actor="member:1", now=NOW)

    asked = work("services")

    account.refresh_from_db()
    assert (asked.state, asked.words) == ("failed", "Nobody there.")
    assert account.services == [{"code": "retoure"}]


# --- prices


def test_every_contract_that_can_say_a_price_is_asked_for_a_return(merchant, depot, jobs):
    depot.can |= Can.QUOTE
    depot.quoting = [
        Quote(service="slow", price=Money(900, "EUR")),
        Quote(service="quick", price=Money(450, "EUR"), days=2),
    ]
    make_carrier_account(carrier="scripted", abilities=["quote"], service="quick")
    make_carrier_account(carrier="scripted", abilities=["cancel"], name="Cannot say")
    make_carrier_account(carrier="scripted", abilities=["quote"], state="broken", name="Broken")
    ret = make_return(approval="requested")

    batch = ask_quotes(ret=ret, actor="member:1", now=NOW)
    jobs.run()

    asked = CarrierInquiry.objects.get()
    assert (asked.batch, asked.ret_id, asked.state) == (batch, ret.pk, "answered")
    assert [offer["minor"] for offer in asked.answer["offers"]] == [450, 900]
    assert asked.question == {}  # nothing personal is written down
    [request] = depot.quoted
    assert (request.sender.city, request.service) == ("Torino", "quick")
    assert depot.count() == 0


def test_a_trip_that_nobody_has_made_is_priced_too(merchant, depot, jobs):
    depot.can |= Can.QUOTE
    make_carrier_account(carrier="scripted", abilities=["quote"])
    trip = Trip(origin="DE", destination="IT", weight_g=1200, from_postal_code="20095")

    ask_quotes(trip=trip, actor="member:1", now=NOW)
    jobs.run()

    [request] = depot.quoted
    assert (request.sender.country, request.sender.postal_code) == ("DE", "20095")
    assert (request.receiver.country, request.parcel.weight_g) == ("IT", 1200)


def test_a_carrier_that_does_not_answer_leaves_its_words(merchant, depot):
    depot.can |= Can.QUOTE
    depot.quoting = Unavailable("Nobody there.")
    make_carrier_account(carrier="scripted", abilities=["quote"])
    ask_quotes(ret=make_return(), actor="member:1", now=NOW)

    asked = work("quote")

    assert (asked.state, asked.words) == ("failed", "Nobody there.")


def test_a_page_does_not_wait_for_ever(merchant, depot):
    make_carrier_account(carrier="scripted", abilities=["quote"])
    ask_quotes(ret=make_return(), actor="member:1", now=NOW)
    asked = CarrierInquiry.objects.get()

    assert still_waiting(asked, at=NOW + timedelta(seconds=60))
    assert not still_waiting(asked, at=NOW + timedelta(minutes=2))


def test_old_questions_are_forgotten(merchant, depot):
    make_carrier_account(carrier="scripted", abilities=["quote"])
    ask_quotes(ret=make_return(), actor="member:1", now=NOW)

    purge_expired(now=NOW + timedelta(days=6))
    assert CarrierInquiry.objects.count() == 1
    purge_expired(now=NOW + timedelta(days=8))
    assert CarrierInquiry.objects.count() == 0


def test_an_answer_to_a_question_that_is_gone_is_no_news(heavy):
    account = make_carrier_account(carrier="scripted")
    ask_services(account=account, actor="member:1", now=NOW)
    inquiry = CarrierInquiry.objects.latest("pk")
    CarrierInquiry.objects.filter(pk=inquiry.pk).delete()

    closed = close_inquiry(inquiry, at=NOW, answer={"services": []})

    assert closed.pk == inquiry.pk
    assert not CarrierInquiry.objects.exists()
