"""The adapter against the real sandbox in a process of its own."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rientro.carriers.base import (
    AuthFailed,
    Can,
    CancelResult,
    Customs,
    CustomsItem,
    InvalidRequest,
    OutcomeUnknown,
    ParcelSize,
    RateLimited,
    Scan,
    Unavailable,
    Unsupported,
)
from rientro.carriers.sandbox import Sandbox
from rientro.kit.money import Money
from tests.carriers.conftest import label_request
from tests.sandbox import Customer


def due(customer: Customer) -> str:
    return customer.statement()["due"]["amount"]


def test_buys_a_label_and_the_bill_says_the_same(carrier, customer):
    bought = carrier.buy_label(label_request("R-7"))

    [told] = customer.labels()
    assert bought.carrier_reference == told["id"]
    assert bought.tracking_number == told["tracking_number"]
    assert bought.price == Money(563, "EUR")
    assert bought.facts == {
        "service_name": "Print and drop off",
        "routing": "IT-20",
        "reference": "R-7",
    }
    assert told["request"]["from"]["street"] == "Corso Moncalieri 14"
    assert due(customer) == "5.63"


def test_same_reference_is_one_label(carrier, customer):
    first = carrier.buy_label(label_request("R-7"))
    second = carrier.buy_label(label_request("R-7"))

    assert second == first
    assert len(customer.labels()) == 1


def test_same_reference_with_other_words_is_refused(carrier):
    carrier.buy_label(label_request("R-7"))

    with pytest.raises(InvalidRequest) as caught:
        carrier.buy_label(label_request("R-7", parcel=ParcelSize(weight_g=9000)))

    assert caught.value.facts["reason"] == "key_reused"


def test_without_keys_a_second_request_is_a_second_label(customer):
    customer.settings["cannot"] = "idempotency_key"
    carrier = Sandbox(customer.credentials, customer.settings)

    carrier.buy_label(label_request("R-7"))
    carrier.buy_label(label_request("R-7"))

    assert Can.IDEMPOTENCY_KEY not in carrier.can
    assert len(customer.labels()) == 2


def test_finds_what_was_bought_by_reference(carrier):
    bought = carrier.buy_label(label_request("R-7"))

    assert carrier.find_label("R-7") == bought
    assert carrier.find_label("R-8") is None


def test_another_customer_finds_nothing(carrier, sandbox_process):
    carrier.buy_label(label_request("R-7"))
    other = sandbox_process.customer()

    assert Sandbox(other.credentials, other.settings).find_label("R-7") is None


def test_contract_without_lookup_says_so_before_asking(customer):
    carrier = Sandbox(customer.credentials, customer.settings | {"cannot": ["find_by_reference"]})

    with pytest.raises(Unsupported):
        carrier.find_label("R-7")


def test_carrier_that_has_no_lookup_says_so(carrier, customer):
    customer.switch(lookup=False)

    with pytest.raises(Unsupported):
        carrier.find_label("R-7")


def test_voids_once_and_is_credited_once(carrier, customer):
    bought = carrier.buy_label(label_request())

    results = [carrier.cancel_label(bought.carrier_reference) for _ in range(2)]

    assert results == [CancelResult(outcome="voided")] * 2
    assert due(customer) == "0.00"
    assert carrier.find_label("R-1").voided


def test_a_scanned_label_stays(carrier, customer):
    bought = carrier.buy_label(label_request())
    customer.scan(bought.tracking_number, "handed_in")

    result = carrier.cancel_label(bought.carrier_reference)

    assert result.outcome == "refused"
    assert due(customer) == "5.63"


def test_unknown_label_cannot_be_voided(carrier):
    with pytest.raises(InvalidRequest):
        carrier.cancel_label("lbl_0000000000000000")


def test_tells_scans_in_our_words(carrier, customer):
    bought = carrier.buy_label(label_request())
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    told = customer.scan(bought.tracking_number, "handed_in", at=at.isoformat(), place="Torino")

    news = carrier.track([bought.tracking_number, "TSTUNKNOWN"])

    expected = Scan(
        tracking_number=bought.tracking_number,
        status="handed_in",
        occurred_at=at,
        key=told["id"],
        code="HANDED_IN",
        description="Handed in at a parcel shop",
        place="Torino",
    )
    assert news == {bought.tracking_number: [expected], "TSTUNKNOWN": []}


def test_asks_for_many_numbers_in_batches(carrier):
    numbers = [f"TST{number}" for number in range(120)]

    assert carrier.track(numbers) == {number: [] for number in numbers}


def test_quotes_cheapest_first(carrier):
    prices = [quote.price for quote in carrier.quote(label_request(service=""))]

    assert prices == [Money(563, "EUR"), Money(1014, "EUR")]


@pytest.mark.parametrize(
    ("origin", "destination", "names"),
    [
        ("IT", "DE", ["sandbox_return", "sandbox_express"]),
        ("CH", "IT", ["sandbox_return", "sandbox_express"]),
        ("IT", "AQ", []),
    ],
)
def test_services_depend_on_countries(carrier, origin, destination, names):
    assert [found.code for found in carrier.services(origin, destination)] == names


def test_price_asked_is_price_paid(carrier):
    request = label_request(parcel=ParcelSize(weight_g=6100))

    [quote] = carrier.quote(request)

    assert carrier.buy_label(request).price == quote.price


def test_has_paper_of_its_own(carrier):
    bought = carrier.buy_label(label_request())

    assert carrier.fetch_document(bought.carrier_reference).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "fault", ["truncated_document", "html_document", "empty_document", "huge_document"]
)
def test_bad_paper_is_passing_trouble(carrier, customer, fault):
    bought = carrier.buy_label(label_request())
    customer.fault(fault)

    with pytest.raises(Unavailable):
        carrier.fetch_document(bought.carrier_reference)

    assert carrier.fetch_document(bought.carrier_reference)


def test_scripts_in_paper_are_cut_out(carrier, customer):
    bought = carrier.buy_label(label_request())
    customer.fault("script_document")

    try:
        paper = carrier.fetch_document(bought.carrier_reference)
    except Unavailable:
        return  # refused as a whole: as good

    assert b"JavaScript" not in paper


# What goes wrong: the error, and how many labels the carrier sold

CREATE_FAULTS = [
    ("refuse", InvalidRequest, 0),
    ("unauthorized", AuthFailed, 0),
    ("forbidden", AuthFailed, 0),
    ("too_many", RateLimited, 0),
    ("too_many_empty", RateLimited, 0),
    ("unavailable", Unavailable, 0),
    ("error_before", OutcomeUnknown, 0),
    ("reset_before", OutcomeUnknown, 0),
    ("redirect", OutcomeUnknown, 0),
    ("error_after", OutcomeUnknown, 1),
    ("gateway_after", OutcomeUnknown, 1),
    ("reset_after", OutcomeUnknown, 1),
    ("half_body", OutcomeUnknown, 1),
    ("garbage", OutcomeUnknown, 1),
    ("empty", OutcomeUnknown, 1),
    ("empty_object", OutcomeUnknown, 1),
    ("not_an_object", OutcomeUnknown, 1),
    ("gzip_bomb", OutcomeUnknown, 1),
    ("many_headers", OutcomeUnknown, 1),
]


@pytest.mark.parametrize(("fault", "error", "sold"), CREATE_FAULTS)
def test_every_failure_is_one_of_the_family(carrier, customer, fault, error, sold):
    customer.fault(fault)

    with pytest.raises(error) as caught:
        carrier.buy_label(label_request("R-7"))

    assert type(caught.value) is error
    assert len(customer.labels()) == sold
    found = carrier.find_label("R-7")
    assert (found is not None) is bool(sold)


@pytest.mark.parametrize("fault", [name for name, _, _ in CREATE_FAULTS])
def test_trying_again_after_any_failure_leaves_one_label(carrier, customer, fault):
    customer.fault(fault)
    with pytest.raises(Exception):
        carrier.buy_label(label_request("R-7"))

    carrier.buy_label(label_request("R-7"))

    assert len(customer.labels()) == 1


@pytest.mark.parametrize(("said", "wait"), [("7", 7), ("", 60), ("0", 1), ("soon", 60)])
def test_waits_as_long_as_the_carrier_says(carrier, customer, said, wait):
    customer.fault("too_many", retry_after=said)

    with pytest.raises(RateLimited) as caught:
        carrier.buy_label(label_request())

    assert caught.value.retry_after_s == wait
    assert caught.value.facts["retry_after_s"] == wait


@pytest.mark.parametrize("fault", ["hang", "hang_after", "slow"])
def test_silence_and_slowness_end_at_the_deadline(customer, fault):
    carrier = Sandbox(customer.credentials, customer.settings)
    carrier._wire._deadline_s = 1.5
    customer.fault(fault, seconds=5)
    started = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(label_request())

    assert time.monotonic() - started < 4


def test_nobody_there_means_nothing_was_created(customer):
    carrier = Sandbox(customer.credentials, {"url": "http://127.0.0.1:1"})

    with pytest.raises(Unavailable):
        carrier.buy_label(label_request())


@pytest.mark.parametrize("fault", ["error_before", "reset_before", "garbage", "half_body"])
def test_a_question_that_fails_is_only_unavailable(carrier, customer, fault):
    customer.fault(fault, on="labels.find")
    customer.fault(fault, on="tracking")

    with pytest.raises(Unavailable):
        carrier.find_label("R-7")
    with pytest.raises(Unavailable):
        carrier.track(["TST1"])


@pytest.mark.parametrize("fault", ["error_after", "reset_after", "garbage"])
def test_a_void_that_got_no_answer_may_be_repeated(carrier, customer, fault):
    bought = carrier.buy_label(label_request())
    customer.fault(fault, on="labels.void")

    with pytest.raises(OutcomeUnknown):
        carrier.cancel_label(bought.carrier_reference)

    assert carrier.cancel_label(bought.carrier_reference).outcome == "voided"
    assert due(customer) == "0.00"


def test_another_price_than_quoted_is_told_as_billed(carrier, customer):
    customer.fault("wrong_price", extra_minor=250)

    bought = carrier.buy_label(label_request())

    assert bought.price == Money(813, "EUR")
    assert due(customer) == "8.13"


def test_a_number_given_out_twice_is_told_as_it_is(carrier, customer):
    first = carrier.buy_label(label_request("R-1"))
    customer.fault("duplicate_number", number=first.tracking_number)

    second = carrier.buy_label(label_request("R-2"))

    assert second.tracking_number == first.tracking_number
    assert second.carrier_reference != first.carrier_reference


def test_wrong_token_is_refused(customer):
    carrier = Sandbox({"token": "nonsense"}, customer.settings)

    with pytest.raises(AuthFailed):
        carrier.check_credentials()


def test_right_token_is_accepted(carrier):
    carrier.check_credentials()


@pytest.mark.parametrize("token", ["", "  ", "sandbox-ü", "sandbox-a\r\nX: y"])
def test_a_token_that_cannot_be_sent_is_refused_at_once(token):
    with pytest.raises(AuthFailed):
        Sandbox({"token": token}, {})


@pytest.mark.parametrize("url", ["ftp://x", "nonsense", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused_at_once(url):
    with pytest.raises(InvalidRequest):
        Sandbox({"token": "sandbox-abc"}, {"url": url})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service": "teleport"}, "unknown_service"),
        ({"parcel": ParcelSize(weight_g=40_000)}, "too_heavy"),
    ],
)
def test_what_the_carrier_cannot_do_is_refused_with_its_words(carrier, customer, changes, reason):
    with pytest.raises(InvalidRequest) as caught:
        carrier.buy_label(label_request(**changes))

    assert caught.value.facts["reason"] == reason
    assert caught.value.message
    assert customer.labels() == []


CUSTOMS = Customs(
    currency="EUR",
    invoice_number="INV-7",
    receiver_eori="IT094",
    items=(
        CustomsItem(
            description="Scarf",
            quantity=2,
            value_minor=4633,
            weight_g=90,
            hs_code="611710",
            origin_country="IT",
        ),
    ),
)


def test_a_declaration_goes_with_the_label(carrier, customer):
    carrier.buy_label(label_request("R-9", customs=CUSTOMS))

    told = customer.requests()[0]["customs"]
    assert (told["invoice_number"], told["receiver_eori"]) == ("INV-7", "IT094")
    assert told["items"] == [
        {
            "description": "Scarf",
            "quantity": 2,
            "value": "46.33",
            "currency": "EUR",
            "weight_g": 90,
            "hs_code": "611710",
            "origin_country": "IT",
        }
    ]


def test_a_declaration_without_codes_is_refused(carrier):
    bare = replace(CUSTOMS, items=(replace(CUSTOMS.items[0], hs_code=""),))

    with pytest.raises(InvalidRequest, match="hs_code"):
        carrier.buy_label(label_request("R-9", customs=bare))
