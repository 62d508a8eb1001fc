"""Who is asking, as far as a limit may believe it: the client's network behind a known number of proxies."""

import ipaddress

UNKNOWN = "unknown"


def client_address(remote: str, forwarded_for: str, *, trusted_proxies: int) -> str:
    """The address of the client, told by the outermost proxy that is ours.

    Every proxy appends the address it was called from to X-Forwarded-For, so with n proxies the n-th entry
    from the end was written by one of ours, and all before it by anybody. With none the header is not read.
    A header with fewer entries than proxies did not come through them: the peer's own address counts.
    """
    if trusted_proxies < 1:
        return remote
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else remote


def network_of(address: str) -> str:
    """The /24 of an IPv4 address or the /64 of an IPv6 one: what one person can change without effort."""
    plain = address.strip().strip("[]").partition("%")[0]
    try:
        found = ipaddress.ip_address(plain)
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    prefix = 24 if found.version == 4 else 64
    return str(ipaddress.ip_network((found, prefix), strict=False))
