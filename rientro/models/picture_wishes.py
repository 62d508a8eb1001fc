"""Pictures of products that shops told us of and that we do not have yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import Max

from rientro.kit.tenancy import current_merchant
from rientro.models.documents import StoredDocument
from rientro.models.integrations import Counter, Integration
from rientro.models.orders import OrderLine, ProductPicture
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)
from rientro.policy.picture_tries import next_try

MOST_LINES = 20_000  # looked through in one go
BEGUN, MET = "pictures_begun", "pictures_met"  # how far the lines were looked through, and met
WISH = """
INSERT INTO rientro_picturewish AS w (merchant_id, integration_id, sku, url, tries, error, next_at)
SELECT %(merchant)s, integration_id, sku, url, 0, '', %(now)s
FROM unnest(%(integrations)s::bigint[], %(skus)s::text[], %(urls)s::text[]) AS told (integration_id, sku, url)
ON CONFLICT (merchant_id, integration_id, sku) DO UPDATE
SET url = EXCLUDED.url, tries = 0, error = '', next_at = EXCLUDED.next_at WHERE w.url <> EXCLUDED.url
"""


class PictureWish(TenantModel):
    """A picture to be fetched, one per SKU of an integration. ``next_at`` None: it was tried often enough.

    The row of a picture that cannot be had stays: nobody is asked for it again until a shop tells another address.
    """

    merchant = merchant_key("picture_wishes")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="picture_wishes")
    sku = models.CharField(max_length=120)
    url = models.CharField(max_length=1000)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["PictureWish"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "next_at"], name="picture_wish_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "integration", "sku"], name="picture_wish_once"
            ),
            *references("picture_wish", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.sku


def note_wishes(*, at: datetime) -> bool:
    """Look through some lines that came since the last time, for products whose picture we lack; True: there are more.

    The newest are looked at twice, some minutes apart: a transaction that began earlier may bring lower numbers later.
    """
    begun, met = _counter(BEGUN), _counter(MET)
    rows = OrderLine.objects.filter(pk__gt=begun).order_by("pk")
    lines = list(
        rows.values_list("pk", "order__integration_id", "sku", "image_url", "removed_at")[
            :MOST_LINES
        ]
    )
    wanted = {
        (integration, sku): url
        for _, integration, sku, url, removed in lines
        if sku and removed is None and url.startswith(("https://", "http://"))
    }
    _wish(wanted, at=at)
    last = lines[-1][0] if lines else begun
    if len(lines) == MOST_LINES:
        _set(BEGUN, last)
        return True
    if last > met:  # the first of the two looks at them
        _set(BEGUN, max(begun, met))
        _set(MET, last)
    else:
        _set(BEGUN, last)
    return False


def anything_wanted(*, now: datetime) -> bool:
    """Is there a line that nobody has looked at, or a picture whose time has come?"""
    newest = OrderLine.objects.aggregate(last=Max("pk"))["last"] or 0
    return newest > _counter(BEGUN) or _due(now).exists()


def due_wishes(*, now: datetime, most: int) -> Sequence[PictureWish]:
    return list(_due(now).order_by("next_at", "pk")[:most])


def keep_picture(wish: PictureWish, content: bytes, content_type: str) -> None:
    """It is here: shown from now on, and wished for no more."""
    kept = StoredDocument.objects.keep(content, content_type=content_type, name=wish.sku)
    ProductPicture.objects.get_or_create(
        integration_id=wish.integration_id, sku=wish.sku, defaults={"picture": kept}
    )
    PictureWish.objects.filter(pk=wish.pk).delete()


def note_miss(wish: PictureWish, why: str, *, for_good: bool, at: datetime) -> None:
    """Try it again later, a few times; never for what will not change by itself."""
    tries = wish.tries + 1
    rows = PictureWish.objects.filter(pk=wish.pk, url=wish.url)
    rows.update(tries=tries, error=why[:200], next_at=None if for_good else next_try(tries, at=at))


def put_off(wishes: Iterable[PictureWish], wait: timedelta, *, at: datetime) -> None:
    """Their machine wants peace, or is down: no fault of these pictures."""
    PictureWish.objects.filter(pk__in=[wish.pk for wish in wishes]).update(next_at=at + wait)


def _due(now: datetime) -> "TenantQuerySet[PictureWish]":
    return PictureWish.objects.filter(next_at__lte=now, integration__deleted_at=None)


def _wish(wanted: dict[tuple[int, str], str], *, at: datetime) -> None:
    skus = {sku for _, sku in wanted}
    held = ProductPicture.objects.filter(
        integration_id__in={integration for integration, _ in wanted}, sku__in=skus
    )
    here = set(held.values_list("integration_id", "sku"))
    fresh = [(*key, url) for key, url in sorted(wanted.items()) if key not in here]
    if not fresh:
        return
    told: dict[str, Any] = {
        "merchant": current_merchant(),
        "now": at,
        "integrations": [integration for integration, _, _ in fresh],
        "skus": [sku for _, sku, _ in fresh],
        "urls": [url for _, _, url in fresh],
    }
    with connection.cursor() as cursor:
        cursor.execute(WISH, told)


def _counter(name: str) -> int:
    return Counter.objects.filter(name=name).values_list("value", flat=True).first() or 0


def _set(name: str, value: int) -> None:
    Counter.objects.update_or_create(name=name, defaults={"value": value})
