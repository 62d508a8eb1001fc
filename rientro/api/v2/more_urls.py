"""Addresses of version 2 about returns, carriers, money, and what clients write down."""

from django.urls import re_path

from rientro.api.v2 import (
    integration_logs,
    invoices,
    return_images,
    returns,
    service_points,
    shipping,
    shipping_prices,
    tracking,
)

urlpatterns = [
    re_path(r"^v2/returns/?$", returns.collection, name="returns"),
    re_path(r"^v2/returns/(?P<return_id>[0-9]{1,18})/?$", returns.single, name="return"),
    re_path(
        r"^v2/returns/(?P<return_id>[0-9]{1,18})/images/(?P<document_id>[0-9]{1,18})/?$",
        return_images.single,
        name="return-image",
    ),
    re_path(
        r"^v2/tracking/(?P<tracking_number>[A-Za-z0-9._-]{1,80})/?$",
        tracking.single,
        name="tracking",
    ),
    re_path(r"^v2/shipping_methods/?$", shipping.shipping_methods, name="methods"),
    re_path(
        r"^v2/shipping_methods/(?P<method_id>[0-9]{1,18})/?$",
        shipping.shipping_method,
        name="method",
    ),
    re_path(r"^v2/shipping-products/?$", shipping.products, name="products"),
    re_path(
        r"^v2/shipping-functionalities/?$", shipping_prices.functionalities, name="functionalities"
    ),
    re_path(r"^v2/shipping-price/?$", shipping_prices.price, name="shipping-price"),
    re_path(r"^v2/carriers/?$", shipping.carriers, name="carriers"),
    re_path(r"^v2/contracts/?$", shipping.contracts, name="contracts"),
    re_path(r"^v2/contracts/(?P<contract_id>[0-9]{1,18})/?$", shipping.contract, name="contract"),
    re_path(r"^v2/user/invoices/?$", invoices.collection, name="invoices"),
    re_path(r"^v2/user/invoices/(?P<invoice_id>[0-9]{1,6})/?$", invoices.single, name="invoice"),
    re_path(r"^v2/service-points/?$", service_points.collection, name="service-points"),
    re_path(
        r"^v2/service-points/(?P<point_id>[0-9]{1,18})/?$",
        service_points.single,
        name="service-point",
    ),
    re_path(
        r"^v2/service-points/(?P<point_id>[0-9]{1,18})/check-availability/?$",
        service_points.availability,
        name="service-point-check",
    ),
    re_path(r"^v2/integrations/logs/?$", integration_logs.everything, name="all-logs"),
    re_path(
        r"^v2/integrations/(?P<integration_id>[0-9]{1,18})/logs/?$",
        integration_logs.collection,
        name="integration-logs",
    ),
]
