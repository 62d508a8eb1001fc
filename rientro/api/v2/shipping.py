"""/api/v2/shipping_methods, /shipping-products, /carriers, /contracts: how returns can travel.

What is offered comes from the merchant's carrier accounts, as they were last checked; no carrier is asked while a
client waits. Ids of methods and contracts are those of the accounts.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, NUMBER, STRING, many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.v2.account import merchant_of
from rientro.api.v2.countries import iso3_of, name_of
from rientro.kit.errors import Missing
from rientro.models import CarrierAccount
from rientro.policy.carrier_choice import limits_of

HEAVIEST_G = 30_000  # where an account names no limit of its own
METHOD = named(
    "ShippingMethod",
    record(
        {
            "id": INTEGER,
            "name": STRING,
            "carrier": STRING,
            "min_weight": STRING,
            "max_weight": STRING,
            "service_point_input": STRING,
            "price": NUMBER,
            "countries": many(
                record(
                    {
                        "id": INTEGER,
                        "name": STRING,
                        "iso_2": STRING,
                        "iso_3": STRING,
                        "price": NUMBER,
                        "price_breakdown": many({"type": "object"}),
                    }
                )
            ),
        }
    ),
)
METHODS = named(
    "ShippingMethods", record({"next": {}, "previous": {}, "shipping_methods": many(METHOD)})
)
ONE_METHOD = named("OneShippingMethod", record({"shipping_method": METHOD}))
PRODUCT = named(
    "ShippingProduct",
    record(
        {
            "name": STRING,
            "carrier": STRING,
            "code": STRING,
            "service_points_carrier": STRING,
            "weight_range": record({"min_weight": INTEGER, "max_weight": INTEGER}),
            "available_functionalities": {"type": "object"},
            "methods": many({"type": "object"}),
        }
    ),
)
CONTRACT = named(
    "Contract",
    record(
        {
            "id": INTEGER,
            "client_id": STRING,
            "is_active": BOOLEAN,
            "name": STRING,
            "country": STRING,
            "is_default": BOOLEAN,
            "carrier": record({"code": STRING, "name": STRING}),
        }
    ),
)
CONTRACTS = named("Contracts", record({"next": {}, "previous": {}, "contracts": many(CONTRACT)}))
RETURN_FILTERS = (
    "sender_address service_point_id service_point is_return from_postal_code to_postal_code "
    "to_country cursor limit"
)
PRODUCT_FILTERS = "from_country to_country carrier weight weight_unit returns"
FALSE = {"false", "0", "no"}


def accounts_of(call: Call) -> list[CarrierAccount]:
    living = merchant_of(call).carrier_accounts.filter(deleted_at=None)
    return list(living.order_by("-is_default", "pk"))


@operation(
    "v2_list_shipping_methods",
    "Shipping methods",
    scope="read:shipping-method",
    query=tuple(Param(name=name) for name in RETURN_FILTERS.split()),
    answers={200: METHODS, 400: "V2Error"},
)
@transaction.atomic
def _methods(call: Call) -> HttpResponse:
    """The ways in which a return can travel. ``is_return=false`` has none: nothing is sent out from here."""
    if call.request.GET.get("is_return", "").lower() in FALSE:
        return json_response({"next": None, "previous": None, "shipping_methods": []})
    country = call.request.GET.get("to_country", "").upper()
    found = [_method_out(call, account) for account in accounts_of(call)]
    if country:
        found = [one for one in found if any(c["iso_2"] == country for c in one["countries"])]
    return json_response({"next": None, "previous": None, "shipping_methods": found})


@operation(
    "v2_get_shipping_method",
    "Shipping methods",
    scope="read:shipping-method",
    answers={200: ONE_METHOD, 404: "V2Error"},
)
@transaction.atomic
def _method(call: Call, method_id: str) -> HttpResponse:
    """One way in which a return can travel."""
    return json_response({"shipping_method": _method_out(call, account_named(call, method_id))})


def account_named(call: Call, number: str) -> CarrierAccount:
    for account in accounts_of(call):
        if account.pk == int(number):
            return account
    raise Missing("No ShippingMethod matches the given query.")


def _method_out(call: Call, account: CarrierAccount) -> dict[str, Any]:
    heaviest = limits_of(account.settings)[2] or HEAVIEST_G
    return {
        "id": account.pk,
        "name": f"{account.name} Return",
        "carrier": account.carrier,
        "min_weight": "0.001",
        "max_weight": f"{heaviest / 1000:.3f}",
        "service_point_input": "none",
        "price": 0,
        "countries": [_country_out(code) for code in destinations(call)],
    }


def _country_out(code: str) -> dict[str, Any]:
    return {
        "id": sum(ord(letter) * 256**place for place, letter in enumerate(code)),
        "name": name_of(code),
        "iso_2": code,
        "iso_3": iso3_of(code),
        "price": 0,
        "lead_time_hours": None,
        "price_breakdown": [],
    }


def destinations(call: Call) -> Iterable[str]:
    """The countries that returns go to: those of the merchant's own return addresses."""
    places = merchant_of(call).addresses.filter(deleted_at=None, is_return=True)
    return sorted(set(places.values_list("country", flat=True)))


@operation(
    "v2_list_shipping_products",
    "Shipping methods",
    scope="read:shipping-method",
    query=tuple(Param(name=name) for name in PRODUCT_FILTERS.split()),
    answers={200: many(PRODUCT), 400: "V2Error"},
)
@transaction.atomic
def _products(call: Call) -> HttpResponse:
    """The products behind the methods; ``returns=false`` has none."""
    query = call.request.GET
    if query.get("returns", "").lower() in FALSE:
        return json_response([])
    weight_g = weight_of(query.get("weight", ""), query.get("weight_unit", "kilogram"))
    carrier = query.get("carrier", "")
    found = []
    for account in accounts_of(call):
        heaviest = limits_of(account.settings)[2] or HEAVIEST_G
        if (carrier and account.carrier != carrier) or weight_g > heaviest:
            continue
        found.append(_product_out(account, heaviest))
    return json_response(found)


def weight_of(told: str, unit: str) -> int:
    if not told:
        return 0
    factor = {"kilogram": 1000, "kg": 1000, "gram": 1, "g": 1}.get(unit.lower())
    try:
        grams = float(told) * (factor or 0)
    except ValueError:
        grams = -1
    if factor is None or not 0 <= grams <= 10**9:
        raise Refused("weight: A number of kilogram or gram.")
    return int(grams)


def _product_out(account: CarrierAccount, heaviest: int) -> dict[str, Any]:
    code = f"{account.carrier}:{account.service or 'return'}"
    return {
        "name": f"{account.name} Return",
        "carrier": account.carrier,
        "code": code,
        "service_points_carrier": account.carrier,
        "weight_range": {"min_weight": 1, "max_weight": heaviest},
        "available_functionalities": {"returns": [True]},
        "methods": [
            {
                "id": account.pk,
                "name": f"{account.name} Return",
                "functionalities": {"returns": True},
                "shipping_product_code": code,
                "properties": {"min_weight": 1, "max_weight": heaviest},
                "lead_time_hours": {},
            }
        ],
    }


@operation(
    "v2_list_carriers",
    "Shipping methods",
    scope="read:shipping-method",
    answers={200: many(STRING)},
)
@transaction.atomic
def _carriers(call: Call) -> HttpResponse:
    """The codes of the carriers that the merchant has a contract with."""
    return json_response(sorted({account.carrier for account in accounts_of(call)}))


@operation(
    "v2_list_contracts",
    "Contracts",
    scope="read:contract",
    query=tuple(Param(name=name) for name in ("carrier", "is_active", "client_id", "name")),
    answers={200: CONTRACTS},
)
@transaction.atomic
def _contracts(call: Call) -> HttpResponse:
    """The merchant's contracts with carriers. No credential is told."""
    query = call.request.GET
    found = [_contract_out(call, account) for account in accounts_of(call)]
    if carrier := query.get("carrier"):
        found = [one for one in found if one["carrier"]["code"] == carrier]
    if name := query.get("name"):
        found = [one for one in found if one["name"] == name]
    if client := query.get("client_id"):
        found = [one for one in found if one["client_id"] == client]
    if active := query.get("is_active"):
        found = [one for one in found if one["is_active"] is (active.lower() not in FALSE)]
    return json_response({"next": None, "previous": None, "contracts": found})


@operation(
    "v2_get_contract", "Contracts", scope="read:contract", answers={200: CONTRACT, 404: "V2Error"}
)
@transaction.atomic
def _contract(call: Call, contract_id: str) -> HttpResponse:
    """One contract."""
    for account in accounts_of(call):
        if account.pk == int(contract_id):
            return json_response(_contract_out(call, account))
    raise Missing("No Contract matches the given query.")


def _contract_out(call: Call, account: CarrierAccount) -> dict[str, Any]:
    return {
        "id": account.pk,
        "client_id": str(account.pk),
        "is_active": account.state != CarrierAccount.State.BROKEN.value,
        "name": account.name[:50],
        "country": merchant_of(call).country,
        "is_default": account.is_default,
        "carrier": {"code": account.carrier, "name": account.name},
    }


shipping_methods = methods(GET=_methods)
shipping_method = methods(GET=_method)
products = methods(GET=_products)
carriers = methods(GET=_carriers)
contracts = methods(GET=_contracts)
contract = methods(GET=_contract)
