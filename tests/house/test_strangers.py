"""Every address with another merchant's ids answers as if nothing were there: generated from the URL conf.

A new address whose parts are not named in VALUES fails here, so that nobody can forget to say whose they are.
"""

import base64
import json
import re
from dataclasses import dataclass, field

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from rientro.api.ids import parcel_id
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit.pg import base as backend
from rientro.kit.tenancy import merchant_transaction
from rientro.models import (
    ChoiceRule,
    Delivery,
    Event,
    EventSubscription,
    ImportRun,
    ReturnReason,
    ReturnRule,
    ShippingRule,
    StoredDocument,
    WebhookEndpoint,
)
from tests import makers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.raw_sql]

# Doors with no tenant's id in their address, or whose ids are the secret itself.
NO_IDS = ("accounts/", "static/", "health/", "api/v2/integrations/logs")
GONE = 10**12  # an id that no row has


@dataclass
class House:
    """One merchant with a row of every kind that an address can name."""

    ids: dict[str, str] = field(default_factory=dict)
    slug: str = ""
    basic: str = ""
    email: str = ""


def build(number: str) -> House:
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        member = makers.make_member(merchant)
        brand = makers.make_brand()
        integration = makers.make_integration(system="prestashop")
        link = makers.make_shop_link(integration)
        order = makers.make_order(brand, number=f"BR-{number}", integration=integration)
        ret = makers.make_return(order, number=f"R-{number}", approval="requested", carrier="none")
        account = makers.make_carrier_account()
        (own,) = makers.make_pool_labels(makers.make_own_account(is_default=False))
        document = StoredDocument.objects.keep(b"picture", content_type="image/png")
        rule = ShippingRule.objects.create(
            name="x", position=1, created_at=makers.NOW, updated_at=makers.NOW
        )
        return_rule = ReturnRule.objects.create(
            name="x", position=1, created_at=makers.NOW, updated_at=makers.NOW
        )
        choice_rule = ChoiceRule.objects.create(
            name="x", position=1, created_at=makers.NOW, updated_at=makers.NOW
        )
        run = ImportRun.objects.create(
            integration=integration, source="csv", actor="x", created_at=makers.NOW, mapping={}
        )
        minted = mint_api_key(integration=integration, name="x", actor="x", now=makers.NOW)
        secret = f"{minted.public_key}:{minted.secret_key}"
        return House(
            slug=brand.slug,
            email=member.user.email,
            basic="Basic " + base64.b64encode(secret.encode()).decode(),
            ids={
                "integration_id": str(integration.pk),
                "files_id": str(makers.make_file_source().integration_id),
                "kind": "folder",
                "order_id": str(order.pk),
                "number": ret.number,
                "brand_id": str(brand.pk),
                "address_id": str(makers.make_address(brand).pk),
                "account_id": str(account.pk),
                "pool_account_id": str(own.account_id),
                "upload_id": str(own.upload_id),
                "pool_label_id": str(own.pk),
                "method_id": str(account.pk),
                "contract_id": str(account.pk),
                "return_id": str(ret.pk),
                "reference": ret.number,
                "tracking_number": f"TST{number}",
                "document_id": str(document.pk),
                "rule_id": str(rule.pk),
                "return_rule_id": str(return_rule.pk),
                "choice_rule_id": str(choice_rule.pk),
                "run_id": str(run.public_id),
                "refusal_id": str(link.refusals.get().pk),
                "message_id": str(link.messages.get().pk),
                "key_id": str(integration.api_keys.get().pk),
                "reason_id": str(ReturnReason.objects.filter(brand=brand).first().pk),
                **_money(ret, account),
                **_webhook(),
                **_subscription(integration),
                "token": ret.link_token,
            },
        )


def _money(ret, account) -> dict[str, str]:
    label = makers.make_label(ret, account)
    line = makers.make_invoice_line(account, label)
    return {
        "purchase_id": str(label.purchase_id),
        "label_id": str(label.pk),
        "line_id": str(line.pk),
        "carrier_invoice_id": str(line.invoice_id),
        "file_id": str(makers.make_invoice_file(account).public_id),
        "sales_invoice_id": str(makers.make_sales_invoice().pk),
    }


def _webhook() -> dict[str, str]:
    endpoint = WebhookEndpoint.objects.create(url="https://x.example", created_at=makers.NOW)
    event = Event.objects.create(name="x", actor="x", happened_at=makers.NOW)
    times = dict.fromkeys(("created_at", "since", "next_at"), makers.NOW)
    delivery = Delivery.objects.create(endpoint=endpoint, event=event, **times)
    return {"endpoint_id": str(endpoint.pk), "delivery_id": str(delivery.pk)}


def _subscription(integration) -> dict[str, str]:
    endpoint = WebhookEndpoint.objects.create(
        style="connection", integration=integration, url="https://x.example", created_at=makers.NOW
    )
    row = EventSubscription.objects.create(
        endpoint=endpoint, event_name="return.scanned", created_at=makers.NOW
    )
    return {"connection_id": str(endpoint.pk), "subscription_id": str(row.pk)}


@pytest.fixture
def houses(db):
    return build("70001"), build("90002")


def routes(patterns=None, prefix=""):
    """(address with <parts>, names of its parts) of every view."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern.pattern, RoutePattern):
            piece = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
        else:
            piece = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", str(pattern.pattern))
            piece = piece.lstrip("^").replace("/?$", "").replace("$", "")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + piece)
        elif isinstance(pattern, URLPattern):
            yield prefix + piece, re.findall(r"<(\w+)>", prefix + piece)


def addresses_with_ids():
    return [
        (route, parts)
        for route, parts in routes()
        if parts and not route.startswith(NO_IDS) and parts != ["brand"]
    ]


def door_of(route):
    return route.split("/")[0] if not route.startswith("<brand>") else "portal"


def filled(route, values):
    if door_of(route) == "api":
        # There a number is a parcel's: ours is an order that nobody shipped.
        values = values | {"number": str(_parcel(values)), "kind": "label"}
    return "/" + re.sub(r"<(\w+)>", lambda part: values[part[1]], route)


def _parcel(values):
    own = values.get("order_id", "")
    return parcel_id("order", int(own)) if own.isdigit() else GONE * 4


def ask(client, method, url, house, route):
    extra = {"HTTP_AUTHORIZATION": house.basic} if door_of(route) == "api" else {}
    if method == "post" and extra:
        return client.post(url, data=json.dumps([]), content_type="application/json", **extra)
    return getattr(client, method)(url, **extra)


SECRETS = {"hooks": "a webhook's token is the credential itself: tests/hooks"}
ANSWERS: dict[tuple[str, str], int] = {}
# Parts that hold no row's id: a step's place, a picture's content-addressed name (tests/portal).
NOT_IDS = {
    "place",
    "name",
    "language",
    "system",
    "key",
    "month",
    "uidb36",
    "code",
    "kind",
    "kind",
    "domain",
    "identifier",  # a word of the rules
    "invoice_id",  # a month
    "point_id",
}


@pytest.mark.parametrize("wall", ["as it is", "row security alone"])
def test_every_address_hides_another_merchants_rows(wall, houses, client, monkeypatch):
    mine, theirs = houses
    if wall == "row security alone":
        monkeypatch.setattr(backend.Scoped, "as_sql", lambda self, *a, **k: _plain(self, *a, **k))
    from rientro.models import User

    client.force_login(User.objects.get(email=mine.email))
    wrong = []
    asked = 0
    for route, parts in addresses_with_ids():
        door = door_of(route)
        ids = [part for part in parts if part not in NOT_IDS | {"brand"}]
        if door in SECRETS or not ids:
            continue
        assert set(ids) <= set(mine.ids), f"say whose {ids} are: {route}"
        filler = dict.fromkeys(parts, "1") | {"brand": mine.slug, "month": "2026-11"}
        for method in ("get", "post"):
            own = filled(route, filler | mine.ids)
            foreign = filled(route, filler | theirs.ids)
            gone = filled(route, filler | {part: _gone(part) for part in ids})
            del own
            response = ask(client, method, foreign, mine, route)
            nothing = ask(client, method, gone, mine, route)
            asked += 1
            if response.status_code == 405 and nothing.status_code == 405:
                continue
            if response.status_code != 404 or _body(response, foreign) != _body(nothing, gone):
                wrong.append(f"{method} {route}: {response.status_code}")
    assert wrong == []
    assert asked >= 20


def test_the_same_addresses_with_ones_own_ids_are_there(houses, client):
    """Else the test above would be glad of addresses that answer 404 to everybody."""
    from rientro.models import User

    mine = houses[0]
    client.force_login(User.objects.get(email=mine.email))
    not_there = []
    for route, parts in addresses_with_ids():
        ids = [part for part in parts if part not in NOT_IDS | {"brand"}]
        if door_of(route) in SECRETS or not ids or "purchase_id" in ids:
            continue
        filler = dict.fromkeys(parts, "1") | {"brand": mine.slug, "month": "2026-11"}
        response = ask(client, "get", filled(route, filler | mine.ids), mine, route)
        if response.status_code == 404:
            not_there.append(route)
    assert set(not_there) <= NEED_MORE


# No label is bought yet in the house that is built here. and no link to an order was mailed.
NEED_MORE = {
    "panel/returns/<number>/paper",
    "api/v2/customs_declaration/normal_printer/<number>",
    "<brand>/link/<token>/",  # no link was mailed either
    "<brand>/r/<token>/label",
    "<brand>/r/<token>/slip",  # nor is this one sent by its shopper
    "panel/returns/<number>/slip",
    "panel/returns/<number>/label",
    "api/rientro/v1/returns/<reference>/label",
    "api/v2/returns/<return_id>/images/<document_id>",  # and no picture was sent along
    "api/v2/tracking/<tracking_number>",
    "api/v2/labels/<number>",
    "api/v2/labels/label_printer/<number>",
    "api/v2/labels/normal_printer/<number>",
    "api/v2/parcels/<number>/documents/<kind>",
    "api/v3/parcels/<number>/documents/<kind>",
    "api/v3/parcels/tracking/<tracking_number>",
}


def _plain(self, *args, **kwargs):
    """What Django would have sent without us: the first wall taken down."""
    return super(backend.Scoped, self).as_sql(*args, **kwargs)


def _gone(part):
    if part in ("run_id", "file_id"):
        return "00000000-0000-7000-8000-000000000000"
    if part == "number":
        return "R-99999999"
    if part == "token":
        return "x" * 43
    return str(GONE)


def _body(response, url):
    """The answer without what differs by nature: the address itself, a form's token."""
    text = response.content.decode().replace(url, "URL").replace(url.strip("/"), "URL")
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", text)


def test_every_address_of_the_panel_asks_a_stranger_to_log_in(houses, client):
    open_doors = []
    for route, parts in routes():
        if not route.startswith("panel/"):
            continue
        values = dict.fromkeys(parts, "1") | houses[1].ids
        for method in ("get", "post"):
            response = getattr(client, method)(filled(route, values))
            if response.status_code == 302:
                location = response["Location"]
                if location.startswith(("/accounts/login/", "/panel/")):
                    continue
            if response.status_code != 405:
                open_doors.append(f"{method} {route}: {response.status_code}")
    assert open_doors == []
