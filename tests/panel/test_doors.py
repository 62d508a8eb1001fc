"""Who gets in, for whom, and what a stranger sees: nothing."""

import pytest
from django.urls import reverse

from rientro.kit.tenancy import acting_for
from rientro.panel.urls import urlpatterns
from tests import makers
from tests.panel.places import ACTS, LISTS, PAGES, place

ROLES = ["read_only", "warehouse", "desk", "admin", "owner"]


@pytest.mark.parametrize("name", LISTS)
def test_a_visitor_is_sent_to_the_login(client, house, name):
    answer = client.get(place(name))

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{reverse('account_login')}?next={place(name)}",
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_for_its_owner(owner, house, name):
    answer = owner.get(place(name))

    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_page_opens_for_its_owner(owner, house, name):
    answer = owner.get(place(name, *PAGES[name](house)))

    assert answer.status_code == 200


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_stranger_finds_no_page(owner, house, strangers, name):
    answer = owner.get(place(name, *PAGES[name](strangers)))

    assert answer.status_code == 404


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_stranger_can_press_no_button(owner, house, strangers, name):
    rows, _roles = ACTS[name]
    answer = owner.post(place(name, *rows(strangers)))

    assert answer.status_code == 404


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(ACTS))
def test_only_the_right_roles_may_press(as_role, house, name, role):
    rows, roles = ACTS[name]
    answer = as_role(role).post(place(name, *rows(house)))

    assert (answer.status_code == 403) == (role not in roles)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_refused_button_changes_nothing(as_role, house, name):
    rows, _roles = ACTS[name]

    as_role("read_only").post(place(name, *rows(house)))

    house.ret.refresh_from_db()
    house.rule.refresh_from_db()
    house.shop.refresh_from_db()
    state = (house.ret.approval, house.rule.active, house.shop.deleted_at)
    assert state == ("approved", True, None)


def test_every_address_has_its_stranger():
    told = {*LISTS, *PAGES, *ACTS}
    named = {pattern.name for pattern in _flat(urlpatterns) if pattern.name}
    elsewhere = {
        *("returns_bulk", "return_label", "picture", "marks", "merchants", "settings"),
        *("key_revoke", "brand_preview", "brand_looks", "rules_order", "rule_try", "rules_apply"),
        *("return_rules_order", "return_rule_try", "return_slip", "pool_paper", "pool_used"),
        "return_paper",  # tests/panel/test_customs.py
        # tests/panel/test_carriers.py
        *("choice_rules_order", "choice_rule_try", "choice_quotes"),
        *("carrier_new", "purchase", "statement_csv", "statement_pdf"),
        # tests/panel/test_billing_pages.py: whose agency may
        *("sales_invoices", "invoice_issue", "prices", "prices_end", "margin", "client_join"),
        *("invoice_upload",),
        *("shop_new", "shop_consented"),  # tests/panel/test_shops.py
    }

    assert {name for name in named - told - elsewhere if not name.startswith("import")} == set()


def _flat(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern


def test_a_nul_in_an_address_leads_nowhere_and_in_a_field_counts_for_nothing(owner, house):
    assert owner.get("/panel/returns/a%00b/").status_code == 404
    assert owner.get("/panel/returns/a%00b/label").status_code == 404
    assert owner.get("/panel/settings/carriers/new/%00/").status_code == 404
    for name in ("returns", "orders", "search"):
        assert owner.get(f"{place(name)}?q=%00&shop=%00&country=%00&page=%00").status_code == 200
    bulk = {"act": "approve", "tab": "new", "ret": "a\0b", "\0": "\0"}
    assert owner.post(reverse("panel:returns_bulk"), bulk).status_code < 500


def test_a_person_of_two_merchants_chooses_first(new_client, merchant, house):
    member = makers.make_member(merchant)
    other = makers.make_merchant(name="Second business")
    makers.make_member(other, user=member.user, role="read_only")
    client = new_client()
    client.force_login(member.user)

    first = client.get(place("returns"))
    chosen = client.post(place("merchants"), {"merchant": other.pk})
    page = client.get(place("orders"))

    assert (first.status_code, first["Location"]) == (302, place("merchants"))
    assert (chosen.status_code, chosen["Location"]) == (302, place("returns"))
    assert "Second business" in page.content.decode()


def test_nobody_works_for_a_merchant_that_has_not_taken_them(new_client, merchant, house):
    other = makers.make_merchant()
    client = new_client()
    client.force_login(makers.make_member(merchant).user)

    client.post(place("merchants"), {"merchant": other.pk})

    assert client.session.get("merchant_id") is None


def test_a_person_without_a_merchant_is_told_whom_to_ask(new_client, db):
    client = new_client()
    client.force_login(makers.make_user())

    page = client.get(place("returns"), follow=True)

    assert "Ask an owner or an admin" in page.content.decode()


def test_a_page_speaks_the_language_of_its_reader(owner, house):
    user = owner.member.user
    user.language = "it"
    user.save()

    page = owner.get(place("returns")).content.decode()

    assert '<html lang="it"' in page


def test_the_dot_of_a_brand_is_a_stylesheet(owner, house, strangers):
    sheet = owner.get(place("marks")).content.decode()

    assert f".bm-{house.brand.pk} {{ --dot: #0b5a6e; }}" in sheet
    assert f".bm-{strangers.brand.pk} " not in sheet


def test_a_picture_of_another_merchant_is_not_there(owner, house):
    from rientro.models import StoredDocument

    mine = StoredDocument.objects.keep(b"png", content_type="image/png")
    with acting_for(makers.make_merchant().pk):
        theirs = StoredDocument.objects.keep(b"their png", content_type="image/png")

    assert owner.get(place("picture", mine.pk)).status_code == 200
    assert owner.get(place("picture", theirs.pk)).status_code == 404


def test_a_file_that_is_no_picture_has_no_address(owner, house):
    from rientro.models import StoredDocument

    csv = StoredDocument.objects.keep(b"a;b", content_type="text/csv")

    assert owner.get(place("picture", csv.pk)).status_code == 404
