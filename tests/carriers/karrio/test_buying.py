"""Buying from each of them: one purchase on the wire, and every failure by its right name."""

import socket
import threading

import pytest

from rientro.carriers.base import (
    AuthFailed,
    Can,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unsupported,
)
from rientro.carriers.karrio import tokens
from rientro.carriers.registry import known, open_carrier
from tests.carriers.fakes.behind_karrio import standing_in
from tests.carriers.fakes.bpost import FakeBpost
from tests.carriers.fakes.colissimo import FakeColissimo
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.server import Answer
from tests.carriers.fakes.ups import FakeUps
from tests.carriers.karrio.conftest import EVERY, FOLLOWERS, SELLERS, named

HTML = Answer(200, body=b"<!doctype html><h1>It works!</h1>", headers={"Content-Type": "text/html"})
ODD = Answer(200, body=b"<labels><label><barcode>32/321 07</barcode></label></labels>")
sellers = pytest.mark.parametrize("there", SELLERS, indirect=True, ids=named)
every = pytest.mark.parametrize("there", EVERY, indirect=True, ids=named)


@sellers
def test_a_label_is_one_purchase_on_the_wire(carrier, there):
    bought = carrier.buy_label(there.wish("R-77"))

    assert there.purchases == 1
    assert there.bought == ["R-77"]
    assert bought.tracking_number
    assert bought.document is not None
    assert bought.document.startswith(b"%PDF-")
    assert bought.facts["own_paper"] is True


@pytest.mark.parametrize("there", [FakeBpost], indirect=True, ids=named)
def test_an_odd_number_of_a_label_that_was_sold_is_no_refusal(carrier, there, monkeypatch):
    monkeypatch.setattr(there, "label", lambda reference: ODD)

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(there.wish("R-1"))

    assert there.bought == ["R-1"]


@sellers
def test_each_parcel_has_a_number_of_its_own(carrier, there):
    first, second = carrier.buy_label(there.wish("R-1")), carrier.buy_label(there.wish("R-2"))

    assert first.tracking_number != second.tracking_number
    assert there.purchases == 2


@sellers
def test_none_of_them_claims_to_find_or_to_deduplicate(carrier, there):
    """A request without a clear answer goes to a person: nobody's manual promises anything else."""
    assert not carrier.can & (Can.FIND_BY_REFERENCE | Can.IDEMPOTENCY_KEY)
    with pytest.raises(Unsupported):
        carrier.find_label("R-1")


@sellers
def test_what_the_registry_tells_is_what_it_can(carrier, there):
    assert known(there.CODE).can == carrier.can


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(400, {}), InvalidRequest),
        (Answer(404, {}), InvalidRequest),
        (Answer(422, body=b"<html>no</html>"), InvalidRequest),
        (Answer(401, {}), AuthFailed),
        (Answer(403, {}), AuthFailed),
        (Answer(429, {}, headers={"Retry-After": "7"}), RateLimited),
        (Answer(429), RateLimited),
        (Answer(408), OutcomeUnknown),
        (Answer(500, {}), OutcomeUnknown),
        (Answer(502, body=b"<html>bad gateway</html>"), OutcomeUnknown),
        (Answer(503), OutcomeUnknown),
        (Answer(302, headers={"Location": "https://elsewhere.example/"}), OutcomeUnknown),
        (Answer(201, {}), OutcomeUnknown),
        (Answer(200, words=[]), OutcomeUnknown),
        (Answer(200, body=b'{"shipmentNo": '), OutcomeUnknown),
        (HTML, OutcomeUnknown),
    ],
    ids=lambda found: f"{found.status}-{len(found.body)}" if isinstance(found, Answer) else "",
)
@sellers
def test_an_answer_to_a_purchase_has_its_name(carrier, there, answer, error):
    there.answer_purchase = answer

    with pytest.raises(error) as failed:
        carrier.buy_label(there.wish())

    assert there.purchases == 1
    if error is RateLimited:
        assert failed.value.retry_after_s == (7 if answer.headers else 60)


@sellers
def test_the_carriers_own_words_reach_the_merchant(carrier, there):
    wish = there.wish()
    sender = type(wish.sender)(
        name="Nemo",
        street="Nulle",
        house_number="1",
        city="Nowhere",
        postal_code=wish.sender.postal_code,
        country=wish.sender.country,
    )

    with pytest.raises(InvalidRequest, match="Nowhere"):
        carrier.buy_label(there.wish(sender=sender))

    assert there.bought == []
    assert there.purchases == 1


@sellers
def test_nobody_listens_means_nothing_was_created(carrier, there):
    carrier.buy_label(there.wish("R-1"))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        with standing_in(there, url), pytest.raises(Unavailable):
            carrier.buy_label(there.wish("R-2"))

    assert there.bought == ["R-1"]


@sellers
def test_a_carrier_that_says_nothing_is_cut_at_the_deadline(carrier, there, monkeypatch):
    carrier.buy_label(there.wish("R-1"))
    monkeypatch.setenv("RIENTRO_CARRIER_DEADLINE_S", "0.4")
    enough = threading.Event()
    there.before_purchase = lambda: enough.wait(5)

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(there.wish("R-2"))

    enough.set()
    assert there.purchases == 2


@every
def test_credentials_are_checked_by_asking(carrier, there):
    carrier.check_credentials()

    assert there.heard
    assert there.bought == []


@every
def test_wrong_credentials_are_said_so(there):
    wrong = {name: f"{value}0" for name, value in there.credentials.items()}

    with pytest.raises(AuthFailed):
        open_carrier(there.CODE, wrong, there.settings).check_credentials()


@every
def test_missing_credentials_never_reach_a_wire(there):
    with pytest.raises(AuthFailed):
        open_carrier(there.CODE, {}, there.settings)


@pytest.mark.parametrize("there", SELLERS[:3], indirect=True, ids=named)
def test_a_carrier_that_gives_no_token_has_sold_nothing(carrier, there):
    for answer, error in (
        (Answer(401, {}), AuthFailed),
        (Answer(429), RateLimited),
        (Answer(500), Unavailable),
        (HTML, Unavailable),
        (Answer(200, {}), Unavailable),
    ):
        tokens.forget_all()
        there.next_answers = [answer] * 3

        with pytest.raises(error):
            carrier.buy_label(there.wish())

        assert there.purchases == 0


@pytest.mark.parametrize("there", SELLERS[:3], indirect=True, ids=named)
def test_a_token_is_used_again_and_one_that_was_ended_is_renewed(carrier, there):
    carrier.buy_label(there.wish("R-1"))
    carrier.buy_label(there.wish("R-2"))
    assert there.tokens == 1

    there.good_token = "another"
    with pytest.raises(Unavailable, match="ended our access early"):
        carrier.buy_label(there.wish("R-3"))
    carrier.buy_label(there.wish("R-3"))

    assert there.bought == ["R-1", "R-2", "R-3"]
    assert there.tokens == 2


@sellers
def test_a_service_or_a_country_that_is_not_offered_is_refused_unsent(carrier, there):
    for changes in (
        {"service": "bpack_24h_pro"},
        {
            "sender": there.wish().sender.__class__(
                name="A", street="B 1", city="Tokyo", country="JP"
            )
        },
    ):
        with pytest.raises(InvalidRequest):
            carrier.buy_label(there.wish(**changes))

    assert there.heard == []


@pytest.mark.parametrize("there", SELLERS[3:], indirect=True, ids=named)
def test_where_there_is_no_place_for_tests_test_mode_buys_nothing(there):
    carrier = open_carrier(there.CODE, there.credentials, {})

    with pytest.raises(Unsupported, match="Switch test mode off"):
        carrier.buy_label(there.wish())

    assert there.heard == []


@pytest.mark.parametrize("there", FOLLOWERS, indirect=True, ids=named)
def test_whoever_only_follows_parcels_sells_nothing(carrier, there):
    with pytest.raises(Unsupported, match="tracking only"):
        carrier.buy_label(there.wish())

    assert carrier.services("DE", "DE") == []
    assert there.heard == []


@pytest.mark.parametrize(
    ("there", "origin", "destination", "codes"),
    [
        (FakeDhlParcelDe, "IT", "DE", ["dhl_parcel_de_retoure"]),
        (FakeDhlParcelDe, "DE", "DE", ["dhl_parcel_de_retoure"]),
        (FakeDhlParcelDe, "BE", "DE", []),  # not on DHL's list
        (FakeDhlParcelDe, "DE", "IT", []),
        (FakeUps, "IT", "IT", ["ups_standard", "ups_worldwide_saver"]),
        (FakeUps, "US", "US", ["ups_ground"]),
        (FakeUps, "CH", "DE", []),  # a customs border
        (FakeFedEx, "IT", "FR", ["fedex_regional_economy", "fedex_international_priority"]),
        (FakeFedEx, "IT", "IT", []),
        (FakeFedEx, "US", "US", ["fedex_priority_overnight", "fedex_ground"]),
        (FakeBpost, "BE", "BE", ["bpack_easy_retour"]),
        (FakeBpost, "IT", "BE", ["bpack_world_easy_return"]),
        (FakeBpost, "BE", "IT", []),
        (FakeColissimo, "FR", "FR", ["colissimo_return_france"]),
        (FakeColissimo, "IT", "FR", []),
    ],
    indirect=["there"],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_sold_between_two_countries(carrier, there, origin, destination, codes):
    assert [service.code for service in carrier.services(origin, destination)] == codes
    assert there.heard == []
