"""How a shop's connection is doing, and what is known of its system, in the reader's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from rientro.models import Integration, ShopLink, ShopPull, ShopWalk
from rientro.policy.shop_filters import Filters
from rientro.shops.base import Can
from rientro.shops.known import Known
from rientro.shops.registry import UnknownShop, known

BADGES = {
    ShopLink.State.OK.value: ("ok", lazy("Connected")),
    ShopLink.State.FAILING.value: ("warn", lazy("Cannot be reached")),
    ShopLink.State.BROKEN.value: ("bad", lazy("Keys refused")),
    ShopLink.State.PAUSED.value: ("", lazy("Paused")),
}
ABILITIES = {
    Can.WEBHOOK: lazy("tells us of each order at once"),
    Can.FIND: lazy("can be asked for an order that is not here yet"),
    Can.REFUND: lazy("pays back by itself"),
    Can.RESTOCK: lazy("puts goods back on the shelf"),
    Can.STORE_CREDIT: lazy("gives store credit"),
    Can.COUPON: lazy("makes coupons"),
    Can.NOTE: lazy("takes a note with the return’s number"),
    Can.PRIVACY: lazy("hands on requests about personal data"),
}
SOURCES = {
    ShopPull.Source.POLL.value: lazy("New and changed orders"),
    ShopPull.Source.BACKFILL.value: lazy("Earlier orders"),
    ShopPull.Source.RECONCILE.value: lazy("Compared with the shop"),
    ShopPull.Source.SWEEP.value: lazy("Old orders looked after"),
    ShopPull.Source.WEBHOOK.value: lazy("The shop told us"),
    ShopPull.Source.LOOKUP.value: lazy("A shopper asked"),
    ShopPull.Source.RETRY.value: lazy("Tried again"),
}
MEANINGS = [
    ("", lazy("as the shop tells it")),
    ("leave_out", lazy("do not import")),
    ("sent", lazy("sent")),
    ("delivered", lazy("delivered")),
    ("cancelled", lazy("cancelled")),
]
CHANNELS = [
    ("web", lazy("Online")),
    ("store", lazy("In a store")),
    ("phone", lazy("By phone")),
    ("marketplace", lazy("Marketplace")),
]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first reading has come. ``percent`` is None where the shop cannot count."""

    moving: bool
    seen: int
    total: int | None
    since: datetime

    @property
    def percent(self) -> int | None:
        if not self.total:
            return None
        return min(100, self.seen * 100 // self.total)


@dataclass(frozen=True, slots=True)
class Health:
    """``tone`` and ``word`` make the badge; ``sentence`` says what it means and what happens next."""

    state: str
    tone: str
    word: str
    sentence: str = ""


def about_of(row: Integration) -> Known | None:
    """None for the API, for files, and for a system whose adapter is gone."""
    try:
        return known(row.system)
    except UnknownShop:
        return None


def system_name(row: Integration) -> str:
    """As the list of integrations calls it."""
    names = {"api": _("API"), "csv": _("CSV or XLSX files")}
    about = None if row.system in names else about_of(row)
    return about.name if about else names.get(row.system, row.system.capitalize())


def health_of(link: ShopLink) -> Health:
    tone, word = BADGES[link.state]
    sentences = {
        ShopLink.State.FAILING.value: _(
            "It is tried again by itself, at least every quarter of an hour. Nothing is lost: reading goes on where "
            "it stopped."
        ),
        ShopLink.State.BROKEN.value: _(
            "The shop refuses our keys or a permission is missing. Mend it in the shop or enter new keys; until then "
            "no order comes in."
        ),
        ShopLink.State.PAUSED.value: _(
            "The shop is asked nothing. What changes there meanwhile comes in when you go on."
        ),
    }
    return Health(link.state, tone, str(word), sentences.get(link.state, ""))


def progress_of(link: ShopLink) -> Progress | None:
    """Of the reading of earlier orders; None where there was none."""
    walk = link.walks.filter(kind=ShopWalk.Kind.BACKFILL.value).first()
    if walk is None:
        return None
    return Progress(walk.next_at is not None, walk.seen, walk.total, walk.since)


def abilities(about: Known) -> list[str]:
    return [str(words) for flag, words in ABILITIES.items() if flag in about.can]


def filter_words(link: ShopLink) -> Iterator[tuple[str, str]]:
    """(what, which words) of each filter that is set."""
    told = Filters.of(link.filters)
    names = dict(CHANNELS)
    for name, words in (
        (_("Statuses"), told.statuses),
        (_("Tags"), told.tags),
        (_("Channels"), [str(names.get(word, word)) for word in told.channels]),
        (_("Countries"), told.countries),
    ):
        if words:
            yield name, ", ".join(words)


def sum_of(pull: ShopPull) -> str:
    """“3 new, 1 changed”: what one reading brought."""
    counted = [
        (pull.orders_created, ngettext("%(n)s new", "%(n)s new", pull.orders_created)),
        (pull.orders_updated, ngettext("%(n)s changed", "%(n)s changed", pull.orders_updated)),
        (pull.orders_left_out, ngettext("%(n)s left out", "%(n)s left out", pull.orders_left_out)),
        (pull.orders_refused, ngettext("%(n)s refused", "%(n)s refused", pull.orders_refused)),
    ]
    return ", ".join(words % {"n": n} for n, words in counted if n) or "–"
