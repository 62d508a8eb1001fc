"""The carriers' pages in a real browser, with accounts in every state: for axe and for the eye."""

from datetime import timedelta

import pytest
import time_machine

from rientro.kit.crypto import seal
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierInquiry
from tests import makers
from tests.browser import DESK, PHONE
from tests.makers import NOW
from tests.panel.busy import make_busy_house
from tests.panel.conftest import make_choice_rule
from tests.panel.places import place
from tests.panel.rounds import wider_than_narrow, wrong_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERVICES = [
    {
        "code": "dhl_parcel_de_retoure",
        "name": "DHL Retoure für Privatkunden, europaweit",
        "lanes": [["DE", "IT"], ["AT", "IT"], ["IT", "IT"]],
        "max_weight_g": 31500,
        "price_minor": 495,
        "currency": "EUR",
    },
    {"code": "letter", "name": "Warenpost", "lanes": [["DE", "IT"]], "max_weight_g": 1000},
]


def make_accounts(house):
    """{name of a state: account}; the house's own works and is the default."""
    made = {"working": house.account}
    house.account.services, house.account.services_read_at = SERVICES, NOW
    house.account.service, house.account.credentials = SERVICES[0]["code"], seal({"token": "t"})
    house.account.abilities = ["quote", "cancel", "track"]
    house.account.checked_at, house.account.test_mode = NOW, False
    house.account.settings = {"countries": ["DE", "AT", "IT"], "max_weight_g": 31500}
    house.account.settings |= {"prices": {"DE-IT": 795, "IT": 550, "*": 1290}, "currency": "EUR"}
    house.account.save()
    states = {
        "broken": {"state": "broken", "last_error": "Client id or secret is wrong."},
        "resting": {"resting": "trouble", "paused_until": NOW + timedelta(seconds=50)},
        "tried": {"resting": "busy", "paused_until": NOW - timedelta(seconds=5)},
        "asking": {"state": "unchecked"},
    }
    for place_, (name, fields) in enumerate(states.items()):
        carrier = ["dhl_parcel_de", "ups", "sendcloud", "fedex"][place_]
        made[name] = makers.make_carrier_account(
            name=f"{carrier} ({name})", carrier=carrier, is_default=False, checked_at=NOW, **fields
        )
    CarrierInquiry.objects.create(
        account=made["asking"], kind="check", actor="member:1", asked_at=NOW + timedelta(days=1)
    )
    return made


@pytest.fixture
def desk(db):
    """(house, addresses of every carriers' page with something on it, an owner)."""
    merchant = makers.make_merchant(name="Resi & Co. Logistica")
    user = makers.make_user(password=None, first_name="Elena", last_name="Ricci")
    member = makers.make_member(merchant, user=user)
    with time_machine.travel(NOW, tick=True):
        with merchant_transaction(merchant.pk):
            house = make_busy_house()
            made = make_accounts(house)
            make_choice_rule(
                house.account,
                name="Heavy ones",
                conditions=[
                    {"property": "weight", "operator": "greater_than", "compare_to": "10 kg"}
                ],
                actions=[{"identifier": "buy_from", "value": "cheapest"}],
            )
            asked = merchant.returns.filter(tab="requests").first()
            for ret in (asked, None):
                CarrierInquiry.objects.create(
                    account=house.account,
                    ret=ret,
                    kind="quote",
                    state="answered",
                    batch="b1" if ret is None else "b2",
                    answer={
                        "offers": [
                            {"service": "letter", "minor": 420, "currency": "EUR", "days": 3},
                            {"service": SERVICES[0]["code"], "minor": 610, "currency": "EUR"},
                        ]
                    },
                    actor="member:1",
                    asked_at=NOW,
                    answered_at=NOW,
                )
            unknown = merchant.label_purchases.get(status="unknown")
            merchant.label_purchases.filter(status="buying").update(
                created_at=NOW - timedelta(hours=1)
            )
        query = f"?from=DE&to=IT&weight=12+kg&brand={house.brand.pk}&batch=b1"
        yield (
            {name: place("carrier", row.pk) for name, row in made.items()}
            | {
                "accounts": place("carriers"),
                "connect": place("carrier_new", "dhl_parcel_de"),
                "credentials": place("carrier_edit", house.account.pk),
                "terms": place("carrier_terms", house.account.pk),
                "rules": f"{place('choice_rules')}{query}",
                "rule": place("choice_rule", house.choice_rule.pk),
                "rule_new": place("choice_rule_new"),
                "desk": place("purchases"),
                "settle": place("purchase", unknown.pk),
                "request": place("return", asked.number),
            },
            member,
        )


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_carriers_is_sound(live_server, new_page, desk, size, language):
    found = wrong_on(live_server, new_page, desk, room="carriers", size=size, language=language)

    assert found == []


@pytest.mark.parametrize("language", ["en", "it"])
def test_no_page_of_carriers_is_wider_than_a_narrow_screen(live_server, new_page, desk, language):
    assert wider_than_narrow(live_server, new_page, desk, language=language) == {}
