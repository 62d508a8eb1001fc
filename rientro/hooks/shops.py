"""POST /hooks/shops/<system>/<token>/: a shop tells of its orders. Answers at once, asks for them later."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rientro.flows.receive_shop_webhook import receive_shop_webhook
from rientro.hooks.raw import body_of, headers_of, say
from rientro.hooks.tokens import link_of
from rientro.kit import clock
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import merchant_transaction

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
