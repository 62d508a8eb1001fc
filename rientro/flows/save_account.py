"""A member says what a contract takes and what it costs; its credentials stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.countries import CODES
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import LARGEST_MINOR
from rientro.models.brands import Brand
from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount
from rientro.policy.account_prices import ANY

MOST_PRICES = 300
HEAVIEST_G = 1_000_000


class BadTerms(RientroError):
    """Something that was typed cannot be; ``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """What a contract takes: countries (alpha-2) that parcels start in, brands, grams; 0 and empty are no limit.

    ``prices``: lane -> minor units of ``currency``; a lane is "IT-DE", "IT", "*-DE" or "*".
    """

    name: str
    service: str = ""
    countries: tuple[str, ...] = ()
    brands: tuple[int, ...] = ()
    max_weight_g: int = 0
    default_weight_g: int = 0
    currency: str = "EUR"
    prices: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def save_account(
    *, account: CarrierAccount, terms: AccountTerms, actor: str, now: datetime
) -> CarrierAccount:
    """Write ``terms``; labels that are being bought keep what they were asked with. Raises BadTerms."""
    _check(terms)
    row = CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)
    row.name = terms.name.strip()[:80] or row.name
    row.service = terms.service.strip()[:80]
    row.settings = row.settings | {
        "countries": list(terms.countries),
        "brands": list(terms.brands),
        "max_weight_g": terms.max_weight_g,
        "default_weight_g": terms.default_weight_g,
        "currency": terms.currency,
        "prices": dict(terms.prices),
    }
    row.save(update_fields=["name", "service", "settings"])
    Event.record("carrier.account_changed", actor=actor, at=now, account=row.pk, called=row.name)
    return row


def _check(terms: AccountTerms) -> None:
    odd = [code for code in terms.countries if code not in CODES]
    if odd:
        raise BadTerms("Choose countries from the list.", field="countries")
    known = set(Brand.objects.filter(archived_at=None).values_list("pk", flat=True))
    if not set(terms.brands) <= known:
        raise BadTerms("Choose one of your brands.", field="brands")
    if max(terms.max_weight_g, terms.default_weight_g) > HEAVIEST_G:
        raise BadTerms("No parcel weighs more than a tonne.", field="max_weight")
    if len(terms.prices) > MOST_PRICES:
        raise BadTerms("A price list has at most 300 lines.", field="prices")
    if any(not 0 <= minor <= LARGEST_MINOR for minor in terms.prices.values()):
        raise BadTerms("A price cannot be less than nothing.", field="prices")
    if not all(_is_lane(lane) for lane in terms.prices):
        raise BadTerms("Choose countries from the list.", field="prices")


def _is_lane(lane: str) -> bool:
    return all(end == ANY or end in CODES for end in lane.split("-")) and lane.count("-") < 2
