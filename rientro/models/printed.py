"""A return whose shopper had chosen a way back that the carrier does not take becomes one with a label to print."""

from rientro.models.returns import Return

WISHED = "wished_method"  # in a return's trace: what the shopper had chosen before


def make_printed(ret: Return) -> None:
    """Turn ``ret`` into a return with a printed label, and keep what was wished. The caller holds its lock."""
    ret.trace = ret.trace | {WISHED: ret.trace.get(WISHED) or ret.method}
    ret.method, ret.pickup_on = Return.Method.PRINT_AT_HOME.value, None
    ret.save(update_fields=["method", "pickup_on", "trace", "updated_at"])
