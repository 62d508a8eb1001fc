"""/api/v3/shipping-options: how a return can travel, asked of the carriers that the merchant has a contract with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import operation
from rientro.api.v2.shipping import HEAVIEST_G, accounts_of
from rientro.api.v3.order_in import Reading
from rientro.carriers.base import Address, Can, Carrier, CarrierError, LabelRequest, ParcelSize
from rientro.carriers.registry import UnknownCarrier, open_carrier
from rientro.kit.countries import CODES
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.money import Money
from rientro.models import CarrierAccount
from rientro.policy.amounts import kilograms
from rientro.policy.carrier_choice import limits_of

MOST_PARCELS = 50
USUAL_G = 1000
OURS: dict[str, Any] = {"returns": True, "tracked": True, "labelless": False, "b2c": True}
WEIGHTS = record({"min": record({"value": STRING, "unit": STRING})}, max={"type": "object"})
QUOTE = record(
    {
        "weight": WEIGHTS,
        "lead_time": maybe(INTEGER),
        "price": record(
            {
                "breakdown": many(record({"type": STRING, "label": STRING, "price": {}})),
                "total": record({"value": STRING, "currency": STRING}),
            }
        ),
    }
)
OPTION = named(
    "ShippingOption",
    record(
        {
            "code": STRING,
            "name": STRING,
            "carrier": record({"code": STRING, "name": STRING}),
            "product": record({"code": STRING, "name": STRING}),
            "functionalities": {"type": "object"},
            "max_dimensions": {"type": ["object", "null"]},
            "weight": WEIGHTS,
            "contract": record(
                {"id": INTEGER, "client_id": STRING, "carrier_code": STRING, "name": STRING}
            ),
            "requirements": record(
                {
                    "fields": many(STRING),
                    "export_documents": BOOLEAN,
                    "is_service_point_required": BOOLEAN,
                }
            ),
            "charging_type": STRING,
            "quotes": {"anyOf": [many(QUOTE), {"type": "null"}]},
        }
    ),
)
OPTIONS = named("ShippingOptions", record({"data": many(OPTION)}))
ASKED = named(
    "ShippingOptionsAsked",
    record(
        from_country_code=maybe(STRING),
        to_country_code=maybe(STRING),
        from_postal_code=maybe(STRING),
        to_postal_code=maybe(STRING),
        parcels=maybe(many({"type": "object"})),
        functionalities={"type": ["object", "null"]},
        carrier_code=maybe(STRING),
        contract_id=maybe(INTEGER),
        shipping_product_code=maybe(STRING),
        shipping_option_code=maybe(STRING),
        calculate_quotes=maybe(BOOLEAN),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a client asks for; empty words are no filter."""

    origin: str
    destination: str
    from_postal_code: str
    to_postal_code: str
    weight_g: int
    carrier: str
    contract: str
    code: str
    quotes: bool
    functionalities: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One service of one contract, with a price where the carrier told one."""

    account: CarrierAccount
    service: str
    name: str
    heaviest_g: int
    price: Money | None = None
    days: int = 0


@operation(
    "v3_list_shipping_options",
    "Shipping options",
    scope="read:shipping-method",
    body=ASKED,
    answers={200: OPTIONS, 400: "V3Errors"},
)
def _options(call: Call) -> HttpResponse:
    """The services that can carry a return, as the carriers tell them now; with ``calculate_quotes`` their prices.

    Only returns travel from here: ``functionalities.returns`` false has none. A carrier that does not answer is
    told with its usual service and no price.
    """
    return _answer(call)


@operation(
    "v3_fetch_shipping_options",
    "Shipping options",
    scope="read:shipping-method",
    body=ASKED,
    answers={200: OPTIONS, 400: "V3Errors"},
)
def _twin(call: Call) -> HttpResponse:
    """The same under its older address."""
    return _answer(call)


def _answer(call: Call) -> HttpResponse:
    asked = _question(read_json(call.request))
    if not _can(asked.functionalities):
        return json_response({"data": []})
    with transaction.atomic():
        accounts = [row for row in accounts_of(call) if _fits(row, asked)]
    found = [way for account in accounts for way in ways_of(account, asked)]
    if asked.code:
        found = [
            way for way in found if asked.code in (_code(way), f"{way.account.carrier}:return")
        ]
    return json_response({"data": [_option_out(way, quotes=asked.quotes) for way in found]})


def _question(body: Any) -> Question:
    if not isinstance(body, Mapping):
        raise Refused("Send one object.")
    read = Reading(body, "")
    quotes = read.at("calculate_quotes")
    functions = read.at("functionalities")
    if functions is not None and not isinstance(functions, Mapping):
        read.wrong("functionalities", "Input should be an object")
        functions = None
    asked = Question(
        origin=_country(read, "from_country_code", "from_address/country_code"),
        destination=_country(read, "to_country_code", "to_address/country_code"),
        from_postal_code=read.text("from_postal_code", longest=20),
        to_postal_code=read.text("to_postal_code", longest=20),
        weight_g=_weight(read),
        carrier=read.text("carrier_code", longest=60),
        contract=read.text("contract_id", longest=20),
        code=read.text("shipping_option_code", longest=160)
        or read.text("shipping_product_code", longest=160),
        quotes=quotes is True,
        functionalities=functions or {},
    )
    if read.problems:
        raise Refused(read.problems[0].detail, problems=read.problems)
    return asked


def _country(read: Reading, *places: str) -> str:
    for place in places:
        if code := read.text(place, longest=2).upper():
            if code not in CODES:
                read.wrong(place, "Not a country code", "invalid_choice")
            return code
    return ""


def _weight(read: Reading) -> int:
    told = read.at("parcels")
    if told is None:
        return 0
    if not isinstance(told, list) or len(told) > MOST_PARCELS:
        read.wrong("parcels", f"Input should be a list of at most {MOST_PARCELS}", "not_a_list")
        return 0
    heaviest = 0
    for place, parcel in enumerate(told):
        inner = Reading(parcel if isinstance(parcel, Mapping) else {}, f"/parcels/{place}")
        heaviest = max(heaviest, inner.weight("weight"))
        read.problems += inner.problems
    return min(heaviest, 10**9)


def _can(asked: Mapping[str, Any]) -> bool:
    """Is what we sell what is asked for? What nobody sells here is only right when it is not wanted."""
    return all(
        OURS.get(name, False) == wanted for name, wanted in asked.items() if wanted is not None
    )


def _fits(account: CarrierAccount, asked: Question) -> bool:
    _, countries, heaviest = limits_of(account.settings)
    return (
        (not asked.carrier or account.carrier == asked.carrier)
        and (not asked.contract or str(account.pk) == asked.contract)
        and (not asked.origin or not countries or asked.origin in countries)
        and asked.weight_g <= (heaviest or HEAVIEST_G)
        and account.state != CarrierAccount.State.BROKEN.value
    )


# The carriers are asked with no transaction open


def ways_of(account: CarrierAccount, asked: Question) -> list[Way]:
    """The services of one contract that can carry what is asked. Asks the carrier; no transaction may be open."""
    heaviest = limits_of(account.settings)[2] or HEAVIEST_G
    usual = Way(
        account=account, service=account.service, name=f"{account.name} Return", heaviest_g=heaviest
    )
    if not asked.origin or not asked.destination:
        return [usual]
    try:
        carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
        services = carrier.services(asked.origin, asked.destination)
    except (CarrierError, UnknownCarrier, CannotUnseal):
        return _as_read(account, asked, heaviest) or [usual]
    found = [
        Way(
            account=account,
            service=service.code,
            name=service.name,
            heaviest_g=min(service.max_weight_g or heaviest, heaviest),
            price=service.price_from,
        )
        for service in services
    ]
    able = [way for way in found if asked.weight_g <= way.heaviest_g]
    return _priced(carrier, able, asked) if asked.quotes else able


def _as_read(account: CarrierAccount, asked: Question, heaviest: int) -> list[Way]:
    """The services that the carrier told when it was asked last; some carriers only the worker may ask."""
    lane = [asked.origin, asked.destination]
    return [
        Way(
            account=account,
            service=str(told.get("code", "")),
            name=str(told.get("name") or told.get("code", "")),
            heaviest_g=most,
        )
        for told in account.services
        if lane in told.get("lanes", [])
        and asked.weight_g <= (most := min(int(told.get("max_weight_g") or heaviest), heaviest))
    ]


def _priced(carrier: Carrier, ways: Sequence[Way], asked: Question) -> list[Way]:
    if Can.QUOTE not in carrier.can:
        return list(ways)
    return [_quoted(carrier, way, asked) for way in ways]


def _quoted(carrier: Carrier, way: Way, asked: Question) -> Way:
    try:
        quotes = carrier.quote(_request(way, asked))
    except CarrierError:
        return way
    for quote in quotes:
        if quote.service == way.service:
            return Way(
                account=way.account,
                service=way.service,
                name=way.name,
                heaviest_g=way.heaviest_g,
                price=quote.price,
                days=quote.days,
            )
    return way


def _request(way: Way, asked: Question) -> LabelRequest:
    return LabelRequest(
        reference="quote",
        sender=Address(
            name="", street="", city="", country=asked.origin, postal_code=asked.from_postal_code
        ),
        receiver=Address(
            name="", street="", city="", country=asked.destination, postal_code=asked.to_postal_code
        ),
        parcel=ParcelSize(weight_g=asked.weight_g or USUAL_G),
        service=way.service,
    )


def _code(way: Way) -> str:
    return f"{way.account.carrier}:{way.service or 'return'}"


def _option_out(way: Way, *, quotes: bool) -> dict[str, Any]:
    account, code = way.account, _code(way)
    weight = {
        "min": {"value": "0.001", "unit": "kg"},
        "max": {"value": kilograms(way.heaviest_g), "unit": "kg"},
    }
    return {
        "code": code,
        "name": way.name,
        "carrier": {"code": account.carrier, "name": account.name},
        "product": {"code": code, "name": way.name},
        "functionalities": OURS,
        "max_dimensions": None,
        "weight": weight,
        "parcel_billed_weights": None,
        "contract": {
            "id": account.pk,
            "client_id": str(account.pk),
            "carrier_code": account.carrier,
            "name": account.name,
        },
        "requirements": {
            "fields": [],
            "export_documents": False,
            "is_service_point_required": False,
        },
        "charging_type": "label_creation",
        "quotes": list(_quotes_out(way, weight)) if quotes else None,
    }


def _quotes_out(way: Way, weight: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    if way.price is None:
        return
    price = {"value": str(way.price.decimal()), "currency": way.price.currency}
    yield {
        "weight": weight,
        "lead_time": way.days * 24 or None,
        "price": {
            "breakdown": [{"type": "price_without_insurance", "label": "Label", "price": price}],
            "total": price,
        },
    }


options = methods(POST=_options)
twin = methods(POST=_twin)
