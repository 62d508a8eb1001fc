"""The pages of customs as people see them: the desk that is asked, the shopper who waits, and who has their papers."""

from typing import Any

import pytest
import time_machine

from rientro.kit.tenancy import merchant_transaction
from rientro.models import CustomsPaper, ProductCustoms, StoredDocument
from rientro.models.purchasing import intend_label
from tests import makers
from tests.browser import DESK, PHONE
from tests.makers import NOW
from tests.panel.test_browser import let_in
from tests.portal.papers import make_label
from tests.portal.seen import Eye

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SWISS = {"country": "CH", "postal_code": "8001", "city": "Zürich", "state": ""}
LINES = [
    {"sku": "DLC-MRN-MAT", "name": "Dolcevita in lana merino extrafine", "hs_code": "", "weight_g": 0},
    {"sku": "BRT-INZ-OLV", "name": "Berretto con iniziali ricamate", "hs_code": "", "origin_country": ""},
]  # fmt: skip


def make_house() -> Any:
    brand = makers.make_brand(name="Sartoria Brina", slug="brina")
    order = makers.make_order(brand, lines=LINES, **SWISS)
    waiting = makers.make_return(order, language="it")
    makers.make_carrier_account()
    intend_label(waiting, at=NOW)
    ready = makers.make_return(makers.make_order(brand, **SWISS), carrier="label_ready")
    label = make_label(ready)
    for kind in ("commercial_invoice", "cn23", "cn22", "customs"):
        stored = StoredDocument.objects.keep(kind.encode(), content_type="application/pdf")
        CustomsPaper.objects.create(label=label, kind=kind, document=stored)
    ProductCustoms.objects.create(
        sku="SCP-CSH-ARD", hs_code="62142000", origin_country="IT", weight_g=210, saved_at=NOW
    )
    return order, waiting, ready


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_customs_is_sound(live_server, new_page, size, language, request):
    with time_machine.travel(NOW, tick=True):
        merchant = makers.make_merchant(language=language)
        user = makers.make_user(password=None, language=language)
        member = makers.make_member(merchant, user=user)
        with merchant_transaction(merchant.pk):
            order, waiting, ready = make_house()
        page = new_page(size, language)
        let_in(page, member, live_server.url)
        eye = Eye(page, live_server.url)
        kind = f"{'phone' if size == PHONE else 'desk'}-{language}"
        for name, address in {
            "settings": "panel/settings/customs/",
            "known": "panel/settings/customs/?show=known",
            "order": f"panel/orders/{order.pk}/",
            "returns": "panel/returns/?tab=in_transit",
            "waiting": f"panel/returns/{waiting.number}/",
            "papers": f"panel/returns/{ready.number}/",
            "shopper-waits": f"brina/r/{waiting.link_token}/?language={language}",
            "shopper-papers": f"brina/r/{ready.link_token}/?language={language}",
        }.items():
            page.goto(f"{live_server.url}/{address}")
            eye.look(f"customs-{name}-{kind}")

    assert eye.wrong == []
