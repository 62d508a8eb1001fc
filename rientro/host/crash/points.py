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
# A label that was bought and stored is given back: the return is cancelled.
GIVING_BACK = (
    "cancel.start",
    "cancel.released",
    "cancel.task",
    "cancel.committed",
    "void.start",
    "void.before_wire",
    "void.after_wire",
    "void.label",
    "void.charge",
    "void.ledger",
    "void.committed",
)
# C4: other things that must happen once, whatever dies.
REFUNDING = ("refund.row", "refund.ledger", "refund.event", "once.claimed", "once.ran", "once.kept")
# C6: a refund that the merchant's shop pays.
PAYING = (
    "refund.intended",
    "errand.lock",
    "errand.claimed",
    "errand.before_wire",
    "errand.after_wire",
    "errand.done",
    "refund.row",
    "refund.ledger",
    "refund.event",
    "errand.committed",
)
# Struck without processes in tests/flows/test_shop_deaths.py: a reading has no effect outside the database.
READING = ("shop.page", "shop.written", "shop.fetched", "shop.taken")
FETCHING = ("source.taken", "source.moved")
TELLING = ("webhook.claimed", "webhook.sent")
IMPORTING = ("import.claimed", "import.orders", "import.written", "import.done")
# Where a buyer who was cut off from its lock must do no harm any more: before the wire it steps back, after it its
# late write is refused. Not ``buy.claimed``: a thread may run on into the check before its process stands still, and
# between check and wire only the carrier's own idempotency helps (docs/decisions/0004).
CUT_OFF = ("buy.lock", "buy.read", "buy.after_wire", "buy.answered", "write.start")
ALL = WEB + WORKER + GIVING_BACK
# From here until the write-down is committed, nobody but the carrier can say what was bought.
DOUBT = frozenset(WORKER[WORKER.index("buy.claimed") : WORKER.index("write.committed")])
