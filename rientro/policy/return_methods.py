"""The ways back that a shopper may choose from, and what each asks of the return and of the carrier.

A new way is one line here, one value of Return.Method, one switch of PortalSettings, and its card in the portal
(templates/portal/methods/<code>.html). Their order here is the order in which they are shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way back.

    ``switch`` is the field of PortalSettings that offers it. ``posted``: we send the parcel for the shopper, so the
    shopper's address is asked for. ``buys``: we buy its label as soon as the return is approved. ``needs`` is the
    ability (carriers.base.Can, lower case) without which a contract cannot do it. ``own``: the shopper sends it with a
    label of their own and pays for it.
    """

    code: str
    switch: str
    posted: bool = True
    buys: bool = True
    needs: str = ""
    own: bool = False


WAYS: dict[str, Way] = {
    way.code: way
    for way in (
        Way(code="print_at_home", switch="print_at_home"),
        Way(code="labelless", switch="labelless", needs="labelless"),
        Way(code="pickup", switch="pickup", needs="pickup"),
        Way(code="in_store", switch="in_store", posted=False, buys=False),
        Way(code="self_sent", switch="self_sent", posted=False, buys=False, own=True),
    )
}


def is_posted(method: str) -> bool:
    """Does a return by ``method`` travel as a parcel?"""
    return WAYS[method].posted


def buys_label(method: str) -> bool:
    """Do we buy the label of a return by ``method``?"""
    return WAYS[method].buys


def is_own(method: str) -> bool:
    """Does the shopper send a return by ``method`` with a label of their own?"""
    return WAYS[method].own
