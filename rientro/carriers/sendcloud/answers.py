"""What Sendcloud answers about one return or one parcel, understood."""

from rientro.carriers.base import BoughtLabel, InvalidRequest, OutcomeUnknown, Scan
from rientro.carriers.sendcloud import words
from rientro.carriers.sendcloud.statuses import CANCELLED, FAILED, row_of
from rientro.carriers.wire import Words
from rientro.kit.sentences import Sentence

NO_WORDS = Sentence("The carrier refused the parcel, and Sendcloud does not say why.")


class NotAnnounced(InvalidRequest):
    """The carrier refused the parcel after Sendcloud had taken the return: there is no label."""


def says_used(refusal: InvalidRequest) -> bool:
    """Is this the refusal of a second return under the same reference?"""
    fields = refusal.facts.get("fields")
    named = isinstance(fields, tuple) and "external_reference" in fields
    said = refusal.message.casefold()
    return (named or "external reference" in said) and ("already" in said or "in use" in said)


def label_in(found: Words, reference: words.Reference, number: str) -> BoughtLabel:
    """The label of a return of version 3. Without a price that we can read, the invoice will tell it."""
    price = words.price_in(found)
    option = found.inner("shipping_option") if found.is_told("shipping_option") else None
    return BoughtLabel(
        carrier_reference=str(reference),
        tracking_number=number,
        price=price or words.NO_PRICE,
        priced=price is not None,
        voided=slug_in(found) in CANCELLED,
        facts={
            "own_paper": True,
            "service_name": option.text("code", required=False) if option else "",
            "tracking_url": found.text("tracking_url", limit=500, required=False),
        },
    )


def parcel_in(parcel: Words) -> BoughtLabel:
    """A label by its parcel of version 2, which tells neither the return's number nor a price.

    Raises NotAnnounced where the carrier refused it, OutcomeUnknown while it is being announced.
    """
    slug = parcel_slug_in(parcel)
    number = parcel.text("tracking_number", limit=80, required=False)
    if slug in FAILED:
        raise NotAnnounced(parcel.inner("status").text("message", required=False) or NO_WORDS)
    if not number and slug not in CANCELLED:
        raise OutcomeUnknown("Sendcloud has the return, and its label is not ready yet.")
    return BoughtLabel(
        carrier_reference=str(words.Reference(0, parcel.whole("id"))),
        tracking_number=number,
        price=words.NO_PRICE,
        priced=False,
        voided=slug in CANCELLED,
        facts={"own_paper": True},
    )


def slug_in(found: Words) -> str:
    """Where a return stands: ``parent_status``, which the manual names, else the latest of its history."""
    row = row_of(found.text("parent_status", required=False))
    if row is None and found.is_told("status_history"):
        latest = max(
            found.each("status_history"), key=lambda one: one.moment("carrier_update_timestamp")
        )
        row = row_of(latest.text("parent_status", required=False))
    return row.slug if row else ""


def parcel_slug_in(parcel: Words) -> str:
    status = parcel.inner("status")
    row = row_of(number=status.whole("id"), message=status.text("message", required=False))
    return row.slug if row else ""


def problem_in(found: Words) -> str:
    """Why the carrier refused to announce a return, in its words."""
    for error in found.each("errors") if found.is_told("errors") else []:
        for name in ("detail", "message"):
            if said := error.text(name, required=False):
                return said
    return NO_WORDS


def scans_in(history: Words, number: str) -> list[Scan]:
    """The movements in version 2's history of one parcel."""
    found = []
    for told in history.each("statuses"):
        row = row_of(told.text("parent_status", required=False))
        if row is not None and row.state is not None:
            at = told.moment("carrier_update_timestamp")
            said = told.text("carrier_message", required=False)
            found.append(words.scan_in(number, row, at, description=said))
    return found
