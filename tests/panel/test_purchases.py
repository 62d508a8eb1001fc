"""The desk of unknown purchases: what is shown, what a person may say, and that it counts once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rientro.carriers import registry
from rientro.carriers.base import Can, OutcomeUnknown
from rientro.flows.buy_label import buy_label
from rientro.models import Charge, Event, Label, LabelPurchase, Parcel
from rientro.models.ledger import owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests import makers
from tests.makers import NOW
from tests.panel.places import place
from tests.panel.test_carriers import depot, text
from tests.panel.test_pool import pdf

__all__ = ["depot"]  # a fixture


@pytest.fixture
def doubt(merchant, depot, monkeypatch):
    known = replace(registry.KNOWN["scripted"], charged="creation")
    monkeypatch.setitem(registry.KNOWN, "scripted", known)
    depot.can = Can.NOTHING
    depot.script = [(OutcomeUnknown("The line broke."), "after")]
    makers.make_carrier_account(carrier="scripted", name="Nordpaket")
    return buy_label(purchase=intend_label(makers.make_return(), at=NOW), now=NOW)


def settle(owner, purchase, **words):
    return owner.post(place("purchase", purchase.pk), words)


def test_the_desk_shows_what_was_asked_and_what_the_carrier_said(owner, doubt):
    page = text(owner.get(place("purchases")))
    detail = text(owner.get(place("purchase", doubt.pk)))

    for words in (doubt.reference, "Nordpaket", "The line broke."):
        assert words in page
        assert words in detail
    for words in ("Giulia Ferrero", "10131", "300"):
        assert words in detail


def test_every_page_tells_whoever_may_settle_it(owner, as_role, doubt):
    assert "Settle it with the carrier" in text(owner.get(place("returns")))
    assert "Settle it with the carrier" not in text(as_role("desk").get(place("returns")))


def test_what_is_being_bought_for_long_is_shown_beside_it(owner, doubt):
    ret = makers.make_return()
    LabelPurchase.objects.create(
        parcel=Parcel.objects.create(ret=ret, created_at=NOW),
        account=doubt.account,
        reference="R-9-X",
        error_message="Nobody there.",
        created_at=NOW - timedelta(hours=1),
    )

    page = text(owner.get(place("purchases")))

    assert "Being bought for more than five minutes" in page
    assert (ret.number in page, "Nobody there." in page) == (True, True)


def test_a_label_that_was_found_is_written_with_its_paper_and_with_who_found_it(owner, doubt, jobs):
    paper = SimpleUploadedFile("label.pdf", pdf("NP42"), content_type="application/pdf")

    settle(
        owner,
        doubt,
        outcome="bought",
        tracking_number="NP 42",
        carrier_reference="S-1",
        price="4,90",
        document=paper,
    )
    jobs.run()

    label = Label.objects.get()
    assert (label.tracking_number, label.carrier_reference, label.price_minor) == (
        "NP42",
        "S-1",
        490,
    )
    assert label.pdf_a6 is not None
    assert bytes(label.pdf_a6.content).startswith(b"%PDF")
    doubt.refresh_from_db()
    assert (doubt.status, doubt.settled_by) == ("bought", f"member:{owner.member.pk}")
    assert owed_to_carrier(doubt.account) == {"EUR": 490}
    event = Event.objects.get(name="return.label_settled")
    assert (event.actor, event.facts["outcome"]) == (doubt.settled_by, "bought")
    page = text(owner.get(place("purchase", doubt.pk)))
    assert owner.member.user.email in page


def test_without_a_price_the_invoice_will_tell(owner, doubt):
    settle(owner, doubt, outcome="bought", tracking_number="NP42", price="")

    assert Label.objects.get().priced is False
    assert Charge.objects.count() == 0


def test_what_was_not_bought_can_be_bought_at_once(owner, doubt, depot, jobs):
    settle(owner, doubt, outcome="again")
    jobs.run()

    doubt.refresh_from_db()
    assert doubt.status == "refused"
    assert Label.objects.get().purchase_id != doubt.pk
    assert depot.asked.count(doubt.reference) == 1


def test_what_was_not_bought_can_be_left(owner, doubt, jobs):
    settle(owner, doubt, outcome="not_bought")
    jobs.run()

    assert Label.objects.count() == 0
    assert set_aside() == {}
    doubt.parcel.ret.refresh_from_db()
    assert doubt.parcel.ret.carrier == "failed"


@pytest.mark.parametrize("second", [{"outcome": "bought", "price": "9.90"}, {"outcome": "again"}])
def test_sent_twice_it_counts_once(owner, doubt, second):
    settle(owner, doubt, outcome="bought", tracking_number="NP42", price="4.90")

    answer = settle(owner, doubt, tracking_number="NP42", **second)

    assert answer.status_code == 302
    assert (Label.objects.count(), LabelPurchase.objects.count()) == (1, 1)
    assert Charge.objects.get().amount_minor == 490
    assert Event.objects.filter(name="return.label_settled").count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"tracking_number": "A"}, "Say what you found."),
        ({"outcome": "bought"}, "Enter the tracking number as the carrier shows it."),
        ({"outcome": "bought", "tracking_number": "A", "price": "cheap"}, "like 4.95"),
        ({"outcome": "bought", "tracking_number": "A", "price": "1e9"}, "like 4.95"),
        ({"outcome": "bought", "tracking_number": "A", "price": "-1"}, "less than nothing"),
        ({"outcome": "bought", "tracking_number": "TAKEN"}, "Another parcel has this tracking"),
    ],
)
def test_what_cannot_be_is_said_and_the_doubt_stays(owner, doubt, words, said):
    other = makers.make_return()
    Parcel.objects.create(
        ret=other, carrier_code="scripted", tracking_number="TAKEN", created_at=NOW
    )

    answer = settle(owner, doubt, **words)

    doubt.refresh_from_db()
    assert (answer.status_code, said in text(answer)) == (200, True)
    assert (doubt.status, Label.objects.count()) == ("unknown", 0)


def test_what_is_no_pdf_is_refused(owner, doubt):
    paper = SimpleUploadedFile("label.pdf", b"<html>", content_type="application/pdf")

    answer = settle(owner, doubt, outcome="bought", tracking_number="A", document=paper)

    assert "This is no PDF that can be used" in text(answer)
    assert Label.objects.count() == 0


def test_another_merchants_doubt_is_not_there(owner, strangers):
    other = makers.make_merchant()
    with makers.in_merchant(other):
        account = makers.make_carrier_account()
        purchase = LabelPurchase.objects.create(
            parcel=Parcel.objects.create(ret=makers.make_return(), created_at=NOW),
            account=account,
            reference="X",
            status="unknown",
            created_at=NOW,
        )

    for answer in (
        owner.get(place("purchase", purchase.pk)),
        settle(owner, purchase, outcome="again"),
    ):
        assert answer.status_code == 404
    assert purchase.reference not in text(owner.get(place("purchases")))
