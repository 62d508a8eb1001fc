"""Settings › Carriers › Choice: the rules that say who carries a return, and a parcel to try them with."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.ask_quotes import Trip, ask_quotes
from rientro.flows.delete_rule import delete_rule
from rientro.flows.order_rules import order_rules
from rientro.flows.switch_rule import switch_rule
from rientro.kit.countries import CODES
from rientro.models import ChoiceRule
from rientro.models.choosing import TRACKING_ONLY, choice_for, living_accounts
from rientro.panel.choice_reasons import choice_more, choice_sentence, choice_source, way_choices
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.quotes import offers_of
from rientro.panel.rule_words import Lists, clauses_of, lists_of
from rientro.policy.choice_rules import CHEAPEST, VOCABULARY, ParcelFacts
from rientro.policy.return_methods import WAYS
from rientro.policy.rule_values import grams_of

MOST_G = 1_000_000


@door(act="manage")
@require_safe
def choice_rules(request: PanelRequest) -> HttpResponse:
    rows = list(request.merchant.choice_rules.order_by("position", "id"))
    lists = choice_lists(request)
    for row in rows:
        row.clauses = clauses_of(row, lists, VOCABULARY)  # type: ignore[attr-defined]
    context = {
        "rows": rows,
        "active": sum(row.active and not row.invalid_because for row in rows),
        "accounts": len(lists["accounts"]) - 1,
        **_trial(request),
    }
    return render(request, "panel/choice_rules.html", context)


@door(act="manage")
@require_POST
def choice_quotes(request: PanelRequest) -> HttpResponse:
    """Ask the carriers what the parcel of the try box would cost."""
    tried = Tried.read(request.POST)
    trip = Trip(
        origin=tried.origin,
        destination=tried.destination,
        weight_g=tried.weight_g,
        from_postal_code=tried.postal_code,
    )
    batch = ask_quotes(trip=trip, actor=request.actor, now=request.now)
    return redirect(f"{reverse('panel:choice_rules')}?{tried.query(batch)}#try")


@door(act="manage")
@require_POST
def choice_rule_switch(request: PanelRequest, choice_rule_id: int) -> HttpResponse:
    row, active = _rule(request, choice_rule_id), request.POST.get("active") == "1"
    attempt(
        request,
        lambda: switch_rule(rule=row, active=active, actor=request.actor, now=request.now),
        done=_("“%s” runs again.") % row.name if active else _("“%s” rests.") % row.name,
    )
    return redirect("panel:choice_rules")


@door(act="manage")
@require_POST
def choice_rule_move(request: PanelRequest, choice_rule_id: int) -> HttpResponse:
    """One step up or down; at the ends nothing happens."""
    row = _rule(request, choice_rule_id)
    rows = request.merchant.choice_rules.order_by("position", "id")
    ids = list(rows.values_list("pk", flat=True))
    at = ids.index(row.pk)
    to = at + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= to < len(ids):
        ids[at], ids[to] = ids[to], ids[at]
        order_rules(family=ChoiceRule, rule_ids=ids, actor=request.actor, now=request.now)
    return redirect("panel:choice_rules")


@door(act="manage")
@require_POST
def choice_rules_order(request: PanelRequest) -> HttpResponse:
    """The whole order at once, as it was dragged."""
    wished = [int(pk) for pk in request.POST.getlist("rule") if pk.isdecimal() and len(pk) < 19]
    order_rules(family=ChoiceRule, rule_ids=wished, actor=request.actor, now=request.now)
    messages.success(
        request, _("The order is saved. It counts for labels that are bought from now on.")
    )
    return redirect("panel:choice_rules")


@door(act="manage")
@require_POST
def choice_rule_delete(request: PanelRequest, choice_rule_id: int) -> HttpResponse:
    row = _rule(request, choice_rule_id)
    attempt(
        request,
        lambda: delete_rule(rule=row, actor=request.actor, now=request.now),
        done=_("“%s” is deleted. Labels that it chose a carrier for keep it.") % row.name,
    )
    return redirect("panel:choice_rules")


def choice_lists(request: PanelRequest) -> Lists:
    """What the choices of the vocabulary may be, for this merchant."""
    accounts = request.merchant.carrier_accounts.filter(deleted_at=None).order_by("name", "id")
    return lists_of(request) | {
        "brands": [(str(brand.pk), brand.name) for brand in request.frame.brands],
        "methods": way_choices(),
        "accounts": [
            *((str(row.pk), row.name) for row in accounts if TRACKING_ONLY not in row.settings),
            (CHEAPEST, _("the cheapest that takes it")),
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The parcel of the try box."""

    origin: str
    destination: str
    weight: str
    weight_g: int
    postal_code: str
    brand: str
    method: str

    @classmethod
    def read(cls, typed: QueryDict, *, home: str = "IT") -> "Tried":
        """Odd input falls back to a parcel of one kilogram at home."""
        origin, destination = typed.get("from", "").upper(), typed.get("to", "").upper()
        weight = typed.get("weight", "").replace("\x00", "")[:20] or "1 kg"
        grams = grams_of(weight)
        brand = typed.get("brand", "")
        method = typed.get("method", "")
        return cls(
            origin=origin if origin in CODES else home,
            destination=destination if destination in CODES else home,
            weight=weight,
            weight_g=min(int(grams), MOST_G) if grams else 1000,
            postal_code=typed.get("postal", "").replace("\x00", "").strip()[:20],
            brand=brand if brand.isdecimal() and len(brand) < 19 else "",
            method=method if method in dict(way_choices()) else "print_at_home",
        )

    def facts(self, brand_id: int) -> ParcelFacts:
        return ParcelFacts(
            from_country=self.origin,
            to_country=self.destination,
            brand_id=brand_id,
            postal_code=self.postal_code,
            weight_g=self.weight_g,
            method=self.method,
        )

    def query(self, batch: str) -> str:
        return urlencode(
            {
                "from": self.origin,
                "to": self.destination,
                "weight": self.weight,
                "postal": self.postal_code,
                "brand": self.brand,
                "method": self.method,
                "batch": batch,
            }
        )


def _trial(request: PanelRequest) -> dict[str, Any]:
    """The rules as they stand, put to the parcel of the address line."""
    home = request.merchant.addresses.default_or_none()
    tried = Tried.read(request.GET, home=home.country if home else request.merchant.country)
    brands = request.frame.brands
    brand_id = int(tried.brand) if tried.brand else brands[0].pk if brands else 0
    accounts = list(living_accounts().values())
    needs = WAYS[tried.method].needs
    choice = choice_for(tried.facts(brand_id), accounts, needs=needs, at=request.now)
    batch = request.GET.get("batch", "")[:32]
    asked = request.merchant.carrier_inquiries.filter(batch=batch) if batch else []
    offers = offers_of(
        accounts,
        list(asked),
        choice,
        origin=tried.origin,
        destination=tried.destination,
        now=request.now,
    )
    return {
        "tried": tried,
        "offers": offers,
        "waits": offers.waits,
        "sentence": choice_sentence(choice.trace),
        "source": choice_source(choice.trace),
        "more_said": choice_more(choice.trace),
        "countries": country_choices(),
        "ways": way_choices(),
    }


def _rule(request: PanelRequest, choice_rule_id: int) -> ChoiceRule:
    return request.merchant.choice_rules.get_or_missing(pk=choice_rule_id)
