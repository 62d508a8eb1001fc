"""Addresses of version 3 about orders and the merchant."""

from django.urls import re_path

from rientro.api.v3 import account, orders

NUMBER = "[0-9]{1,18}"
urlpatterns = [
    re_path(r"^v3/orders/?$", orders.collection, name="v3-orders"),
    re_path(rf"^v3/orders/(?P<order_id>{NUMBER})/?$", orders.single, name="v3-order"),
    re_path(r"^v3/user/auth/metadata/?$", account.metadata, name="v3-metadata"),
    re_path(r"^v3/integrations/?$", account.integrations, name="v3-integrations"),
    re_path(
        rf"^v3/integrations/(?P<integration_id>{NUMBER})/?$",
        account.integration,
        name="v3-integration",
    ),
    re_path(r"^v3/addresses/sender-addresses/?$", account.addresses, name="v3-addresses"),
    re_path(
        rf"^v3/addresses/sender-addresses/(?P<address_id>{NUMBER})/?$",
        account.address,
        name="v3-address",
    ),
    re_path(r"^v3/brands/?$", account.brands, name="v3-brands"),
    re_path(rf"^v3/brands/(?P<brand_id>{NUMBER})/?$", account.brand, name="v3-brand"),
    re_path(r"^v3/contracts/?$", account.contracts, name="v3-contracts"),
    re_path(rf"^v3/contracts/(?P<contract_id>{NUMBER})/?$", account.contract, name="v3-contract"),
]
