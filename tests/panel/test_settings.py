"""Settings › Addresses, Integrations, Returns portal, Reasons, Carriers, Billing, Your business."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.models import (
    ApiKey,
    Event,
    Integration,
    Merchant,
    PortalSettings,
    ReturnReason,
    SenderAddress,
)
from tests import makers
from tests.panel.busy import _make_label
from tests.panel.places import place

ADDRESS = {
    "label": "Hamburg II",
    "company": "Nordlicht GmbH",
    "country": "DE",
    "street": "Am Sandtorkai",
    "house_number": "1",
    "postal_code": "20457",
    "city": "Hamburg",
    "is_sender": "on",
    "is_return": "on",
}


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("addresses", lambda h: makers.make_address(h.brand, label="More")),
        ("brands", lambda h: makers.make_brand()),
        ("integrations", lambda h: makers.make_integration()),
        ("carriers", lambda h: makers.make_carrier_account()),
    ],
)
def test_a_list_of_settings_asks_as_often_for_three_rows_as_for_one(owner, house, name, more):
    more(house)
    owner.get(place(name))
    with CaptureQueriesContext(connection) as few:
        owner.get(place(name))
    more(house), more(house)
    with CaptureQueriesContext(connection) as many:
        owner.get(place(name))

    assert len(many) == len(few)


# Addresses


def test_an_address_is_written_with_its_brand(owner, house):
    owner.post(place("address_new"), ADDRESS | {"brand": house.other_brand.pk})

    row = SenderAddress.objects.get(label="Hamburg II")
    assert (row.brand_id, row.is_default, row.is_store) == (house.other_brand.pk, False, False)
    assert Event.objects.filter(name="address.saved", actor=f"member:{owner.member.pk}").exists()


def test_there_is_exactly_one_default_address(owner, house):
    owner.post(place("address_new"), ADDRESS | {"is_default": "on"})
    owner.post(place("address_default", house.other_address.pk))

    assert [a.label for a in SenderAddress.objects.filter(is_default=True)] == ["Hamburg"]


def test_the_first_address_is_the_default_one(owner, merchant):
    owner.post(place("address_new"), ADDRESS)

    assert SenderAddress.objects.get().is_default


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"postal_code": "2045"}, "It looks like"),
        ({"eori_number": "0948123"}, "Start with the country, like DE0948123"),
        ({"company": ""}, "required"),
        ({"country": "XX"}, "valid choice"),
    ],
)
def test_what_is_wrong_with_an_address_stands_beside_it(owner, house, wrong, words):
    answer = owner.post(place("address_new"), ADDRESS | wrong)

    assert words in text(answer)
    assert "Not saved yet" in text(answer)
    assert not SenderAddress.objects.filter(label="Hamburg II").exists()


def test_a_brand_of_another_merchant_is_not_on_offer(owner, house, strangers):
    answer = owner.post(place("address_new"), ADDRESS | {"brand": strangers.brand.pk})

    assert "valid choice" in text(answer)


def test_deleting_an_address_lets_its_rules_rest_in_words(owner, house):
    owner.post(place("address_default", house.other_address.pk))

    owner.post(place("address_delete", house.address.pk))

    house.rule.refresh_from_db()
    house.address.refresh_from_db()
    assert "“Milano” was deleted" in house.rule.invalid_because
    assert house.address.deleted_at is not None
    assert "address deleted" in text(owner.get(place("rules")))


def test_the_default_address_cannot_be_deleted(owner, house):
    answer = owner.post(place("address_delete", house.address.pk), follow=True)

    house.address.refresh_from_db()
    assert house.address.deleted_at is None
    assert "Make another one the default first" in text(answer)


# Integrations


def test_a_key_is_shown_once_and_kept_as_a_hash(owner, house):
    shown = text(owner.post(place("key_new", house.shop.pk), {"name": "Script"}))

    key = ApiKey.objects.get()
    secret = shown.split('id="sk" readonly value="')[1].split('"')[0]
    assert (secret[-4:], secret.encode() in bytes(key.secret_hash)) == (key.secret_last4, False)
    later = text(owner.get(place("integration", house.shop.pk)))
    assert (key.public_key in later, secret in later) == (True, False)


def test_a_key_is_revoked(owner, house):
    owner.post(place("key_new", house.shop.pk))
    key = ApiKey.objects.get()

    owner.post(place("key_revoke", house.shop.pk, key.pk))

    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_key_of_another_merchant_is_not_there(owner, house, strangers):
    from rientro.kit.tenancy import acting_for

    with acting_for(strangers.shop.merchant_id):
        theirs = ApiKey.objects.create(
            integration=strangers.shop,
            public_key="rk_x",
            secret_hash=b"x",
            secret_last4="xxxx",
            created_at=makers.NOW,
        )

    assert owner.post(place("key_revoke", house.shop.pk, theirs.pk)).status_code == 404
    assert owner.post(place("key_revoke", strangers.shop.pk, theirs.pk)).status_code == 404


def test_a_shop_is_connected_and_disconnected(owner, house):
    owner.post(place("integration_new"), {"shop_name": "Negozi", "system": "csv"})
    made = Integration.objects.get(shop_name="Negozi")

    owner.post(place("integration_delete", made.pk))

    made.refresh_from_db()
    assert (made.system, made.deleted_at is not None) == ("csv", True)
    assert owner.get(place("integration", made.pk)).status_code == 404


def test_an_integration_without_a_rule_is_told_so(owner, house):
    lonely = makers.make_integration()

    assert "No shipping rule names this integration" in text(
        owner.get(place("integration", lonely.pk))
    )
    assert "No shipping rule names" not in text(owner.get(place("integration", house.shop.pk)))


# Returns portal


def portal_form(**changes):
    return {
        "active": "on",
        "allow_without_outbound": "on",
        "window_days": "30",
        "fulfilment_buffer_days": "5",
        "order_buffer_days": "10",
        "review": "none",
        "review_above": "0",
        "fee": "0",
        "fee_currency": "EUR",
        "print_at_home": "on",
        "refund_money": "on",
        "refund_within_days": "14",
        "label_valid_days": "14",
        "silent_after_days": "5",
        "void_unused_days": "0",
        "most_parcels": "1",
    } | changes


def test_the_switch_acts_at_save(owner, house):
    form = portal_form(fee="4.90", window_days="14")
    del form["allow_without_outbound"]

    owner.post(place("portal_of", house.brand.pk), form)

    row = PortalSettings.objects.get(brand=house.brand)
    assert (row.allow_without_outbound, row.fee_minor, row.window_days) == (False, 490, 14)
    changed = Event.objects.get(name="portal.changed").facts["changed"]
    assert changed["allow_without_outbound"] == [True, False]
    assert PortalSettings.objects.get(brand=house.other_brand).allow_without_outbound


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"print_at_home": ""}, "Offer at least one way to send things back"),
        ({"refund_money": ""}, "Offer at least one way to give the money back"),
        ({"review": "value"}, "Say above which value"),
        ({"fee": "4.901"}, "2 decimal places"),
        ({"fee": "4.90", "fee_currency": "JPY"}, "finer than the currency allows"),
        ({"window_days": "-1"}, "greater than or equal to 0"),
        ({"window_days": "9999"}, "less than or equal to"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(owner, house, wrong, words):
    form = {key: value for key, value in portal_form(**wrong).items() if value}

    answer = owner.post(place("portal_of", house.brand.pk), form)

    assert words in text(answer)
    assert not Event.objects.filter(name="portal.changed").exists()


def reasons_form(house, **changes):
    form = {}
    for number, row in enumerate(house.brand.reasons.order_by("position")):
        form |= {
            f"r{number}-code": row.code,
            f"r{number}-place": str(number + 1),
            f"r{number}-en": row.labels["en"],
            f"r{number}-it": row.labels["it"],
            f"r{number}-fault": row.fault,
            f"r{number}-active": "on",
        }
    return form | changes


def test_a_reason_is_added_translated_and_put_first(owner, house):
    new = {
        "r2-code": "",
        "r2-place": "0",
        "r2-en": "Arrived too late",
        "r2-it": "Arrivato tardi",
        "r2-fault": "carrier",
        "r2-active": "on",
        "r2-note": "on",
    }

    owner.post(place("reasons", house.brand.pk), reasons_form(house, **new))

    rows = ReturnReason.objects.filter(brand=house.brand).order_by("position")
    assert [row.code for row in rows] == ["arrived-too-late", "too-small", "faulty"]
    assert (rows[0].labels["it"], rows[0].fault, rows[0].asks_note) == (
        "Arrivato tardi",
        "carrier",
        True,
    )


def test_a_reason_that_is_left_out_rests_and_is_kept(owner, house):
    form = reasons_form(house, **{"r1-en": "", "r1-it": ""})

    owner.post(place("reasons", house.brand.pk), form)

    row = ReturnReason.objects.get(brand=house.brand, code="faulty")
    assert (row.active, row.labels["en"]) == (False, "Faulty")


def test_at_least_one_reason_stays(owner, house):
    form = reasons_form(house)
    del form["r0-active"], form["r1-active"]

    answer = owner.post(place("reasons", house.brand.pk), form)

    assert answer.status_code == 400
    assert "Keep at least one reason" in text(answer)


# Billing


def test_imports_cost_nothing_and_labels_what_they_cost(owner, house):
    _make_label(house)

    page = owner.get(f"{place('billing')}?month=2026-11")

    total = page.context["statement"].totals[0]
    assert (total.labels, total.labels_minor, page.context["statement"].imports) == (1, 512, 2)
    assert "always free" in text(page)


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2026-13", "nonsense"])
def test_a_month_that_never_comes_shows_this_one(owner, house, month):
    assert owner.get(f"{place('billing')}?month={month}").status_code == 200


def test_the_statement_comes_as_csv_and_pdf(owner, house):
    _make_label(house)

    csv = owner.get(place("statement_csv", "2026-11"))
    pdf = owner.get(place("statement_pdf", "2026-11"))

    assert "imports: 2" in csv.content.decode("utf-8-sig")
    assert "5.12" in csv.content.decode("utf-8-sig")
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "0001-01"])
def test_a_month_that_is_none_has_no_statement(owner, house, month):
    assert owner.get(place("statement_csv", month)).status_code == 404


def test_the_books_of_another_merchant_are_not_these(owner, house, strangers):
    from rientro.kit.tenancy import acting_for

    with acting_for(strangers.ret.merchant_id):
        _make_label(strangers)

    assert owner.get(place("ledger")).context["page"].rows == []
    assert "5.12" not in owner.get(place("statement_csv", "2026-11")).content.decode()


def test_the_books_ask_as_often_for_many_rows_as_for_few(owner, house):
    _make_label(house)
    owner.get(place("ledger"))
    with CaptureQueriesContext(connection) as few:
        owner.get(place("ledger"))
    from rientro.models import LedgerEntry

    for number in range(3):
        LedgerEntry.objects.create(
            key=f"k{number}",
            subject="s",
            state="posted",
            debit="merchant",
            credit="shopper:x",
            amount_minor=1,
            currency="EUR",
            ret=house.ret,
            happened_at=makers.NOW,
        )
    with CaptureQueriesContext(connection) as many:
        owner.get(place("ledger"))

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("role", "status"), [("read_only", 403), ("warehouse", 403), ("desk", 200)]
)
def test_who_may_see_the_money(as_role, house, role, status):
    assert as_role(role).get(place("billing")).status_code == status


# Your business


def test_the_business_is_corrected(owner, merchant):
    owner.post(
        place("business"),
        {
            "name": "Resi & Co.",
            "country": "DE",
            "currency": "CHF",
            "time_zone": "Europe/Berlin",
            "language": "it",
            "legal_name": "Resi GmbH",
            "legal_address": "Hauptstr. 1\r\n\r\n 10115  Berlin",
            "vat_number": "de 123.456.789",
            "vat_percent": "19",
            "invoice_prefix": "RG",
        },
    )

    row = Merchant.objects.get(pk=merchant.pk)
    assert (row.name, row.country, row.currency, row.time_zone) == (
        "Resi & Co.",
        "DE",
        "CHF",
        "Europe/Berlin",
    )
    assert (row.legal_address, row.vat_number) == ("Hauptstr. 1\n10115 Berlin", "DE123456789")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("vat_number", "DE123456789", "A VAT number of this country begins with IT."),
        ("vat_number", "123", "begins with two letters"),
        ("vat_percent", "101", "100"),
        ("invoice_prefix", "R/1", "Up to eight letters and digits."),
    ],
)
def test_what_cannot_stand_on_an_invoice_is_refused(owner, merchant, field, typed, words):
    form = {"name": "Resi", "country": "IT", "currency": "EUR", "time_zone": "Europe/Rome"}
    form |= {"language": "en", "vat_percent": "22", "invoice_prefix": "R"}

    assert words in text(owner.post(place("business"), form | {field: typed}))


def test_a_person_chooses_language_and_appearance(owner, merchant):
    answer = owner.post(
        place("account"),
        {"first_name": "Elena", "last_name": "Ricci", "language": "it", "theme": "dark"},
    )

    owner.member.user.refresh_from_db()
    assert (owner.member.user.language, answer.cookies["rientro_theme"].value) == ("it", "dark")
    assert 'data-theme="dark"' in text(owner.get(place("account")))
