"""Plain facts for documents."""

from datetime import date

from rientro.documents.label import LabelFacts, LabelItem


def facts(**changes):
    usual = {
        "reference": "RN-7QX4-000123",
        "tracking_number": "TSTNTR0048217765",
        "carrier_name": "Posta Prova",
        "service_name": "Punto di ritiro",
        "sender": ["Giulia Ferrero", "Via Monferrato 18, int. 4", "10131 Torino TO", "ITALIA"],
        "receiver": ["Sartoria Brina", "c/o Magazzino Resi", "Via Tortona 27", "20144 MILANO MI"],
        "return_number": "R-20418",
        "order_number": "BR-10482",
        "weight_g": 1400,
        "created_on": date(2026, 11, 22),
        "hand_in_by": date(2026, 12, 8),
        "items": [
            LabelItem(name="Giacca Loden", variant="Verde bosco · 46", sku="LOD-46", quantity=1),
            LabelItem(name="Camicia Oxford", variant="Azzurro · 40", sku="OX-40", quantity=2),
        ],
        "language": "it",
        "brand_name": "Sartoria Brina",
        "accent": "#7b3328",
        "qr_payload": "RN-7QX4-000123",
    }
    return LabelFacts(**(usual | changes))
