"""POST /hooks/carriers/<code>/<token>/: a carrier tells of scans. Answers at once, understands later."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rientro.flows.receive_webhook import receive_webhook
from rientro.hooks.raw import body_of, headers_of, say
from rientro.hooks.tokens import account_of
from rientro.kit import clock
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import merchant_transaction

BODY_LIMIT = 256 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """200 for what is kept (or was before), 401 for what is not signed, 404 for an unknown address."""
    account = account_of(code, token)
    if account is None:
        return say(404, "unknown_address")
    body = body_of(request, BODY_LIMIT)
    if body is None:
        return say(413, "too_large")
    try:
        with merchant_transaction(account.merchant_id):
            receive_webhook(
                account=account, headers=headers_of(request), body=body, now=clock.now()
            )
    except RientroError as error:
        # A bad signature is a 401 here: the sender is not who it says, whoever holds the address.
        return say(401 if error.kind == "forbidden" else error.status, error.code)
    return say(200, "ok")
