"""The two brands of the demo: looks, words, links, portal, reasons; as the design's pages draw them."""

# ruff: noqa: E501  (a table reads by its rows)
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from rientro.host.demo_data import logos, pictures
from rientro.models import Brand, Merchant, PortalName, PortalSettings, ReturnReason, StoredDocument

REASONS: list[tuple[str, str, bool, dict[str, str]]] = [
    ("too-small", "shopper", False, {"it": "Troppo piccolo", "en": "Too small", "de": "Zu klein"}),
    ("too-large", "shopper", False, {"it": "Troppo grande", "en": "Too large", "de": "Zu groß"}),
    ("changed-mind", "shopper", False, {"it": "Ho cambiato idea", "en": "Changed my mind", "de": "Gefällt mir doch nicht"}),
    ("colour", "shopper", False, {"it": "Il colore è diverso", "en": "Colour differs", "de": "Farbe weicht ab"}),
    ("not-as-pictured", "merchant", True, {"it": "Non è come nella foto", "en": "Not as pictured", "de": "Anders als abgebildet"}),
    ("faulty", "merchant", True, {"it": "Ha un difetto", "en": "Faulty", "de": "Fehlerhaft"}),
    ("wrong-item", "merchant", True, {"it": "Articolo sbagliato", "en": "Wrong item", "de": "Falscher Artikel"}),
    ("damaged", "carrier", True, {"it": "Danneggiato nel trasporto", "en": "Damaged on the way", "de": "Beim Versand beschädigt"}),
]  # fmt: skip

SARTORIA_TEXTS = {
    "it": {
        "find_title": "Qualcosa non va come speravi?",
        "find_lead": "Scrivi il numero d’ordine e il CAP di consegna. "
        "Il reso è gratuito entro {{ window_days }} giorni dalla consegna.",
        "number_hint": "Nell’e-mail di conferma, per esempio {{ number_example }}",
        "number_example": "BR-10482",
        "pack_note": "Rimetti gli articoli nella loro scatola, con il cartellino.",
        "mail_footer": "Con cura, Sartoria Brina",
    },
    "en": {
        "find_title": "Not quite what you hoped for?",
        "find_lead": "Type your order number and the postal code it was sent to. "
        "Returns are free for {{ window_days }} days after delivery.",
        "number_hint": "In your confirmation e-mail, like {{ number_example }}",
        "number_example": "BR-10482",
        "pack_note": "Put the items back into their box, with their tags.",
        "mail_footer": "With care, Sartoria Brina",
    },
}
NORDLICHT_TEXTS = {
    "en": {
        "find_title": "Send it back. Get outside again.",
        "find_lead": "Two details and we open your order. You have {{ window_days }} days from delivery.",
        "number_hint": "On the packing slip, top right, like {{ number_example }}",
        "number_example": "NL-77204",
        "pack_note": "Close the zips, remove other labels, use any sturdy box.",
        "mail_footer": "See you outside. Nordlicht Outdoor",
    },
    "de": {
        "find_title": "Zurückschicken. Wieder raus.",
        "find_lead": "Zwei Angaben, und wir öffnen deine Bestellung. "
        "Du hast {{ window_days }} Tage ab Lieferung.",
        "number_hint": "Auf dem Lieferschein oben rechts, zum Beispiel {{ number_example }}",
        "number_example": "NL-77204",
        "pack_note": "Reißverschlüsse schließen, alte Aufkleber entfernen, ein stabiler Karton genügt.",
        "mail_footer": "Bis draußen. Nordlicht Outdoor",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandPlan:
    """A brand before it is a row."""

    slug: str
    logo: str  # typst source
    fields: dict[str, Any]
    portal: dict[str, Any]


SARTORIA = BrandPlan(
    slug="sartoria-brina",
    logo=logos.SARTORIA,
    fields={
        "name": "Sartoria Brina",
        "tagline": "Milano",
        "website": "https://sartoria-brina.example",
        "reply_to": "resi@sartoria-brina.example",
        "legal_line": "Sartoria Brina S.r.l. · Via Tortona 27, 20144 Milano · P. IVA 09481230967",
        "colour_accent": "#7b3328",
        "colour_paper": "#f8f4ec",
        "colour_surface": "#fffdf9",
        "colour_ink": "#2b241e",
        "colour_head": "#f8f4ec",
        "colour_foot": "#efe7da",
        "font": "serif",
        "heading_weight": 400,
        "roundness": Decimal("0.5"),
        "languages": ["it", "en"],
        "default_language": "it",
        "texts": SARTORIA_TEXTS,
        "links": {
            "shop": "https://sartoria-brina.example",
            "help": "https://sartoria-brina.example/aiuto",
            "policy": "https://sartoria-brina.example/resi",
            "privacy": "https://sartoria-brina.example/privacy",
            "contact": "mailto:resi@sartoria-brina.example",
        },
    },
    portal={
        "allow_without_outbound": True,
        "window_days": 30,
        "in_store": True,
        "refund_credit": True,
        "notify_email": "resi@sartoria-brina.example",
    },
)
NORDLICHT = BrandPlan(
    slug="nordlicht-outdoor",
    logo=logos.NORDLICHT,
    fields={
        "name": "Nordlicht Outdoor",
        "website": "https://nordlicht-outdoor.example",
        "reply_to": "returns@nordlicht-outdoor.example",
        "legal_line": "Nordlicht Outdoor GmbH · Billstraße 82, 20539 Hamburg",
        "colour_accent": "#0f4a35",
        "colour_paper": "#f1f4f1",
        "colour_surface": "#ffffff",
        "colour_ink": "#0e1d17",
        "colour_head": "#0b2f23",
        "colour_foot": "#0b2f23",
        "font": "sans",
        "heading_weight": 750,
        "roundness": Decimal("1.25"),
        "languages": ["en", "de"],
        "default_language": "en",
        "texts": NORDLICHT_TEXTS,
        "links": {
            "shop": "https://nordlicht-outdoor.example",
            "help": "https://nordlicht-outdoor.example/help",
            "policy": "https://nordlicht-outdoor.example/returns",
            "privacy": "https://nordlicht-outdoor.example/privacy",
            "contact": "mailto:returns@nordlicht-outdoor.example",
        },
    },
    portal={
        "allow_without_outbound": True,
        "window_days": 60,
        "fee_minor": 390,
        "labelless": True,
        "pickup": True,
        "most_parcels": 3,
        "review": PortalSettings.Review.VALUE.value,
        "review_above_minor": 30000,
        "refund_credit": True,
        "notify_email": "returns@nordlicht-outdoor.example",
    },
)


def make_brand(plan: BrandPlan, merchant: Merchant, *, now: datetime) -> Brand:
    """The brand with its portal, its place in the directory and its reasons; made once."""
    found = Brand.objects.filter(slug=plan.slug).first()
    if found:
        return found
    scene = f"scene-{plan.slug.partition('-')[0]}"
    brand = Brand.objects.create(
        slug=plan.slug,
        logo=_kept(logos.logo(plan.logo), f"{plan.slug}.png"),
        background=_kept(pictures.scene(scene), f"{scene}.png"),
        created_at=now,
        **plan.fields,
    )
    PortalName.objects.create(slug=plan.slug, merchant=merchant, brand_id=brand.pk)
    PortalSettings.objects.create(brand=brand, **plan.portal)
    for position, (code, fault, asks_note, labels) in enumerate(REASONS):
        ReturnReason.objects.create(
            brand=brand,
            code=code,
            fault=fault,
            asks_note=asks_note,
            labels=labels,
            position=position,
        )
    return brand


def _kept(picture: bytes, name: str) -> StoredDocument:
    return StoredDocument.objects.keep(picture, content_type="image/png", name=name)
