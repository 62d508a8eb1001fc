"""Parcel statuses in Sendcloud's numbers, words and slugs. Source: its GET /parcels/statuses, recorded in 2022."""

from dataclasses import dataclass

from rientro.models import Parcel, Return
from rientro.policy.lifecycle import Approval, CarrierState


@dataclass(frozen=True, slots=True)
class ParcelStatus:
    id: int
    message: str
    slug: str

    @property
    def code(self) -> str:
        """Version 3's word: READY_TO_SEND."""
        return self.slug.upper().replace("-", "_")


STATUSES = [
    ParcelStatus(1, "Announced", "announced"),
    ParcelStatus(3, "En route to sorting center", "to-sorting"),
    ParcelStatus(4, "Delivery delayed", "delayed"),
    ParcelStatus(5, "Sorted", "sorted"),
    ParcelStatus(6, "Not sorted", "unsorted"),
    ParcelStatus(7, "Being sorted", "sorting"),
    ParcelStatus(8, "Delivery attempt failed", "delivery-failed"),
    ParcelStatus(11, "Delivered", "delivered"),
    ParcelStatus(12, "Awaiting customer pickup", "awaiting-customer-pickup"),
    ParcelStatus(13, "Announced: not collected", "announced-uncollected"),
    ParcelStatus(15, "Error collecting", "collect-error"),
    ParcelStatus(22, "Shipment picked up by driver", "picked-up-by-driver"),
    ParcelStatus(80, "Unable to deliver", "undeliverable"),
    ParcelStatus(91, "Parcel en route", "shipment-on-route"),
    ParcelStatus(92, "Driver en route", "driver-on-route"),
    ParcelStatus(93, "Shipment collected by customer", "collected-by-customer"),
    ParcelStatus(999, "No label", "no-label"),
    ParcelStatus(1000, "Ready to send", "ready-to-send"),
    ParcelStatus(1001, "Being announced", "announcing"),
    ParcelStatus(1002, "Announcement failed", "announcement-failed"),
    ParcelStatus(
        1337, "Unknown status - check carrier track & trace page for more insights", "unknown"
    ),
    ParcelStatus(1998, "Cancelled upstream", "cancelled-upstream"),
    ParcelStatus(1999, "Cancellation requested", "cancelling-upstream"),
    ParcelStatus(2000, "Cancelled", "cancelled"),
    ParcelStatus(2001, "Submitting cancellation request", "cancelling"),
    ParcelStatus(62989, "At Customs", "at-customs"),
    ParcelStatus(62990, "At sorting centre", "at-sorting-centre"),
    ParcelStatus(62991, "Refused by recipient", "refused-by-recipient"),
    ParcelStatus(62992, "Returned to sender", "returned-to-sender"),
    ParcelStatus(62993, "Delivery method changed", "delivery-method-changed"),
    ParcelStatus(62994, "Delivery date changed", "delivery-date-changed"),
    ParcelStatus(62995, "Delivery address changed", "delivery-address-changed"),
    ParcelStatus(62996, "Exception", "exception"),
    ParcelStatus(62997, "Address invalid", "address-invalid"),
]
BY_ID = {status.id: status for status in STATUSES}
BY_SLUG = {status.slug: status for status in STATUSES}
# Our word for where a parcel is -> theirs.
OF_STATE: dict[str, int] = {
    CarrierState.NONE: 999,
    CarrierState.LABEL_PENDING: 1001,
    CarrierState.LABEL_READY: 1000,
    CarrierState.FAILED: 1002,
    CarrierState.HANDED_IN: 22,
    CarrierState.IN_TRANSIT: 91,
    CarrierState.AT_CUSTOMS: 62989,
    CarrierState.DELAYED: 4,
    CarrierState.EXCEPTION: 62996,
    CarrierState.DELIVERED: 11,
    CarrierState.RETURNED_TO_SENDER: 62992,
    CarrierState.LOST: 80,
}


def status_named(state: str) -> ParcelStatus:
    """Theirs for one of policy.lifecycle's carrier states; *unknown* for a word that is none."""
    return BY_ID[OF_STATE.get(state, 1337)]


def status_of(ret: Return, parcel: Parcel | None = None) -> ParcelStatus:
    """What a return's parcel is to these clients: cancelled when the return is, else where it is."""
    if ret.approval in (Approval.CANCELLED, Approval.REJECTED):
        return BY_ID[2000]
    if parcel is None or parcel.status == CarrierState.LABEL_PENDING:
        return status_named(ret.carrier)  # that no label came is written on the return alone
    return status_named(parcel.status)
