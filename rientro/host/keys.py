"""Changing the secret key: everything that is sealed in the database is sealed anew under the newest one."""

from django.db import models

from rientro.kit.crypto import CannotUnseal, reseal
from rientro.kit.tenancy import merchant_transaction
from rientro.models import (
    ApiKey,
    CarrierAccount,
    CarrierInquiry,
    FileSource,
    Merchant,
    ShopLink,
    WebhookEndpoint,
)

SEALED: tuple[tuple[type[models.Model], str], ...] = (
    (CarrierAccount, "credentials"),
    (CarrierInquiry, "proposal"),
    (WebhookEndpoint, "secret"),
    (WebhookEndpoint, "old_secret"),
    (WebhookEndpoint, "access"),
    (ApiKey, "sealed_secret"),
    (ShopLink, "credentials"),
    (FileSource, "credentials"),
)


def reseal_everything() -> str:
    """Go over every merchant, each in a transaction of its own; safe to repeat. Says what was done."""
    done, lost = 0, []
    for merchant_id in Merchant.objects.order_by("pk").values_list("pk", flat=True):
        with merchant_transaction(merchant_id):
            for model, column in SEALED:
                for row in model._default_manager.select_for_update(of=("self",)):
                    token = getattr(row, column)
                    if not token:
                        continue
                    try:
                        setattr(row, column, reseal(token))
                    except CannotUnseal:
                        lost.append(
                            f"{model._meta.verbose_name} {row.pk} of merchant {merchant_id}"
                        )
                        continue
                    row.save(update_fields=[column])
                    done += 1
    words = [f"{done} sealed values are under the newest key now."]
    if lost:
        words.append(
            "These were sealed under a key that is not in RIENTRO_SECRET_KEY (enter them again in the "
            "panel): " + ", ".join(lost)
        )
    else:
        words.append("The older keys may be removed once everybody has logged in anew.")
    return "\n".join(words)
