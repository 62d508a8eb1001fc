"""On a return that waits for the desk: who would carry it and why, and what that would cost."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rientro.flows.ask_quotes import ask_quotes
from rientro.models import CarrierInquiry, Return
from rientro.models.choosing import choice_for, facts_of, living_accounts
from rientro.panel.choice_reasons import choice_more, choice_sentence, choice_source
from rientro.panel.doors import PanelRequest, door, may
from rientro.panel.quotes import offers_of
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.policy.return_methods import WAYS


@door()
@require_POST
def return_quotes(request: PanelRequest, number: str) -> HttpResponse:
    """Ask every carrier that can say a price for the parcel of this return."""
    ret = request.merchant.returns.get_or_missing(number=number)
    ask_quotes(ret=ret, actor=request.actor, now=request.now)
    messages.info(request, _("The carriers are being asked. Their prices appear here."))
    return redirect("panel:return", number)


def quotes_for(request: PanelRequest, ret: Return) -> dict[str, Any] | None:
    """What the page needs to show prices; None where nothing is left to choose or this member may not."""
    way = WAYS.get(ret.method)
    undecided = ret.approval == Approval.REQUESTED.value or (
        ret.approval == Approval.APPROVED.value and ret.carrier == CarrierState.FAILED.value
    )
    if not undecided or way is None or not way.buys or not may(request.member, "decide"):
        return None
    accounts = list(living_accounts().values())
    if not accounts:
        return None
    facts = facts_of(ret)
    choice = choice_for(facts, accounts, needs=way.needs, at=request.now)
    offers = offers_of(
        accounts,
        _newest_batch(request, ret),
        choice,
        origin=facts.from_country,
        destination=facts.to_country,
        now=request.now,
    )
    return {
        "offers": offers,
        "sentence": choice_sentence(choice.trace),
        "source": choice_source(choice.trace),
        "more_said": choice_more(choice.trace),
    }


def _newest_batch(request: PanelRequest, ret: Return) -> list[CarrierInquiry]:
    asked = request.merchant.carrier_inquiries.filter(
        ret=ret, kind=CarrierInquiry.Kind.QUOTE.value
    ).order_by("-pk")
    newest = asked.first()
    return list(asked.filter(batch=newest.batch)) if newest else []
