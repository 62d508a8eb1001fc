"""Returns in the fake Medusa's own books, step by step as its Admin API takes them."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tests.fake_server import Answer, Heard
from tests.shops.fakes.medusa import answers, choosing, selling
from tests.shops.fakes.medusa.amounts import key, number_of
from tests.shops.fakes.medusa.books import Comeback, Order
from tests.shops.fakes.medusa.keeper import Keeper
from tests.shops.fakes.shop import Refunded

ONE = "/admin/returns/{id}"


class Returning(Keeper):
    RETURN_ROUTES: ClassVar[dict[str, str]] = {
        "GET /admin/returns": "list_returns",
        f"GET {ONE}": "one_return",
        "POST /admin/returns": "begin_return",
        f"POST {ONE}/request-items": "ask_items",
        f"POST {ONE}/request": "ask",
        f"DELETE {ONE}/request": "forget_asking",
        f"POST {ONE}/receive": "begin_receiving",
        f"DELETE {ONE}/receive": "forget_receiving",
        f"POST {ONE}/receive-items": "receive_items",
        f"POST {ONE}/dismiss-items": "dismiss_items",
        f"POST {ONE}/receive/confirm": "received",
    }

    def __init__(self) -> None:
        super().__init__()
        self.back: dict[int, tuple[dict[str, int], bool]] = {}  # came back, not yet paid for

    def list_returns(self, heard: Heard) -> Answer:
        asked = selling.several(heard.query, "order_id")
        found = [
            back
            for back in self.comebacks.values()
            if not asked or key("order", back.order) in asked
        ]
        limit, offset = selling.number(heard.query, "limit", 15), 0
        rows = [self._said(back) for back in found[:limit]]
        return Answer(200, {"returns": rows, "count": len(found), "offset": offset, "limit": limit})

    def one_return(self, heard: Heard, return_id: str) -> Answer:
        return self._with(return_id, lambda _, back: Answer(200, {"return": self._said(back)}))

    def begin_return(self, heard: Heard) -> Answer:
        words = heard.words or {}
        order_id = str(words.get("order_id"))
        order = self.books.get(number_of("order", order_id))
        if order is None:
            return _missing(f"Order id not found: {order_id}")
        if order.canceled_at:
            return _invalid(f"Order with id {order_id} has been canceled.")
        if order.change:
            return _invalid(f"Order ({order_id}) already has an existing active order change")
        location = words.get("location_id") or answers.LOCATION
        back = Comeback(self.next_number(), order.number, location, self.now, words.get("metadata"))
        self.comebacks[back.number] = back
        self._change(order, "return_request")
        return Answer(200, {"order": self._order_said(order), "return": self._said(back)})

    def ask_items(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            for number, count in _counts(heard):
                item = next((each for each in order.items if each.number == number), None)
                if item is None:
                    return _invalid("Item not found in order")
                free = item.fulfilled - item.return_requested - item.returned
                if count > free:
                    words = "Cannot request to return more items than what was fulfilled for item"
                    return _invalid(f"{words} {key('ordli', number)}.")
                back.pending[number] = [count, 0, 0]
            return self._preview(order, back)

        return self._with(return_id, then)

    def ask(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            back.items, back.pending, back.status = back.pending, {}, "requested"
            for item in order.items:
                item.return_requested += back.items.get(item.number, [0])[0]
            self._change(order, "")
            self.books.touch(order, self.now, version=1)
            return self._preview(order, back)

        return self._with(return_id, then)

    def forget_asking(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            del self.comebacks[back.number]
            self._change(order, "")
            words = {"id": return_id, "object": "return", "deleted": True}
            return Answer(200, words)

        return self._with(return_id, then)

    def begin_receiving(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            if order.change:
                name = key("order", order.number)
                return _invalid(f"Order ({name}) already has an existing active order change")
            self._change(order, "return_receive")
            return Answer(200, {"order": self._order_said(order), "return": self._said(back)})

        return self._with(return_id, then)

    def forget_receiving(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            if order.change != "return_receive":
                return _invalid("An active Order Change is required to proceed")
            back.pending = {}
            self._change(order, "")
            return Answer(200, {"id": return_id, "object": "return", "deleted": True})

        return self._with(return_id, then)

    def receive_items(self, heard: Heard, return_id: str) -> Answer:
        return self._arrive(heard, return_id, 1)

    def dismiss_items(self, heard: Heard, return_id: str) -> Answer:
        return self._arrive(heard, return_id, 2)

    def _arrive(self, heard: Heard, return_id: str, place: int) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            for number, count in _counts(heard):
                said = back.pending.setdefault(number, [0, 0, 0])
                if number not in back.items or count + sum(said) > back.items[number][0]:
                    words = "Cannot receive more items than what was requested to be returned"
                    return _invalid(f"{words} for item {key('ordli', number)}.")
                said[place] += count
            return self._preview(order, back)

        return self._with(return_id, then)

    def received(self, heard: Heard, return_id: str) -> Answer:
        def then(order: Order, back: Comeback) -> Answer:
            units: dict[str, int] = {}
            whole = True
            for item in order.items:
                _, good, damaged = back.pending.get(item.number, [0, 0, 0])
                if not good + damaged:
                    continue
                item.return_requested -= good + damaged
                self.receive(order, {item.number: (good, True)})
                self.receive(order, {item.number: (damaged, False)})
                back.items[item.number] = [back.items[item.number][0], good, damaged]
                units[item.line.sku] = good + damaged
                whole = whole and not damaged
            back.pending, back.status, back.received_at = {}, "received", self.now
            self._change(order, "")
            self.books.touch(order, self.now, version=1)
            self._tell_goods(order, units, whole)
            return self._preview(order, back)

        return self._with(return_id, then)

    def _tell_goods(self, order: Order, units: dict[str, int], whole: bool) -> None:
        """They belong to the money that went back before without goods, else to the next that goes."""
        stories = self.stories.get(order.number, [])
        if stories and not stories[-1].units:
            last = stories[-1]
            stories[-1] = Refunded(last.amount, units, whole, last.note)
        else:
            self.back[order.number] = (units, whole)

    # Small things

    def _with(self, return_id: str, then: Callable[[Order, Comeback], Answer]) -> Answer:
        back = self.comebacks.get(number_of("return", return_id))
        order = self.books.get(back.order) if back else None
        if back is None or order is None:
            return _missing(f"Return id not found: {return_id}")
        return then(order, back)

    def _change(self, order: Order, what: str) -> None:
        order.change = what
        self.books.keep(order)

    def _said(self, back: Comeback) -> dict[str, Any]:
        order = self.books.get(back.order)
        assert order
        return answers.comeback(order, back)

    def _order_said(self, order: Order) -> dict[str, Any]:
        return choosing.cut(answers.order(order), choosing.wanted("", choosing.LIST))

    def _preview(self, order: Order, back: Comeback) -> Answer:
        words: Mapping[str, Any] = {"order_preview": self._order_said(order)}
        return Answer(200, {**words, "return": self._said(back)})


def _counts(heard: Heard) -> list[tuple[int, int]]:
    rows = (heard.words or {}).get("items", [])
    return [(number_of("ordli", str(row["id"])), int(row["quantity"])) for row in rows]


def _invalid(words: str) -> Answer:
    return Answer(400, {"type": "invalid_data", "message": words})


def _missing(words: str) -> Answer:
    return Answer(404, {"type": "not_found", "message": words})
