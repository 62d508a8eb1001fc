"""The home of the desk: returns by stage, filters, a page at a time, and one step for many at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.approve_return import approve_return
from rientro.flows.cancel_return import cancel_return
from rientro.flows.mark_delivered import mark_delivered
from rientro.flows.refund_return import refund_return, still_payable
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.models import Return
from rientro.models.customs import waiting_for_customs
from rientro.panel.doors import NotYours, PanelRequest, door, may
from rientro.panel.frame import capped_count, capped_words
from rientro.panel.pages import page_of, without
from rientro.panel.pictures import show_pictures
from rientro.panel.return_filters import filters_of, narrowed
from rientro.panel.return_words import (
    TAB_NAMES,
    TABS,
    age,
    carrier_badge,
    main_badge,
    shortly,
    why,
)
from rientro.policy.abilities import Ability
from rientro.policy.lifecycle import Tab

BULK_MAX = 200
# No index knows these: counting every stage by them would read every return of the merchant.
UNCOUNTED = frozenset({"country", "reason"})
# tab -> the steps that its selection offers, the first one under the key "e": (act, ability)
BULK: dict[str, list[tuple[str, Ability]]] = {
    Tab.REQUESTS.value: [("approve", "decide"), ("cancel", "decide")],
    Tab.IN_TRANSIT.value: [("deliver", "receive"), ("cancel", "decide")],
    Tab.RETURNED.value: [("refund", "decide")],
}


@door()
@require_safe
def returns(request: PanelRequest) -> HttpResponse:
    """One stage of the desk, newest first."""
    tab = request.GET.get("tab", "")
    if tab not in TAB_NAMES:
        tab = Tab.REQUESTS.value if request.frame.waiting else Tab.IN_TRANSIT.value
    filters = filters_of(request)
    found = narrowed(request, filters.chosen)
    rows = found.filter(tab=tab).select_related("order", "brand").prefetch_related(*_with(request))
    page = page_of(request, rows, by="requested_at")
    _dress(request, page.rows)
    context = {
        "tab": tab,
        "tab_name": TAB_NAMES[tab],
        "tabs": _tabs(request, found, counted=not UNCOUNTED & set(filters.chosen)),
        "filters": filters,
        "cleared": without(request, *filters.chosen),
        "page": page,
        "customs_waiting": capped_count(waiting_for_customs()),
        "bulk": _bulk_words(request, tab),
        "any": bool(page.rows or filters.chosen) or request.merchant.returns.exists(),
    }
    return render(request, "panel/returns.html", context)


@door(act="receive")
@require_POST
def bulk(request: PanelRequest) -> HttpResponse:
    """Take one step for each chosen return; what cannot be done is told, the rest is done."""
    act = request.POST.get("act", "")
    steps = {name: ability for offers in BULK.values() for name, ability in offers}
    if act not in steps or not may(request.member, steps[act]):
        raise NotYours(
            _("Your role does not allow this. Ask an owner or an admin of this account.")
        )
    numbers = request.POST.getlist("ret")[:BULK_MAX]
    chosen = list(request.merchant.returns.filter(number__in=numbers).order_by("pk"))
    done, refused = _take(_step(request, act), chosen)
    if not chosen:
        messages.warning(request, _("Choose at least one return first."))
    if done:
        messages.success(request, _done_words(act, done))
    for ret, words in refused[:5]:
        messages.error(request, f"{ret.number}: {words}")
    if len(refused) > 5:
        messages.error(request, _("%d more could not be done.") % (len(refused) - 5))
    tab = request.POST.get("tab", "")
    return redirect(reverse("panel:returns") + (f"?tab={tab}" if tab in TAB_NAMES else ""))


def _take(
    step: Callable[[Return], object], chosen: list[Return]
) -> tuple[int, list[tuple[Return, str]]]:
    done, refused = 0, []
    for ret in chosen:
        try:
            with transaction.atomic():
                step(ret)
            done += 1
        except RientroError as error:
            refused.append((ret, said(error.message)))
    return done, refused


def _step(request: PanelRequest, act: str) -> Callable[[Return], object]:
    if act == "refund":
        return lambda ret: refund_return(
            ret=ret,
            amount_minor=still_payable(ret).minor,
            kind=ret.refund_type,
            actor=request.actor,
            now=request.now,
        )
    flow = {"approve": approve_return, "deliver": mark_delivered, "cancel": cancel_return}[act]
    return lambda ret: flow(ret=ret, actor=request.actor, now=request.now)


def _done_words(act: str, done: int) -> str:
    words = {
        "approve": ngettext("%d return approved.", "%d returns approved.", done),
        "deliver": ngettext(
            "%d return marked as delivered.", "%d returns marked as delivered.", done
        ),
        "cancel": ngettext("%d return cancelled.", "%d returns cancelled.", done),
        "refund": ngettext(
            "%d return paid back, or its shop asked to.",
            "%d returns paid back, or their shops asked to.",
            done,
        ),
    }
    return words[act] % done


def _bulk_words(request: PanelRequest, tab: str) -> list[tuple[str, str]]:
    said = {
        "approve": _("Approve"),
        "deliver": _("Mark delivered"),
        "cancel": _("Cancel returns"),
        "refund": _("Pay back as promised"),
    }
    offers = BULK.get(tab, [])
    return [(act, said[act]) for act, ability in offers if may(request.member, ability)]


def _tabs(request: PanelRequest, found: Any, *, counted: bool) -> list[dict[str, str]]:
    kept = without(request, "tab")
    return [
        {
            "key": key,
            "name": str(name),
            "count": capped_words(capped_count(found.filter(tab=key))) if counted else "",
            "query": f"tab={key}" + (f"&{kept}" if kept else ""),
        }
        for key, name in TABS
    ]


def _with(request: PanelRequest) -> list[Any]:
    """What a row shows besides itself: its items, and where each parcel was last seen."""
    scans = request.merchant.tracking_events.filter(parcel=OuterRef("pk")).order_by("-occurred_at")
    parcels = request.merchant.parcels.annotate(
        seen_at=Subquery(scans.values("occurred_at")[:1]),
        seen_place=Subquery(scans.values("place")[:1]),
    )
    items = request.merchant.return_items.select_related("order_line__order", "reason")
    return [
        Prefetch("items", items.order_by("id")),
        Prefetch("parcels", parcels.order_by("position")),
    ]


def _dress(request: PanelRequest, rows: list[Return]) -> None:
    """Give each row its words: badge, last place, reasons, age, pictures."""
    show_pictures(request.merchant, [i.order_line for ret in rows for i in ret.items.all()])
    language = request.member.user.language
    for ret in rows:
        parcels: list[Any] = list(ret.parcels.all())
        reasons = dict.fromkeys(filter(None, (why(item, language) for item in ret.items.all())))
        last = parcels[-1] if parcels else None
        completed = ret.tab in (Tab.COMPLETED.value, Tab.REJECTED.value)
        badge = main_badge(ret, request.now) if completed else carrier_badge(ret, request.now)
        ret.shown = {  # type: ignore[attr-defined]
            "badge": badge,
            "place": last.seen_place if last and last.seen_at else "",
            "seen_at": shortly(last.seen_at, request.now) if last and last.seen_at else "",
            "reasons": list(reasons),
            "age": age(ret.requested_at, request.now),
        }
