"""An integration gets another name, address or webhook; by hand or through the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.text import clean_line
from rientro.models import Event, Integration


class BadIntegration(RientroError):
    """``facts["fields"]`` is {field: sentence}."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_integration"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationEdit:
    """What shall be other than it is; None leaves it."""

    shop_name: str | None = None
    shop_url: str | None = None
    service_point_enabled: bool | None = None
    service_point_carriers: Sequence[str] | None = None
    webhook_active: bool | None = None
    webhook_url: str | None = None

    def changes(self) -> dict[str, object]:
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value is not None}


@transaction.atomic
def update_integration(
    *, integration: Integration, edit: IntegrationEdit, actor: str, now: datetime
) -> Integration:
    """Write ``edit`` down. Raises BadIntegration; then nothing is written."""
    integration = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
    changes = edit.changes()
    for name, value in changes.items():
        setattr(integration, name, value)
    integration.shop_name = clean_line(integration.shop_name, 250)
    problems = _problems_of(integration, changes)
    if problems:
        words = " ".join(f"{name}: {sentence}" for name, sentence in problems.items())
        raise BadIntegration(words, fields=problems)
    if changes:
        integration.save(update_fields=[*changes, "updated_at"])
        Event.record(
            "integration.changed",
            actor=actor,
            at=now,
            integration=integration.pk,
            fields=sorted(changes),
        )
    return integration


def _problems_of(integration: Integration, changes: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    if not integration.shop_name:
        found["shop_name"] = "Give the shop a name."
    for name in ("shop_url", "webhook_url"):
        if name in changes and not _is_address(getattr(integration, name)):
            found[name] = (
                "Enter an address that begins with http:// or https://, or leave it empty."
            )
    if integration.service_point_enabled and not integration.service_point_carriers:
        found["service_point_carriers"] = "Name at least one carrier for service points."
    if integration.webhook_active and not integration.webhook_url:
        found["webhook_url"] = "An active webhook needs an address."
    return found


def _is_address(url: str) -> bool:
    """Empty, or a plain web address. Whether it may be called is asked when it is called."""
    if not url:
        return True
    if len(url) > 500 or url != clean_line(url, 500) or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
