"""A label is charged once: when it is bought, when it is first scanned, or when the carrier's invoice prices it."""

from datetime import datetime
from typing import Any

from rientro.kit.crash_points import mark
from rientro.kit.money import Money
from rientro.models.ledger import AGENCY, MERCHANT, write_posted, write_price
from rientro.models.money import Charge
from rientro.models.parcels import Label, Parcel
from rientro.models.price_book import listed_price

ON_CREATION, ON_FIRST_SCAN = "creation", "first_scan"


def charge_label(label: Label, *, at: datetime, told: Money | None = None) -> bool:
    """Post what ``label`` costs, and what the merchant pays for it; False when it was charged before.

    ``told`` is the price that the carrier's invoice says of a label bought without one. The caller has locked
    the return: two who see the first scan at once wait for each other.
    """
    changes: dict[str, Any] = {"charged_at": at}
    if told is not None:
        changes |= {"price_minor": told.minor, "currency": told.currency, "priced": True}
    if not Label.objects.filter(pk=label.pk, charged_at=None).update(**changes):
        return False
    purchase = label.purchase
    cost = told or Money(label.price_minor, label.currency)
    listed = listed_price(purchase, cost)
    write_posted(purchase, cost, at=at, payer=AGENCY if listed else MERCHANT)
    mark("write.ledger")
    amount = listed.priced.amount if listed else cost
    if listed:
        write_price(purchase, amount, at=at)
    Charge.objects.create(
        label=label,
        ret_id=purchase.parcel.ret_id,
        description=f"Label {label.tracking_number}",
        amount_minor=amount.minor,
        currency=amount.currency,
        cost_minor=cost.minor,
        cost_currency=cost.currency,
        price_list=listed.price_list if listed else None,
        charged_at=at,
    )
    mark("write.charge")
    return True


def charge_scanned(parcel: Parcel, *, at: datetime) -> int:
    """Charge the labels of a parcel that was seen for the first time; says how many. Repeating charges nothing.

    A label given back before is not charged: a carrier that bills it all the same is met by its invoice.
    """
    due = Label.objects.filter(
        parcel=parcel,
        charged_on=ON_FIRST_SCAN,
        charged_at=None,
        voided_at=None,
        priced=True,
    ).select_related("purchase__parcel")
    return sum(charge_label(label, at=at) for label in due)
