"""Settings › Carriers: accounts in words, their forms, services, limits and prices, rules of choice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rientro.carriers import registry
from rientro.carriers.base import AuthFailed, Can, InvalidRequest, Quote, Service
from rientro.carriers.known import Field
from rientro.kit import clock
from rientro.kit.crypto import seal, unseal
from rientro.kit.money import Money
from rientro.models import (
    CarrierAccount,
    CarrierInquiry,
    ChoiceRule,
    Event,
    LabelPurchase,
    Parcel,
)
from tests import makers
from tests.flows import scripted
from tests.makers import NOW
from tests.panel.conftest import make_choice_rule
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


@pytest.fixture
def depot(monkeypatch):
    """The scripted carrier of the flows' tests, with a form and with everything a merchant should know."""
    fresh = scripted.Depot()
    known = replace(
        scripted.KNOWN,
        credentials=(Field(name="token", label="Access token", secret=True),),
        settings=(Field(name="url", label="Address", target=True, default="https://here.example"),),
        can=Can.QUOTE | Can.CANCEL,
        void_days=28,
        charged="first_scan",
        unconfirmed="Nobody has bought a label here yet.",
    )
    monkeypatch.setattr(scripted, "depot", fresh)
    monkeypatch.setitem(registry.KNOWN, "scripted", known)
    yield fresh
    registry.carrier_class.cache_clear()


def heavy(monkeypatch, **changes):
    known = replace(registry.KNOWN["scripted"], worker_only=True, **changes)
    monkeypatch.setitem(registry.KNOWN, "scripted", known)


def form(**changes):
    return {"name": "Ours", "credential_token": "t0k3n", "setting_url": ""} | changes


# --- connecting


def test_a_secret_is_never_shown_again(owner, house):
    house.account.credentials = seal({"token": "very-secret"})
    house.account.save()

    pages = [text(owner.get(place(name, house.account.pk))) for name in ("carrier", "carrier_edit")]

    assert not any("very-secret" in page for page in pages)
    assert "saved, sealed" in pages[0]
    assert "Saved. Write another one to change it." in pages[1]


def test_an_empty_secret_keeps_the_saved_one_and_another_address_asks_for_it_anew(owner, depot):
    owner.post(place("carrier_new", "scripted"), form())
    account = CarrierAccount.objects.get(carrier="scripted")

    owner.post(place("carrier_edit", account.pk), form(credential_token="", name="Renamed"))
    moved = form(credential_token="", setting_url="https://elsewhere.example")
    answer = owner.post(place("carrier_edit", account.pk), moved)

    account.refresh_from_db()
    assert (account.name, unseal(account.credentials)) == ("Renamed", {"token": "t0k3n"})
    assert "Access token is missing." in text(answer)
    assert account.settings["url"] == "https://here.example"


def test_a_carrier_that_does_not_answer_is_not_connected(owner, house):
    before = CarrierAccount.objects.count()
    words = {"name": "Sandbox", "credential_token": "t", "setting_url": "http://127.0.0.1:1"}

    answer = owner.post(place("carrier_new", "sandbox"), words)

    assert answer.status_code == 200
    assert "Not saved yet" in text(answer)
    assert CarrierAccount.objects.count() == before


def test_an_unknown_carrier_has_no_form(owner, house):
    assert owner.get(place("carrier_new", "nonsense")).status_code == 404


def test_what_a_merchant_should_know_stands_before_he_connects_and_after(owner, depot):
    depot.can = Can.QUOTE | Can.CANCEL
    before = text(owner.get(place("carrier_new", "scripted")))
    owner.post(place("carrier_new", "scripted"), form())
    after = text(owner.get(place("carrier", CarrierAccount.objects.get().pk)))

    for page in (before, after):
        assert "within 28 days of the purchase, while it is unused" in page
        assert "when its parcel is first scanned; an unused label costs nothing" in page
        assert "Nobody has bought a label here yet." in page
        assert "a person looks at the carrier’s own site; nothing is bought twice" in page


def test_a_carrier_that_is_not_installed_says_so_and_has_no_form(owner, depot, monkeypatch):
    heavy(monkeypatch, needs=("a-library-that-is-not-here",), extra="heavy")

    page = text(owner.get(place("carrier_new", "scripted")))

    assert "Not installed here" in page
    assert "rientro[heavy]" in page
    assert "credential_token" not in page


def test_a_carrier_of_the_worker_is_shown_as_being_checked_and_then_as_working(
    owner, depot, jobs, monkeypatch
):
    heavy(monkeypatch)
    monkeypatch.setattr(registry, "_closed", {"worker_only"})  # as in a web process

    answer = owner.post(place("carrier_new", "scripted"), form(), follow=True)
    assert "Being checked" in text(answer)
    assert "hx-get" in text(answer)
    monkeypatch.setattr(registry, "_closed", set())
    jobs.run()

    account = CarrierAccount.objects.get()
    page = text(owner.get(place("carrier", account.pk)))
    assert (account.state, "Being checked" in page, "hx-get" in page) == ("ok", False, False)
    assert "Working" in page


def test_what_the_worker_heard_is_shown_in_the_carriers_words(owner, depot, jobs, monkeypatch):
    heavy(monkeypatch)
    owner.post(place("carrier_new", "scripted"), form())
    depot.checking = [AuthFailed("Wrong token, says the carrier.")]
    jobs.run()

    page = text(owner.get(place("carrier", CarrierAccount.objects.get().pk)))

    assert "The carrier refuses our credentials" in page
    assert "Wrong token, says the carrier." in page


def test_a_worker_that_is_away_is_not_waited_for(owner, depot, monkeypatch):
    heavy(monkeypatch)
    owner.post(place("carrier_new", "scripted"), form())
    CarrierInquiry.objects.update(asked_at=NOW - timedelta(days=1))

    page = text(owner.get(place("carrier", CarrierAccount.objects.get().pk)))

    assert "The worker has not answered. Is it running?" in page
    assert "hx-get" not in page


def test_another_account_buys_by_default_from_now_on(owner, house):
    other = makers.make_carrier_account(name="Second")

    owner.post(place("carrier_default", other.pk))

    assert [a.name for a in CarrierAccount.objects.filter(is_default=True)] == ["Second"]


# --- how it is doing


def buying(account, status="buying", **fields):
    ret = makers.make_return()
    return LabelPurchase.objects.create(
        parcel=Parcel.objects.create(ret=ret, created_at=NOW),
        account=account,
        reference=f"{ret.number}-X",
        status=status,
        created_at=NOW,
        **fields,
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "ok"}, "Working"),
        ({"state": "broken", "last_error": "Key revoked."}, "Credentials refused"),
        (
            {"resting": "trouble", "paused_s": 50},
            "It did not answer too often and is left alone until",
        ),
        ({"resting": "busy", "paused_s": 50}, "It asked us to slow down and is left alone until"),
        ({"resting": "busy", "paused_s": -5}, "It has rested. The next label shows"),
        ({"state": "unchecked"}, "No label is bought with it before the carrier has taken"),
    ],
)
def test_each_state_is_said_in_words(owner, merchant, fields, words):
    rest = fields.pop("paused_s", None)
    until = None if rest is None else clock.now() + timedelta(seconds=rest)
    account = makers.make_carrier_account(paused_until=until, **fields)

    assert words in text(owner.get(place("carriers")))
    page = text(owner.get(place("carrier", account.pk)))
    assert words in page
    assert fields.get("last_error", "") in page


def test_what_waits_is_counted_and_told_before_a_carrier_is_disconnected(owner, merchant):
    account = makers.make_carrier_account(state="broken")
    for status in ("buying", "buying", "unknown"):
        buying(account, status)
    make_choice_rule(account)

    page = text(owner.get(place("carrier", account.pk)))

    assert "2 labels wait and are bought as soon as they work." in page
    assert "2 labels wait for it: they go to the next carrier of your rules" in page
    assert "1 label that nobody knows about stays on your desk." in page
    assert "1 rule names it and rests from then on." in page


def test_a_disconnected_carrier_forgets_its_credentials_and_its_rules_rest(owner, house):
    owner.post(place("carrier_disconnect", house.account.pk))

    house.account.refresh_from_db()
    house.choice_rule.refresh_from_db()
    assert (house.account.credentials, house.account.deleted_at is not None) == ("", True)
    assert "was disconnected" in house.choice_rule.invalid_because
    assert "account disconnected" in text(owner.get(place("choice_rules")))


def test_test_labels_are_said_to_be_such_on_account_and_return(owner, house):
    assert "Test labels" in text(owner.get(place("carrier", house.account.pk)))
    assert "Test labels" in text(owner.get(place("carriers")))


# --- services, limits, prices


def test_services_are_read_once_and_offered_afterwards(owner, depot, jobs):
    makers.make_address()
    account = makers.make_carrier_account(carrier="scripted")
    depot.offered = [
        Service(
            code="retoure", name="Retoure Plus", origin="IT", destination="IT", max_weight_g=2000
        )
    ]

    page = text(owner.post(place("carrier_services", account.pk), follow=True))
    assert "Being read" in page
    jobs.run()
    for name in ("carrier", "carrier_edit", "carrier_terms"):
        assert "Retoure Plus" in text(owner.get(place(name, account.pk)))

    rule = {"act": "try", "account": str(account.pk)}
    assert "Retoure Plus" in text(owner.post(place("choice_rule_try"), rule))
    assert len(depot.lanes) == 1


def terms(**changes):
    words = {"name": "Ours", "service": "", "countries": "", "max_weight": "", "currency": "EUR"}
    return words | {"default_weight": ""} | changes


def test_limits_and_prices_are_written_as_they_were_typed(owner, house):
    typed = terms(
        countries="it, de",
        max_weight="31,5 kg",
        default_weight="800 g",
        brands=[str(house.brand.pk)],
        currency="eur",
        **{"p0-from": "DE", "p0-to": "IT", "p0-price": "7,95"},
        **{"p1-from": "*", "p1-to": "*", "p1-price": "12.90"},
        **{"p2-from": "FR", "p2-to": "*", "p2-price": ""},
    )

    answer = owner.post(place("carrier_terms", house.account.pk), typed)

    house.account.refresh_from_db()
    kept = house.account.settings
    assert answer.status_code == 302
    assert (kept["countries"], kept["max_weight_g"], kept["default_weight_g"]) == (
        ["IT", "DE"],
        31_500,
        800,
    )
    assert (kept["prices"], kept["currency"]) == ({"DE-IT": 795, "*": 1290}, "EUR")
    assert kept["brands"] == [house.brand.pk]
    assert Event.objects.filter(name="carrier.account_changed").count() == 1
    again = text(owner.get(place("carrier_terms", house.account.pk)))
    assert ('value="7.95"' in again, "31.5 kg" in again) == (True, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"countries": "Italy"}, "Choose countries from the list."),
        ({"max_weight": "heavy"}, "Write a weight such as"),
        ({"currency": "€€€"}, "Three letters, such as EUR."),
        ({"p0-from": "DE", "p0-to": "IT", "p0-price": "cheap"}, "Enter prices like 4.95"),
        ({"p0-from": "xx", "p0-to": "IT", "p0-price": "4"}, "Choose countries from the list."),
        ({"p0-from": "*", "p0-to": "*", "p0-price": "-4"}, "A price cannot be less than nothing."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(owner, house, wrong, words):
    before = dict(house.account.settings)

    answer = owner.post(place("carrier_terms", house.account.pk), terms(**wrong))

    house.account.refresh_from_db()
    assert answer.status_code == 400
    assert words in text(answer)
    assert house.account.settings == before


# --- rules


def sentence(**changes):
    words = {
        "act": "save",
        "c0-property": "from_country",
        "c0-operator": "is",
        "c0-value": "DE",
        "service": "",
        "name": "",
    }
    return words | changes


def test_a_rule_is_written_and_named_by_its_own_words(owner, house):
    typed = sentence(account=str(house.account.pk), service="retoure")

    owner.post(place("choice_rule_new"), typed)

    rule = ChoiceRule.objects.order_by("-pk").first()
    assert rule.actions == [
        {"identifier": "buy_from", "value": str(house.account.pk)},
        {"identifier": "as_service", "value": "retoure"},
    ]
    assert (
        rule.name
        == "If from country is Germany then buy from Sandbox carrier also as service retoure"
    )
    assert Event.objects.get(name="rule.saved").facts["family"] == "carrier"


@pytest.mark.parametrize("account", ["", "999999", "DHL"])
def test_a_rule_without_one_of_our_accounts_is_not_saved(owner, house, account):
    before = ChoiceRule.objects.count()

    answer = owner.post(place("choice_rule_new"), sentence(account=account))

    assert answer.status_code == 400
    assert "Choose one of your carrier accounts." in text(answer)
    assert ChoiceRule.objects.count() == before


def test_another_merchants_account_is_not_ours_to_name(owner, house, strangers):
    typed = sentence(account=str(strangers.account.pk))

    assert owner.post(place("choice_rule_new"), typed).status_code == 400


def test_the_box_says_who_would_carry_a_parcel_and_why(owner, merchant):
    makers.make_address()
    makers.make_carrier_account(name="Usual")
    german = makers.make_carrier_account(name="German", settings={"prices": {"DE": 650}})
    makers.make_carrier_account(name="Small", settings={"max_weight_g": 100})
    make_choice_rule(german, name="Germany")

    page = text(owner.get(f"{place('choice_rules')}?from=DE&to=IT&weight=2+kg"))

    assert "German, because the rule “Germany” names it." in page
    assert "from country is Germany" in page
    assert "If it turns the parcel down: Usual." in page
    assert "Small takes no parcel that heavy." in page
    assert "€6.50" in page
    italian = text(owner.get(f"{place('choice_rules')}?from=IT&to=IT&weight=2+kg"))
    assert "Usual, because it is the default one." in italian


def test_carriers_are_asked_for_prices_and_the_cheapest_stands_first(owner, depot, jobs):
    makers.make_address()
    makers.make_carrier_account(
        carrier="scripted", name="Asked", abilities=["quote"], settings={"prices": {"*": 990}}
    )
    depot.can |= Can.QUOTE
    depot.quoting = [Quote(service="quick", price=Money(450, "EUR"), days=2)]
    trip = {"from": "DE", "to": "IT", "weight": "2 kg", "postal": "20095"}

    answer = owner.post(place("choice_quotes"), trip)
    waiting = text(owner.get(answer["Location"]))
    jobs.run()
    done = text(owner.get(answer["Location"]))

    assert ("is being asked" in waiting, "hx-get" in waiting) == (True, True)
    assert ("hx-get" in done, "quick" in done) == (False, True)
    assert done.index("€4.50") < done.index("€9.90")


def test_a_return_that_waits_shows_what_its_label_would_cost(owner, depot, jobs):
    makers.make_carrier_account(carrier="scripted", name="Asked", abilities=["quote"])
    ret = makers.make_return(approval="requested", carrier="none", approved_at=None)
    depot.can |= Can.QUOTE
    depot.quoting = [Quote(service="quick", price=Money(450, "EUR"))]

    before = text(owner.get(place("return", ret.number)))
    owner.post(place("return_quotes", ret.number))
    jobs.run()
    after = text(owner.get(place("return", ret.number)))

    assert "Asked, because it is the default one." in before
    assert ("€4.50" in before, "€4.50" in after) == (False, True)
    ret.move(approval="approved", carrier="label_pending")
    assert "What the label would cost" not in text(owner.get(place("return", ret.number)))


def test_the_returns_page_says_in_words_why_this_carrier(owner, depot, jobs):
    special = makers.make_carrier_account(carrier="scripted", name="Special")
    makers.make_carrier_account(carrier="scripted", name="Second", is_default=False)
    make_choice_rule(
        CarrierAccount.objects.get(name="Second"),
        name="Out of Italy",
        conditions=[{"property": "from_country", "operator": "is", "compare_to": "IT"}],
    )
    ret = makers.make_return(carrier="failed")
    depot.script = [InvalidRequest("We do not go there.")]

    owner.post(place("return_retry", ret.number))
    jobs.run()

    page = text(owner.get(place("return", ret.number)))
    assert special.is_default
    assert "Second, because the rule “Out of Italy” names it." in page
    assert "Second turned it down: “We do not go there.”" in page
    assert "Then Special was asked." in page
    assert "from country is Italy" in page


def test_a_rule_of_strangers_is_neither_tried_nor_moved(owner, house, strangers):
    tried = owner.post(place("choice_rule_try"), {"rule": strangers.choice_rule.pk})
    owner.post(place("choice_rules_order"), {"rule": [strangers.choice_rule.pk]})

    assert tried.status_code == 404
    assert not Event.objects.filter(name="rule.moved").exists()


@pytest.mark.parametrize("name", ["choice_rules_order", "choice_quotes", "choice_rule_try"])
def test_only_who_manages_writes_rules_and_asks_carriers(as_role, house, name):
    assert as_role("desk").post(place(name), {"from": "DE"}).status_code == 403
    assert CarrierInquiry.objects.count() == 0
