"""The ways back in Sendcloud's words."""

from rientro.models import CarrierAccount, PortalSettings, Return
from rientro.policy.return_methods import WAYS, Way

DROP_OFF = "drop_off_point"
_M = Return.Method
METHOD_OF = {
    DROP_OFF: _M.PRINT_AT_HOME.value,
    "drop_off_labelless": _M.LABELLESS.value,
    "pickup": _M.PICKUP.value,
    "in_store": _M.IN_STORE.value,
}
_OPTION_OF = {method: option for option, method in METHOD_OF.items()}


def option_of(method: str) -> str:
    """Sendcloud's word for one of our ways back; a way it has no word for is a parcel that is handed in."""
    return _OPTION_OF.get(method, DROP_OFF)


def options_of(
    portal: PortalSettings, accounts: list[CarrierAccount], *, stores: bool
) -> list[str]:
    """What the portal offers: with abilities only where some contract has them, stores only where there are any."""
    able = {word for account in accounts for word in account.abilities or ()}
    return [
        option
        for option, method in METHOD_OF.items()
        if _is_on(portal, WAYS[method], able) and (stores or method != _M.IN_STORE.value)
    ]


def _is_on(portal: PortalSettings, way: Way, able: set[str]) -> bool:
    return bool(getattr(portal, way.switch)) and (not way.needs or way.needs in able)
