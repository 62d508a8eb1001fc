"""Which shop systems there are: ours by an explicit list, others by an entry point.

A package outside names its class under the group `rientro.shops`, with its code as the name. Nothing is imported
before it is asked for by its code.
"""

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

from rientro.kit.errors import Kind, RientroError
from rientro.shops.base import Can, Shop, TellsByItself
from rientro.shops.known import Known
from rientro.shops.magento.offered import OFFERED as MAGENTO
from rientro.shops.medusa.offered import OFFERED as MEDUSA
from rientro.shops.prestashop.offered import OFFERED as PRESTASHOP
from rientro.shops.shopify.offered import OFFERED as SHOPIFY
from rientro.shops.shopware.offered import OFFERED as SHOPWARE
from rientro.shops.woocommerce.offered import OFFERED as WOOCOMMERCE

GROUP = "rientro.shops"


class UnknownShop(RientroError):
    """No adapter of this code is installed."""

    kind: ClassVar[Kind] = "missing"
    code: ClassVar[str] = "unknown_shop"


KNOWN: dict[str, Known] = {**SHOPIFY, **WOOCOMMERCE, **PRESTASHOP, **MAGENTO, **SHOPWARE, **MEDUSA}


def open_shop(code: str, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> Shop:
    """An adapter under one contract, for one unit of work. Raises UnknownShop."""
    made: Shop = shop_class(code)(credentials, settings)
    return made


def open_telling_shop(
    code: str, credentials: Mapping[str, Any], settings: Mapping[str, Any]
) -> TellsByItself | None:
    """The adapter of a shop that tells us by itself; None for one that is only asked. Raises UnknownShop."""
    if Can.WEBHOOK not in known(code).can:
        return None
    made: TellsByItself = shop_class(code)(credentials, settings)
    return made


@cache
def shop_class(code: str) -> Any:
    """The adapter's class; called with (credentials, settings). Raises UnknownShop."""
    if code in KNOWN:
        module, _, name = KNOWN[code].path.partition(":")
        return getattr(importlib.import_module(module), name)
    outside = _outside().get(code)
    if outside is None:
        raise UnknownShop(f"No shop system called “{code}” is installed.", shop=code)
    return outside.load()


def known(code: str) -> Known:
    """What the panel needs to know of one shop system. Raises UnknownShop."""
    if code in KNOWN:
        return KNOWN[code]
    told: Known = shop_class(code).KNOWN
    return told


def codes() -> list[str]:
    """Every installed shop system, ours first."""
    return [*KNOWN, *sorted(set(_outside()) - set(KNOWN))]


def is_shop(code: str) -> bool:
    """Is ``code`` a shop system that we can ask, unlike `api` and `csv`?"""
    return code in KNOWN or code in _outside()


@cache
def _outside() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}
