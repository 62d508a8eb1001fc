"""Addresses of this door."""

from django.urls import path

from rientro.hooks import carriers, shops

app_name = "hooks"
urlpatterns = [
    path("carriers/<str:code>/<str:token>/", carriers.receive, name="carrier"),
    path("shops/<str:system>/consent/", shops.consent, name="shop_consent"),
    path("shops/<str:system>/<str:token>/", shops.receive, name="shop"),
]
