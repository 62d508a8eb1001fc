"""Parcels without paper, drivers at the door, and a no before the purchase, at the sandbox carrier."""

import io
from datetime import timedelta

import pikepdf
import pytest

from rientro.carriers.base import AuthFailed, Can, InvalidRequest, LabelRequest, Unsupported
from rientro.carriers.registry import can_of
from rientro.carriers.sandbox import Sandbox
from rientro.host.sandbox_carrier.codes import GOOD_FOR_DAYS
from rientro.kit import clock
from rientro.kit.images import redraw
from rientro.kit.money import Money
from tests.carriers.conftest import SHOPPER, label_request


def working_day(after_days: int = 1):
    day = clock.now().date() + timedelta(days=after_days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def poorer(customer, cannot: str) -> Sandbox:
    return Sandbox(customer.credentials, customer.settings | {"cannot": cannot})


def test_a_labelless_parcel_comes_with_a_code_that_is_a_picture(carrier, customer):
    bought = carrier.buy_label(label_request("R-7", labelless=True))

    assert customer.labels()[0]["request"]["labelless"] is True
    assert bought.code
    assert redraw(bought.code, max_edge=800, png=True).content_type == "image/png"
    assert bought.expires_on == clock.now().date() + timedelta(days=GOOD_FOR_DAYS)
    assert bought.code_link.startswith("https://")
    assert carrier.find_label("R-7") == bought


def test_a_printed_label_has_no_code(carrier):
    bought = carrier.buy_label(label_request("R-7"))

    assert (bought.code, bought.code_link, bought.expires_on) == (None, "", None)


@pytest.mark.parametrize("fault", ["no_code", "broken_code", "script_code"])
def test_a_bad_code_is_no_reason_to_lose_the_label(carrier, customer, fault):
    customer.fault(fault)

    bought = carrier.buy_label(label_request("R-7", labelless=True))

    assert bought.tracking_number == customer.labels()[0]["tracking_number"]
    assert (bought.code is None) == (fault == "no_code")


def test_a_driver_comes_on_the_day_and_for_its_price(carrier, customer):
    day = working_day()

    bought = carrier.buy_label(label_request("R-7", pickup_on=day))

    assert customer.labels()[0]["pickup_on"] == day.isoformat()
    assert bought.price == Money(563 + 250, "EUR")


def test_no_driver_comes_on_a_sunday(carrier, customer):
    sunday = clock.now().date()
    while sunday.weekday() != 6:
        sunday += timedelta(days=1)

    with pytest.raises(InvalidRequest, match="No driver"):
        carrier.buy_label(label_request("R-7", pickup_on=sunday))

    assert customer.labels() == []


@pytest.mark.parametrize(
    ("cannot", "changes"),
    [("labelless", {"labelless": True}), ("pickup", {"pickup_on": working_day()})],
)
def test_a_poorer_contract_says_so_before_anything_is_sent(customer, cannot, changes):
    with pytest.raises(Unsupported):
        poorer(customer, cannot).buy_label(label_request("R-7", **changes))

    assert customer.labels() == []
    assert Can[cannot.upper()] not in can_of("sandbox", {"cannot": cannot})


@pytest.mark.parametrize("ability", ["labelless", "pickup"])
def test_a_carrier_that_lost_an_ability_refuses(carrier, customer, ability):
    customer.switch(**{ability: False})
    changes = {"labelless": {"labelless": True}, "pickup": {"pickup_on": working_day()}}[ability]

    with pytest.raises(InvalidRequest, match="does not include"):
        carrier.buy_label(label_request("R-7", **changes))


def test_validation_refuses_in_the_carriers_words_and_sells_nothing(carrier, customer):
    nowhere = LabelRequest.from_json(
        label_request("R-7").to_json()
        | {"sender": label_request().to_json()["sender"] | {"city": "Nowhere"}}
    )

    carrier.validate(label_request("R-7"))
    with pytest.raises(InvalidRequest, match="There is no place called Nowhere"):
        carrier.validate(nowhere)

    assert SHOPPER.city != "Nowhere"
    assert customer.labels() == []
    assert customer.statement()["lines"] == []


def test_a_carrier_that_does_not_validate_says_so(customer):
    with pytest.raises(Unsupported):
        poorer(customer, "validate").validate(label_request("R-7"))


def test_validation_tells_bad_credentials(carrier, customer):
    customer.fault("unauthorized", on="labels.validate")

    with pytest.raises(AuthFailed):
        carrier.validate(label_request("R-7"))


def test_paper_of_its_own_is_said_so_where_the_contract_wants_it(customer):
    own = Sandbox(customer.credentials, customer.settings | {"paper": "carrier"})

    bought = own.buy_label(label_request("R-7"))

    assert bought.facts["own_paper"] is True
    pdf = own.fetch_document(bought.carrier_reference)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
