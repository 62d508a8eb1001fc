"""A client writes down what happened on its side, for whoever looks at the integration later."""

from datetime import datetime

from django.db import transaction

from rientro.kit.text import clean_line
from rientro.models import Event, Integration
from rientro.policy.event_names import INTEGRATION_LOGGED


@transaction.atomic
def log_integration(
    *, integration: Integration, message: str, level: str, actor: str, now: datetime
) -> Event:
    """One event with the client's words on a clean line. Changes nothing else."""
    return Event.record(
        INTEGRATION_LOGGED,
        actor=actor,
        at=now,
        integration=integration.pk,
        level=level,
        message=clean_line(message, 2000),
    )
