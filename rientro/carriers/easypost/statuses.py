"""EasyPost's tracker statuses -> ours. The one table for this carrier.

Source: docs.easypost.com, Tracker (statuses), and the details in recorded trackers (2022 to 2025). A detail that
says more than its status wins. What says nothing of the parcel's way has no state: it is no scan.
"""

from rientro.policy.lifecycle import CarrierState

_C = CarrierState
STATUSES: dict[str, CarrierState | None] = {
    "unknown": None,
    "pre_transit": None,
    "in_transit": _C.IN_TRANSIT,
    "out_for_delivery": _C.IN_TRANSIT,
    "available_for_pickup": _C.IN_TRANSIT,
    "delivered": _C.DELIVERED,
    "return_to_sender": _C.RETURNED_TO_SENDER,
    "failure": _C.EXCEPTION,
    "cancelled": None,
    "error": None,
}
DETAILS: dict[str, CarrierState] = {
    "received_at_origin_facility": _C.HANDED_IN,
    "delayed": _C.DELAYED,
    "weather_delay": _C.DELAYED,
    "held": _C.DELAYED,
    "awaiting_information": _C.EXCEPTION,
    "address_correction": _C.EXCEPTION,
    "damaged": _C.EXCEPTION,
    "delivery_exception": _C.EXCEPTION,
    "missorted": _C.EXCEPTION,
    "refused": _C.EXCEPTION,
    "transit_exception": _C.EXCEPTION,
    "lost": _C.LOST,
}
# Of these a detail may say more; a delivered parcel stays delivered whatever its detail.
OPEN = frozenset({"in_transit", "failure", "unknown"})


def state_of(status: str, detail: str) -> CarrierState | None:
    """None for what is no movement, and for a status that is new to us: a guess would bill labels unused."""
    if status in OPEN and detail in DETAILS:
        return DETAILS[detail]
    return STATUSES.get(status)
