"""The two brands of the design, with an order of each that is worth looking at."""

from typing import Any

from rientro.models import Brand, Order
from tests.makers import make_address, make_brand, make_order

LONG = "Merinowolle-Funktionsunterhemd „Polarlicht“ langärmlig mit Donaudampfschifffahrtskragen"
LINKS = {
    "shop": "https://shop.example/",
    "help": "https://shop.example/help",
    "policy": "https://shop.example/returns",
    "privacy": "https://shop.example/privacy",
    "contact": "mailto:care@shop.example",
}


def sartoria(**portal: Any) -> Brand:
    return make_brand(
        name="Sartoria Brina",
        slug="sartoria-brina",
        tagline="Milano",
        font="serif",
        heading_weight=400,
        roundness="0.5",
        colour_accent="#7b3328",
        colour_paper="#f8f4ec",
        colour_surface="#fffdf9",
        colour_ink="#2b241e",
        colour_head="#f8f4ec",
        colour_foot="#efe7da",
        languages=["it", "en"],
        default_language="it",
        legal_line="Sartoria Brina S.r.l. · Via Tortona 27, 20144 Milano · P. IVA 09481230967",
        links=LINKS,
        texts={
            "it": {
                "find_title": "Qualcosa non va come speravi?",
                "find_lead": "Scrivi il numero d’ordine e il CAP di consegna. Il reso è gratuito entro "
                "{{ window_days }} giorni dalla consegna.",
                "number_hint": "Nell’e-mail di conferma, per esempio BR-10482",
            }
        },
        portal={"in_store": True, "refund_credit": True} | portal,
    )


def nordlicht(**portal: Any) -> Brand:
    return make_brand(
        name="Nordlicht Outdoor",
        slug="nordlicht-outdoor",
        heading_weight=750,
        roundness="1.25",
        colour_accent="#0f4a35",
        colour_paper="#f1f4f1",
        colour_surface="#ffffff",
        colour_ink="#0e1d17",
        colour_head="#0b2f23",
        colour_foot="#0b2f23",
        languages=["en", "de"],
        default_language="en",
        legal_line="Nordlicht Outdoor GmbH · Billstraße 82, 20539 Hamburg",
        links=LINKS,
        portal={"window_days": 60, "fee_minor": 490} | portal,
    )


def order_of(brand: Brand, **fields: Any) -> Order:
    make_address(brand, label="Milano")
    make_address(
        brand,
        label="Brera",
        is_store=True,
        is_return=False,
        street="Via Solferino",
        house_number="11",
        postal_code="20121",
        opening_hours="Lun–Sab 10–19.30",
    )
    make_address(
        brand, label="Navigli", is_store=True, is_return=False, opening_hours="Mar–Dom 11–20"
    )
    lines = [
        {
            "name": "Dolcevita in lana merino extrafine",
            "variant": "Mattone · taglia M",
            "quantity": 1,
            "price_minor": 12580,
        },
        {
            "name": "Sciarpa in cashmere a coste",
            "variant": "Ardesia · 180 × 35 cm",
            "quantity": 3,
            "price_minor": 9600,
        },
        {"name": LONG, "variant": "Slate · size M", "quantity": 2, "price_minor": 7990},
        {
            "name": "Berretto con iniziali ricamate «G. F.»",
            "variant": "Oliva",
            "quantity": 1,
            "price_minor": 4500,
            "final_sale": True,
        },
    ]
    return make_order(brand, lines=lines, **fields)
