"""`rientro rotate-keys` knows every sealed column there is, and leaves none under an older key."""

import re

import pytest
from django.apps import apps
from django.db import models

from rientro.host.keys import SEALED, reseal_everything
from rientro.kit import crypto
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ApiKey, CarrierAccount, CarrierInquiry, ShopLink, WebhookEndpoint
from tests import makers
from tests.makers import NOW

LOOKS_SEALED = re.compile(r"credential|secret|sealed|proposal|^access$")
# Hashes prove and open nothing; so do four characters.
PLAIN = {"secret_last4"}


def test_every_column_that_holds_something_sealed_is_rotated():
    found = {
        (model, field.name)
        for model in apps.get_app_config("rientro").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField | models.CharField)
        and LOOKS_SEALED.search(field.name)
        and field.name not in PLAIN
    }

    assert found == set(SEALED)


@pytest.mark.django_db(transaction=True)
def test_everything_that_is_sealed_opens_under_the_newest_key_alone(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 12, []
    merchant = makers.make_merchant()
    token = crypto.seal({"secret": "s"})
    with merchant_transaction(merchant.pk):
        account = makers.make_carrier_account(credentials=token)
        CarrierInquiry.objects.create(
            account=account, kind="check", proposal=token, actor="member:1", asked_at=NOW
        )
        WebhookEndpoint.objects.create(
            url="https://x.example", created_at=NOW, secret=token, old_secret=token, access=token
        )
        ApiKey.objects.create(
            integration=makers.make_integration(),
            public_key="k",
            sealed_secret=token,
            secret_hash=b"h",
            created_at=NOW,
        )
        shop = makers.make_integration(system="prestashop")
        ShopLink.objects.create(integration=shop, credentials=token, connected_at=NOW)
        makers.make_file_source(credentials=token)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 12, ["old" * 12]

    said = reseal_everything()
    again = reseal_everything()

    settings.SECRET_KEY_FALLBACKS = []
    assert said.startswith(f"{len(SEALED)} sealed values are under the newest key now.")
    assert again.startswith(f"{len(SEALED)} sealed values")
    with merchant_transaction(merchant.pk):
        assert CarrierAccount.objects.get().credentials != token
        for model, column in SEALED:
            sealed = getattr(model._default_manager.get(), column)
            assert crypto.unseal(sealed) == {"secret": "s"}, (model, column)
