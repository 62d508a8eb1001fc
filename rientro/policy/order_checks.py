"""Can this order be kept at all? Lenient: only what stops the job is refused, and every reason is named."""

from rientro.kit.countries import CODES
from rientro.kit.money import LARGEST_MINOR
from rientro.kit.sentences import Sentence
from rientro.kit.text import normal_number
from rientro.policy.orders_in import LineIn, OrderIn, Problems

LONGEST_ID = 200
MOST_LINES = 1000
MOST_UNITS = 1_000_000
MOST_GRAMS = 2_000_000_000
CHANNELS = frozenset({"web", "store", "phone", "marketplace"})
NEEDED = Sentence("This is needed.")


def problems_of(order: OrderIn) -> Problems:
    """{field of OrderIn: [sentences]}; ``lines`` holds one such object per line that has problems, by its place."""
    found: Problems = {}
    for name in ("external_order_id", "number"):
        value = getattr(order, name).strip()
        if not value:
            found[name] = [NEEDED]
        elif len(value) > LONGEST_ID:
            found[name] = [Sentence("At most %(most)s characters.", most=LONGEST_ID)]
    if "number" not in found and not normal_number(order.number):
        found["number"] = [
            Sentence("A number needs a letter or a digit.")
        ]  # else nobody could type it
    if len(order.external_shipment_id) > LONGEST_ID:
        found["external_shipment_id"] = [Sentence("At most %(most)s characters.", most=LONGEST_ID)]
    if order.country not in CODES:
        found["country"] = [Sentence("Use a two-letter country code, such as IT.")]
    if len(order.currency) != 3 or not (order.currency.isascii() and order.currency.isupper()):
        found["currency"] = [Sentence("Use a three-letter currency code, such as EUR.")]
    if order.channel not in CHANNELS:
        found["channel"] = [Sentence("Use one of %(words)s.", words=", ".join(sorted(CHANNELS)))]
    if abs(order.total_minor) > LARGEST_MINOR:
        found["total_minor"] = [Sentence("This amount is too large.")]
    if not 0 <= order.weight_g <= MOST_GRAMS:
        found["weight_g"] = [Sentence("This weight is out of range.")]
    if order.ordered_at.tzinfo is None:
        found["ordered_at"] = [Sentence("A time needs its zone.")]
    return found | _problems_of_lines(order)


def _problems_of_lines(order: OrderIn) -> Problems:
    lines = order.lines or ()
    if len(lines) > MOST_LINES:
        return {"lines": [Sentence("At most %(most)s lines.", most=MOST_LINES)]}
    found = {
        str(place): bad for place, line in enumerate(lines) if (bad := _problems_of_line(line))
    }
    return {"lines": found} if found else {}


def _problems_of_line(line: LineIn) -> Problems:
    found: Problems = {}
    if not line.name.strip():
        found["name"] = [NEEDED]
    if not 1 <= line.quantity <= MOST_UNITS:
        found["quantity"] = [Sentence("A whole number from 1 to %(most)s.", most=MOST_UNITS)]
    if abs(line.price_minor) > LARGEST_MINOR:
        found["price_minor"] = [Sentence("This amount is too large.")]
    if not 0 <= line.weight_g <= MOST_GRAMS:
        found["weight_g"] = [Sentence("This weight is out of range.")]
    if len(line.line_key) > LONGEST_ID:
        found["line_key"] = [Sentence("At most %(most)s characters.", most=LONGEST_ID)]
    return found
