"""What a label would cost: each contract's own price list and what the carriers answer, the cheapest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from rientro.flows.ask_quotes import can_quote
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import CarrierAccount, CarrierInquiry
from rientro.models.inquiries import still_waiting
from rientro.policy.account_prices import price_of
from rientro.policy.carrier_choice import Choice

LISTED, TOLD = "list", "carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One line. ``source`` says whose price it is; ``words`` why there is none; ``left_out`` why it is not bought."""

    account: CarrierAccount
    service: str = ""
    price: Money | None = None
    days: int = 0
    source: str = ""
    words: str = ""
    waits: bool = False
    chosen: bool = False
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """``asked_at`` None: nobody has asked the carriers yet. ``may_ask``: one of them could say a price."""

    rows: list[Offer]
    asked_at: datetime | None = None
    waits: bool = False
    may_ask: bool = False


def offers_of(
    accounts: Sequence[CarrierAccount],
    inquiries: Sequence[CarrierInquiry],
    choice: Choice,
    *,
    origin: str,
    destination: str,
    now: datetime,
) -> Offers:
    """Every connected contract with its price for one parcel; ``inquiries`` are the questions of one batch."""
    asked = {inquiry.account_id: inquiry for inquiry in inquiries}
    left_out = {row["contract_id"]: why_not(row["why"]) for row in choice.trace.get("left_out", [])}
    rows = []
    for account in accounts:
        found = _told(account, asked.get(account.pk), now=now)
        listed = price_of(account.settings, origin, destination)
        if listed:
            service = choice.service if account.pk == choice.contract_id else ""
            found.append({"service": service or account.service, "price": listed, "source": LISTED})
        if not found:
            found = [{"words": _unknown(account)}]
        if account.pk == choice.contract_id:
            _mark(found, choice.service or account.service)
        left = left_out.get(account.pk, "")
        rows += [
            Offer(account=account, left_out=left, **{k: v for k, v in facts.items() if k != "code"})
            for facts in found
        ]
    return Offers(
        rows=sorted(rows, key=_order),
        asked_at=max((each.asked_at for each in inquiries), default=None),
        waits=any(row.waits for row in rows),
        may_ask=any(_may_say(account) for account in accounts),
    )


def _unknown(account: CarrierAccount) -> str:
    if account.state == CarrierAccount.State.BROKEN.value:
        return _("It refuses our credentials.")
    if _may_say(account):
        return _("It tells its price when it is asked.")
    return _("No price is known before the purchase.")


def _mark(found: list[dict[str, Any]], service: str) -> None:
    """The line that would be bought: the service that is wanted, else the first that there is."""
    wanted = [facts for facts in found if facts.get("code") == service]
    (wanted or found)[0]["chosen"] = True


def why_not(word: str) -> str:
    """Why a contract is left out, in the reader's words."""
    return {
        "country": _("takes no parcels from this country"),
        "weight": _("takes no parcel that heavy"),
        "ability": _("cannot do this way back"),
        "stock": _("has no own label left"),
    }.get(word, word)


def _may_say(account: CarrierAccount) -> bool:
    return can_quote(account) and account.state == CarrierAccount.State.OK.value


def _told(
    account: CarrierAccount, inquiry: CarrierInquiry | None, *, now: datetime
) -> list[dict[str, Any]]:
    """What the carrier itself says."""
    if inquiry is None:
        return []
    if inquiry.state == CarrierInquiry.State.ASKED.value:
        if still_waiting(inquiry, at=now):
            return [{"words": _("is being asked …"), "waits": True, "source": TOLD}]
        return [{"words": _("The worker has not answered. Is it running?"), "source": TOLD}]
    if inquiry.state == CarrierInquiry.State.FAILED.value:
        return [{"words": said(inquiry.words), "source": TOLD}]
    offers = inquiry.answer.get("offers") or []
    if not offers:
        return [{"words": _("It offers nothing for this parcel."), "source": TOLD}]
    names = {str(each.get("code")): str(each.get("name") or "") for each in account.services}
    return [
        {
            "code": offer["service"],
            "service": names.get(offer["service"]) or offer["service"],
            "price": Money(int(offer["minor"]), offer["currency"]),
            "days": int(offer.get("days") or 0),
            "source": TOLD,
        }
        for offer in offers
    ]


def _order(offer: Offer) -> tuple[bool, str, int, str]:
    price = offer.price
    return (
        price is None,
        price.currency if price else "",
        price.minor if price else 0,
        str(offer.account),
    )
