"""The exact wire to EasyPost: what is sent, how often, and what is made of each answer."""

import pytest

from rientro.carriers.base import (
    AuthFailed,
    Can,
    Customs,
    CustomsItem,
    InvalidRequest,
    LabelFormat,
    ParcelSize,
    Unavailable,
    Unsupported,
)
from rientro.carriers.easypost.adapter import EasyPost
from rientro.kit.money import Money
from tests.carriers.easypost.conftest import FIRST, wish
from tests.carriers.fakes.easypost import KEY, detail
from tests.carriers.fakes.server import Answer


def test_a_label_is_bought_in_two_steps_of_which_one_is_paid(carrier, there):
    bought = carrier.buy_label(wish(description="Return R-1"))

    assert there.lines() == [
        "GET /v2/shipments/R-1",
        "POST /v2/shipments",
        "GET /v2/shipments/R-1",
        f"POST /v2/shipments/{FIRST}/buy",
    ]
    assert there.heard[1].words == {
        "shipment": {
            "from_address": {
                "company": "Sartoria Brina S.r.l.",
                "street1": "Via Tortona 27",
                "city": "Milano",
                "zip": "20144",
                "country": "IT",
            },
            "to_address": {
                "name": "Giulia Ferrero",
                "street1": "179 N Harbor Dr",
                "city": "Redondo Beach",
                "state": "CA",
                "zip": "90277",
                "country": "US",
            },
            "is_return": True,
            "parcel": {"weight": 42.3},
            "options": {
                "label_format": "PDF",
                "label_size": "4x6",
                "print_custom_1": "Return R-1",
            },
            "reference": "R-1",
        }
    }
    assert there.heard[3].words == {"rate": {"id": "rate_1_1"}}
    assert (there.bought, there.buys) == (["R-1"], 1)
    assert (bought.carrier_reference, bought.tracking_number) == (FIRST, "9400100105442200000001")
    # The rate and EasyPost's own fee; the postage is in the rate.
    assert (bought.price, bought.priced) == (Money(598, "USD"), True)
    assert bought.facts == {
        "own_paper": True,
        "service_name": "USPS GroundAdvantage",
        "reference": "R-1",
        "mode": "test",
        "charged": "creation",
    }


@pytest.mark.parametrize(
    ("service", "sold"),
    [
        ("cheapest", "USPS GroundAdvantage"),
        ("", "USPS GroundAdvantage"),
        ("usps:priority", "USPS Priority"),
        ("UPS", "UPS Ground"),
    ],
)
def test_the_rate_is_the_cheapest_of_what_is_wanted(carrier, service, sold):
    assert carrier.buy_label(wish(service=service)).facts["service_name"] == sold


def test_a_label_that_is_paid_when_used_has_no_price_yet(carrier):
    bought = carrier.buy_label(wish(service="UspsReturns:GroundAdvantageReturn"))

    assert (bought.price, bought.priced) == (Money(645, "USD"), False)
    assert bought.facts["charged"] == "first_scan"


def test_what_the_merchants_own_contract_pays_is_told_by_the_carriers_invoice(carrier):
    bought = carrier.buy_label(wish(service="UPS:Ground"))

    assert (bought.priced, bought.facts["charged"]) == (False, "creation")


def test_sizes_and_accounts_go_along(there):
    carrier = EasyPost(there.credentials, there.settings | {"carrier_accounts": "ca_1, ca_2"})

    carrier.buy_label(
        wish(parcel=ParcelSize(weight_g=10, length_mm=254, width_mm=203, height_mm=102))
    )

    told = there.last("POST /v2/shipments").words["shipment"]
    assert told["carrier_accounts"] == ["ca_1", "ca_2"]
    assert told["parcel"] == {"weight": 0.4, "length": 10.0, "width": 8.0, "height": 4.0}


CUSTOMS = Customs(
    currency="USD",
    invoice_number="2026-118",
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


def test_customs_tell_whole_lines(there):
    carrier = EasyPost(there.credentials, there.settings | {"customs_signer": "Elena Ricci"})

    carrier.buy_label(wish(customs=CUSTOMS))

    told = there.last("POST /v2/shipments").words["shipment"]
    assert told["options"]["invoice_number"] == "2026-118"
    assert told["customs_info"] == {
        "customs_certify": True,
        "customs_signer": "Elena Ricci",
        "contents_type": "returned_goods",
        "restriction_type": "none",
        "non_delivery_option": "return",
        "eel_pfc": "NOEEI 30.37(a)",
        "customs_items": [
            {
                "description": "Jacket",
                "quantity": 2,
                "value": "259.00",
                "currency": "USD",
                "weight": 63.5,
                "hs_tariff_number": "620193",
                "origin_country": "IT",
                "code": "J-1",
            }
        ],
    }


def test_customs_need_somebody_who_signs(carrier, there):
    with pytest.raises(InvalidRequest, match="who signs customs forms"):
        carrier.buy_label(wish(customs=CUSTOMS))

    assert (there.shipments, there.bought) == ({}, [])


# Services and quotes


def test_quotes_come_cheapest_first(carrier):
    assert [(q.service, str(q.price.decimal()), q.days) for q in carrier.quote(wish(service=""))][
        :2
    ] == [("USPS:GroundAdvantage", "5.93", 3), ("UspsReturns:GroundAdvantageReturn", "6.40", 3)]
    [cheapest] = carrier.quote(wish(service="cheapest"))
    assert (cheapest.service, cheapest.price) == ("cheapest", Money(593, "USD"))


def test_services_are_those_of_the_accounts_carriers(carrier, there):
    found = carrier.services("US", "US")

    assert [(one.code, one.name, one.max_weight_g) for one in found] == [
        ("cheapest", "The cheapest rate of the account", 0),
        ("usps:GroundAdvantage", "USPS GroundAdvantage", 31751),
        ("usps:Priority", "USPS Priority Mail", 31751),
    ]
    assert there.heard[-1].query == {"carriers": ["usps"], "types": ["service_levels"]}


def test_a_test_key_that_may_not_list_accounts_has_usps(carrier, there):
    there.next_answers = [Answer(403, {"error": {"message": "production only"}})]

    assert len(carrier.services("DE", "US")) == 2


# Papers, refunds, tracking


def test_the_paper_is_fetched_without_our_key(carrier, there):
    bought = carrier.buy_label(wish())

    paper = carrier.fetch_document(bought.carrier_reference)

    assert paper.startswith(b"%PDF-")
    assert there.heard[-2].query == {"file_format": ["PDF"]}
    assert there.heard[-1].line == "GET /paper/1.pdf"
    assert "authorization" not in there.heard[-1].headers


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/label.pdf",
        "https://169.254.169.254/latest",
        "https://easypost.com.example/label.pdf",
        "file:///etc/passwd",
        "http://easypost-files.s3.amazonaws.com/x.pdf",
    ],
)
def test_a_paper_elsewhere_is_not_fetched(carrier, there, address):
    bought = carrier.buy_label(wish())
    there.next_answers = [Answer(200, {"postage_label": {"label_pdf_url": address}})]

    with pytest.raises(Unavailable, match=r"not EasyPost's"):
        carrier.fetch_document(bought.carrier_reference)


def test_a_paper_that_is_not_made_yet_is_fetched_again_later(carrier, there):
    bought = carrier.buy_label(wish())
    there.next_answers = [Answer(200, {"postage_label": {"label_pdf_url": None}})]

    with pytest.raises(Unavailable):
        carrier.fetch_document(bought.carrier_reference)
    with pytest.raises(Unsupported):
        carrier.fetch_document(bought.carrier_reference, LabelFormat.ZPL)


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ("submitted", "requested"),
        ("refunded", "voided"),
        ("rejected", "refused"),
        ("not_applicable", "refused"),
    ],
)
def test_each_state_of_a_refund(carrier, there, says, outcome):
    bought = carrier.buy_label(wish())
    there.refund_says = says

    assert carrier.cancel_label(bought.carrier_reference).outcome == outcome
    assert carrier.cancel_label(bought.carrier_reference).outcome == outcome
    assert there.lines().count(f"POST /v2/shipments/{FIRST}/refund") == 1


def test_a_refunded_label_is_found_as_voided(carrier, there):
    bought = carrier.buy_label(wish())
    there.refund_says = "refunded"
    carrier.cancel_label(bought.carrier_reference)

    assert carrier.find_label("R-1").voided


def test_a_refund_that_easypost_refuses_says_why(carrier, there):
    bought = carrier.buy_label(wish())
    there.next_answers = [
        Answer(200, there.shipments[FIRST]),
        Answer(422, {"error": {"code": "SHIPMENT.REFUND.FAILURE", "message": "It was used."}}),
    ]

    result = carrier.cancel_label(bought.carrier_reference)

    assert (result.outcome, result.message) == ("refused", "It was used.")


def test_trackers_are_asked_in_one_question(carrier, there):
    there.trackers["A"] = [
        detail("pre_transit", "2026-11-20T09:00:00Z", "Label created"),
        detail(
            "in_transit",
            "2026-11-21T09:00:00Z",
            "Accepted",
            more="received_at_origin_facility",
            city="Redondo Beach",
        ),
        detail("delivered", "2026-11-22T09:00:00Z", "Delivered"),
        detail("brand_new", "2026-11-22T10:00:00Z", "?"),
    ]

    told = carrier.track(["A", "B"])

    assert [(scan.status, scan.description, scan.place) for scan in told["A"]] == [
        ("handed_in", "Accepted", "Redondo Beach"),
        ("delivered", "Delivered", ""),
    ]
    assert told["B"] == []
    assert there.lines() == ["POST /v2/trackers/batch"]
    assert there.heard[0].words == {"tracking_codes": ["A", "B"]}


# The account


def test_the_key_is_tried_without_doing_anything(carrier, there):
    carrier.check_credentials()

    assert there.lines() == ["GET /v2/shipments"]
    with pytest.raises(AuthFailed, match="no longer active"):
        EasyPost({"api_key": "EZTK-other"}, there.settings).check_credentials()


def test_a_new_address_has_a_new_secret_and_takes_the_old_one_away(carrier, there):
    base = "https://r.example/hooks/carriers/easypost"
    there.webhooks["hook_shop"] = {"url": "https://shop.example/easypost"}
    first = carrier.register_webhook(f"{base}/1-2-abc/")
    second = EasyPost({"api_key": KEY, **first}, there.settings).register_webhook(
        f"{base}/1-2-xyz/"
    )

    assert [one["url"] for one in there.webhooks.values()] == [
        "https://shop.example/easypost",
        f"{base}/1-2-xyz/",
    ]
    assert second["webhook_secret_before"] == first["webhook_secret"] != second["webhook_secret"]


def test_secrets_go_to_easypost_and_to_nobody_else(there, monkeypatch):
    with pytest.raises(InvalidRequest, match="only"):
        EasyPost(there.credentials, {"url": "https://api.easypost.example"})
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")
    with pytest.raises(InvalidRequest, match="only"):
        EasyPost(there.credentials, there.settings)


def test_it_says_what_it_can(carrier):
    assert Can.FIND_BY_REFERENCE in carrier.can
    assert Can.IDEMPOTENCY_KEY not in carrier.can
