"""POST /hooks/carriers/<code>/<token>/: a carrier tells of scans. Answers at once, understands later."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rientro.flows.receive_webhook import receive_webhook
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
        return _say(404, "unknown_address")
    body = _body(request)
    if body is None:
        return _say(413, "too_large")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        with merchant_transaction(account.merchant_id):
            receive_webhook(account=account, headers=headers, body=body, now=clock.now())
    except RientroError as error:
        # A bad signature is a 401 here: the sender is not who it says, whoever holds the address.
        return _say(401 if error.kind == "forbidden" else error.status, error.code)
    return _say(200, "ok")


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes; None when there are too many, of which no more than the limit is read."""
    stated = request.headers.get("Content-Length", "0")
    if stated.isdigit() and int(stated) > BODY_LIMIT:
        return None
    try:
        body = request.read(BODY_LIMIT + 1)
    except UnreadablePostError:
        return b""  # the sender hung up half-way; its signature will not fit
    return body if len(body) <= BODY_LIMIT else None


def _say(status: int, code: str) -> HttpResponse:
    return JsonResponse({"status": code}, status=status, headers={"Cache-Control": "no-store"})
