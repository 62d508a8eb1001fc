"""The exact wire to Sendcloud: what is sent, how often, and what is made of each answer."""

from dataclasses import replace

import pytest

from rientro.carriers.base import (
    AuthFailed,
    Customs,
    CustomsItem,
    InvalidRequest,
    LabelFormat,
    OutcomeUnknown,
    ParcelSize,
    RateLimited,
    Unavailable,
    Unsupported,
)
from rientro.carriers.sendcloud.adapter import Sendcloud
from rientro.kit.money import Money
from tests.carriers.conftest import SHOPPER
from tests.carriers.fakes.sendcloud import event
from tests.carriers.fakes.server import Answer
from tests.carriers.sendcloud.conftest import ANNOUNCE, OPTION, wish


def test_a_label_is_bought_by_one_post_in_their_words(carrier, there):
    bought = carrier.buy_label(wish(description="Return R-1"))

    assert there.lines() == [ANNOUNCE, "GET /api/v3/returns/1001"]
    assert there.heard[0].headers["authorization"] == "Basic cHVibGljLWtleTpzZWNyZXQta2V5"
    assert there.heard[0].words == {
        "from_address": {
            "name": "Giulia Ferrero",
            "address_line_1": "Corso Moncalieri",
            "house_number": "14",
            "postal_code": "10131",
            "city": "Torino",
            "country_code": "IT",
        },
        "to_address": {
            "name": "Sartoria Brina S.r.l.",
            "company_name": "Sartoria Brina S.r.l.",
            "address_line_1": "Via Tortona 27",
            "postal_code": "20144",
            "city": "Milano",
            "country_code": "IT",
        },
        "ship_with": {"type": "shipping_option_code", "shipping_option_code": OPTION},
        "weight": {"value": 1.2, "unit": "kg"},
        "collo_count": 1,
        "parcel_items": [
            {
                "description": "Return R-1",
                "quantity": 1,
                "weight": {"value": 1.2, "unit": "kg"},
            }
        ],
        "send_tracking_emails": False,
        "order_number": "R-1",
        "external_reference": "R-1",
    }
    assert (bought.carrier_reference, bought.tracking_number) == ("1001/6001", "SC1001NL")
    assert (bought.price, bought.priced) == (Money(490, "EUR"), True)
    assert bought.facts == {
        "own_paper": True,
        "service_name": OPTION,
        "tracking_url": "https://track.example/1001",
        "charged": "creation",
    }


def test_the_contract_the_brand_and_the_sizes_go_along(there):
    carrier = Sendcloud(there.credentials, there.settings | {"brand_id": "33"})

    carrier.buy_label(
        wish(
            service="dpd:return/return@9",
            parcel=ParcelSize(weight_g=500, length_mm=300, width_mm=205, height_mm=90),
        )
    )

    told = there.heard[0].words
    assert told["ship_with"] == {
        "type": "shipping_option_code",
        "shipping_option_code": "dpd:return/return",
        "contract": 9,
    }
    assert told["brand_id"] == 33
    assert told["dimensions"] == {"length": 30, "width": 20.5, "height": 9, "unit": "cm"}


def test_an_option_that_is_billed_at_the_first_scan_says_so_in_its_code(carrier, there):
    bought = carrier.buy_label(wish(service=f"{OPTION}@9#scan"))

    assert bought.facts["charged"] == "first_scan"
    assert there.heard[0].words["ship_with"] == {
        "type": "shipping_option_code",
        "shipping_option_code": OPTION,
        "contract": 9,
    }


def test_customs_are_told_as_returned_goods_under_the_first_invoice(carrier, there):
    customs = Customs(
        currency="CHF",
        invoice_number="2026-118",
        receiver_vat="IT01234567890",
        items=(
            CustomsItem(
                description="Jacket",
                quantity=2,
                value_minor=12950,
                weight_g=900,
                hs_code="620193",
                origin_country="IT",
                sku="J-1",
            ),
        ),
    )

    carrier.buy_label(wish(customs=customs))

    told = there.heard[0].words
    assert told["customs_invoice_nr"] == "2026-118"
    assert told["customs_information"] == {
        "invoice_number": "2026-118",
        "export_reason": "returned_goods",
        "tax_numbers": {
            "receiver": [{"name": "VAT", "country_code": "IT", "value": "IT01234567890"}]
        },
    }
    assert told["parcel_items"] == [
        {
            "description": "Jacket",
            "quantity": 2,
            "weight": {"value": 0.9, "unit": "kg"},
            "price": {"value": 129.5, "currency": "CHF"},
            "hs_code": "620193",
            "origin_country": "IT",
            "sku": "J-1",
        }
    ]


def test_a_price_that_is_not_told_comes_with_the_invoice(carrier, there):
    there.tells_price = False

    bought = carrier.buy_label(wish())

    assert (bought.price, bought.priced) == (Money(0, "EUR"), False)


def test_a_label_that_is_still_being_announced_is_waited_for(carrier, there, monkeypatch):
    monkeypatch.setattr("rientro.carriers.sendcloud.adapter.ASK_AGAIN_S", 0.01)
    there.announces_after = 2

    bought = carrier.buy_label(wish())

    assert bought.tracking_number == "SC1001NL"
    assert there.lines().count(ANNOUNCE) == 1


def test_a_label_that_is_not_announced_in_time_is_a_doubt(carrier, there, monkeypatch):
    monkeypatch.setattr("rientro.carriers.sendcloud.adapter.longest_s", lambda: 0.5)
    there.announces_after = 100

    with pytest.raises(OutcomeUnknown, match="not ready yet"):
        carrier.buy_label(wish())

    assert there.bought == ["R-1"]


# Validate, services, quotes


def test_validate_buys_nothing(carrier, there):
    carrier.validate(wish())

    assert (there.lines(), there.bought) == (["POST /api/v3/returns/validate"], [])


def test_validate_tells_why_not(carrier):
    with pytest.raises(InvalidRequest, match="city: Nobody goes there"):
        carrier.validate(wish(sender=replace(SHOPPER, city="Nowhere")))


def test_services_are_what_the_account_may_send_with(carrier, there):
    found = carrier.services("NL", "IT")

    assert [(one.code, one.name, one.max_weight_g) for one in found] == [
        (f"{OPTION}#scan", "PostNL Return", 23001),
        ("dpd:return/return", "DPD Return", 20000),
    ]
    assert there.heard[0].words == {
        "from_country_code": "NL",
        "to_country_code": "IT",
        "functionalities": {"returns": True},
        "calculate_quotes": False,
    }


def test_quotes_come_cheapest_first(carrier, there):
    found = carrier.quote(wish(service=""))

    assert [(one.service, str(one.price.decimal()), one.days) for one in found] == [
        ("dpd:return/return", "5.20", 0),
        (f"{OPTION}#scan", "6.15", 2),
    ]
    assert there.heard[0].words["parcels"] == [{"weight": {"value": "1.2", "unit": "kg"}}]


# Papers, cancelling, tracking


def test_the_paper_is_fetched_by_the_parcels_number(carrier, there):
    bought = carrier.buy_label(wish())

    paper = carrier.fetch_document(bought.carrier_reference)

    assert paper.startswith(b"%PDF-")
    assert there.heard[-1].line == "GET /api/v3/parcels/6001/documents/label"
    assert there.heard[-1].query == {"paper_size": ["a6"]}
    assert there.heard[-1].headers["accept"] == "application/pdf"


def test_what_is_no_pdf_is_fetched_again_later(carrier, there):
    bought = carrier.buy_label(wish())
    there.next_answers = [Answer(200, body=b"<html>Sorry</html>")]

    with pytest.raises(Unavailable):
        carrier.fetch_document(bought.carrier_reference)
    with pytest.raises(Unsupported):
        carrier.fetch_document(bought.carrier_reference, LabelFormat.ZPL)


def test_cancelling_is_a_wish_that_is_answered_later(carrier, there):
    bought = carrier.buy_label(wish())
    there.heard.clear()

    assert carrier.cancel_label(bought.carrier_reference).outcome == "requested"
    assert there.lines() == [
        "GET /api/v3/returns/1001",
        "PATCH /api/v3/returns/1001/cancel",
        "GET /api/v3/returns/1001",
    ]
    assert carrier.cancel_label(bought.carrier_reference).outcome == "requested"
    there.returns[1001]["parent_status"] = "cancelled"
    assert carrier.cancel_label(bought.carrier_reference).outcome == "voided"
    assert there.lines().count("PATCH /api/v3/returns/1001/cancel") == 1


def test_what_the_carrier_keeps_is_refused_with_its_words(carrier, there):
    bought = carrier.buy_label(wish())
    there.is_cancellable = False

    result = carrier.cancel_label(bought.carrier_reference)

    assert (result.outcome, result.message) == ("refused", "returns: Return is not cancellable.")


def test_a_label_that_was_found_by_its_parcel_is_cancelled_by_it(carrier, there):
    carrier.buy_label(wish())
    found = carrier.buy_label(wish())

    assert carrier.cancel_label(found.carrier_reference).outcome == "voided"
    assert "POST /api/v2/parcels/6001/cancel" in there.lines()


def test_scans_are_read_from_the_tracking_of_each_number(carrier, there):
    there.events["SC1001NL"] = [
        event("ready-to-send", "2026-11-20T09:00:00+00:00"),
        event("picked-up-by-driver", "2026-11-21T09:00:00+00:00", "Collected"),
        event("something-new", "2026-11-21T10:00:00+00:00"),
        event("delivered", "2026-11-22T09:00:00+00:00"),
    ]

    told = carrier.track(["SC1001NL", "SC9999NL"])

    assert [(scan.status, scan.description) for scan in told["SC1001NL"]] == [
        ("handed_in", "Collected"),
        ("delivered", "Delivered"),
    ]
    assert told["SC9999NL"] == []
    assert there.lines() == [
        "GET /api/v2/tracking/SC1001NL",
        "GET /api/v2/tracking/SC9999NL",
    ]


def test_a_limit_in_the_middle_of_tracking_is_respected(carrier, there):
    there.events["A"] = []
    there.next_answers = [Answer(200, {"statuses": []}), Answer(429, headers={"Retry-After": "5"})]

    with pytest.raises(RateLimited):
        carrier.track(["A", "B", "C"])

    assert len(there.heard) == 2


# The account


def test_the_keys_are_tried_without_doing_anything(carrier, there):
    carrier.check_credentials()

    assert there.lines() == ["GET /api/v3/user/auth/metadata"]


def test_wrong_keys_are_said_so(there):
    carrier = Sendcloud({"public_key": "a", "secret_key": "b"}, there.settings)

    with pytest.raises(AuthFailed, match="Invalid username"):
        carrier.check_credentials()


def test_our_address_is_given_where_no_other_stands(carrier, there):
    assert carrier.register_webhook("https://r.example/hooks/carriers/sendcloud/1-2-x/") == {}
    assert there.webhook == {
        "webhook_active": True,
        "webhook_url": "https://r.example/hooks/carriers/sendcloud/1-2-x/",
    }

    carrier.register_webhook("https://r.example/hooks/carriers/sendcloud/1-2-y/")

    assert there.webhook["webhook_url"].endswith("1-2-y/")


def test_the_address_of_somebody_else_is_left_alone(carrier, there):
    there.webhook = {"webhook_active": True, "webhook_url": "https://shop.example/sendcloud"}

    with pytest.raises(Unsupported, match="tells another system"):
        carrier.register_webhook("https://r.example/hooks/carriers/sendcloud/1-2-x/")

    assert there.webhook["webhook_url"] == "https://shop.example/sendcloud"


def test_secrets_go_to_sendcloud_and_to_nobody_else(there, monkeypatch):
    with pytest.raises(InvalidRequest, match=r"asked at .* only"):
        Sendcloud(there.credentials, {"url": "https://panel.sendcloud.example"})
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")
    with pytest.raises(InvalidRequest, match="only"):
        Sendcloud(there.credentials, there.settings)
