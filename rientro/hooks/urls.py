"""Addresses of this door."""

from django.urls import path

from rientro.hooks import carriers

app_name = "hooks"
urlpatterns = [
    path("carriers/<str:code>/<str:token>/", carriers.receive, name="carrier"),
]
