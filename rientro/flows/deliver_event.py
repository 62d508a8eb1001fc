"""Tell people what happened: an event of a return becomes at most one mail."""

from datetime import datetime

from django.db import transaction

from rientro.kit.queue import post
from rientro.models.brands import PortalSettings
from rientro.models.events import Event, Mail
from rientro.models.merchants import Merchant
from rientro.models.returns import Return

# event -> kind of mail. Those in ONCE go out once per return, however often the event comes.
KINDS = {
    "return.requested": "requested",
    "return.approved": "approved",
    "return.rejected": "rejected",
    "return.cancelled": "cancelled",
    "return.label_stored": "label_ready",
    "return.handed_in": "handed_in",
    # Not every carrier scans a parcel where it is handed in, and its news may come in any order.
    "return.in_transit": "handed_in",
    "return.delivered": "received",
    "return.received": "received",
    "return.refunded": "refunded",
}
ONCE = frozenset({"requested", "handed_in", "received"})


@transaction.atomic
def deliver_event(*, event: Event, now: datetime) -> list[Mail]:
    """Write the mails that ``event`` asks for and post their sending; give those that are new.

    Sends nothing itself. Safe to repeat: a mail's key makes it exist once. An order whose shopper was redacted,
    or who has no address, gets none.
    """
    if event.name == "lookups.paused":
        return [mail for mail in [_warning(event, now=now)] if mail is not None]
    if event.ret_id is None:
        return []
    ret = Return.objects.select_related("order").get(pk=event.ret_id)
    made = [_to_shopper(event, ret, now=now), _to_desk(event, ret, now=now)]
    return [mail for mail in made if mail is not None]


def _to_shopper(event: Event, ret: Return, *, now: datetime) -> Mail | None:
    kind = KINDS.get(event.name)
    # The order's own address first: what a stranger typed must not lead the mails away from the buyer.
    to = ret.order.email or ret.from_email
    is_told = ret.trace.get("mails", True)  # a machine that announces a return may speak for itself
    if kind is None or not to or not is_told or ret.order.redacted_at:
        return None
    if not _is_news(event, kind, ret):
        return None
    key = f"{kind}:{ret.pk}" if kind in ONCE else f"{kind}:{ret.pk}:{event.pk}"
    return _write(key, kind, ret, to, ret.language, now=now)


def _is_news(event: Event, kind: str, ret: Return) -> bool:
    if kind == "requested":
        return bool(event.facts.get("review"))  # approved at once: the label is the news
    if kind == "approved":
        return ret.method == Return.Method.IN_STORE.value
    return True


def _to_desk(event: Event, ret: Return, *, now: datetime) -> Mail | None:
    if event.name != "return.requested" or not event.facts.get("review"):
        return None
    settings = PortalSettings.objects.filter(brand=ret.brand_id).first()
    if settings is None or not settings.notify_email:
        return None
    language = Merchant.objects.values_list("language", flat=True).get(pk=ret.merchant_id)
    return _write(f"desk:{ret.pk}", "desk", ret, settings.notify_email, language, now=now)


def _warning(event: Event, *, now: datetime) -> Mail | None:
    """Somebody guesses orders on a large scale, and shoppers find the search paused: the desk should know."""
    settings = PortalSettings.objects.filter(brand=event.facts.get("brand")).first()
    if settings is None or not settings.notify_email:
        return None
    language = Merchant.objects.values_list("language", flat=True).get(pk=event.merchant_id)
    key = f"lookups_paused:{event.pk}"
    return _write(key, "lookups_paused", None, settings.notify_email, language, now=now)


def _write(
    key: str, kind: str, ret: Return | None, to: str, language: str, *, now: datetime
) -> Mail | None:
    values = {"kind": kind, "ret": ret, "to": to, "language": language, "created_at": now}
    mail, new = Mail.objects.get_or_create(key=key, defaults=values)
    if not new:
        return None
    post("send_mail", merchant_id=mail.merchant_id, mail_id=mail.pk)
    return mail
