"""What belongs to an order and lies elsewhere in PrestaShop, asked for many orders at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from rientro.kit.sentences import Sentence
from rientro.shops.base import AuthFailed, InvalidRequest, Unavailable
from rientro.shops.prestashop.wire import PrestaWire, Row
from rientro.shops.reading import key, text

SETTINGS = (
    "PS_TIMEZONE",
    "PS_WEIGHT_UNIT",
    "PS_LANG_DEFAULT",
    "PS_COUNTRY_DEFAULT",
    "PS_CURRENCY_DEFAULT",
    "PS_OS_CANCELED",
    "PS_OS_DELIVERED",
    "PS_SHOP_NAME",
)
NEEDED = (
    "orders",
    "order_details",
    "order_states",
    "addresses",
    "customers",
    "countries",
    "currencies",
)
HELPFUL = {  # what goes missing when the key may not read it
    "order_histories": "no dates of dispatch and delivery",
    "order_slip": "no dates of refunds",
    "order_carriers": "no tracking numbers",
    "order_cart_rules": "free shipping looks like a discount on goods",
    "states": "no provinces",
    "languages": "no language of the shopper",
    "products": "no pictures",
    "combinations": "no pictures of variants",
}


@dataclass(slots=True)
class Around:
    """{order id: rows}, and {id: row} of what orders share."""

    details: dict[str, list[Row]] = field(default_factory=dict)
    histories: dict[str, list[Row]] = field(default_factory=dict)
    slips: dict[str, list[Row]] = field(default_factory=dict)
    carriers: dict[str, list[Row]] = field(default_factory=dict)
    rules: dict[str, list[Row]] | None = None  # None: the key may not read them
    addresses: dict[str, Row] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    products: dict[str, Row] = field(default_factory=dict)
    combinations: dict[str, Row] = field(default_factory=dict)


class Lookup:
    """Questions about one shop, for one unit of work: what is the same for all orders is asked once."""

    def __init__(self, wire: PrestaWire, timezone: str = "", *, hurried: bool = False) -> None:
        self._wire = wire
        self._hurried = hurried
        self._timezone = timezone
        self._kept: dict[str, dict[str, Row]] = defaultdict(dict)
        self._settings: dict[str, str] | None = None
        self._closed: set[str] = set()  # resources that the key may not read

    def around(self, orders: Sequence[Row], until: float) -> Around:
        ids = [key(order) for order in orders]
        found = Around(
            details=self._by_order("order_details", ids, until),
            histories=self._by_order("order_histories", ids, until),
            slips=self._by_order("order_slip", ids, until),
            carriers=self._by_order("order_carriers", ids, until),
        )
        rules = self._by_order("order_cart_rules", ids, until)
        found.rules = None if "order_cart_rules" in self._closed else rules
        places = [key(o, f"id_address_{kind}") for o in orders for kind in ("delivery", "invoice")]
        found.addresses = self._by_id("addresses", places, until)
        people = [key(order, "id_customer") for order in orders]
        found.customers = self._by_id("customers", people, until, "[id,email]")
        self._prepare(orders, found, until)
        try:
            self._pictures(found, until)
        except Unavailable:
            # A shopper who waits is shown the order without them; a later reading brings them.
            if not self._hurried:
                raise
        return found

    def _pictures(self, found: Around, until: float) -> None:
        lines = [line for lines in found.details.values() for line in lines]
        products = [key(line, "product_id") for line in lines]
        found.products = self._by_id("products", products, until, "[id,id_default_image]")
        variants = [key(line, "product_attribute_id") for line in lines]
        found.combinations = self._by_id("combinations", variants, until)

    def _prepare(self, orders: Sequence[Row], found: Around, until: float) -> None:
        self.kept("currencies", [key(order, "id_currency") for order in orders], until)
        self.kept("languages", [key(order, "id_lang") for order in orders], until)
        places = found.addresses.values()
        self.kept("countries", [key(place, "id_country") for place in places], until)
        self.kept("states", [key(place, "id_state") for place in places], until)
        histories = [row for rows in found.histories.values() for row in rows]
        wanted = [key(order, "current_state") for order in orders]
        self.kept(
            "order_states", [*wanted, *(key(row, "id_order_state") for row in histories)], until
        )

    def kept(self, resource: str, ids: Iterable[str], until: float) -> dict[str, Row]:
        """{id: row} of something that hardly changes; each is asked for once."""
        kept = self._kept[resource]
        missing = {one for one in ids if one} - set(kept)
        if missing:
            found = self._by_id(resource, sorted(missing), until)
            kept |= {one: found.get(one, {}) for one in missing}
        return kept

    def row(self, resource: str, number: str, until: float) -> Row:
        return self.kept(resource, [number], until).get(number, {})

    def states(self, until: float) -> list[Row]:
        return self._wire.rows("order_states", until, display="full")

    def setting(self, name: str, until: float) -> str:
        """A value of PrestaShop's configuration; "" when the key may not read it."""
        if self._settings is None:
            query = {"filter[name]": f"[{'|'.join(SETTINGS)}]", "display": "[id,name,value]"}
            self._settings = {}
            for row in self._optional("configurations", until, **query):
                if text(row, "value"):
                    self._settings.setdefault(text(row, "name"), text(row, "value"))
        return self._settings.get(name, "")

    def zone(self, until: float) -> ZoneInfo:
        """Raises AuthFailed when neither the merchant nor the shop says it, InvalidRequest for no zone at all."""
        name = self._timezone or self.setting("PS_TIMEZONE", until)
        if not name:
            raise AuthFailed(
                "PrestaShop tells times without a zone. Fill in the time zone of the shop, or let the key read "
                "“configurations” (Advanced Parameters › Webservice).",
                scope="configurations GET",
            )
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            said = Sentence("“%(name)s” is no time zone; one is Europe/Rome.", name=name[:60])
            raise InvalidRequest(said) from error

    def _by_order(self, resource: str, ids: Sequence[str], until: float) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows_of(resource, "id_order", ids, until):
            rows[key(row, "id_order")].append(row)
        return dict(rows)

    def _by_id(
        self, resource: str, ids: Sequence[str], until: float, display: str = "full"
    ) -> dict[str, Row]:
        rows = self._rows_of(resource, "id", [one for one in ids if one], until, display)
        return {key(row): row for row in rows}

    def _rows_of(
        self, resource: str, name: str, ids: Sequence[str], until: float, display: str = "full"
    ) -> list[Row]:
        if resource in self._closed:
            return []
        try:
            return self._wire.rows_of(resource, name, ids, until, display)
        except AuthFailed as error:
            self._close(resource, error)
            return []

    def _optional(self, resource: str, until: float, **query: str) -> list[Row]:
        try:
            return self._wire.rows(resource, until, **query)
        except AuthFailed as error:
            self._close(resource, error)
            return []

    def _close(self, resource: str, error: AuthFailed) -> None:
        """Go on without what is only helpful; a dead key, or a resource that orders need, ends it."""
        if resource in NEEDED or not error.facts.get("scope"):
            raise error
        self._closed.add(resource)
