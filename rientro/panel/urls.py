"""Addresses of this door."""

from django.urls import include, path
from django.views.generic import RedirectView

from rientro.panel import (
    addresses,
    integrations,
    order_page,
    orders,
    people,
    pictures,
    return_acts,
    return_page,
    returns,
    search,
)

app_name = "panel"

desk = [
    path("", RedirectView.as_view(pattern_name="panel:returns")),
    path("returns/", returns.returns, name="returns"),
    path("returns/bulk/", returns.bulk, name="returns_bulk"),
    path("returns/<str:number>/", return_page.return_page, name="return"),
    path("returns/<str:number>/label", return_page.label, name="return_label"),
    path("returns/<str:number>/approve/", return_acts.approve, name="return_approve"),
    path("returns/<str:number>/reject/", return_acts.reject, name="return_reject"),
    path("returns/<str:number>/cancel/", return_acts.cancel, name="return_cancel"),
    path("returns/<str:number>/deliver/", return_acts.deliver, name="return_deliver"),
    path("returns/<str:number>/receive/", return_acts.receive, name="return_receive"),
    path("returns/<str:number>/refund/", return_acts.refund, name="return_refund"),
    path("returns/<str:number>/retry/", return_acts.retry, name="return_retry"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", order_page.order_page, name="order"),
    path("orders/<int:order_id>/redact/", order_page.redact, name="order_redact"),
    path("orders/<int:order_id>/rules/", order_page.rules_again, name="order_rules"),
    path("search/", search.search, name="search"),
    path("pictures/<int:document_id>", pictures.picture, name="picture"),
    path("marks.css", people.marks, name="marks"),
    path("account/", people.account, name="account"),
    path("merchants/", people.merchants, name="merchants"),
]
settings = [
    path("", RedirectView.as_view(pattern_name="panel:integrations"), name="settings"),
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/new/", integrations.integration_new, name="integration_new"),
    path("integrations/<int:integration_id>/", integrations.integration, name="integration"),
    path(
        "integrations/<int:integration_id>/delete/",
        integrations.integration_delete,
        name="integration_delete",
    ),
    path("integrations/<int:integration_id>/keys/", integrations.key_new, name="key_new"),
    path(
        "integrations/<int:integration_id>/keys/<int:key_id>/revoke/",
        integrations.key_revoke,
        name="key_revoke",
    ),
    path("addresses/", addresses.addresses, name="addresses"),
    path("addresses/new/", addresses.address_new, name="address_new"),
    path("addresses/<int:address_id>/", addresses.address, name="address"),
    path("addresses/<int:address_id>/default/", addresses.address_default, name="address_default"),
    path("addresses/<int:address_id>/delete/", addresses.address_delete, name="address_delete"),
]
urlpatterns = [*desk, path("settings/", include(settings))]
