"""The one search of the panel: an order, a return, a tracking number, a person."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from rientro.models import Order, Return
from rientro.panel.doors import PanelRequest, door
from rientro.panel.matching import orders_matching, returns_matching
from rientro.panel.return_words import main_badge

MOST = 20


@door()
@require_safe
def search(request: PanelRequest) -> HttpResponse:
    """Go straight to the one thing that is meant; else show what it may be."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    returns = list(_returns(request, words)) if words else []
    orders = list(_orders(request, words)) if words else []
    exact = [ret for ret in returns if ret.number == words.upper()]
    if len(exact) == 1 or (len(returns) == 1 and not orders):
        return redirect("panel:return", (exact or returns)[0].number)
    if len(orders) == 1 and not returns:
        return redirect("panel:order", orders[0].pk)
    for ret in returns:
        ret.badge = main_badge(ret, request.now)  # type: ignore[attr-defined]
    context = {"words": words, "returns": returns, "orders": orders, "most": MOST}
    return render(request, "panel/search.html", context)


def _returns(request: PanelRequest, words: str) -> QuerySet[Return]:
    rows = returns_matching(request.merchant, words).select_related("order", "brand")
    return rows.order_by("-requested_at", "-id")[:MOST]


def _orders(request: PanelRequest, words: str) -> QuerySet[Order]:
    rows = orders_matching(request.merchant, words).select_related("integration", "brand")
    return rows.order_by("-ordered_at", "-id")[:MOST]
