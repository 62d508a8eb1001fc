"""Goods back on Medusa's shelf by a return of its own, received at once and before the money goes: otherwise its books
would owe the shopper the same money once more.

Source: docs.medusajs.com/api/admin (2.x), Returns; tests/shops/recordings/medusa. A return takes six requests, and an
order has one open change at a time: what an earlier try of ours left half made is taken up where it stands.
"""

from rientro.shops.base import InvalidRequest, RefundRequest, Unavailable
from rientro.shops.medusa.wire import MedusaWire, Row
from rientro.shops.reading import inner, rows, text

OPEN = frozenset({"pending", "requested"})
MARK = "rientro"  # the key of our words in the metadata of an order or a return
QUIET = {"no_notification": True}


class Returns:
    """The goods of one refund. Asks for an earlier try's return at once where any are to be restocked."""

    def __init__(self, wire: MedusaWire, request: RefundRequest) -> None:
        self._wire, self._request = wire, request
        self._wanted = bool(request.restock and any(request.units.values()))
        self._ours = self._begun() if self._wanted else {}

    @property
    def are_received(self) -> bool:
        return text(self._ours, "status") == "received"

    def take_back(self, order: Row) -> None:
        """Receive the units, if any are restocked; not again what is received under this reference.

        Raises Unavailable while somebody else changes the order: Medusa then pays a refund and answers that it did
        not (recording refund_while_edited).
        """
        key, status = text(self._ours, "id"), text(self._ours, "status")
        open_ = self._open_changes(self._request.external_order_id)
        if any(not key or text(one, "return_id") != key for one in open_):
            raise Unavailable(
                "Somebody is changing this order in Medusa. Finish or cancel that change there; the refund goes then."
            )
        if not self._wanted or self.are_received:
            return
        if status == "open":
            self._wire.delete(f"/returns/{key}/request")
        if status == "requested":
            if open_:
                self._wire.delete(f"/returns/{key}/receive")
        else:
            key = self._ask(order)
        self._receive(key)

    def _begun(self) -> Row:
        asked = [("order_id", self._request.external_order_id), ("limit", "100")]
        for one in self._wire.listed("/returns", "returns", asked)[0]:
            is_ours = text(inner(one, "metadata"), MARK) == self._request.reference
            if is_ours and text(one, "status") != "canceled":
                return one
        return {}

    def _open_changes(self, order_id: str) -> list[Row]:
        changes, _ = self._wire.listed(f"/orders/{order_id}/changes", "order_changes")
        return [one for one in changes if text(one, "status") in OPEN]

    def _ask(self, order: Row) -> str:
        """A return that is asked for; its id."""
        words = {
            "order_id": self._request.external_order_id,
            "location_id": self._location(order),
            "metadata": {MARK: self._request.reference},
        }
        begun = self._wire.post("/returns", words | QUIET)
        key = text(inner(begun, "return"), "id")
        self._wire.post(f"/returns/{key}/request-items", {"items": _items(self._request)})
        self._wire.post(f"/returns/{key}/request", QUIET)
        return key

    def _receive(self, key: str) -> None:
        self._wire.post(f"/returns/{key}/receive", {})
        self._wire.post(f"/returns/{key}/receive-items", {"items": _items(self._request)})
        self._wire.post(f"/returns/{key}/receive/confirm", QUIET)

    def _location(self, order: Row) -> str:
        """Where it was sent from, else the shop's first."""
        told = [text(one, "location_id", 120) for one in rows(order, "fulfillments")]
        if found := next(filter(None, told), ""):
            return found
        places, _ = self._wire.listed("/stock-locations", "stock_locations", [("limit", "1")])
        if not places:
            raise InvalidRequest("Medusa has no stock location to put goods back to.")
        return text(places[0], "id", 120)


def _items(request: RefundRequest) -> list[dict[str, object]]:
    return [{"id": line, "quantity": many} for line, many in request.units.items() if many]
