"""Which services the merchant's carrier accounts at EasyPost sell.

Source: docs.easypost.com, Carrier Accounts and Carrier Metadata (2026). A test key may not list carrier accounts:
then it is USPS, which every account has.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal

from rientro.carriers.base import AuthFailed, InvalidRequest, Service, Unavailable
from rientro.carriers.easypost.words import CHEAPEST, GRAMS_AN_OUNCE
from rientro.carriers.wire import Wire, Words

USUAL = ("usps",)
ENDING = re.compile(r"(Default)?Account$")
MOST = 20  # carriers of one account that are asked about
ABROAD = "international"


def offered(wire: Wire, origin: str, destination: str) -> Sequence[Service]:
    """The cheapest rate first, then each service level; a carrier's services between any two countries look alike."""
    found = [
        Service(
            code=CHEAPEST,
            name="The cheapest rate of the account",
            origin=origin,
            destination=destination,
        )
    ]
    abroad = origin != destination
    for carrier in _levels(wire, _carriers(wire)):
        found += [
            service
            for level in carrier.each("service_levels")
            if (service := _service(carrier, level, origin, destination)) and _fits(service, abroad)
        ]
    return found


def _levels(wire: Wire, carriers: Sequence[str]) -> Sequence[Words]:
    """What EasyPost tells of these carriers; nothing where this key may not ask."""
    asked = {"carriers": ",".join(carriers), "types": "service_levels"}
    try:
        return wire.ask_json("GET", "/v2/metadata/carriers", params=asked).each("carriers")
    except (AuthFailed, InvalidRequest):
        return []


def _carriers(wire: Wire) -> Sequence[str]:
    try:
        body = wire.ask("GET", "/v2/carrier_accounts").body
    except (AuthFailed, InvalidRequest):
        return USUAL
    try:
        accounts = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable("EasyPost answered something we cannot read.") from error
    kinds = [str(one.get("type", "")) for one in accounts if isinstance(one, dict)]
    names = [ENDING.sub("", kind).lower() for kind in kinds]
    return list(dict.fromkeys(name for name in names if name.isalnum()))[:MOST] or USUAL


def _service(carrier: Words, level: Words, origin: str, destination: str) -> Service:
    name = level.text("name", limit=80)
    called = carrier.text("human_readable", required=False) or carrier.text("name")
    heaviest = level.amount("max_weight") if level.is_told("max_weight") else "0"
    return Service(
        code=f"{carrier.text('name', limit=60)}:{name}",
        name=f"{called} {level.text('human_readable', required=False) or name}",
        origin=origin,
        destination=destination,
        max_weight_g=int(Decimal(heaviest) * GRAMS_AN_OUNCE),
    )


def _fits(service: Service, abroad: bool) -> bool:
    """USPS names its services abroad by that word and sells no other ones there."""
    if not service.code.casefold().startswith("usps:"):
        return True
    return (ABROAD in service.code.casefold()) == abroad
