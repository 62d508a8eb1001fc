"""A busy day at the desk: two brands, long German names, Italian addresses, every state of a return."""

from datetime import timedelta
from typing import Any

from rientro.kit.tenancy import current_merchant
from rientro.models import (
    Charge,
    Event,
    Label,
    LabelPurchase,
    LedgerEntry,
    Parcel,
    StoredDocument,
    TrackingEvent,
)
from tests import makers
from tests.makers import NOW
from tests.panel.conftest import House, make_house, make_rule

PEOPLE = [
    ("Kirsten Oldenburg-Vahrenkamp", "20099", "Hamburg", "DE"),
    ("Tommaso Bellandi", "40121", "Bologna", "IT"),
    ("Hendrik Schlüter", "24937", "Flensburg", "DE"),
    ("Annegret Kühn-Papadopoulos", "20251", "Hamburg", "DE"),
    ("Jonas Wetterstrand", "0577", "Oslo", "NO"),
    ("Giulia Ferrero", "10131", "Torino", "IT"),
]
GOODS = [
    (
        "Wasserdichte Wanderhose „Schlechtwetterverträglichkeit“ mit Seitenreißverschluss",
        "Moosgrün · 3XL lang",
    ),
    ("Dolcevita in lana merino extrafine", "Mattone · M"),
    ("Sciarpa in cashmere a coste", "Ardesia"),
]
STATES: list[dict[str, Any]] = [
    {"carrier": "in_transit"},
    {"carrier": "handed_in"},
    {"carrier": "in_transit", "silent_since": NOW - timedelta(days=5)},
    {"carrier": "at_customs"},
    {
        "carrier": "failed",
        "carrier_problem": "Postal code 2009 has four digits, Germany needs five.",
    },
    {"carrier": "delivered", "delivered_at": NOW},
    {"approval": "requested", "carrier": "none", "approved_at": None},
    {"approval": "rejected", "carrier": "none", "rejection": "The seal of the perfume is broken."},
    {"carrier": "delivered", "inspection": "accepted", "settlement": "refunded", "closed_at": NOW},
]


def make_busy_house() -> House:
    """The house of the tests, and around it what a returns desk sees on a Tuesday."""
    house = make_house()
    house.brand.colour_accent, house.other_brand.colour_accent = "#c4705c", "#1d7a57"
    house.brand.tagline, house.brand.font = "MILANO", "serif"
    house.brand.save()
    house.other_brand.save()
    other_shop = makers.make_integration(shop_name="Shop B")
    makers.make_integration(shop_name="CSV negozi nov.", system="csv")
    make_rule(other_shop, house.other_address)
    make_rule(
        other_shop,
        house.other_address,
        active=False,
        conditions=[
            {"property": "destination_country", "operator": "in", "compare_to": ["CH", "NO"]},
            {"property": "item_name", "operator": "contains", "compare_to": "Zelt"},
        ],
    )
    make_rule(
        other_shop,
        house.address,
        actions=[{"identifier": "ship_with_address", "value": "999999"}],
        invalid_because="The address “Lager” was deleted on 20 November 2026. "
        "This rule is skipped until you choose another.",
    )
    for number, state in enumerate(STATES * 2):
        _make_case(house, number, dict(state))
    for number in range(3):
        makers.make_order(
            house.brand, integration=house.shop, brand_by_default=True, number=f"{4417 + number}-IT"
        )
    _make_label(house)
    return house


def _make_case(house: House, number: int, state: dict[str, Any]) -> None:
    name, postal, city, country = PEOPLE[number % len(PEOPLE)]
    brand = house.brand if country == "IT" else house.other_brand
    goods = GOODS[number % len(GOODS)]
    order = makers.make_order(
        brand,
        integration=house.shop,
        sender_address=house.address,
        number=f"{'BR' if country == 'IT' else 'NL'}-{77200 + number}",
        name=name,
        postal_code=postal,
        city=city,
        country=country,
        lines=[{"name": goods[0], "variant": goods[1], "price_minor": 12580 + number * 100}],
    )
    ret = makers.make_return(order, requested_at=NOW - timedelta(days=number, hours=3), **state)
    if ret.carrier not in ("none", "failed"):
        parcel = Parcel.objects.create(
            ret=ret,
            status=ret.carrier,
            carrier_code="sandbox",
            tracking_number=f"3SRNTR{number:010d}",
            created_at=NOW,
        )
        TrackingEvent.objects.create(
            parcel=parcel,
            key=f"k{number}",
            status="in_transit",
            description="Sorted",
            place="Novara",
            occurred_at=NOW - timedelta(hours=5),
            received_at=NOW,
        )


def _make_label(house: House) -> None:
    """The first return has its label, its charge, its books and a past."""
    ret = house.ret
    ret.note = "Un filo tirato sul fianco sinistro, già presente all’apertura del pacco."
    ret.trace = {
        "decision": {
            "rule": "return",
            "version": 1,
            "verdict": "accept",
            "because": "in_time",
            "value": "46.00 EUR",
            "terms": {"window_days": 30},
        },
        "fee": {
            "version": 1,
            "fee": "0.00 EUR",
            "fee_by_terms": None,
            "waived": "",
            "faults": ["merchant"],
        },
        "sender": {"proof": "code", "as_in_order": True},
    }
    for carrier in ("label_ready", "in_transit"):
        ret.carrier = carrier
        ret.save()
    item = ret.items.get()
    item.note = "Un filo tirato sul fianco sinistro."
    item.decision = {
        "verdict": "accept",
        "because": "in_time",
        "version": 1,
        "asked": 1,
        "bought": 2,
        "already_back": 0,
        "has_outbound": False,
        "channel": "web",
        "today": "2026-11-22",
        "window": {"ends_on": "2026-12-13", "basis": "delivery"},
    }
    item.save()
    parcel = Parcel.objects.create(
        ret=ret,
        status="in_transit",
        carrier_code="sandbox",
        tracking_number="3SRNTR0048217765",
        created_at=NOW,
    )
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=house.account,
        reference=f"{ret.number}-BCDFGHJK",
        status="bought",
        created_at=NOW,
    )
    paper = StoredDocument.objects.keep(b"%PDF-1.7 ...", content_type="application/pdf")
    label = Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="c1",
        tracking_number="3SRNTR0048217765",
        price_minor=512,
        currency="EUR",
        pdf_a6=paper,
        pdf_a4=paper,
        bought_at=NOW,
    )
    Charge.objects.create(
        label=label, ret=ret, description="Label", amount_minor=512, currency="EUR", charged_at=NOW
    )
    for key, state in (("pending", "pending"), ("posted", "posted")):
        LedgerEntry.objects.create(
            key=f"label:{purchase.reference}:{key}",
            subject=f"label:{purchase.reference}",
            state=state,
            debit="merchant",
            credit=f"carrier:{house.account.pk}",
            amount_minor=512,
            currency="EUR",
            purchase=purchase,
            ret=ret,
            happened_at=NOW,
        )
    for place, status in (("Edicola Valentino", "handed_in"), ("Novara", "in_transit")):
        TrackingEvent.objects.create(
            parcel=parcel,
            key=place,
            status=status,
            description="",
            place=place,
            occurred_at=NOW,
            received_at=NOW,
        )
    for name, facts in (
        ("return.requested", {}),
        ("return.approved", {"at_once": True}),
        ("return.label_asked", {}),
        ("return.label_bought", {"tracking_number": "3SRNTR0048217765"}),
        ("return.mail_sent", {"kind": "label_ready"}),
    ):
        Event.objects.create(name=name, actor="shopper", ret=ret, facts=facts, happened_at=NOW)
    unsure = makers.make_return(makers.make_order(house.brand, integration=house.shop))
    box = Parcel.objects.create(ret=unsure, created_at=NOW)
    LabelPurchase.objects.create(
        parcel=box,
        account=house.account,
        reference=f"{unsure.number}-LOSTONE1",
        status="unknown",
        error_message="The carrier did not answer in time.",
        asked_at=NOW,
        created_at=NOW,
    )
    assert current_merchant()
