"""A socket to a stranger's address, for what is no HTTP: looked up once, checked, and connected to what was checked."""

import socket
import time

import httpcore

from rientro.kit.http import Resolve, TargetRefused, checked_addresses

LOWEST_OPEN_PORT = (
    1024  # below it are mail, names and the like, which nobody has to reach through us
)


class Unreached(OSError):
    """No connection came about; the sentence says why."""


def reach(
    host: str,
    port: int,
    *,
    usual_port: int,
    within_s: float,
    allow_private: bool = False,
    resolve: Resolve | None = None,
) -> socket.socket:
    """A connected TCP socket. Raises Unreached, and TargetRefused before anything is sent.

    ``allow_private`` is the operator's word, as in ``kit.http``. Of the low ports only ``usual_port`` is open.
    """
    if not allow_private and port != usual_port and not LOWEST_OPEN_PORT <= port <= 65_535:
        raise TargetRefused(f"Port {port} is not open to us; use {usual_port} or one above 1023.")
    ends_at = time.monotonic() + within_s
    try:
        found = checked_addresses(
            host, port, within_s=within_s, allow_private=allow_private, resolve=resolve
        )
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise Unreached(f"{host} has no address that answers.") from error
    for address in found:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError:
            continue
    raise Unreached(f"{host} does not answer at port {port}.")
