"""What the panel says of the carriers that are reached through Karrio. Nothing of Karrio is imported here."""

from rientro.carriers.known import Known

OFFERED: dict[str, Known] = {}
