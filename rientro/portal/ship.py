"""How: the way back, what comes back for it, and where the parcel starts."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.open_return import REFUNDS, FromAddress
from rientro.flows.prove_identity import TooManyCodes, WrongCode, ask_code, prove_identity
from rientro.flows.tell_number import OwnParcel
from rientro.kit.addresses import uses_state
from rientro.kit.postal_codes import example_of, has_postal_codes, problem
from rientro.kit.text import clean_line
from rientro.models import Order, Return, SenderAddress, Ticket
from rientro.models.offered import most_parcels, pickup_days, ways_offered
from rientro.policy.promises import hand_in_by
from rientro.policy.return_methods import WAYS, is_own, is_posted
from rientro.policy.sender import LONGEST
from rientro.portal.cards import cards_of, picked
from rientro.portal.find import network
from rientro.portal.money import weighed
from rientro.portal.own_parcel import carrier_code, carriers_offered, own_problem, told_in
from rientro.portal.shopfront import Shopfront
from rientro.portal.tickets import keep, ticket_page

FIELDS = (
    "name",
    "company",
    "street",
    "house_number",
    "address_2",
    "postal_code",
    "city",
    "state",
    "email",
)
NEEDED = ("name", "street", "city")
STORE, PICKUP = Return.Method.IN_STORE.value, Return.Method.PICKUP.value
SELF_SENT = Return.Method.SELF_SENT.value


@dataclass(frozen=True, slots=True)
class Offer:
    """What this portal lets a shopper choose from."""

    methods: list[str]
    stores: list[SenderAddress]
    refunds: list[str]
    most_parcels: int
    days: list[date]  # on which a driver may come

    @property
    def cards(self) -> list[str]:
        """The template of each method's card."""
        return [f"portal/methods/{method}.html" for method in self.methods]


def offer_of(front: Shopfront, order: Order, *, units: int) -> Offer:
    """What is switched on and can be done for ``order``: stores only if there are any, drivers only if they come."""
    stores = stores_of(front)
    methods = [way.code for way in ways_offered(order, front.brand, front.settings)]
    if not stores:
        methods = [m for m in methods if m != STORE]
    posted = any(is_posted(method) for method in methods)
    return Offer(
        methods=methods,
        stores=stores,
        refunds=[r for r, switch in REFUNDS.items() if getattr(front.settings, switch)],
        most_parcels=most_parcels(order, front.brand, front.settings, units=units) if posted else 1,
        days=pickup_days(order.country, today=front.today) if PICKUP in methods else [],
    )


def stores_of(front: Shopfront) -> list[SenderAddress]:
    living = SenderAddress.objects.living().filter(is_store=True)
    return [place for place in living.order_by("label") if place.brand_id in (None, front.brand.pk)]


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def how(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """Method, store and refund type; where there is one of a kind, it is chosen already."""
    chosen = picked(cards_of(ticket.order, front), ticket.draft)
    if not chosen:
        return redirect(front.url("items"))
    units = sum(pick.quantity for pick in chosen)
    offer, problem = offer_of(front, ticket.order, units=units), ""
    if request.method == "POST":
        answer, problem = _read_how(request, offer)
        if not problem:
            keep(ticket, **answer)
            return redirect(front.url("address" if is_posted(answer["method"]) else "check"))
    draft = ticket.draft
    return front.page(
        request,
        "how.html",
        400 if problem else 200,
        offer=offer,
        chosen=chosen,
        quote=weighed(chosen, front, ticket),
        method=request.POST.get("method", draft.get("method") or _only(offer.methods)),
        store=request.POST.get("store", str(draft.get("store") or "")),
        parcels=request.POST.get("parcels", str(draft.get("parcels") or 1)),
        own_number=request.POST.get("own_number", (draft.get("own") or {}).get("number", "")),
        own_carrier=request.POST.get("own_carrier", (draft.get("own") or {}).get("carrier", "")),
        carriers=carriers_offered() if SELF_SENT in offer.methods else [],
        counts=range(1, offer.most_parcels + 1),
        pickup_on=request.POST.get("pickup_on", draft.get("pickup_on") or ""),
        refund=request.POST.get("refund", draft.get("refund") or _only(offer.refunds)),
        hand_in_by=hand_in_by(front.today, valid_days=front.settings.label_valid_days),
        back=front.url("why", len(chosen)),
        problem=problem,
    )


def _only(choices: list[str]) -> str:
    return choices[0] if choices else ""


def _read_how(request: HttpRequest, offer: Offer) -> tuple[dict[str, Any], str]:
    method = request.POST.get("method", "")
    refund = request.POST.get("refund", _only(offer.refunds))
    store = request.POST.get("store", "")
    if method not in offer.methods:
        return {}, _("Choose how you send it back.")
    if refund not in offer.refunds:
        return {}, _("Choose what you would like back.")
    if method == STORE and len(offer.stores) == 1:
        store = str(offer.stores[0].pk)
    if method == STORE and store not in {str(place.pk) for place in offer.stores}:
        return {}, _("Choose a store.")
    day = request.POST.get("pickup_on", "") if method == PICKUP else ""
    if method == PICKUP and day not in {each.isoformat() for each in offer.days}:
        return {}, _("Choose the day on which it is fetched.")
    own = told_in(request) if is_own(method) else None
    if own and (wrong := own_problem(own)):
        return {}, wrong
    parcels = request.POST.get("parcels", "1") if is_posted(method) else "1"
    if parcels not in {str(count) for count in range(1, offer.most_parcels + 1)}:
        return {}, _("Choose how many parcels you send.")
    return {
        "method": method,
        "refund": refund,
        "store": int(store) if method == STORE else None,
        "pickup_on": day,
        "parcels": int(parcels),
        "own": {"number": own.number, "carrier": own.carrier_name} if own else None,
    }, ""


# Where the parcel starts. What we know is shown to nobody who has proven no more than two details.


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def address(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """The shopper types it, or proves to read the order's mail and corrects what we know."""
    if not _is_posted(ticket):
        return redirect(front.url("check" if ticket.draft.get("method") else "how"))
    chosen = picked(cards_of(ticket.order, front), ticket.draft)
    values = known_address(ticket)
    errors: dict[str, str] = {}
    if request.method == "POST":
        values = {
            name: clean_line(request.POST.get(name, ""), LONGEST.get(name, 200)) for name in FIELDS
        }
        errors = _wrong(values, ticket.order.country)
        if not errors:
            keep(ticket, sender=values)
            return redirect(front.url("check"))
    country = ticket.order.country
    return front.page(
        request,
        "address.html",
        400 if errors else 200,
        chosen=chosen,
        values=values,
        errors=errors,
        country=country,
        example=example_of(country),
        with_state=uses_state(country),
        with_postal=has_postal_codes(country),
        level=ticket.level,
    )


def known_address(ticket: Ticket) -> dict[str, str]:
    """What this shopper typed, else what a mailed code lets them see, else the postal code they gave."""
    typed = ticket.draft.get("sender")
    if typed:
        return {name: str(typed.get(name, "")) for name in FIELDS}
    if ticket.level >= 2:
        return {name: getattr(ticket.order, name) for name in FIELDS}
    return dict.fromkeys(FIELDS, "") | {"postal_code": str(ticket.draft.get("postal", ""))}


def sender_of(ticket: Ticket) -> FromAddress:
    """The address as the flow takes it; nothing for a return that is carried into a store."""
    if not _is_posted(ticket):
        return FromAddress(country=ticket.order.country)
    known = known_address(ticket)
    return FromAddress(
        **known, country=ticket.order.country, proof="code" if ticket.level >= 2 else "typed"
    )


def own_parcel_of(ticket: Ticket) -> OwnParcel | None:
    """The number that this shopper told for a parcel of their own."""
    own = ticket.draft.get("own") or {}
    if not own.get("number"):
        return None
    name = own["carrier"]
    return OwnParcel(number=own["number"], carrier_name=name, carrier_code=carrier_code(name))


def pickup_day_of(ticket: Ticket) -> date | None:
    """The day that this shopper chose for the driver."""
    told = ticket.draft.get("pickup_on") if ticket.draft.get("method") == PICKUP else ""
    return date.fromisoformat(told) if told else None


def wants_another_day(ticket: Ticket, today: date) -> bool:
    """A page that was left open over night: the day of the driver is no day to choose any more."""
    if ticket.draft.get("method") != PICKUP:
        return False
    return pickup_day_of(ticket) not in pickup_days(ticket.order.country, today=today)


def is_complete(ticket: Ticket, *, today: date) -> bool:
    """May the shopper be asked for consent yet?"""
    if ticket.draft.get("method") not in WAYS or wants_another_day(ticket, today):
        return False
    if not _is_posted(ticket):
        return True
    values = asdict(sender_of(ticket))
    return not _wrong(values, ticket.order.country)


def _is_posted(ticket: Ticket) -> bool:
    method = ticket.draft.get("method")
    return method in WAYS and is_posted(str(method))


def _wrong(values: dict[str, str], country: str) -> dict[str, str]:
    words = {
        "name": _("Write the name of the sender."),
        "street": _("Write the street."),
        "city": _("Write the town."),
    }
    errors = {name: words[name] for name in NEEDED if not values[name]}
    if problem(values["postal_code"], country):
        example = example_of(country)
        errors["postal_code"] = (
            _("Write the postal code as in %(example)s.") % {"example": example}
            if example
            else _("Write the postal code.")
        )
    if values["email"] and ("@" not in values["email"] or " " in values["email"]):
        errors["email"] = _("Write one e-mail address, or leave this empty.")
    return errors


# The code


@require_POST
@ticket_page
def send_code(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    """Ask for a code. The page that follows is the same whether there is an address or not."""
    goes_on = "items" if request.POST.get("then") == "items" else "address"
    keep(ticket, then=goes_on)
    try:
        ask_code(ticket=ticket, network=network(request), now=front.now)
    except TooManyCodes as error:
        response = front.page(request, "code.html", 429, limited=True, back=front.url(goes_on))
        response.headers["Retry-After"] = str(error.facts["retry_after_s"])
        return response
    return redirect(front.url("code"))


@require_http_methods(["GET", "HEAD", "POST"])
@ticket_page
def code(request: HttpRequest, front: Shopfront, ticket: Ticket) -> HttpResponse:
    goes_on = "items" if ticket.draft.get("then") == "items" else "address"
    wrong = False
    if request.method == "POST":
        try:
            prove_identity(ticket=ticket, code=request.POST.get("code", ""), now=front.now)
        except WrongCode:
            wrong = True
        else:
            return redirect(front.url(goes_on))
    return front.page(
        request, "code.html", 400 if wrong else 200, wrong=wrong, back=front.url(goes_on)
    )
