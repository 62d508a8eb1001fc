"""Version 2 about the merchant itself."""

import pytest

from rientro.kit.tenancy import acting_for
from rientro.models import Brand, SenderAddress
from tests.api.checking import checked

pytestmark = pytest.mark.django_db


def test_brands_are_listed_and_found_under_both_names(machine):
    brand = Brand.objects.get()
    Brand.objects.update(links={"help": "https://shop.example/help"})

    listed = checked(machine.ask("GET", "/api/v2/brands"), "v2_list_brands")

    assert [one["domain"] for one in listed["brands"]] == [brand.slug]
    assert (listed["next"], listed["previous"]) == (None, None)
    one = checked(machine.ask("GET", f"/api/v2/brands/{brand.pk}"), "v2_get_brand")
    alias = checked(machine.ask("GET", f"/api/v2/brand/{brand.pk}/"), "v2_get_brand_by_alias")
    assert one == alias == listed["brands"][0]
    assert one["customization_settings"]["header"]["faq_url"] == "https://shop.example/help"


def test_sender_addresses_carry_their_brand(machine):
    address = SenderAddress.objects.get()

    listed = checked(
        machine.ask("GET", "/api/v2/user/addresses/sender"), "v2_list_sender_addresses"
    )

    assert [(one["label"], one["brand_id"]) for one in listed["sender_addresses"]] == [
        ("Milano", address.brand_id)
    ]
    one = checked(
        machine.ask("GET", f"/api/v2/user/addresses/sender/{address.pk}/"), "v2_get_sender_address"
    )
    assert one["sender_address"]["postal_code"] == "20144"


def test_the_account_says_whose_it_is(machine):
    assert checked(machine.ask("GET", "/api/v2/user"), "v2_get_user")["user"]["city"] == "Milano"


def test_another_merchants_rows_are_not_there(machine, stranger):
    with acting_for(stranger.integration.merchant_id):
        brand, address = Brand.objects.get(), SenderAddress.objects.get()

    for path in (f"brands/{brand.pk}", f"user/addresses/sender/{address.pk}"):
        theirs = machine.ask("GET", f"/api/v2/{path}")
        nobodys = machine.ask("GET", f"/api/v2/{path}99999")
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["error"]["message"] == nobodys.json()["error"]["message"]
