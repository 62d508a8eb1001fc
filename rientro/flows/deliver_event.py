"""Tell people what happened: an event becomes at most one mail to each of its readers."""

from datetime import datetime, timedelta

from django.db import transaction

from rientro.kit.queue import post
from rientro.models.back_to_shop import needs_no_label, want_note
from rientro.models.boxes import PAPERLESS
from rientro.models.brands import PortalSettings
from rientro.models.events import Event, Mail
from rientro.models.mail_facts import told_at
from rientro.models.merchants import Member, Merchant
from rientro.models.parcels import Label, LabelPurchase
from rientro.models.returns import Return
from rientro.policy.abilities import Ability, roles_that_may
from rientro.policy.lifecycle import Approval, PurchaseStatus
from rientro.policy.return_methods import is_own

# event -> kind of mail. Those in ONCE go out once per return, however often the event comes.
KINDS = {
    "return.requested": "requested",
    "return.approved": "approved",
    "return.rejected": "rejected",
    "return.cancelled": "cancelled",
    "return.customs_wanted": "customs_wait",
    "return.label_stored": "label_ready",
    "return.handed_in": "handed_in",
    # Not every carrier scans a parcel where it is handed in, and its news may come in any order.
    "return.in_transit": "handed_in",
    "return.delivered": "received",
    "return.received": "received",
    "return.refunded": "refunded",
}
SEND_IT = "send_it"  # an approval, where the shopper sends it with a label of their own
ONCE = frozenset({"requested", "customs_wait", "handed_in", "received"})
# Several parcels are told of in one mail, when nothing more is coming soon.
LABELS_SETTLED = frozenset({"return.label_failed", "return.label_unknown"})
# What waits for a person: whoever may do something about it is told.
ALARMS: dict[str, Ability] = {
    "return.label_failed": "decide",
    "return.customs_wanted": "decide",
    "return.label_unknown": "manage",
    "return.refund_failed": "decide",
    "return.refund_unknown": "decide",
    "carrier.account_broken": "manage",
    "pool.running_low": "manage",
}
# Of one kind to one reader: a carrier that refuses everything is one trouble, not five hundred.
MOST_ALARMS, ALARM_WINDOW = 5, timedelta(hours=1)


@transaction.atomic
def deliver_event(*, event: Event, now: datetime) -> list[Mail]:
    """Write the mails that ``event`` asks for and post their sending; give those that are new.

    Sends nothing itself. Safe to repeat: a mail's key makes it exist once. An order whose shopper was redacted,
    or who has no address, gets none. A return on its way is to be noted on the shop's order, too.
    """
    if event.name == "lookups.paused":
        return [mail for mail in [_warning(event, now=now)] if mail is not None]
    if event.ret_id is None:
        return _alarms(event, None, now=now)
    ret = Return.objects.select_related("order").get(pk=event.ret_id)
    _to_shop(event, ret, now=now)
    made = [_to_shopper(event, ret, now=now), _to_desk(event, ret, now=now)]
    return [mail for mail in made if mail is not None] + _alarms(event, ret, now=now)


def _to_shop(event: Event, ret: Return, *, now: datetime) -> None:
    """On its way: with a label, or approved where it needs none of ours."""
    unlabelled = event.name == "return.approved" and needs_no_label(ret)
    if (event.name == "return.label_bought" or unlabelled) and ret.approval == Approval.APPROVED:
        want_note(ret, at=now, actor=event.actor)


def _to_shopper(event: Event, ret: Return, *, now: datetime) -> Mail | None:
    kind = KINDS.get(event.name)
    if kind == "approved" and is_own(ret.method):
        kind = SEND_IT
    if ret.parcel_count > 1 and event.name in LABELS_SETTLED:
        kind = "label_ready"
    to = told_at(ret)
    if kind is None or not to:
        return None
    if not _is_news(event, kind, ret):
        return None
    key = f"{kind}:{ret.pk}" if kind in ONCE else f"{kind}:{ret.pk}:{event.pk}"
    if kind == "label_ready" and ret.parcel_count > 1:
        # Whichever parcel comes last tells of all of them; two that come last at once tell once.
        labels = _labels_in_hand(ret)
        key = f"{kind}:{ret.pk}:{len(labels)}-{labels[-1]}"
    return _write(key, kind, ret, to, ret.language, now=now)


def _is_news(event: Event, kind: str, ret: Return) -> bool:
    if kind == "requested":
        return bool(event.facts.get("review"))  # approved at once: the label is the news
    if kind == "approved":
        return ret.method == Return.Method.IN_STORE.value
    if kind == "label_ready" and ret.parcel_count > 1:
        return bool(_labels_in_hand(ret)) and not _still_coming(ret)
    return True


def _labels_in_hand(ret: Return) -> list[int]:
    rows = Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _still_coming(ret: Return) -> bool:
    """Is a label of ``ret`` being bought, or its paper being made?"""
    buying = LabelPurchase.objects.filter(parcel__ret=ret, status=PurchaseStatus.BUYING.value)
    unstored = Label.objects.filter(
        parcel__ret=ret, void=Label.Void.NONE.value, pdf_a6=None, code=None
    ).exclude(facts__has_key=PAPERLESS)
    return buying.exists() or unstored.exists()


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


def _alarms(event: Event, ret: Return | None, *, now: datetime) -> list[Mail]:
    """One mail for each member who may mend it, once per incident: a second try at the same thing is no news."""
    if event.name not in ALARMS or _is_own_doing(event):
        return []
    kind, incident = event.name.partition(".")[2], _incident(event, ret)
    members = Member.objects.filter(
        merchant_id=event.merchant_id,
        role__in=roles_that_may(ALARMS[event.name]),
        user__is_active=True,
    )
    made = []
    for member in members.select_related("user").order_by("pk"):
        to, language = member.user.email, member.user.language
        lately = Mail.objects.filter(kind=kind, to=to, created_at__gt=now - ALARM_WINDOW)
        if lately.count() < MOST_ALARMS:
            key = f"{kind}:{incident}:{member.pk}"
            made.append(_write(key, kind, ret, to, language, now=now))
    return [mail for mail in made if mail is not None]


def _is_own_doing(event: Event) -> bool:
    """A refund that somebody of the team gave up is no news to the team."""
    return event.name == "return.refund_failed" and event.actor.startswith(("member:", "key:"))


def _incident(event: Event, ret: Return | None) -> str:
    """A return's trouble lasts until a label is bought; a purchase is unknown once, an account breaks once."""
    if event.name == "return.label_failed" and ret is not None:
        bought = Event.objects.filter(ret=ret, name="return.label_bought", pk__lt=event.pk)
        return f"{ret.pk}-{bought.count()}"
    return str(event.facts.get("purchase") or event.pk)


def _write(
    key: str, kind: str, ret: Return | None, to: str, language: str, *, now: datetime
) -> Mail | None:
    values = {"kind": kind, "ret": ret, "to": to, "language": language, "created_at": now}
    mail, new = Mail.objects.get_or_create(key=key, defaults=values)
    if not new:
        return None
    post("send_mail", merchant_id=mail.merchant_id, mail_id=mail.pk)
    return mail
