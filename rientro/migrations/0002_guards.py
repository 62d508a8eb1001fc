"""What the database itself refuses, whatever the code above it does.

The tables of legal moves are those of policy/lifecycle.py; tests/house/test_guards.py compares the two.
"""

from typing import ClassVar

from django.db import migrations

RETURN_MOVES = {
    "approval": [
        "requested>approved requested>rejected requested>cancelled approved>cancelled rejected>approved"
    ],
    "carrier": [
        "none>label_pending none>handed_in none>in_transit none>at_customs none>delayed none>exception",
        "none>delivered none>returned_to_sender none>lost",
        "label_pending>label_ready label_pending>failed label_pending>none label_pending>delivered",
        "label_ready>handed_in label_ready>in_transit label_ready>at_customs label_ready>delayed",
        "label_ready>exception label_ready>delivered label_ready>returned_to_sender label_ready>lost",
        "label_ready>label_pending label_ready>none",
        "failed>label_pending failed>none failed>delivered",
        "handed_in>in_transit handed_in>at_customs handed_in>delayed handed_in>exception",
        "handed_in>delivered handed_in>returned_to_sender handed_in>lost",
        "in_transit>handed_in in_transit>at_customs in_transit>delayed in_transit>exception",
        "in_transit>delivered in_transit>returned_to_sender in_transit>lost",
        "at_customs>handed_in at_customs>in_transit at_customs>delayed at_customs>exception",
        "at_customs>delivered at_customs>returned_to_sender at_customs>lost",
        "delayed>handed_in delayed>in_transit delayed>at_customs delayed>exception",
        "delayed>delivered delayed>returned_to_sender delayed>lost",
        "exception>handed_in exception>in_transit exception>at_customs exception>delayed",
        "exception>delivered exception>returned_to_sender exception>lost",
        "returned_to_sender>delivered lost>delivered lost>returned_to_sender",
    ],
    "inspection": [
        "pending>received pending>accepted pending>partly_accepted pending>rejected",
        "received>accepted received>partly_accepted received>rejected partly_accepted>accepted",
    ],
    "settlement": [
        "open>promised open>refunded open>closed promised>open promised>refunded promised>closed",
        "refunded>closed",
    ],
}
PURCHASE_MOVES = [
    "buying>bought buying>refused buying>unknown buying>abandoned",
    "unknown>bought unknown>refused unknown>buying bought>voided",
]


def _moved(table: str, moves: dict[str, list[str]]) -> str:
    """A row trigger that refuses a change of one of the columns that is not on its list."""
    checks = "\n".join(
        f"""  IF NEW.{column} IS DISTINCT FROM OLD.{column}
     AND NOT (OLD.{column} || '>' || NEW.{column}) = ANY (string_to_array('{" ".join(pairs)}', ' ')) THEN
    RAISE EXCEPTION '{column} cannot go from % to %', OLD.{column}, NEW.{column}
      USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_{column}_moves';
  END IF;"""
        for column, pairs in moves.items()
    )
    return f"""CREATE FUNCTION {table}_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{checks}
  RETURN NEW;
END $$"""


APPEND_ONLY = ["rientro_ledgerentry", "rientro_salesinvoice", "rientro_withdrawal"]

FORWARDS = [
    _moved("rientro_return", RETURN_MOVES),
    "CREATE TRIGGER moves BEFORE UPDATE OF approval, carrier, inspection, settlement ON rientro_return "
    "FOR EACH ROW EXECUTE FUNCTION rientro_return_moves()",
    _moved("rientro_labelpurchase", {"status": PURCHASE_MOVES}),
    "CREATE TRIGGER moves BEFORE UPDATE OF status ON rientro_labelpurchase "
    "FOR EACH ROW EXECUTE FUNCTION rientro_labelpurchase_moves()",
    """CREATE FUNCTION rientro_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$""",
    *[
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION rientro_append_only()"
        for table in APPEND_ONLY
    ],
    *[
        f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION rientro_append_only()"
        for table in APPEND_ONLY
    ],
    "CREATE TABLE rientro_cache "
    "(cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL)",
    "CREATE INDEX rientro_cache_expires ON rientro_cache (expires)",
    "ALTER TABLE rientro_ratebucket SET UNLOGGED",
    "ALTER TABLE rientro_refusednetwork SET UNLOGGED",
]
BACKWARDS = [
    "ALTER TABLE rientro_refusednetwork SET LOGGED",
    "ALTER TABLE rientro_ratebucket SET LOGGED",
    "DROP TABLE rientro_cache",
    *[f"DROP TRIGGER never_emptied ON {table}" for table in reversed(APPEND_ONLY)],
    *[f"DROP TRIGGER append_only ON {table}" for table in reversed(APPEND_ONLY)],
    "DROP FUNCTION rientro_append_only()",
    "DROP TRIGGER moves ON rientro_labelpurchase",
    "DROP FUNCTION rientro_labelpurchase_moves()",
    "DROP TRIGGER moves ON rientro_return",
    "DROP FUNCTION rientro_return_moves()",
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("rientro", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(sql=FORWARDS, reverse_sql=BACKWARDS)]
