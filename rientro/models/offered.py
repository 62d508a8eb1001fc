"""What a shopper of a brand may choose from: the ways back that its contracts can do, boxes, days of the driver."""

from datetime import date
from itertools import islice

from rientro.kit.workdays import workdays_after
from rientro.models.brands import Brand, PortalSettings
from rientro.models.choosing import choice_for, living_accounts
from rientro.models.orders import Order
from rientro.models.returnable import returns_desk_of
from rientro.policy.boxes import MOST
from rientro.policy.choice_rules import ParcelFacts
from rientro.policy.customs import crosses_customs
from rientro.policy.return_methods import WAYS, Way

DAYS_SHOWN = 5  # working days to choose from when a driver comes to the door


def ways_offered(order: Order, brand: Brand, settings: PortalSettings) -> list[Way]:
    """The ways back that ``brand`` offers for ``order``, in their order.

    One that needs an ability is offered only where the contract that would be chosen has it. Asks no carrier.
    """
    on = [way for way in WAYS.values() if getattr(settings, way.switch)]
    return [way for way in on if not way.needs or _can(order, brand, way)]


def most_parcels(order: Order, brand: Brand, settings: PortalSettings, *, units: int) -> int:
    """How many boxes a return of ``units`` units may have; 1: it is not asked.

    Each box is a purchase of its own, so every carrier can do it unless its contract says that it ``cannot``
    (multi_parcel). Across a customs border each box needs goods of its own to declare.
    """
    most = min(settings.most_parcels, MOST)
    if most <= 1 or _refuses_several(order, brand):
        return 1
    desk = returns_desk_of(order, brand)
    if desk and crosses_customs(
        order.country,
        desk.country,
        origin_postal=order.postal_code,
        destination_postal=desk.postal_code,
    ):
        return max(1, min(most, units))
    return most


def pickup_days(country: str, *, today: date) -> list[date]:
    """The next days on which a driver may come to a door in ``country``: never today, never on a weekend."""
    return list(islice(workdays_after(today, country), DAYS_SHOWN))


def _can(order: Order, brand: Brand, way: Way) -> bool:
    return _choice(order, brand, way) is not None


def _refuses_several(order: Order, brand: Brand) -> bool:
    chosen = _choice(order, brand, WAYS["print_at_home"])
    account = living_accounts().get(chosen) if chosen else None
    listed = str(account.settings.get("cannot") or "").lower() if account else ""
    return "multi_parcel" in {word.strip() for word in listed.split(",")}


def _choice(order: Order, brand: Brand, way: Way) -> int | None:
    desk = returns_desk_of(order, brand)
    if desk is None:
        return None
    facts = ParcelFacts(
        from_country=order.country,
        to_country=desk.country,
        brand_id=brand.pk,
        postal_code=order.postal_code,
        method=way.code,
        integration_id=order.integration_id or 0,
        tags=order.tags or (),
    )
    return choice_for(facts, list(living_accounts().values()), needs=way.needs).contract_id
