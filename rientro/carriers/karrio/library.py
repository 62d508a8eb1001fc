"""Karrio, loaded once, on first use, in the worker; with its holes closed, and the proof that they are.

What importing it does to a process, and what is done about it (seen with 2026.1.32):
- it switches off certificate checks for all of urllib and http.client: they stay on;
- it lets Pillow accept half pictures: it does not;
- it takes over loguru and logs addresses and passwords, and its jstruct logs tokens: they say nothing;
- it sends without a deadline, and twice where sentry-sdk is installed: ``transport.send`` sends instead;
- it runs questions in threads and event loops of its own: one after the other, in the thread that asks.
"""

import logging
import os
import ssl
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, ClassVar

from rientro.carriers.base import Unavailable
from rientro.carriers.karrio import transport
from rientro.carriers.karrio.tokens import Tokens
from rientro.kit.sentences import Sentence

VERSION = "2026.1.32"
HOOK = "_urlopen_with_span"
HELPERS = "karrio/core/utils/helpers.py"
NOWHERE = "https://carrier.invalid/"  # RFC 2606: no such host, ever
ABSENT = Sentence("This carrier is not installed here. Ask whoever runs this installation.")
UNSAFE = Sentence(
    "What this carrier is reached through is not the version that was made safe, so nothing was sent. "
    "Ask whoever runs this installation."
)
MEND = 'The operator installs what belongs together: pip install "rientro[karrio]".'


class NotInstalled(Unavailable):
    """This installation has no Karrio. Nothing was sent. ``facts["why"]`` is for its operator."""

    code: ClassVar[str] = "carrier_not_installed"


class HookMoved(Unavailable):
    """Karrio is not the one that was made safe, so it sends nothing. ``facts["why"]`` is for the operator."""

    code: ClassVar[str] = "carrier_library_moved"


@dataclass(frozen=True, slots=True)
class Library:
    """The doors of Karrio that the adapters use."""

    sdk: Any
    lib: Any
    models: Any
    tracer: Any

    def gateway(self, name: str, settings: Mapping[str, Any], tokens: Tokens) -> Any:
        """A connection for one call: nothing of it outlives it but the access token."""
        return self.sdk.gateway[name].create(dict(settings), tracer=self.tracer(), cache=tokens)


def load() -> Library:
    """Karrio, made safe. Raises NotInstalled and HookMoved; nothing can be sent then."""
    global _loaded
    with _lock:
        if _loaded is None:
            words = doubts()
            if words:
                raise HookMoved(UNSAFE, why=f"{words} {MEND}")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of its libraries, which are its own affair
                made = _imported()
            _prove(made)
            _loaded = made
        return _loaded


def installed() -> bool:
    """Is the library of the extra ``karrio`` here? Imports nothing."""
    return bool(_version("karrio"))


def doubts() -> str:
    """Why this Karrio must not be used, as far as its files tell without importing it; empty if nothing speaks against.

    Raises NotInstalled.
    """
    found = _version("karrio")
    if not found:
        raise NotInstalled(ABSENT, why=f"Karrio is not installed here. {MEND}")
    if found != VERSION:
        return f"Karrio {found} is installed; the carriers were made safe with {VERSION}."
    try:
        source = Path(str(distribution("karrio").locate_file(HELPERS))).read_text("utf-8")
    except OSError:
        source = ""
    if f"def {HOOK}(" not in source:
        return f"Karrio's function {HOOK} is not where it was, so its requests cannot be guarded."
    return ""


def self_check() -> None:
    """Load Karrio and prove that every request goes through our transport. Raises NotInstalled and HookMoved."""
    _prove(load())


# How it is loaded

_lock = threading.Lock()
_loaded: Library | None = None


def _imported() -> Library:
    images: Any = import_module("PIL.ImageFile")
    tls: Any = ssl
    unverified, half_pictures = ssl._create_unverified_context, images.LOAD_TRUNCATED_IMAGES
    os.environ["KARRIO_LOG_LEVEL"] = "CRITICAL"
    os.environ.pop("KARRIO_LOG_FILE", None)
    # Karrio puts the unverified maker in place of the verified one. While it does, both are the verified one.
    tls._create_unverified_context = ssl.create_default_context
    try:
        helpers: Any = import_module("karrio.core.utils.helpers")
    finally:
        tls._create_unverified_context = unverified
        images.LOAD_TRUNCATED_IMAGES = half_pictures
    _silence()
    utils: Any = import_module("karrio.core.utils")
    setattr(helpers, HOOK, transport.send)
    for module in (helpers, utils):  # before any connector takes these names for itself
        module.exec_async = module.exec_parrallel = _in_turn
    sdk = import_module("karrio.sdk")
    _ = sdk.gateway.providers  # finds the connectors now, once, and not within somebody's deadline
    return Library(
        sdk=sdk,
        lib=import_module("karrio.lib"),
        models=import_module("karrio.core.models"),
        tracer=_silent(import_module("karrio.core.utils.tracing").Tracer),
    )


def _silence() -> None:
    logger = import_module("loguru").logger
    logger.remove()
    logger.disable("karrio")
    # Warns of every field of an answer that it does not know, with what stands in it: tokens, addresses.
    logging.getLogger("jstruct").disabled = logging.getLogger("jstruct.utils").disabled = True


def _in_turn(
    action: Callable[[Any], Any], sequence: Sequence[Any], max_workers: int | None = None
) -> list[Any]:
    """Instead of threads and event loops, in which our call and its deadline would be lost."""
    return [action(item) for item in sequence]


def _silent(tracer: Any) -> Any:
    """Karrio's tracer keeps every body, passwords too. This one keeps nothing."""

    class Silent(tracer):  # type: ignore[misc]
        def trace(self, told: Any, *_: Any, **__: Any) -> Any:
            return told

    return Silent


def _prove(made: Library) -> None:
    """A request outside of every route must end at our transport, not in the network."""
    helpers = import_module("karrio.core.utils.helpers")
    if getattr(helpers, HOOK, None) is not transport.send:
        raise HookMoved(UNSAFE, why=f"Karrio's function {HOOK} is not ours any more. {MEND}")
    if ssl._create_default_https_context is ssl._create_unverified_context:
        raise HookMoved(UNSAFE, why=f"Something has switched off certificate checks. {MEND}")
    try:
        with transport.Call(()):
            made.lib.request(url=NOWHERE, method="GET")
    except transport.Refused:
        return
    except Exception as error:
        raise HookMoved(
            f"Karrio sends past our transport ({type(error).__name__}). {MEND}"
        ) from error
    raise HookMoved(UNSAFE, why=f"Karrio sends past our transport. {MEND}")


def _version(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return ""
