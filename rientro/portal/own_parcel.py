"""What a return says that the shopper sends: where to, under which number, and who can follow it."""

from dataclasses import dataclass

from django.http import HttpRequest

from rientro.carriers.registry import UnknownCarrier, known
from rientro.flows.draw_return_slip import receiver_lines
from rientro.flows.tell_number import OwnParcel
from rientro.kit.said import said
from rientro.kit.text import clean_line
from rientro.models import CarrierAccount, Return
from rientro.models.own_parcels import may_tell_number, own_parcel
from rientro.policy.cells import plain_word
from rientro.policy.lifecycle import Approval
from rientro.policy.return_methods import is_own
from rientro.policy.tracking_links import SUGGESTED, tracking_link
from rientro.policy.tracking_numbers import LONGEST_TYPED, normal_tracking, tracking_problem

NAME_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the page of such a return shows. ``may_send``: it is approved, so the address and the sheet stand there."""

    number: str
    carrier: str
    link: str
    may_tell: bool
    may_send: bool
    receiver: list[str]
    carriers: list[str]


def own_of(ret: Return) -> Own | None:
    """None for a return that goes with a label of ours."""
    if not is_own(ret.method):
        return None
    parcel = own_parcel(ret)
    number = parcel.tracking_number if parcel else ""
    carrier = parcel.carrier_name if parcel else ""
    may_tell = may_tell_number(ret, parcel)
    return Own(
        number=number,
        carrier=carrier,
        link=tracking_link(carrier, number),
        may_tell=may_tell,
        may_send=ret.approval == Approval.APPROVED and may_tell,
        receiver=receiver_lines(ret),
        carriers=carriers_offered(),
    )


def carriers_offered() -> list[str]:
    """Names to choose from: those that this shop can ask where a parcel is go first."""
    names = [name for name, _code in _tracked()]
    return list(dict.fromkeys([*names, *SUGGESTED]))


def carrier_code(name: str) -> str:
    """The connected adapter that carries this name; "" where there is none."""
    typed = plain_word(name)
    if len(typed) < 3:
        return ""
    for told, code in _tracked():
        word = plain_word(told)
        if word.startswith(typed) or typed.startswith(word):
            return code
    return ""


def _tracked() -> list[tuple[str, str]]:
    """(name, code) of the carriers whose parcels can be followed with a contract of this merchant."""
    living = CarrierAccount.objects.filter(
        deleted_at=None, state=CarrierAccount.State.OK.value
    ).order_by("pk")
    found: list[tuple[str, str]] = []
    for account in living:
        if "track" in (account.abilities or ()):
            try:
                found.append((known(account.carrier).name, account.carrier))
            except UnknownCarrier:
                continue
    return found


def told_in(request: HttpRequest) -> OwnParcel:
    """What the form's two boxes say."""
    name = clean_line(request.POST.get("own_carrier", "")[:400], NAME_LONGEST)
    number = request.POST.get("own_number", "")[:LONGEST_TYPED].replace("\0", "")
    return OwnParcel(number=number, carrier_name=name, carrier_code=carrier_code(name))


def own_problem(told: OwnParcel) -> str:
    """What is wrong with a number that is optional; "" when nothing is."""
    number = normal_tracking(told.number)
    problem = tracking_problem(number) if number else None
    return said(problem) if problem else ""
