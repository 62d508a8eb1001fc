"""What the look-up tells, and to whom: one answer for every kind of miss, budgets, brands apart."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from rientro.kit import clock
from rientro.models import LookupCounter, Order, PortalSettings, Ticket
from rientro.models.lookup import link_token_of
from tests.makers import (
    in_merchant,
    make_address,
    make_brand,
    make_integration,
    make_merchant,
    make_order,
)
from tests.portal.walk import look_up

pytestmark = pytest.mark.django_db


def told(response) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, without what the visitor typed and the form's own token."""
    body = response.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)
    body = re.sub(r'(id="(order|postcode)"[^>]*) value="[^"]*"', r"\1", body)
    headers = {k: v for k, v in response.headers.items() if k != "Content-Length"}
    return response.status_code, headers, body


@pytest.fixture
def brand(merchant):
    return make_brand(slug="brina", languages=["en", "it"])


def test_every_kind_of_miss_gets_the_same_answer(client, merchant, brand):
    make_order(brand, number="A-1")
    make_order(brand, number="A-2", redacted_at=timezone.now())
    make_order(make_brand(slug="other"), number="A-3")
    with in_merchant(make_merchant()):
        make_order(make_brand(slug="far"), number="A-4")

    unknown = told(look_up(client, "brina", "A-9", "10131"))
    misses = {
        "wrong postal code": told(look_up(client, "brina", "A-1", "10132")),
        "redacted": told(look_up(client, "brina", "A-2", "10131")),
        "another brand's": told(look_up(client, "brina", "A-3", "10131")),
        "another merchant's": told(look_up(client, "brina", "A-4", "10131")),
        "very long": told(look_up(client, "brina", "A" * 5000, "1" * 5000)),
        "nul": told(look_up(client, "brina", "A-1\x00", "x\x00")),
    }

    assert unknown[0] == 404
    assert {name: answer for name, answer in misses.items() if answer != unknown} == {}
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize(
    ("number", "proof"),
    [
        ("BR-10482", "10131"),
        (" #br 10482 ", "10131"),
        ("br–10482", "I-10131"),
        ("BR-１０４８２", "10 131"),
        ("BR-10482", "giulia.ferrero@example.test"),
    ],
)
def test_an_order_opens_however_its_number_is_typed(client, merchant, brand, number, proof):
    make_order(brand, number="BR-10482")

    response = look_up(client, "brina", number, proof)

    assert (response.status_code, response["Location"]) == (302, "/brina/items/")


@pytest.mark.parametrize("stored", ["95014", "95014-0001"])
@pytest.mark.parametrize("typed", ["95014", "95014-0001", "950140001"])
def test_a_zip_code_of_nine_digits_opens_by_its_five_and_the_other_way_round(
    client, merchant, brand, stored, typed
):
    make_order(brand, number="US-1", country="US", postal_code=stored)

    assert look_up(client, "brina", "US-1", typed).status_code == 302


def test_a_purchase_in_a_store_opens_with_its_receipt_code(client, merchant, brand):
    make_order(
        brand, number="S-77", postal_code="", postal_norm="", receipt_norm="k7p2", channel="store"
    )

    missed = look_up(client, "brina", "S-77", "")
    opened = look_up(client, "brina", "S-77", "K7-P2")

    assert missed.status_code == 400
    assert opened.status_code == 302


def test_the_ticket_is_a_cookie_that_scripts_cannot_read(client, merchant, brand):
    make_order(brand, number="A-1")

    cookie = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/brina/")
    assert bytes(Ticket.objects.get().token_hash) != cookie.value.encode()


def test_over_https_the_ticket_is_bound_to_the_host(client, merchant, brand):
    make_order(brand, number="A-1")

    page = client.get("/brina/", secure=True)
    cookie = look_up(client, "brina", "A-1", "10131", secure=True).cookies["__Host-ticket-brina"]

    assert page.status_code == 200
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_pages_are_kept_by_nobody_and_told_to_nobody(client, merchant, brand):
    make_order(brand, number="A-1")
    look_up(client, "brina", "A-1", "10131")

    pages = [client.get("/brina/"), client.get("/brina/items/"), client.get("/brina/code/")]

    assert {page["Cache-Control"] for page in pages} == {"no-store"}
    assert {page["Referrer-Policy"] for page in pages} == {"no-referrer"}


def test_a_look_up_in_the_address_finds_nothing(client, merchant, brand):
    make_order(brand, number="A-1")

    page = client.get("/brina/?order=A-1&postcode=10131")

    assert page.status_code == 200
    assert Ticket.objects.count() == 0


# Budgets


def test_the_sixth_try_on_one_order_in_an_hour_is_refused(client, merchant, brand):
    make_order(brand, number="A-1")

    answers = [
        look_up(client, "brina", "A-1", str(20000 + n), REMOTE_ADDR=f"10.0.{n}.1").status_code
        for n in range(6)
    ]
    right = look_up(client, "brina", "A-1", "10131", REMOTE_ADDR="10.9.9.9")

    assert answers == [404] * 5 + [429]
    assert right.status_code == 429
    assert int(right["Retry-After"]) > 0


def test_the_eleventh_try_on_one_order_in_a_day_is_refused(client, merchant, brand, monkeypatch):
    make_order(brand, number="A-1")
    start = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    answers = []

    for n in range(11):
        monkeypatch.setattr(clock, "now", lambda n=n: start + timedelta(hours=2 * n))
        network = f"10.0.{n}.1"
        answer = look_up(client, "brina", "A-1", str(20000 + n), REMOTE_ADDR=network)
        answers.append(answer.status_code)

    assert answers == [404] * 10 + [429]


def test_an_unknown_order_has_the_same_budget(client, merchant, brand):
    answers = [
        look_up(client, "brina", "NO", str(20000 + n), REMOTE_ADDR=f"10.0.{n}.1").status_code
        for n in range(6)
    ]

    assert answers == [404] * 5 + [429]


def test_finding_the_same_order_again_writes_no_second_ticket(client, new_client, merchant, brand):
    make_order(brand, number="A-1")
    make_order(brand, number="A-2")

    first = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value
    again = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value
    alone = Ticket.objects.count()
    other = look_up(client, "brina", "A-2", "10131").cookies["ticket-brina"].value
    elsewhere = look_up(new_client(), "brina", "A-1", "10131").cookies["ticket-brina"].value

    assert (first, alone) == (again, 1)
    assert len({first, other, elsewhere}) == 3


def test_a_ticket_that_is_dead_or_was_mailed_is_not_given_again(client, merchant, brand):
    order = make_order(brand, number="A-1")
    dead = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value
    Ticket.objects.update(expires_at=clock.now() - timedelta(hours=1))
    fresh = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value
    mailed = Ticket.issue_link(order=order, brand=brand, language="en", now=clock.now())
    client.cookies["ticket-brina"] = link_token_of(mailed)
    own = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value

    assert len({dead, fresh, own, link_token_of(mailed)}) == 4


def test_a_forged_forwarded_for_changes_nothing(client, merchant, brand):
    answers = [
        look_up(client, "brina", f"A-{n}", "1", HTTP_X_FORWARDED_FOR=f"203.0.{n}.7").status_code
        for n in range(11)
    ]

    assert answers == [404] * 10 + [429]


def test_behind_a_proxy_of_ours_only_its_own_word_counts(client, merchant, brand, settings):
    settings.TRUSTED_PROXIES = 1

    answers = [
        look_up(
            client, "brina", f"A-{n}", "1", HTTP_X_FORWARDED_FOR=f"6.6.{n}.6, 203.0.113.9"
        ).status_code
        for n in range(11)
    ]
    neighbour = look_up(client, "brina", "A-99", "1", HTTP_X_FORWARDED_FOR="198.51.100.4")

    assert answers == [404] * 10 + [429]
    assert neighbour.status_code == 404


def test_a_spray_from_many_networks_ends_at_the_merchants_budget(client, merchant, brand):
    answers = [
        look_up(client, "brina", f"A-{n}", "1", REMOTE_ADDR=f"10.{n}.0.1").status_code
        for n in range(105)
    ]

    assert (answers.count(404), answers.count(429)) == (100, 5)


def test_finding_an_order_costs_nothing_of_the_budget(client, merchant, brand):
    make_order(brand, number="A-1")

    answers = {look_up(client, "brina", "A-1", "10131").status_code for _ in range(15)}

    assert answers == {302}
    assert LookupCounter.objects.count() == 0


def test_the_counters_hold_no_order_number(client, merchant, brand):
    look_up(client, "brina", "VERYSECRET-1", "10131")

    keys = LookupCounter.objects.values_list("key", flat=True)

    assert not [key for key in keys if "secret" in key.lower()]


# Which order, which brand


def test_a_portal_of_another_brand_does_not_open_the_order(client, merchant, brand):
    make_order(brand, number="A-1")
    make_brand(slug="other")

    assert look_up(client, "other", "A-1", "10131").status_code == 404
    assert look_up(client, "brina", "A-1", "10131").status_code == 302


def test_two_shops_with_one_number_are_told_apart_by_their_names_alone(client, merchant, brand):
    address = make_address(brand)
    for shop, name in (("Online", "Anna Rossi"), ("Outlet", "Bruno Bianchi")):
        make_order(
            brand,
            number="A-1",
            integration=make_integration(shop_name=shop),
            sender_address=address,
            name=name,
        )

    page = look_up(client, "brina", "A-1", "10131")
    body = page.content.decode()
    choices = re.findall(r'name="which" value="(\w+)"', body)
    opened = look_up(client, "brina", "A-1", "10131", also={"which": choices[1]})

    assert page.status_code == 200
    assert ("Online" in body, "Outlet" in body) == (True, True)
    assert not re.search("Rossi|Bianchi|Merino|Moncalieri", body)
    assert opened.status_code == 302
    assert Ticket.objects.get().order.integration.shop_name == "Outlet"


def test_the_wrong_postal_code_shows_no_choice(client, merchant, brand):
    for _ in range(2):
        make_order(brand, number="A-1", integration=make_integration())

    assert look_up(client, "brina", "A-1", "99999").status_code == 404


# The switch of S2, and a closed portal


def test_switched_off_an_order_without_outbound_shipment_is_refused_clearly(
    client, merchant, brand
):
    PortalSettings.objects.update(allow_without_outbound=False)
    make_order(brand, number="A-1", has_outbound=False)
    make_order(brand, number="A-2", has_outbound=True)

    refused = look_up(client, "brina", "A-1", "10131")
    guessed = look_up(client, "brina", "A-1", "10132")
    shipped = look_up(client, "brina", "A-2", "10131")

    assert refused.status_code == 409
    assert "This order cannot be returned here." in refused.content.decode()
    assert guessed.status_code == 404
    assert shipped.status_code == 302


def test_switched_on_it_opens(client, merchant, brand):
    make_order(brand, number="A-1", has_outbound=False)

    assert look_up(client, "brina", "A-1", "10131").status_code == 302


def test_a_cancelled_order_says_so_to_its_buyer_only(client, merchant, brand):
    make_order(brand, number="A-1", cancelled_at=timezone.now())

    assert look_up(client, "brina", "A-1", "10131").status_code == 409
    assert look_up(client, "brina", "A-1", "10132").status_code == 404


def test_a_closed_portal_says_so(client, merchant, brand):
    make_order(brand, number="A-1")
    PortalSettings.objects.update(active=False)

    page, answer = client.get("/brina/"), look_up(client, "brina", "A-1", "10131")

    assert "closed at the moment" in page.content.decode()
    assert answer.status_code == 409
    assert Ticket.objects.count() == 0


def test_a_brand_that_does_not_exist_is_not_found(client, db):
    assert client.get("/nobody/").status_code == 404


def test_an_address_without_its_last_slash_leads_to_the_portal(client, merchant, brand):
    assert client.get("/brina")["Location"] == "/brina/"


# Tickets


def test_a_ticket_left_lying_opens_nothing(client, merchant, brand):
    make_order(brand, number="A-1")
    look_up(client, "brina", "A-1", "10131")
    Ticket.objects.update(seen_at=timezone.now() - timedelta(minutes=31))

    assert client.get("/brina/items/")["Location"] == "/brina/?again"


def test_a_ticket_ends_after_two_hours_whatever_happens(client, merchant, brand):
    make_order(brand, number="A-1")
    look_up(client, "brina", "A-1", "10131")
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get("/brina/items/").status_code == 302


def test_a_ticket_of_one_brand_opens_nothing_of_another(client, merchant, brand):
    make_order(brand, number="A-1")
    make_brand(slug="other")
    token = look_up(client, "brina", "A-1", "10131").cookies["ticket-brina"].value

    client.cookies["ticket-other"] = token

    assert client.get("/other/items/")["Location"] == "/other/?again"


def test_redaction_ends_the_ticket(client, merchant, brand):
    make_order(brand, number="A-1")
    look_up(client, "brina", "A-1", "10131")
    Order.objects.update(redacted_at=timezone.now())

    assert client.get("/brina/items/").status_code == 302


@pytest.mark.parametrize(
    "path", ["items", "why", "how", "address", "code", "check", "done", "why/1"]
)
def test_no_page_opens_without_a_ticket(client, merchant, brand, path):
    assert client.get(f"/brina/{path}/")["Location"] == "/brina/?again"


@pytest.mark.parametrize("path", ["", "link/", "items/", "check/", "code/send/", "language/"])
def test_a_form_from_elsewhere_is_refused(merchant, brand, path):
    from tests.conftest import StrangersClient

    strict = StrangersClient(enforce_csrf_checks=True)
    answer = strict.post(f"/brina/{path}", {"order": "A-1"})

    assert answer.status_code == 403
    assert "Please send this once more" in answer.content.decode()
