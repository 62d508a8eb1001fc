"""A return that the shopper sends with a label of their own: its number told, and the sheet for the box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.draw_return_slip import draw_return_slip
from rientro.flows.tell_number import tell_number
from rientro.kit.errors import Missing, RientroError
from rientro.kit.said import said
from rientro.policy.return_methods import is_own
from rientro.policy.tracking_numbers import normal_tracking
from rientro.portal.own_parcel import told_in
from rientro.portal.shopfront import Shopfront, portal_page
from rientro.portal.track import return_of, tracking_page


@require_POST
@portal_page
def number(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """The shopper tells or corrects the number; what is wrong stands next to the box."""
    ret = return_of(front, token)
    told = told_in(request)
    if not is_own(ret.method):
        raise Missing("There is no such return.")
    try:
        tell_number(ret=ret, told=told, actor="shopper", now=front.now)
    except RientroError as error:
        return tracking_page(
            request,
            front,
            ret,
            error.status,
            own_problem=said(error.message),
            typed_number=told.number,
            typed_carrier=told.carrier_name,
        )
    kept = "number" if normal_tracking(told.number) else "taken"
    return redirect(f"{front.url('return', token)}?{kept}")


@require_safe
@portal_page
def slip(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """The sheet as a file. Names nobody but the shop."""
    ret = return_of(front, token)
    response = HttpResponse(draw_return_slip(ret=ret), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{ret.number}-slip.pdf"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
