"""Which carriers there are: ours by an explicit list, others by an entry point.

A package outside names its class under the group `rientro.carriers`, with its code as the name.

Nothing is imported before it is asked for by its code. A web process calls ``keep_worker_only_out`` and from
then on imports no adapter that belongs to the worker; ``known``, ``can_of`` and ``missing`` import none.
"""

import importlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from typing import TYPE_CHECKING, Any, ClassVar

from rientro.carriers.base import Can, Carrier, Unavailable
from rientro.carriers.easypost.offered import OFFERED as EASYPOST
from rientro.carriers.karrio.offered import OFFERED as KARRIO
from rientro.carriers.known import Field, Known
from rientro.carriers.sendcloud.offered import OFFERED as SENDCLOUD
from rientro.kit.errors import Kind, RientroError
from rientro.policy.void_windows import VoidWindow, window

if TYPE_CHECKING:
    from rientro.carriers.prepaid import Shelf

GROUP = "rientro.carriers"


class UnknownCarrier(RientroError):
    """No adapter of this code is installed."""

    kind: ClassVar[Kind] = "missing"
    code: ClassVar[str] = "unknown_carrier"


class WorkerOnly(Unavailable):
    """This process serves pages and must not load this adapter: post a task instead."""

    code: ClassVar[str] = "carrier_worker_only"


KNOWN: dict[str, Known] = {
    "sandbox": Known(
        code="sandbox",
        name="Sandbox carrier",
        path="rientro.carriers.sandbox:Sandbox",
        words="Sells test labels, moves no parcels and costs no money. For trying things out.",
        credentials=(
            Field(name="token", label="Access token", secret=True),
            Field(
                name="webhook_secret",
                label="Webhook secret",
                secret=True,
                required=False,
                help="Filled in by itself when the carrier accepts our address.",
            ),
        ),
        settings=(
            Field(
                name="url",
                label="Address of the sandbox",
                target=True,
                default="http://127.0.0.1:8100",
                help="Where `rientro sandbox-carrier` listens.",
            ),
            Field(
                name="poll_every_s",
                label="Ask for news every … seconds",
                required=False,
                default="60",
            ),
            Field(
                name="cannot",
                label="Switch off",
                required=False,
                help="To do without, by comma: idempotency_key, find_by_reference, cancel.",
            ),
            Field(
                name="paper",
                label="Whose label",
                required=False,
                help="Empty: labels are drawn here. “carrier”: its own paper, as some carriers insist.",
            ),
        ),
        test_only=True,
        can=Can.QUOTE
        | Can.CANCEL
        | Can.TRACK
        | Can.WEBHOOK
        | Can.IDEMPOTENCY_KEY
        | Can.FIND_BY_REFERENCE
        | Can.LABELLESS
        | Can.PICKUP
        | Can.MULTI_PARCEL
        | Can.CUSTOMS
        | Can.VALIDATE,
    ),
    "prepaid": Known(
        code="prepaid",
        name="Own labels",
        path="rientro.carriers.prepaid:Prepaid",
        words="Labels that you have bought elsewhere: upload their PDFs with the tracking numbers, and each "
        "return gets one of them.",
        can=Can.CANCEL | Can.IDEMPOTENCY_KEY | Can.FIND_BY_REFERENCE,
        own_stock=True,
    ),
    **SENDCLOUD,
    **EASYPOST,
    **KARRIO,
}
_closed: set[str] = set()  # "worker_only", once this process has said that it serves pages


def open_carrier(
    code: str,
    credentials: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    shelf: "Shelf | None" = None,
) -> Carrier:
    """An adapter under one contract, for one unit of work. Raises UnknownCarrier and, in a web process, WorkerOnly.

    ``shelf`` is the pool of the account; only a carrier whose labels lie there is handed it.
    """
    if _closed and known(code).worker_only:
        raise WorkerOnly(f"{known(code).name} is asked by the worker, not while a page waits.")
    more = {"shelf": shelf} if code in KNOWN and KNOWN[code].own_stock else {}
    made: Carrier = carrier_class(code)(credentials, settings, **more)
    return made


def keep_worker_only_out() -> None:
    """Called by a process that serves pages: from now on it loads no adapter that belongs to the worker."""
    _closed.add("worker_only")


def can_of(code: str, settings: Mapping[str, Any]) -> Can:
    """What a contract can do, as far as that is known without its adapter; nothing for a carrier that is gone.

    The setting ``cannot`` (names by comma) takes flags away, as it does in the adapters.
    """
    try:
        can = known(code).can
    except UnknownCarrier:
        return Can.NOTHING
    return can & ~without(settings.get("cannot", ""))


def void_window(
    code: str, settings: Mapping[str, Any], *, bought_at: datetime, now: datetime
) -> VoidWindow:
    """Until when a label of this contract can be given back; a carrier that is gone takes none back."""
    try:
        days = known(code).void_days
    except UnknownCarrier:
        return VoidWindow(why="never")
    can = Can.CANCEL in can_of(code, settings)
    return window(bought_at=bought_at, void_days=days, can_cancel=can, now=now)


def charged_on(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """When a label is charged: `creation` or `first_scan`; as its ``facts["charged"]`` say, else as usual here."""
    told = (facts or {}).get("charged")
    if told in ("creation", "first_scan"):
        return str(told)
    try:
        return known(code).charged
    except UnknownCarrier:
        return "creation"


def without(names: object) -> Can:
    """The flags that a setting such as "find_by_reference, cancel" names; unknown names are nothing."""
    listed = names if isinstance(names, list | tuple) else str(names or "").split(",")
    off = Can.NOTHING
    for name in listed:
        off |= Can.__members__.get(str(name).strip().upper(), Can.NOTHING)
    return off


def missing(code: str) -> list[str]:
    """The distributions that this carrier needs and that are not installed. Imports nothing."""
    return [name for name in known(code).needs if not _installed(name)]


@cache
def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


@cache
def carrier_class(code: str) -> Any:
    """The adapter's class; called with (credentials, settings). Raises UnknownCarrier."""
    if code in KNOWN:
        module, _, name = KNOWN[code].path.partition(":")
        return getattr(importlib.import_module(module), name)
    outside = _outside().get(code)
    if outside is None:
        raise UnknownCarrier(f"No carrier called “{code}” is installed.", carrier=code)
    return outside.load()


def known(code: str) -> Known:
    """What the panel needs to know of one carrier. Raises UnknownCarrier."""
    if code in KNOWN:
        return KNOWN[code]
    cls = carrier_class(code)
    return Known(
        code=code,
        name=cls.NAME,
        path=_outside()[code].value,
        words=getattr(cls, "WORDS", ""),
        credentials=tuple(getattr(cls, "CREDENTIALS", ())),
        settings=tuple(getattr(cls, "SETTINGS", ())),
        worker_only=bool(getattr(cls, "WORKER_ONLY", False)),
        unconfirmed=str(getattr(cls, "UNCONFIRMED", "")),
        void_days=int(getattr(cls, "VOID_DAYS", 0)),
        charged=getattr(cls, "CHARGED", "creation"),
        can=getattr(cls, "CAN", Can.NOTHING),
    )


def codes() -> list[str]:
    """Every installed carrier, ours first."""
    return [*KNOWN, *sorted(set(_outside()) - set(KNOWN))]


@cache
def _outside() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}
