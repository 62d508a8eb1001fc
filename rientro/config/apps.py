"""The one Django app of the house."""

from django.apps import AppConfig


class RientroConfig(AppConfig):
    name = "rientro"
    label = "rientro"
    verbose_name = "Rientro"
    default_auto_field = "django.db.models.BigAutoField"
