"""The address of a connection that never changes: for what a shop lets nobody register but the merchant."""

from django.conf import settings as house
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from rientro.models.shop_links import ShopLink

SALT = "rientro.shop.address"


def fixed_address(link: ShopLink, system: str) -> str:
    """Where the merchant lets the shop post by hand, such as the privacy webhooks of an app's settings."""
    path = reverse("hooks:shop", args=[system, _token(link.merchant_id, link.pk)])
    return f"{house.BASE_URL}{path}"


def is_fixed(token: str, *, merchant_id: int, link_id: int) -> bool:
    """Is ``token`` that of ``fixed_address``? Whoever holds it still needs the shop's signature."""
    return constant_time_compare(token, _token(merchant_id, link_id))


def _token(merchant_id: int, link_id: int) -> str:
    named = f"{merchant_id}-{link_id}"
    return f"{named}-{salted_hmac(SALT, named, algorithm='sha256').hexdigest()}"
