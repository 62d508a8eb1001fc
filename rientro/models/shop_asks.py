"""What shoppers' look-ups may ask of a shop, and what they asked of it lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from rientro.kit.errors import RientroError
from rientro.models.integrations import Integration
from rientro.models.lookup_counting import hidden
from rientro.models.orders import Order
from rientro.models.rule_book import RuleBook
from rientro.models.shop_links import ShopLink
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.shop_asking import AT_ONCE, MOST_SHOPS, SAME_NUMBER, rest_after, tokens_left
from rientro.shops.base import Can, RateLimited, ShopError
from rientro.shops.registry import is_shop, known


class ShopAskBudget(TenantModel):
    """How many questions a shop still gets from look-ups, and whether they leave it alone for a while.

    Kept apart from the health of its link: what somebody types must never keep us from reading its orders.
    """

    merchant = merchant_key("shop_ask_budgets")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="ask_budgets")
    tokens = models.FloatField(default=AT_ONCE)
    counted_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)  # in a row
    rest_until = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["ShopAskBudget"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "link"], name="ask_budget_once"),
            *references("shop_ask_budget", "link", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.tokens:.1f}"


class ShopAsked(TenantModel):
    """A number that a shop was asked for; ``key`` is a hash of it."""

    merchant = merchant_key("shop_asked")
    link = TenantForeignKey(ShopLink, models.CASCADE, related_name="asked")
    key = models.CharField(max_length=40)
    asked_at = models.DateTimeField()

    objects = TenantQuerySet["ShopAsked"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "asked_at"], name="shop_asked_age")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "link", "key"], name="asked_number_once"),
            *references("shop_asked", "link", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.key[:12]


@dataclass(frozen=True, slots=True)
class Question:
    """One shop that may be asked now."""

    link: ShopLink
    system: str


def claim_questions(brand_id: int, wanted: str, *, at: datetime) -> Sequence[Question]:
    """The shops to ask for the number ``wanted`` (normal form) now; each is paid for from its budget.

    Whether we hold an order of that number is never looked at: who asks must not learn it by how long it takes.
    """
    key = hidden(f"asked:{wanted}")
    return [each for each in askable(brand_id, at=at) if _pay(each.link, key, at=at)]


def askable(brand_id: int, *, at: datetime) -> list[Question]:
    """The shops that are well and whose orders can come to this brand."""
    rested = Q(rest_until=None) | Q(rest_until__lte=at)
    links = ShopLink.objects.filter(
        rested, state=ShopLink.State.OK.value, integration__deleted_at=None
    ).exclude(credentials="")
    found = []
    for link in links.select_related("integration").order_by("pk"):
        if _can_find(link.integration) and _leads_to(link.integration, brand_id):
            found.append(Question(link, link.integration.system))
    return found[:MOST_SHOPS]


def _can_find(integration: Integration) -> bool:
    if not is_shop(integration.system):
        return False
    try:
        return Can.FIND in known(integration.system).can
    except RientroError:  # its package was taken away
        return False


def _leads_to(integration: Integration, brand_id: int) -> bool:
    return brand_id in RuleBook(integration).brands_reached()


def _pay(link: ShopLink, key: str, *, at: datetime) -> bool:
    """Take one question from the link's budget, unless it rests, is empty, or was asked this lately."""
    fresh = {"counted_at": at, "tokens": AT_ONCE}
    ShopAskBudget.objects.get_or_create(link=link, defaults=fresh)
    budget = ShopAskBudget.objects.locked().get(link=link)
    if budget.rest_until and budget.rest_until > at:
        return False
    if ShopAsked.objects.filter(link=link, key=key, asked_at__gt=at - SAME_NUMBER).exists():
        return False
    left = tokens_left(budget.tokens, after_s=(at - budget.counted_at).total_seconds())
    if left < 1:
        return False
    budget.tokens, budget.counted_at = left - 1, max(at, budget.counted_at)
    budget.save(update_fields=["tokens", "counted_at"])
    ShopAsked.objects.update_or_create(link=link, key=key, defaults={"asked_at": at})
    return True


def known_of(link: ShopLink, order_ids: Sequence[str]) -> set[str]:
    """Which of these orders of the shop are here already."""
    held = Order.objects.filter(
        integration_id=link.integration_id, external_order_id__in=list(order_ids)
    )
    return set(held.values_list("external_order_id", flat=True))


def note_asked(link: ShopLink, error: ShopError | None, *, at: datetime) -> None:
    """It answered clearly (None), or failed and is left alone by look-ups for a while."""
    rows = ShopAskBudget.objects.filter(link=link)
    if error is None:
        rows.exclude(failures=0, rest_until=None).update(failures=0, rest_until=None)
        return
    budget = rows.locked().first()
    if budget is None:
        return
    budget.failures += 1
    wait = rest_after(budget.failures)
    if isinstance(error, RateLimited):
        wait = max(wait, timedelta(seconds=error.retry_after_s))
    budget.rest_until = at + wait
    budget.save(update_fields=["failures", "rest_until"])


def forget_asked(*, before: datetime) -> int:
    return ShopAsked.objects.filter(asked_at__lt=before).delete()[0]
