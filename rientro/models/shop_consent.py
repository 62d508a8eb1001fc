"""What a merchant wishes to connect, and how that wish travels to the shop's own page and back.

What was typed travels in a word that we sign; secrets do not: they wait, sealed, in the session of the member.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing

SALT = "rientro.shop.consent"
LIVES_S = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopWish:
    """What the form says. An empty secret of a connected shop means: as before."""

    system: str
    url: str
    shop_name: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    days: int = 60  # how far back orders are read at first


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A wish that the shop's own page was asked for, by whom, and the name of what waits in the session."""

    merchant_id: int
    actor: str
    nonce: str
    wish: ShopWish


def state_of(pending: Pending) -> str:
    """The signed word; without the credentials."""
    wish = pending.wish
    told = {
        "merchant": pending.merchant_id,
        "actor": pending.actor,
        "nonce": pending.nonce,
        "system": wish.system,
        "url": wish.url,
        "name": wish.shop_name,
        "days": wish.days,
        "settings": dict(wish.settings),
    }
    return signing.dumps(told, salt=SALT, compress=True)


def read_state(state: str, system: str) -> Pending:
    """What ``state_of`` signed. Raises signing.BadSignature for what is not ours, too old or another system's."""
    told: dict[str, Any] = signing.loads(state, salt=SALT, max_age=LIVES_S)
    if told["system"] != system:
        raise signing.BadSignature("Of another shop system.")
    wish = ShopWish(
        system=told["system"],
        url=told["url"],
        shop_name=told["name"],
        settings=told["settings"],
        days=told["days"],
    )
    return Pending(
        merchant_id=told["merchant"], actor=told["actor"], nonce=told["nonce"], wish=wish
    )
