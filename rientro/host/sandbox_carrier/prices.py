"""The price list of the sandbox: invented, but shaped like a real one - by zone and by weight."""

from dataclasses import dataclass

from rientro.host.sandbox_carrier.wire import Refusal

CURRENCY = "EUR"
VOID_DAYS = 14
PICKUP_MINOR = 250  # for coming to the door

# Cents for the lightest domestic parcel, by country of the sender.
DOMESTIC = {
    "AT": 460, "BE": 520, "BG": 310, "CH": 790, "CY": 420, "CZ": 340, "DE": 419, "DK": 640,
    "EE": 330, "ES": 450, "FI": 620, "FR": 549, "GB": 505, "GR": 410, "HR": 360, "HU": 350,
    "IE": 690, "IT": 490, "LT": 320, "LU": 480, "LV": 325, "MT": 430, "NL": 545, "NO": 820,
    "PL": 299, "PT": 440, "RO": 315, "SE": 610, "SI": 370, "SK": 345, "US": 890,
}  # fmt: skip
EU = frozenset(DOMESTIC) - {"CH", "GB", "NO", "US"}
BRACKETS_G = ((1_000, 100), (2_000, 115), (5_000, 140), (10_000, 190), (20_000, 270), (31_500, 360))
MAX_WEIGHT_G = BRACKETS_G[-1][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    code: str
    name: str
    percent: int  # of the list price
    days: int


PRODUCTS = {
    "sandbox_return": Product(code="sandbox_return", name="Print and drop off", percent=100, days=3),
    "sandbox_express": Product(code="sandbox_express", name="Print and drop off, express", percent=180, days=1),
}  # fmt: skip


def price_minor(origin: str, destination: str, weight_g: int, service: str) -> int:
    """Cents for one parcel. Raises Refusal where the carrier does not go, or not with that weight."""
    product = PRODUCTS.get(service)
    if product is None:
        raise Refusal(422, "unknown_service", f"There is no service “{service}”.", "service")
    check_served(origin, "from.country")
    check_served(destination, "to.country")
    if weight_g > MAX_WEIGHT_G:
        raise Refusal(422, "too_heavy", "A parcel may weigh 31.5 kg at most.", "weight_g")
    # A parcel of unknown weight is sold as the lightest, and would be weighed on the belt.
    bracket = next(percent for limit, percent in BRACKETS_G if weight_g <= limit)
    base = DOMESTIC[origin] + _distance(origin, destination)
    return base * bracket * product.percent // 10_000


def check_served(country: str, name: str) -> None:
    """Raise Refusal unless the carrier goes to ``country``."""
    if country not in DOMESTIC:
        where = country or "an unnamed country"
        raise Refusal(422, "not_served", f"This carrier does not go to {where}.", name)


def _distance(origin: str, destination: str) -> int:
    if origin == destination:
        return 0
    if origin in EU and destination in EU:
        return 460
    return 1_490 if "US" in (origin, destination) else 890


def products(origin: str, destination: str) -> list[dict[str, object]]:
    """What is sold between two countries, with the lowest price of each."""
    if origin not in DOMESTIC or destination not in DOMESTIC:
        return []
    return [
        {
            "code": product.code,
            "name": product.name,
            "days": product.days,
            "max_weight_g": MAX_WEIGHT_G,
            "price_from": amount(price_minor(origin, destination, 0, product.code)),
        }
        for product in PRODUCTS.values()
    ]


def whole_list() -> list[dict[str, object]]:
    """Every domestic price of the usual service, country by country, bracket by bracket."""
    return [
        {"country": country, "up_to_g": limit, "price": amount(price_minor(country, country, limit, "sandbox_return"))}
        for country in sorted(DOMESTIC)
        for limit, _ in BRACKETS_G
    ]  # fmt: skip


def amount(minor: int) -> dict[str, str]:
    """Cents as this carrier writes money."""
    sign = "-" if minor < 0 else ""
    return {"amount": f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}", "currency": CURRENCY}
