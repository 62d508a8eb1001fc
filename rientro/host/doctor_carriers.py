"""The doctor's look at the real carriers: is their library here, and does every byte go through our transport?"""

import logging
from collections.abc import Iterator

from rientro.carriers.karrio import hosts, library
from rientro.host.findings import Finding, bad, care, good

log = logging.getLogger(__name__)


def carrier_findings() -> Iterator[Finding]:
    """Loads Karrio where it is installed, and proves that it cannot send past our transport."""
    yield _stand_ins()
    try:
        library.self_check()
    except library.NotInstalled:
        yield good("Karrio is not installed: DHL, UPS, FedEx, bpost, Colissimo and GLS rest.")
    except library.HookMoved as moved:
        yield bad(
            str(moved.facts["why"]), "Until then, every purchase from these carriers waits, unsent."
        )
    else:
        yield good(f"Karrio {library.VERSION} sends through our transport only.")


def complain() -> None:
    """At a worker's start: say loudly what would make every purchase through Karrio wait. Imports nothing of it."""
    try:
        words = library.doubts() if library.installed() else ""
    except library.NotInstalled:
        words = ""
    for problem in filter(None, (words, hosts.problem())):
        log.critical("No carrier behind Karrio will be asked: %s %s", problem, library.MEND)


def _stand_ins() -> Finding:
    problem = hosts.problem()
    if problem:
        return bad(problem, "Mend it or unset it: no carrier behind Karrio is asked until then.")
    led = hosts.led()
    if led:
        return care(
            f"Carriers are led to this machine: {', '.join(led)}.",
            f"Right for tests; elsewhere unset {hosts.VARIABLE}.",
        )
    return good("Carriers are asked where they stand.")
