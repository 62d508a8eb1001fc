"""/api/v2/shipping-functionalities and /shipping-price: what a way of sending can do, and what a label costs."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict

from rientro.api.describe import NUMBER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.v2.shipping import account_named, accounts_of, destinations, weight_of
from rientro.api.v3.shipping_options import Question, ways_of
from rientro.kit.countries import CODES
from rientro.kit.money import Money
from rientro.models import CarrierAccount

FUNCTIONALITY = record({"name": STRING, "default_value": {}, "type": STRING})
FUNCTIONALITIES = {
    "returns": "Returns",
    "tracked": "Tracked",
    "labelless": "Labelless",
    "b2c": "B2C",
}
PRICE = named(
    "ShippingPrice",
    record(
        {
            "price": maybe(STRING),
            "currency": maybe(STRING),
            "to_country": STRING,
            "breakdown": many(record({"type": STRING, "label": STRING, "value": NUMBER})),
        }
    ),
)
ASKED = "shipping_method_id from_country weight weight_unit"
ALSO = "to_country contract from_postal_code to_postal_code"


@operation(
    "v2_list_shipping_functionalities",
    "Shipping methods",
    scope="read:shipping-method",
    answers={200: {"type": "object", "additionalProperties": FUNCTIONALITY}},
)
def _functionalities(call: Call) -> HttpResponse:
    """What tells one way of sending from another here. Sendcloud knows more; none of those is sold from here."""
    told = {
        name: {"name": words, "default_value": False, "type": "boolean"}
        for name, words in FUNCTIONALITIES.items()
    }
    return json_response(told)


@operation(
    "v2_get_shipping_price",
    "Shipping methods",
    scope="read:shipping-method",
    query=(
        *(Param(name=name, needed=True) for name in ASKED.split()),
        *(Param(name=name) for name in ALSO.split()),
    ),
    answers={200: many(PRICE), 400: "V2Error", 404: "V2Error"},
)
def _price(call: Call) -> HttpResponse:
    """What a label costs, as the carrier says now, for each country that returns go to.

    With ``to_country`` the list has that one. ``price`` is null where the carrier tells none.
    """
    query = call.request.GET
    for name in ASKED.split():
        if not query.get(name):
            raise Refused(f"{name}: This field is required.")
    origin, number = _country(query, "from_country"), query["shipping_method_id"]
    weight_g = weight_of(query["weight"], query["weight_unit"])
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise Refused("shipping_method_id: A number.")
    with transaction.atomic():
        account = account_named(call, number)
        contract = query.get("contract")
        if contract and contract not in {str(row.pk) for row in accounts_of(call)}:
            raise Refused("contract: You have no such contract.")
        countries = [_country(query, "to_country")] if "to_country" in query else destinations(call)
    told = [
        _price_out(_asked(account, query, origin, country, weight_g), account)
        for country in countries
    ]
    return json_response(told)


def _country(query: QueryDict, name: str) -> str:
    code = query.get(name, "").upper()
    if code not in CODES:
        raise Refused(f"{name}: Send a country code of two letters.")
    return code


def _asked(
    account: CarrierAccount, query: QueryDict, origin: str, country: str, weight_g: int
) -> Question:
    return Question(
        origin=origin,
        destination=country,
        from_postal_code=query.get("from_postal_code", "")[:20],
        to_postal_code=query.get("to_postal_code", "")[:20],
        weight_g=weight_g,
        carrier=account.carrier,
        contract=str(account.pk),
        code="",
        quotes=True,
        functionalities={},
    )


def _price_out(asked: Question, account: CarrierAccount) -> dict[str, Any]:
    price = _of_usual_service(asked, account)
    value = str(price.decimal()) if price else None
    return {
        "price": value,
        "currency": price.currency if price else None,
        "to_country": asked.destination,
        "breakdown": [{"type": "price_without_insurance", "label": "Label", "value": float(value)}]
        if value
        else [],
    }


def _of_usual_service(asked: Question, account: CarrierAccount) -> Money | None:
    """The price of the service that labels are bought of; of the first, where the account names none."""
    ways = ways_of(account, asked)
    usual = [way for way in ways if way.service == account.service] or ways
    return usual[0].price if usual else None


functionalities = methods(GET=_functionalities)
price = methods(GET=_price)
