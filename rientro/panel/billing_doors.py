"""Who may see what about money: a merchant its own bills, its agency also what the carriers take."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from rientro.kit.errors import Missing
from rientro.models import Role
from rientro.panel.doors import NotYours, PanelRequest, may

MANAGES = (Role.OWNER.value, Role.ADMIN.value)


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    url: str
    here: bool


def may_bill(request: PanelRequest) -> bool:
    """Does this person manage the agency that bills this merchant?"""
    agency = request.merchant.agency_id
    if agency is None or not may(request.member, "manage"):
        return False
    memberships = request.member.user.memberships
    return memberships.filter(merchant=agency, role__in=MANAGES).exists()


def sees_costs(request: PanelRequest) -> bool:
    """What carriers take is seen by whoever pays them."""
    return may(request.member, "manage") and (
        request.merchant.agency_id is None or may_bill(request)
    )


def need_costs(request: PanelRequest) -> None:
    """Raises NotYours for a merchant whose agency pays the carriers."""
    if not sees_costs(request):
        raise NotYours(_("Your agency pays the carriers, and sees what they bill."))


def need_agency(request: PanelRequest) -> None:
    """Raises NotYours unless this person manages the agency that bills this merchant."""
    if not may_bill(request):
        raise NotYours(_("Only an owner or an admin of the agency may do this."))


def billing_tabs(request: PanelRequest, here: str) -> list[Tab]:
    """The pages of Billing that this person may see."""
    rows = [("billing", _("Statement")), ("ledger", _("The books"))]
    if sees_costs(request):
        rows += [
            ("carrier_invoices", _("Carriers’ invoices")),
            ("differences", _("Differences")),
        ]
    if request.merchant.agency_id is not None:
        rows.append(("sales_invoices", _("Invoices")))
    if may_bill(request):
        rows += [("prices", _("Prices")), ("margin", _("Margin"))]
    if request.merchant.agency_id is None and may(request.member, "manage"):
        rows.append(("clients", _("Clients")))
    return [Tab(name, reverse(f"panel:{key}"), key == here) for key, name in rows]


def month_of(text: str) -> date | None:
    """ "2026-11" as the first day of that month; only what has neighbours in every time zone."""
    try:
        month = date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
    return month if month is not None and 2000 <= month.year <= 2200 else None


def month_or_missing(text: str) -> date:
    month = month_of(text)
    if month is None:
        raise Missing(_("There is no such month."))
    return month
