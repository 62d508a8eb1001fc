"""How a carrier account is doing, and what is known of its carrier, in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from rientro.carriers.base import Can
from rientro.carriers.known import Known
from rientro.carriers.registry import UnknownCarrier, can_of, known, missing
from rientro.kit.template_words import clock_time
from rientro.models import CarrierAccount, CarrierInquiry, Merchant
from rientro.models.account_health import Health, health_of
from rientro.models.inquiries import still_waiting
from rientro.policy.lifecycle import PurchaseStatus

BADGES = {
    Health.WORKING: ("ok", lazy("Working")),
    Health.PAUSED: ("warn", lazy("Resting")),
    Health.HALF_OPEN: ("info", lazy("Being tried again")),
    Health.BROKEN: ("bad", lazy("Credentials refused")),
    Health.UNCHECKED: ("", lazy("Not checked yet")),
}
ABILITIES = {
    Can.QUOTE: lazy("tells prices before the purchase"),
    Can.LABELLESS: lazy("codes in place of paper labels"),
    Can.PICKUP: lazy("fetches parcels at the door"),
    Can.CANCEL: lazy("takes labels back"),
    Can.TRACK: lazy("tells where parcels are"),
    Can.WEBHOOK: lazy("sends its news by itself"),
    Can.CUSTOMS: lazy("goes across customs borders"),
    Can.VALIDATE: lazy("says before the purchase whether it takes a parcel"),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """Labels of one account: those that wait for the carrier, and those that nobody knows about."""

    waiting: int = 0
    since: datetime | None = None
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """``tone`` and ``word`` make the badge; ``sentence`` says what it means and what happens next."""

    health: Health
    tone: str
    word: str
    sentence: str = ""
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be known of a carrier: pairs of words for a list, and what it cannot."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    unconfirmed: str = ""
    absent: list[str] = field(default_factory=list)
    extra: str = ""


def queues_of(merchant: Merchant) -> dict[int, Queue]:
    """The queue of every account that has one."""
    buying = Q(status=PurchaseStatus.BUYING.value)
    unknown = Q(status=PurchaseStatus.UNKNOWN.value)
    rows = (
        merchant.label_purchases.filter(buying | unknown)
        .values("account")
        .annotate(
            waiting=Count("pk", filter=buying),
            since=Min("created_at", filter=buying),
            unknown=Count("pk", filter=unknown),
        )
    )
    return {
        row["account"]: Queue(row["waiting"], row["since"], row["unknown"])
        for row in rows.order_by("account")
    }


def state_of(
    account: CarrierAccount, check: CarrierInquiry | None, queue: Queue, *, now: datetime
) -> State:
    """The account in one badge and one sentence; ``check`` is its newest question about credentials."""
    health = health_of(account, at=now)
    tone, word = BADGES[health]
    if still_waiting(check, at=now):
        sentence = _("The worker asks the carrier right now.")
        return State(health, "info", _("Being checked"), sentence, asking=True)
    sentence = _sentence(account, check, health, queue)
    return State(health, tone, str(word), sentence)


def _sentence(
    account: CarrierAccount, check: CarrierInquiry | None, health: Health, queue: Queue
) -> str:
    if health is Health.BROKEN:
        said = _("It is asked for nothing until it has new credentials.")
        held = ngettext(
            "%d label waits and is bought as soon as they work.",
            "%d labels wait and are bought as soon as they work.",
            queue.waiting,
        )
        return f"{said} {held % queue.waiting}" if queue.waiting else said
    if health is Health.PAUSED:
        until = clock_time(account.paused_until)
        if account.resting == CarrierAccount.Resting.TROUBLE.value:
            return _("It did not answer too often and is left alone until %s.") % until
        return _("It asked us to slow down and is left alone until %s.") % until
    if health is Health.HALF_OPEN:
        return _("It has rested. The next label shows whether it answers again.")
    if health is Health.UNCHECKED:
        if check is not None and check.state == CarrierInquiry.State.ASKED.value:
            return _("The worker has not answered. Is it running? Check again.")
        return _("No label is bought with it before the carrier has taken its credentials.")
    return ""


def facts_of(about: Known, can: Can | None = None) -> Facts:
    """What a merchant should know of a carrier before, and while, he buys from it; ``can`` of his own contract."""
    can = about.can if can is None else can
    told = [str(words) for flag, words in ABILITIES.items() if flag in can]
    rows = []
    if told:
        rows.append((_("What it can"), ", ".join(told)))
    if not about.sells:
        rows.append((_("Labels"), _("none are bought from it; its parcels are followed")))
        return Facts(rows, about.unconfirmed, missing(about.code), about.extra)
    if can & Can.CANCEL:
        rows.append((_("A label can be given back"), _void_words(about.void_days)))
    charged = {
        "creation": _("when it is bought, used or not"),
        "first_scan": _("when its parcel is first scanned; an unused label costs nothing"),
    }
    rows.append((_("A label is charged"), charged[about.charged]))
    if not can & (Can.FIND_BY_REFERENCE | Can.IDEMPOTENCY_KEY):
        lost = _("a person looks at the carrier’s own site; nothing is bought twice")
        rows.append((_("If an answer gets lost"), lost))
    return Facts(rows, about.unconfirmed, missing(about.code), about.extra)


def _void_words(days: int) -> str:
    if not days:
        return _("while it is unused; the carrier names no last day")
    return (
        ngettext(
            "within %d day of the purchase, while it is unused",
            "within %d days of the purchase, while it is unused",
            days,
        )
        % days
    )


def about(account: CarrierAccount) -> Known:
    """What is known of the account's carrier, also when its adapter is gone."""
    try:
        return known(account.carrier)
    except UnknownCarrier:
        return Known(code=account.carrier, name=account.carrier, path="")


def is_gone(account: CarrierAccount) -> bool:
    """Is its adapter, or what that needs, not installed any more?"""
    try:
        return bool(missing(account.carrier))
    except UnknownCarrier:
        return True


def saved_secrets(
    account: CarrierAccount, check: CarrierInquiry | None
) -> Iterable[tuple[str, bool]]:
    """(label, is something kept) of each credential; never the credential itself."""
    kept = is_kept(account, check)
    return [(_(box.label), kept) for box in about(account).credentials]


def is_kept(account: CarrierAccount, check: CarrierInquiry | None) -> bool:
    """Are there sealed credentials, taken by the carrier or still to be tried?"""
    return bool(account.credentials or (check and check.proposal))


def can_in(account: CarrierAccount) -> Can:
    """What this very contract can, as it was asked last; before that, what its carrier can at its best."""
    if account.abilities is None:
        return can_of(account.carrier, account.settings)
    can = Can.NOTHING
    for name in account.abilities:
        can |= Can.__members__.get(str(name).upper(), Can.NOTHING)
    return can
