"""The rows of a file, gathered into orders, whichever way the file is sorted and without holding all of it."""

from collections.abc import Callable, Iterable, Iterator

from rientro.policy.file_orders import Reading, Row, order_key

Rows = Callable[[], Iterable[Row]]  # read anew each time it is called; without the headings


def orders_of(rows: Rows, reading: Reading) -> Iterator[list[Row]]:
    """The rows of one order after the other, in the order in which they are complete.

    The file is read twice: first to learn where each order ends, so that only orders whose rows are spread
    over the file are held back. A row without a number continues the order above it.
    """
    last = {key: number for number, key, _ in _keyed(rows(), reading)}
    open_orders: dict[str, list[Row]] = {}
    for number, key, cells in _keyed(rows(), reading):
        held = open_orders.setdefault(key, [])
        held.append((number, cells))
        if last[key] == number:
            yield open_orders.pop(key)


def _keyed(rows: Iterable[Row], reading: Reading) -> Iterator[tuple[int, str, list[str]]]:
    key = ""
    for number, cells in rows:
        key = order_key(cells, reading) or key or f"\x00{number}"
        yield number, key, cells
        if key.startswith("\x00"):
            key = ""
