"""POST /hooks/shops/<system>/<token>/: a shop tells of its orders. Answers at once, asks for them later."""

import json
from dataclasses import replace

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rientro.flows.connect_shop import connect_shop
from rientro.flows.receive_shop_webhook import receive_shop_webhook
from rientro.hooks.raw import body_of, headers_of, say
from rientro.hooks.tokens import link_of
from rientro.kit import clock
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models.shop_consent import read_state
from rientro.shops.registry import UnknownShop, known, shop_class

CONSENT_LIMIT = 16 * 1024
BODY_LIMIT = 4 * 1024 * 1024  # an order with hundreds of lines, told whole; only its id is read


@csrf_exempt
@require_POST
def receive(request: HttpRequest, system: str, token: str) -> HttpResponse:
    """200 for what is kept, was before or says nothing, 401 for what is not signed, 404 for an unknown address."""
    link = link_of(system, token)
    if link is None:
        return say(404, "unknown_address")
    body = body_of(request, BODY_LIMIT)
    if body is None:
        return say(413, "too_large")
    try:
        with merchant_transaction(link.merchant_id):
            receive_shop_webhook(link=link, headers=headers_of(request), body=body, now=clock.now())
    except RientroError as error:
        # A bad signature is a 401 here: the sender is not who it says, whoever holds the address.
        return say(401 if error.kind == "forbidden" else error.status, error.code)
    return say(200, "ok")


@csrf_exempt
@require_POST
def consent(request: HttpRequest, system: str) -> HttpResponse:
    """A shop posts the keys to which a member agreed on its page. They are tried before they are kept.

    Believed for the signed word that we gave along (`state`, or `user_id` where the shop calls it so), which says
    whose they are. 404 for a system that does not do this, 400 for another body, 403 for another word.
    """
    body = body_of(request, CONSENT_LIMIT)
    told = _words(body)
    try:
        if not known(system).ways_by_machine or told is None:
            return say(400 if told is None else 404, "unreadable" if told is None else "unknown")
        asked = read_state(told.get("state") or told.get("user_id", ""), system)
        with acting_for(asked.merchant_id):
            settings = {**asked.wish.settings, "url": asked.wish.url}
            given = shop_class(system).consented({}, settings, told)
            wish = replace(asked.wish, credentials=given)
            connect_shop(wish=wish, actor=asked.actor, now=clock.now())
    except UnknownShop:
        return say(404, "unknown")
    except signing.BadSignature:
        return say(403, "not_asked_for")
    except RientroError as error:
        return say(error.status, error.code)
    return say(200, "ok")


def _words(body: bytes | None) -> dict[str, str] | None:
    """A flat JSON object; None for anything else."""
    try:
        found = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {str(name): str(value) for name, value in found.items() if "\x00" not in str(value)}
