"""A member gives a brand its name, looks and words; the portal answers at its slug from then on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from rientro.kit.errors import Kind, RientroError
from rientro.kit.images import Picture
from rientro.kit.sentences import Sentence
from rientro.kit.tenancy import current_merchant
from rientro.models.brands import Brand, PortalSettings, ReturnReason
from rientro.models.documents import StoredDocument
from rientro.models.events import Event
from rientro.models.holding import hold_settings
from rientro.models.merchants import Merchant, PortalName

FIELDS = frozenset(
    {
        "name",
        "slug",
        "tagline",
        "website",
        "reply_to",
        "legal_line",
        "colour_accent",
        "colour_paper",
        "colour_surface",
        "colour_ink",
        "colour_head",
        "colour_foot",
        "font",
        "heading_weight",
        "roundness",
        "languages",
        "default_language",
        "texts",
        "links",
    }
)
TAKEN = Sentence("This portal address is taken. Choose another one.")
# What a new brand asks its shoppers; the merchant changes it under Returns portal.
REASONS: list[tuple[str, str, dict[str, str]]] = [
    ("too-small", "shopper", {"en": "Too small", "it": "Troppo piccolo", "de": "Zu klein"}),
    ("too-large", "shopper", {"en": "Too large", "it": "Troppo grande", "de": "Zu groß"}),
    (
        "not-as-pictured",
        "merchant",
        {"en": "Not as pictured", "it": "Diverso dalla foto", "de": "Anders als abgebildet"},
    ),
    ("faulty", "merchant", {"en": "Faulty", "it": "Difettoso", "de": "Fehlerhaft"}),
    (
        "damaged",
        "carrier",
        {
            "en": "Damaged on the way",
            "it": "Danneggiato nel trasporto",
            "de": "Beim Versand beschädigt",
        },
    ),
    (
        "wrong-item",
        "merchant",
        {"en": "Wrong item sent", "it": "Articolo sbagliato", "de": "Falscher Artikel"},
    ),
    (
        "changed-mind",
        "shopper",
        {"en": "Changed my mind", "it": "Ho cambiato idea", "de": "Gefällt mir doch nicht"},
    ),
]


class SlugTaken(RientroError):
    """Another portal answers at this address, or the house itself does."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "slug_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandFacts:
    """``fields`` holds names of FIELDS. A ``logo`` replaces the old one; ``drop_logo`` takes it away."""

    fields: Mapping[str, Any]
    logo: Picture | None = None
    drop_logo: bool = False


@transaction.atomic
def save_brand(*, brand: Brand | None, facts: BrandFacts, actor: str, now: datetime) -> Brand:
    """Write the brand and keep the directory of portals in step; portal, mails, labels use it from now on.

    A new brand gets portal settings and reasons to begin with. Its old address leads nowhere afterwards.
    Raises SlugTaken; nothing is written then.
    """
    hold_settings()
    _stop_if_taken(str(facts.fields["slug"]), brand)
    row = brand or Brand(created_at=now)
    for name in FIELDS & set(facts.fields):
        setattr(row, name, facts.fields[name])
    if facts.drop_logo:
        row.logo = None
    if facts.logo is not None:
        row.logo = StoredDocument.objects.keep(
            facts.logo.content, content_type=facts.logo.content_type, name="logo"
        )
    row.looks_version = row.looks_version + 1 if brand else 1
    row.save()
    _name_portal(row)
    if brand is None:
        _furnish(row)
    word = "brand.changed" if brand else "brand.created"
    Event.record(word, actor=actor, at=now, brand=row.pk, name=row.name, slug=row.slug)
    return row


def _stop_if_taken(slug: str, brand: Brand | None) -> None:
    """No name twice in the whole house, and none that the house itself answers at."""
    ours = Q(merchant_id=current_merchant(), brand_id=brand.pk if brand else 0)
    others = PortalName.objects.filter(slug=slug).exclude(ours)
    if slug in settings.RESERVED_SLUGS or others.exists():
        raise SlugTaken(TAKEN, field="slug")


def _name_portal(brand: Brand) -> None:
    """One name per brand. Another merchant may have taken it since we looked."""
    named, made = PortalName.objects.get_or_create(
        slug=brand.slug, defaults={"merchant_id": brand.merchant_id, "brand_id": brand.pk}
    )
    ours = named.merchant_id == brand.merchant_id and named.brand_id == brand.pk
    if not (made or ours):
        raise SlugTaken(TAKEN, field="slug")
    old = PortalName.objects.filter(merchant_id=brand.merchant_id, brand_id=brand.pk)
    old.exclude(slug=brand.slug).delete()


def _furnish(brand: Brand) -> None:
    currency = Merchant.objects.values_list("currency", flat=True).get(pk=brand.merchant_id)
    PortalSettings.objects.create(brand=brand, fee_currency=currency)
    ReturnReason.objects.bulk_create(
        ReturnReason(brand=brand, code=code, fault=fault, labels=labels, position=position)
        for position, (code, fault, labels) in enumerate(REASONS, start=1)
    )
