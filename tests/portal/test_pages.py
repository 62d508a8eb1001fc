"""What single pages do with what is typed: reasons in words, numbers out of range, double clicks, languages."""

import pytest

from rientro.flows.redact_order import redact_order
from rientro.kit import clock
from rientro.models import Label, OrderLine, PortalSettings, Return, ReturnItem, Ticket
from tests.makers import make_address, make_brand, make_carrier_account, make_line, make_order
from tests.portal import walk
from tests.portal.papers import make_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(merchant):
    make_carrier_account()
    brand = make_brand(slug="brina", portal={"fee_minor": 490})
    return make_order(
        brand,
        number="A-1",
        lines=[
            {"name": "Scarf", "quantity": 3, "price_minor": 9600, "position": 1},
            {"name": "Cap", "quantity": 1, "price_minor": 4500, "final_sale": True, "position": 2},
        ],
    )


def line(order, name) -> OrderLine:
    return order.lines.get(name=name)


def test_what_cannot_come_back_stays_in_sight_with_its_reason(client, order):
    walk.find(client, order)

    page = client.get("/brina/items/").content.decode()

    assert "Cap" in page
    assert "final sale or made for you" in page
    assert f'id="pick-{line(order, "Cap").pk}"' not in page


def test_past_the_window_the_page_says_since_when(client, merchant):
    late = make_order(
        make_brand(slug="brina", portal={"window_days": 3}),
        number="A-1",
        channel="store",
        ordered_at="2026-09-01T09:00:00Z",
        delivered_at="2026-09-05T09:00:00Z",
    )
    walk.find(client, late)

    page = client.get("/brina/items/").content.decode()

    assert "The time for returns ended on Tuesday, 8 September 2026." in page
    assert "Nothing of this order can come back now." in page


@pytest.mark.parametrize("units", ["0", "4", "-1", "1.5", "x", "", "99999999999999999999", "٣٣"])
def test_a_number_of_units_that_cannot_be_is_told_in_words(client, order, units):
    walk.find(client, order)
    scarf = line(order, "Scarf")

    page = client.post("/brina/items/", {"pick": scarf.pk, f"units-{scarf.pk}": units})

    assert page.status_code == 400
    assert "between 1 and 3 can come back" in page.content.decode()


def test_nothing_picked_asks_for_one(client, order):
    walk.find(client, order)

    page = client.post("/brina/items/", {})

    assert (page.status_code, "Choose at least one item." in page.content.decode()) == (400, True)


def test_a_line_of_another_order_cannot_be_picked(client, order):
    other = make_order(order.brand, number="A-2")
    walk.find(client, order)

    page = client.post("/brina/items/", {"pick": other.lines.get().pk})

    assert page.status_code == 400


def test_back_finds_what_was_typed(client, order):
    walk.up_to_check(client, order, units={line(order, "Scarf").pk: 2})

    items, why = client.get("/brina/items/"), client.get("/brina/why/")
    address = client.get("/brina/address/")

    assert 'value="2" inputmode="numeric"' in items.content.decode()
    assert 'value="too-small" required checked' in why.content.decode()
    assert 'value="Corso Moncalieri"' in address.content.decode()


def test_each_item_is_asked_about_on_its_own(client, order):
    coat = make_line(order, name="Coat", quantity=1)
    walk.find(client, order)
    walk.pick(client, order, {line(order, "Scarf").pk: 1, coat.pk: 1})

    first = client.post("/brina/why/", {"reason": "faulty", "note": "A hole"})
    second = client.post("/brina/why/2/", {"reason": "-"})

    assert (first["Location"], second["Location"]) == ("/brina/why/2/", "/brina/how/")


def test_no_answer_is_asked_for_again_but_none_has_to_be_given(client, order):
    walk.find(client, order)
    walk.pick(client, order)

    silent = client.post("/brina/why/", {})
    forged = client.post("/brina/why/", {"reason": "no-such-reason"})
    rather_not = client.post("/brina/why/", {"reason": "-"})

    assert (silent.status_code, forged.status_code, rather_not.status_code) == (400, 400, 302)


def test_the_money_stands_before_the_button(client, order):
    page = walk.up_to_check(client, order, units={line(order, "Scarf").pk: 2}).content.decode()

    assert page.index("€192.00") < page.index("€4.90") < page.index("€187.10")
    assert page.index("€187.10") < page.index("Confirm the return")


def test_a_fault_of_the_shops_makes_the_return_free(client, order):
    page = walk.up_to_check(client, order, reason="faulty").content.decode()

    assert "Free, because it is not your fault" in page
    assert "€96.00" in page


def test_two_clicks_make_one_return(client, order):
    page = walk.up_to_check(client, order)
    form = walk.agreement(page)

    first, second = (client.post("/brina/check/", form) for _ in range(2))

    assert (first["Location"], second["Location"]) == ("/brina/done/", "/brina/done/")
    assert Return.objects.count() == 1
    assert line(order, "Scarf").returned_quantity == 1


def test_items_gone_meanwhile_lead_back_to_what_is_left(client, order):
    page = walk.up_to_check(client, order, units={line(order, "Scarf").pk: 3})
    OrderLine.objects.filter(name="Scarf").update(returned_quantity=2)

    answer = client.post("/brina/check/", walk.agreement(page))

    assert answer["Location"] == "/brina/items/?gone"
    assert "in another return by now" in client.get(answer["Location"]).content.decode()
    assert Return.objects.count() == 0


def test_nothing_is_made_at_another_price_than_was_agreed_to(client, order):
    page = walk.up_to_check(client, order)
    PortalSettings.objects.update(fee_minor=990)

    answer = client.post("/brina/check/", walk.agreement(page))

    assert answer.status_code == 409
    assert "Something changed meanwhile" in answer.content.decode()
    assert "€86.10" in answer.content.decode()
    assert Return.objects.count() == 0


def test_an_address_in_parts_names_what_is_missing(client, order):
    walk.find(client, order)
    walk.pick(client, order)
    client.post("/brina/why/", {"reason": "-"})
    client.post("/brina/how/", {"method": "print_at_home"})

    page = client.post("/brina/address/", {"name": "A", "postal_code": "abc"})
    body = page.content.decode()

    assert page.status_code == 400
    assert "Write the street." in body
    assert "Write the postal code as in" in body
    assert client.get("/brina/check/")["Location"] == "/brina/address/"


def test_to_a_store_needs_no_address_and_no_label(client, merchant, jobs):
    brand = make_brand(slug="brina", portal={"in_store": True})
    make_address(brand, label="Milano")
    store = make_address(brand, label="Brera", is_store=True, is_return=False)
    order = make_order(brand, number="A-1")
    walk.find(client, order)
    walk.pick(client, order)
    client.post("/brina/why/", {"reason": "-"})

    how = client.post("/brina/how/", {"method": "in_store", "store": store.pk})
    check = client.get("/brina/check/")
    walk.confirm(client, order)
    ret = Return.objects.get()

    assert how["Location"] == "/brina/check/"
    assert "Brera" in check.content.decode()
    assert (ret.method, ret.to_address_id, ret.carrier) == ("in_store", store.pk, "none")
    assert (ret.from_name, ret.from_street) == ("", "")
    assert "buy_label" not in jobs.names()
    assert "Bring it to Brera" in client.get("/brina/done/").content.decode()


def test_another_merchants_store_cannot_be_chosen(client, merchant):
    brand = make_brand(slug="brina", portal={"in_store": True})
    make_address(brand, is_store=True)
    make_address(brand, is_store=True)
    foreign = make_address(make_brand(), is_store=True)
    order = make_order(brand, number="A-1")
    walk.find(client, order)
    walk.pick(client, order)
    client.post("/brina/why/", {"reason": "-"})

    page = client.post("/brina/how/", {"method": "in_store", "store": foreign.pk})

    assert (page.status_code, "Choose a store." in page.content.decode()) == (400, True)


def test_a_return_under_review_waits_for_a_person(client, merchant, jobs):
    make_carrier_account()
    order = make_order(make_brand(slug="brina", portal={"review": "all"}), number="A-1")
    walk.up_to_check(client, order)
    walk.confirm(client, order)

    done = client.get("/brina/done/").content.decode()

    assert Return.objects.get().approval == "requested"
    assert "We have your request." in done
    assert "buy_label" not in jobs.names()


def test_the_shopper_cancels_before_the_parcel_is_handed_in(client, order):
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()

    asked = client.get(f"/brina/r/{ret.link_token}/cancel/")
    answer = client.post(f"/brina/r/{ret.link_token}/cancel/")
    ret.refresh_from_db()

    assert "Cancel return R-10001?" in asked.content.decode()
    assert answer.status_code == 302
    assert ret.approval == "cancelled"
    assert line(order, "Scarf").returned_quantity == 0
    assert "This return was cancelled" in client.get(answer["Location"]).content.decode()


def test_once_on_its_way_a_return_stands(client, order):
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()
    Return.objects.update(carrier="label_ready")
    Return.objects.update(carrier="in_transit")

    answer = client.post(f"/brina/r/{ret.link_token}/cancel/")

    assert answer.status_code == 409
    assert "cannot be cancelled any more" in answer.content.decode()
    assert "Cancel this return" not in client.get(f"/brina/r/{ret.link_token}/").content.decode()


def test_a_label_that_nobody_was_ever_to_use_is_no_news_to_its_shopper(client, order):
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()
    label = make_label(ret)
    place = f"/brina/r/{ret.link_token}/"
    assert client.get(place).content.decode().count("Label created") == 1

    Label.objects.update(void="requested", void_requested_at=label.bought_at)

    assert "Label created" not in client.get(place).content.decode()


# Languages and looks


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("it-IT,it;q=0.9", "it"), ("fr,it;q=0.5", "it"), ("de", "en"), ("", "en"), ("xx-junk", "en")],
)
def test_the_browser_chooses_the_language(client, order, asked, spoken):
    page = client.get("/brina/", headers={"Accept-Language": asked})

    assert f'<html lang="{spoken}"' in page.content.decode()


def test_a_brand_that_speaks_german_is_met_in_german(client, merchant):
    make_brand(slug="nord", languages=["en", "de"])

    page = client.get("/nord/", headers={"Accept-Language": "de-AT,en;q=0.5"}).content.decode()

    assert '<html lang="de"' in page
    assert "Bestellnummer" in page


def test_the_reader_chooses_and_is_remembered(client, order):
    answer = client.post("/brina/language/", {"language": "it", "next": "/brina/?via=store"})
    page = client.get("/brina/", headers={"Accept-Language": "en"})

    assert answer["Location"] == "/brina/?via=store"
    assert '<html lang="it"' in page.content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/panel/", "/brina/\\..//evil", ""]
)
def test_the_language_form_leads_nowhere_else(client, order, elsewhere):
    answer = client.post("/brina/language/", {"language": "it", "next": elsewhere})

    assert answer["Location"].startswith("/brina/")


def test_a_brand_that_speaks_a_language_we_do_not_falls_back(client, merchant):
    make_brand(slug="nord", languages=["fi"], default_language="fi")

    page = client.get("/nord/", headers={"Accept-Language": "fi"})

    assert '<html lang="en"' in page.content.decode()


def test_the_brands_words_fill_in_known_facts_and_run_nothing(client, merchant):
    make_brand(
        slug="brina",
        portal={"window_days": 45},
        texts={"en": {"find_lead": "{{ window_days }} days. {% now 'Y' %} {{ secret }} <b>x</b>"}},
    )

    page = client.get("/brina/").content.decode()

    assert "45 days. {% now &#x27;Y&#x27; %} {{ secret }} &lt;b&gt;x&lt;/b&gt;" in page


def test_a_link_that_is_no_web_address_is_left_out(client, merchant):
    make_brand(slug="brina", links={"help": "javascript:alert(1)", "contact": "mailto:a@b.example"})

    page = client.get("/brina/").content.decode()

    assert "javascript:" not in page
    assert "mailto:a@b.example" in page


def test_the_brands_colours_are_a_stylesheet_of_numbers(client, merchant):
    brand = make_brand(slug="brina", colour_accent="#ffee00")

    sheet = client.get(f"/brina/looks.css?v={brand.looks_version}")

    assert sheet["Content-Type"].startswith("text/css")
    assert "--brand-accent: #" in sheet.content.decode()
    assert "#ffee00" not in sheet.content.decode()  # corrected until it can be read


def test_no_page_carries_style_or_script_of_its_own(client, order):
    page = walk.up_to_check(client, order).content.decode()
    walk.confirm(client, order)
    pages = [page] + [
        client.get(f"/brina/{name}").content.decode()
        for name in ("", "items/", "why/", "how/", "address/", "done/", "link/", "?via=store")
    ]

    assert [p for p in pages if " style=" in p or "<style" in p or " onclick=" in p] == []


def test_the_returns_page_is_gone_with_its_shopper(client, order):
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()
    Return.objects.update(approval="cancelled")
    redact_order(order=order, actor="member:1", now=clock.now())

    assert client.get(f"/brina/r/{ret.link_token}/").status_code == 404


@pytest.mark.parametrize("lines", [1, 6])
def test_more_lines_ask_the_database_no_more(
    client, merchant, django_assert_max_num_queries, lines
):
    order = make_order(make_brand(slug="brina"), number="A-1", lines=[{}] * lines)
    walk.find(client, order)

    with django_assert_max_num_queries(10):
        page = client.get("/brina/items/")

    assert page.status_code == 200
    assert Ticket.objects.count() == 1
    assert ReturnItem.objects.count() == 0


def test_back_from_the_items_finds_the_order_still_open(client, order):
    walk.find(client, order)

    page = client.get("/brina/").content.decode()

    assert "Order A-1 is still open." in page
    assert "once more" not in page
