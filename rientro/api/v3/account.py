"""/api/v3 about the merchant: integrations, sender addresses, brands, contracts, and whose the key is."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, size_of
from rientro.api.v2.account import living_brands, merchant_of
from rientro.api.v2.brand_out import logo_url
from rientro.api.v2.integrations import edit_in
from rientro.flows.delete_integration import delete_integration
from rientro.flows.update_integration import BadIntegration, update_integration
from rientro.kit.errors import Missing, RientroError
from rientro.models import Brand, CarrierAccount, Integration, SenderAddress

MOST = 100
PAGING = (Param(name="cursor"), Param(name="page_size"))
INTEGRATION = named(
    "IntegrationV3",
    record(
        {
            "id": INTEGER,
            "shop_name": STRING,
            "shop_url": STRING,
            "type": STRING,
            "started_failing_at": maybe(STRING),
            "last_fetched_at": maybe(STRING),
            "created_at": STRING,
            "updated_at": STRING,
            "service_point_enabled": BOOLEAN,
            "service_point_carriers": many(STRING),
            "webhook_active": BOOLEAN,
            "webhook_url": STRING,
            "feedback_type": STRING,
        }
    ),
)
ADDRESS = named(
    "SenderAddressV3",
    record(
        {
            "id": INTEGER,
            "name": STRING,
            "company_name": STRING,
            "address_line_1": STRING,
            "house_number": STRING,
            "address_line_2": STRING,
            "postal_code": STRING,
            "city": STRING,
            "state_province_code": maybe(STRING),
            "country_code": STRING,
            "email": STRING,
            "phone_number": STRING,
            "po_box": maybe(STRING),
            "brand_id": maybe(INTEGER),
            "label": STRING,
            "signature": record({"full_name": STRING, "initials": STRING}),
            "tax_numbers": many({"type": "object"}),
        }
    ),
)
BRAND = named(
    "BrandV3",
    record(
        {
            "id": INTEGER,
            "name": STRING,
            "domain": STRING,
            "color": STRING,
            "website": maybe(STRING),
            "screen_logo": maybe(STRING),
            "print_logo": maybe(STRING),
            "screen_thumb": maybe(STRING),
            "print_thumb": maybe(STRING),
            "notify_reply_to_email": maybe(STRING),
            "notify_bcc_email": maybe(STRING),
            "hide_powered_by": BOOLEAN,
            "google_analytics_id": STRING,
        }
    ),
)
CONTRACT = named(
    "ContractV3",
    record(
        {
            "id": INTEGER,
            "client_id": STRING,
            "carrier": record({"code": STRING, "name": STRING}),
            "carrier_code": STRING,
            "name": STRING,
            "state": STRING,
            "type": STRING,
            "is_default_per_carrier": BOOLEAN,
        }
    ),
)
KEYS = named(
    "AuthMetadata", record({"data": record({"user_id": INTEGER, "integration_id": INTEGER})})
)


def _data(schema: str, *, several: bool = False) -> dict[str, Any]:
    return record({"data": many(schema) if several else schema})


@operation("v3_auth_metadata", "Account", answers={200: KEYS})
def _metadata(call: Call) -> HttpResponse:
    """Whose the key is: the merchant and the integration."""
    told = {"user_id": call.caller.merchant_id, "integration_id": call.caller.integration.pk}
    return json_response({"data": told})


# --- integrations


@operation(
    "v3_list_integrations",
    "Integrations",
    scope="read:integration",
    query=(Param(name="sort"),),
    answers={200: _data(INTEGRATION, several=True)},
)
def _integrations(call: Call) -> HttpResponse:
    """The integrations of this key: the one that it belongs to."""
    return json_response({"data": [integration_out(call.caller.integration)]})


@operation(
    "v3_get_integration",
    "Integrations",
    scope="read:integration",
    answers={200: _data(INTEGRATION), 404: "V3Errors"},
)
def _integration(call: Call, integration_id: str) -> HttpResponse:
    """One integration."""
    return json_response({"data": integration_out(call.integration(integration_id))})


@operation(
    "v3_patch_integration",
    "Integrations",
    scope="write:integration",
    body=named("IntegrationEditV3", {"type": "object"}),
    answers={204: None, 400: "V3Errors", 404: "V3Errors"},
)
def _change(call: Call, integration_id: str) -> HttpResponse:
    """Change some fields of an integration. Active webhooks need an address."""
    integration = call.integration(integration_id)
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise Refused("Send one object with the fields to change.")
    url = body.get("webhook_url", integration.webhook_url)
    if body.get("webhook_active") is True and not url:
        words = "webhook_url is required when webhook_active is true."
        raise Refused(words, problems=[Problem(detail=words, pointer="/data/webhook_url")])
    try:
        edit = edit_in(body, whole=False)
        update_integration(integration=integration, edit=edit, actor=call.actor, now=call.now)
    except (Refused, BadIntegration) as error:
        raise _pointed(error) from error
    return HttpResponse(status=204)


def _pointed(error: RientroError) -> Refused:
    """With a pointer to the field, which version 2's words begin with."""
    fields: Any = error.facts.get("fields") or dict([error.message.split(": ", 1)])
    problems = [Problem(detail=words, pointer=f"/data/{name}") for name, words in fields.items()]
    return Refused(error.message, problems=problems)


@operation(
    "v3_delete_integration",
    "Integrations",
    scope="write:integration",
    answers={204: None, 404: "V3Errors"},
)
def _delete(call: Call, integration_id: str) -> HttpResponse:
    """Disconnect an integration. Its orders stay, and their returns go on."""
    delete_integration(integration=call.integration(integration_id), actor=call.actor, now=call.now)
    return HttpResponse(status=204)


def integration_out(integration: Integration) -> dict[str, Any]:
    return {
        "id": integration.pk,
        "shop_name": integration.shop_name,
        "shop_url": integration.shop_url,
        "type": integration.system,
        "started_failing_at": _moment(integration.failing_since),
        "last_fetched_at": _moment(integration.last_fetch_at),
        "created_at": integration.created_at.isoformat(),
        "updated_at": integration.updated_at.isoformat(),
        "service_point_enabled": integration.service_point_enabled,
        "service_point_carriers": list(integration.service_point_carriers),
        "webhook_active": integration.webhook_active,
        "webhook_url": integration.webhook_url,
        "feedback_type": "none",
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


# --- sender addresses, brands, contracts


def _addresses_of(call: Call) -> QuerySet[SenderAddress]:
    return merchant_of(call).addresses.filter(deleted_at=None)


def _accounts_of(call: Call) -> QuerySet[CarrierAccount]:
    return merchant_of(call).carrier_accounts.filter(deleted_at=None)


def _page(call: Call, rows: Any, out: Callable[[Any], dict[str, Any]]) -> HttpResponse:
    page = page_of(call.request, rows, size=size_of(call.request, usual=MOST, most=MOST))
    return page.link(json_response({"data": [out(row) for row in page.rows]}))


def _found(rows: Any, number: str, kind: str) -> Any:
    row = rows.filter(pk=int(number)).first()
    if row is None:
        raise Missing(f"No {kind} matches the given query.")
    return row


@operation(
    "v3_list_sender_addresses",
    "Sender addresses",
    scope="read:address",
    query=PAGING,
    answers={200: _data(ADDRESS, several=True), 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _addresses(call: Call) -> HttpResponse:
    """Every living address of the merchant."""
    return _page(call, _addresses_of(call), address_out)


@operation(
    "v3_get_sender_address",
    "Sender addresses",
    scope="read:address",
    answers={200: _data(ADDRESS), 404: "V3Errors"},
)
@transaction.atomic
def _address(call: Call, address_id: str) -> HttpResponse:
    """One sender address."""
    row = _found(_addresses_of(call), address_id, "SenderAddress")
    return json_response({"data": address_out(row)})


def address_out(address: SenderAddress) -> dict[str, Any]:
    return {
        "id": address.pk,
        "name": address.contact_name or address.company,
        "company_name": address.company,
        "address_line_1": address.street,
        "house_number": address.house_number,
        "address_line_2": address.address_2,
        "postal_code": address.postal_code,
        "city": address.city,
        "state_province_code": f"{address.country}-{address.state}" if address.state else None,
        "country_code": address.country,
        "email": address.email,
        "phone_number": address.phone,
        "po_box": None,
        "brand_id": address.brand_id,
        "label": address.label,
        "signature": {"full_name": "", "initials": ""},
        "tax_numbers": [],
    }


@operation(
    "v3_list_brands",
    "Brands",
    scope="read:brand",
    query=PAGING,
    answers={200: _data(BRAND, several=True), 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _brands(call: Call) -> HttpResponse:
    """The brands of the merchant."""
    return _page(call, living_brands(merchant_of(call)), brand_out)


@operation(
    "v3_get_brand", "Brands", scope="read:brand", answers={200: _data(BRAND), 404: "V3Errors"}
)
@transaction.atomic
def _brand(call: Call, brand_id: str) -> HttpResponse:
    """One brand."""
    row = _found(living_brands(merchant_of(call)), brand_id, "Brand")
    return json_response({"data": brand_out(row)})


def brand_out(brand: Brand) -> dict[str, Any]:
    logo = logo_url(brand)
    return {
        "id": brand.pk,
        "name": brand.name,
        "domain": brand.slug,
        "color": brand.colour_accent,
        "website": brand.website or None,
        "screen_logo": logo,
        "print_logo": logo,
        "screen_thumb": logo,
        "print_thumb": logo,
        "notify_reply_to_email": brand.reply_to or None,
        "notify_bcc_email": None,
        "hide_powered_by": True,
        "google_analytics_id": "",
    }


@operation(
    "v3_list_contracts",
    "Contracts",
    scope="read:contract",
    query=(
        *PAGING,
        *(
            Param(name=n)
            for n in ("carrier_code", "is_active", "client_id", "name", "country_code")
        ),
    ),
    answers={200: _data(CONTRACT, several=True), 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _contracts(call: Call) -> HttpResponse:
    """The merchant's contracts with carriers. No credential is told."""
    query, rows = call.request.GET, _accounts_of(call)
    if any("\0" in value for values in query.lists() for value in values[1]):
        raise Refused("NUL characters are in no contract.")
    if code := query.get("carrier_code"):
        rows = rows.filter(carrier=code)
    if name := query.get("name"):
        rows = rows.filter(name=name)
    country = query.get("country_code", "").upper()
    if country and country != merchant_of(call).country:
        rows = rows.none()
    if active := query.get("is_active"):
        broken = CarrierAccount.State.BROKEN.value
        wants = active.lower() in ("true", "1")
        rows = rows.exclude(state=broken) if wants else rows.filter(state=broken)
    if client := query.get("client_id"):
        known = client.isascii() and client.isdigit() and len(client) <= 18
        rows = rows.filter(pk=int(client)) if known else rows.none()
    return _page(call, rows, contract_out)


@operation(
    "v3_get_contract",
    "Contracts",
    scope="read:contract",
    answers={200: _data(CONTRACT), 404: "V3Errors"},
)
@transaction.atomic
def _contract(call: Call, contract_id: str) -> HttpResponse:
    """One contract."""
    row = _found(_accounts_of(call), contract_id, "Contract")
    return json_response({"data": contract_out(row)})


def contract_out(account: CarrierAccount) -> dict[str, Any]:
    broken = account.state == CarrierAccount.State.BROKEN.value
    return {
        "id": account.pk,
        "client_id": str(account.pk),
        "carrier": {"code": account.carrier, "name": account.name},
        "carrier_code": account.carrier,
        "name": account.name[:50],
        "state": "inactive" if broken else "active",
        "type": "direct",
        "is_default_per_carrier": account.is_default,
    }


metadata = methods(GET=_metadata)
integrations = methods(GET=_integrations)
integration = methods(GET=_integration, PATCH=_change, DELETE=_delete)
addresses = methods(GET=_addresses)
address = methods(GET=_address)
brands = methods(GET=_brands)
brand = methods(GET=_brand)
contracts = methods(GET=_contracts)
contract = methods(GET=_contract)
