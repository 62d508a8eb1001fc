"""A real carrier's way through the flows: it gives its own paper once, with the purchase, and can be unsure."""

import pytest

from rientro.carriers import registry
from rientro.carriers.base import Unavailable
from rientro.carriers.karrio import library
from rientro.flows.buy_label import NotNow, buy_label
from rientro.flows.connect_carrier import Contract, NotInstalled, connect_carrier, try_credentials
from rientro.flows.store_label import store_label
from rientro.flows.void_label import void_label
from rientro.kit.crypto import seal
from rientro.models import CarrierAccount, CarrierInquiry, Event, Label, StoredDocument
from rientro.models.purchasing import intend_label
from tests.carriers.fakes.behind_karrio import standing_in
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.server import Answer, running
from tests.carriers.fakes.ups import FakeUps
from tests.makers import NOW, make_address, make_carrier_account, make_return


@pytest.fixture
def ups(merchant):
    with running(FakeUps()) as fake, standing_in(fake):
        make_carrier_account(
            carrier="ups",
            service="ups_standard",
            credentials=seal(fake.credentials),
            settings={"test_mode": "1"},
        )
        yield fake


def bought():
    return buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)


def test_the_carriers_own_paper_is_kept_at_once_and_printed(ups):
    bought()
    label = Label.objects.get()

    stored = store_label(label=label, now=NOW)

    assert stored.tracking_number == "1ZA1B2C30000000001"
    assert (stored.price_minor, stored.currency) == (635, "EUR")
    assert bytes(stored.pdf_a6.content).startswith(b"%PDF-")
    assert stored.pdf_a6_id == label.facts["carrier"]["upload"]  # the same bytes, kept once
    assert stored.pdf_a4_id != stored.pdf_a6_id
    assert ups.lines() == ["POST /security/v1/oauth/token", "POST /api/shipments/v2409/ship"]


def test_a_label_whose_paper_was_lost_says_so_and_is_never_drawn_by_us(ups):
    ups.answer_purchase = Answer(words=_without_picture())
    bought()

    with pytest.raises(Unavailable):
        store_label(label=Label.objects.get(), now=NOW)

    assert not StoredDocument.objects.exists()


def test_an_unclear_answer_goes_to_a_person_and_is_never_asked_again(ups):
    ups.answer_purchase = Answer(502)

    purchase = bought()

    assert purchase.status == "unknown"
    assert Event.objects.filter(name="return.label_unknown").count() == 1
    buy_label(purchase=purchase, now=NOW)
    assert ups.purchases == 1


def test_a_carrier_that_is_busy_is_asked_later(ups):
    ups.answer_purchase = Answer(429, headers={"Retry-After": "30"})

    with pytest.raises(NotNow) as later:
        bought()

    assert later.value.facts["retry_after_s"] == 30
    assert ups.purchases == 1


def test_a_label_is_given_back(ups):
    bought()
    Label.objects.update(void="requested")

    label = void_label(label=Label.objects.get(), now=NOW)

    assert label.void == "voided"
    assert ups.voided == ["1ZA1B2C30000000001"]


@pytest.mark.parametrize(("test_mode", "told"), [(True, "1"), (False, "0")])
def test_the_worker_tries_the_credentials_and_the_adapter_learns_what_is_real(
    merchant, test_mode, told
):
    with running(FakeUps()) as fake, standing_in(fake):
        account = connect_carrier(
            contract=Contract(carrier="ups", credentials=fake.credentials, test_mode=test_mode),
            actor="member:1",
            now=NOW,
        )
        assert fake.heard == []  # a page asks nobody

        try_credentials(inquiry=CarrierInquiry.objects.get(), now=NOW)

        account.refresh_from_db()
        assert (account.state, account.settings["test_mode"]) == ("ok", told)
        assert account.abilities == ["cancel", "track"]
        assert fake.lines() == ["POST /security/v1/oauth/token"]


def test_a_house_without_the_library_says_that_the_carrier_is_not_installed(merchant, monkeypatch):
    monkeypatch.setattr(registry, "_installed", lambda name: "karrio" not in name)

    with pytest.raises(NotInstalled, match="not installed here"):
        connect_carrier(contract=Contract(carrier="ups"), actor="member:1", now=NOW)
    assert CarrierAccount.objects.count() == 0


def test_a_purchase_in_a_house_that_lost_the_library_waits_unsent(ups, monkeypatch):
    monkeypatch.setattr(library, "_version", lambda name: "")
    monkeypatch.setattr(library, "_loaded", None)

    with pytest.raises(NotNow):
        bought()
    assert ups.heard == []


def test_a_parcel_without_paper_gets_dhls_code(merchant):
    with running(FakeDhlParcelDe()) as fake, standing_in(fake):
        make_carrier_account(
            carrier="dhl_parcel_de",
            service="dhl_parcel_de_retoure",
            credentials=seal(fake.credentials),
            settings={"test_mode": "1"},
            abilities=["labelless", "track"],
        )
        berlin = make_address(country="DE", city="Berlin", postal_code="10119", state="")
        ret = make_return(method="labelless", to_address=berlin)
        purchase = buy_label(purchase=intend_label(ret, at=NOW), now=NOW)

        stored = store_label(label=Label.objects.get(), now=NOW)

    assert purchase.status == "bought"
    assert fake.purchases == 1
    assert stored.code_link == "https://www.dhl.de/retoure/qr/999990000001"
    assert stored.pdf_a6 is not None  # for whoever changes their mind
    assert (stored.priced, stored.charged_on) == (False, "first_scan")


def _without_picture():
    results = {
        "ShipmentIdentificationNumber": "1ZA1B2C30000000009",
        "PackageResults": {"TrackingNumber": "1ZA1B2C30000000009"},
    }
    return {"ShipmentResponse": {"ShipmentResults": results}}
