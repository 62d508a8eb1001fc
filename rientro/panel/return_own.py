"""A return without a label of ours, at the desk: under which number it travels, that it was sent, and its sheet."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.carriers.registry import UnknownCarrier, known
from rientro.flows.draw_return_slip import draw_return_slip
from rientro.flows.mark_sent import mark_sent
from rientro.flows.tell_number import OwnParcel, tell_number
from rientro.kit.errors import Missing
from rientro.models import CarrierAccount, Return
from rientro.models.own_parcels import may_tell_number, own_parcel
from rientro.panel.doors import PanelRequest, attempt, door, may
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.policy.return_methods import is_own
from rientro.policy.tracking_links import SUGGESTED, tracking_link
from rientro.policy.tracking_numbers import LONGEST_TYPED


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCard:
    """What the card of such a return shows, and which of its buttons."""

    number: str
    carrier: str
    link: str
    watched_by: str
    is_own: bool
    may_tell: bool
    may_send: bool
    has_slip: bool
    accounts: list[CarrierAccount]
    carriers: tuple[str, ...] = SUGGESTED


def own_card(request: PanelRequest, ret: Return) -> OwnCard | None:
    """None for a return that has, or is getting, a label of ours."""
    own = is_own(ret.method)
    if not own and ret.carrier != CarrierState.FAILED and not _told(ret):
        return None
    parcel = own_parcel(ret)
    number = parcel.tracking_number if parcel else ""
    if not own and not number and ret.carrier != CarrierState.FAILED:
        return None
    decides = may(request.member, "decide") and may_tell_number(ret, parcel)
    return OwnCard(
        number=number,
        carrier=parcel.carrier_name if parcel else "",
        link=tracking_link(parcel.carrier_name, number) if parcel else "",
        watched_by=parcel.watched_by.name if parcel and parcel.watched_by else "",
        is_own=own,
        may_tell=decides,
        may_send=decides and ret.approval == Approval.APPROVED,
        has_slip=own and ret.approval == Approval.APPROVED,
        accounts=_tracking(request),
    )


def _told(ret: Return) -> bool:
    return any(parcel.carrier_name or parcel.watched_by_id for parcel in ret.parcels.all())


def _tracking(request: PanelRequest) -> list[CarrierAccount]:
    """The contracts that can be asked where a parcel is."""
    living = request.merchant.carrier_accounts.filter(
        deleted_at=None, state=CarrierAccount.State.OK.value
    )
    return [row for row in living.order_by("name", "pk") if "track" in (row.abilities or ())]


@door()
@require_POST
def number(request: PanelRequest, number: str) -> HttpResponse:
    """Write down under which number the parcel travels."""
    ret = _ret(request, number)
    told = _told_in(request)
    attempt(
        request,
        lambda: tell_number(ret=ret, told=told, actor=request.actor, now=request.now),
        done=_("The number is kept.") if told.number.strip() else _("The number is taken away."),
    )
    return redirect("panel:return", ret.number)


@door()
@require_POST
def sent(request: PanelRequest, number: str) -> HttpResponse:
    """Say that the parcel is on its way."""
    ret = _ret(request, number)
    attempt(
        request,
        lambda: mark_sent(ret=ret, actor=request.actor, now=request.now),
        done=_("Marked as on its way. The shopper is told by mail."),
    )
    return redirect("panel:return", ret.number)


@door()
@require_safe
def slip(request: PanelRequest, number: str) -> HttpResponse:
    """The sheet that the shopper puts into the box."""
    ret = _ret(request, number)
    answer = HttpResponse(draw_return_slip(ret=ret), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{ret.number}-slip.pdf"'
    return answer


def _told_in(request: PanelRequest) -> OwnParcel:
    """A contract that can ask about it, chosen from the list, or a name in words."""
    number = request.POST.get("number", "")[:LONGEST_TYPED]
    chosen = request.POST.get("account", "")
    for account in _tracking(request):
        if chosen == str(account.pk):
            return OwnParcel(
                number=number, carrier_name=_called(account), carrier_code=account.carrier
            )
    return OwnParcel(number=number, carrier_name=request.POST.get("carrier", "")[:200])


def _called(account: CarrierAccount) -> str:
    """As shoppers know it: the carrier's own name, not that of the contract."""
    try:
        return known(account.carrier).name
    except UnknownCarrier:
        return account.name


def _ret(request: PanelRequest, number: str) -> Return:
    rows = request.merchant.returns.select_related("order", "to_address")
    ret: Return | None = rows.filter(number=number).first()
    if ret is None:
        raise Missing("There is no such return.")
    return ret
