"""The marked points, in the order in which a return passes them."""

WEB = (
    "web.start",
    "open.judged",
    "open.written",
    "intend.parcel",
    "intend.purchase",
    "intend.ledger",
    "intend.event",
    "intend.task",
    "open.decided",
    "web.committed",
    "web.answered",
)
WORKER = (
    "buy.start",
    "buy.lock",
    "buy.read",
    "buy.claimed",
    "buy.before_wire",
    "buy.after_wire",
    "buy.answered",
    "write.start",
    "write.purchase",
    "write.parcel",
    "write.label",
    "write.ledger",
    "write.charge",
    "write.event",
    "write.tasks",
    "write.committed",
    "store.read",
    "store.drawn",
    "store.kept",
    "store.label",
    "store.event",
)
ALL = WEB + WORKER
# From here until the write-down is committed, nobody but the carrier can say what was bought.
DOUBT = frozenset(WORKER[WORKER.index("buy.claimed") : WORKER.index("write.committed")])
