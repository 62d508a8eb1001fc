"""Addresses of version 2 about the merchant: brands, sender addresses, the account."""

from django.urls import re_path

from rientro.api.v2 import account

urlpatterns = [
    re_path(r"^v2/brands/?$", account.brands, name="brands"),
    re_path(r"^v2/brands/(?P<brand_id>[0-9]{1,18})/?$", account.brand, name="brand"),
    re_path(r"^v2/brand/(?P<brand_id>[0-9]{1,18})/?$", account.brand_alias, name="brand-alias"),
    re_path(r"^v2/user/?$", account.user, name="user"),
    re_path(r"^v2/user/addresses/sender/?$", account.addresses, name="sender-addresses"),
    re_path(
        r"^v2/user/addresses/sender/(?P<address_id>[0-9]{1,18})/?$",
        account.address,
        name="sender-address",
    ),
]
