"""Whether each return is noted on its order in the shop."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rientro.flows.switch_notes import switch_notes
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.shops import link_of


@door(act="manage")
@require_POST
def shop_notes(request: PanelRequest, integration_id: int) -> HttpResponse:
    link, on = link_of(request, integration_id), "on" in request.POST
    attempt(
        request,
        lambda: switch_notes(
            integration=link.integration, on=on, actor=request.actor, now=request.now
        ),
        done=_("Each return is noted on its order from now on.")
        if on
        else _("Returns are noted on no order any more."),
    )
    return redirect("panel:integration", integration_id)
