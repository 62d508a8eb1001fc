"""What the database refuses by itself, and that its tables of moves are those of the policy."""

import importlib

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from rientro.kit.tenancy import merchant_transaction
from rientro.models import LedgerEntry, OrderLine, Return
from rientro.policy import lifecycle
from tests import makers

guards = importlib.import_module("rientro.migrations.0002_guards")


def pairs(table):
    return {f"{now.value}>{then.value}" for now, targets in table.items() for then in targets}


@pytest.mark.parametrize("field", sorted(lifecycle.RETURN_MOVES))
def test_the_database_and_the_policy_allow_the_same_moves_of_a_return(field):
    assert set(" ".join(guards.RETURN_MOVES[field]).split()) == pairs(lifecycle.RETURN_MOVES[field])


def test_the_database_and_the_policy_allow_the_same_moves_of_a_purchase():
    assert set(" ".join(guards.PURCHASE_MOVES).split()) == pairs(lifecycle.PURCHASE_MOVES)


def test_an_illegal_move_is_refused_by_the_database(merchant):
    ret = makers.make_return(carrier="label_ready")
    Return.objects.filter(pk=ret.pk).update(carrier="delivered")

    with pytest.raises(IntegrityError, match="carrier cannot go from"), transaction.atomic():
        Return.objects.filter(pk=ret.pk).update(carrier="label_ready")


def test_no_more_units_come_back_than_were_bought(merchant):
    line = makers.make_order().lines.get()

    with pytest.raises(IntegrityError, match="no_more_back_than_bought"), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(returned_quantity=line.quantity + 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET amount_minor = 0", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_ledger_is_append_only_even_for_its_owner(statement, test_database):
    made = makers.make_merchant()
    with merchant_transaction(made.pk):
        LedgerEntry.objects.create(
            key="label:x:pending",
            subject="label:x",
            state="pending",
            debit="merchant",
            credit="carrier:1",
            amount_minor=495,
            currency="EUR",
            happened_at=makers.NOW,
        )

    with psycopg.connect(test_database.url("rientro_owner")) as owner:
        owner.execute(f"SET LOCAL rientro.merchant = '{made.pk}'")
        with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
            owner.execute(statement.format("rientro_ledgerentry"))


@pytest.mark.raw_sql
@pytest.mark.parametrize("table", guards.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_may_neither_change_nor_empty_what_is_append_only(
    merchant, statement, table
):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_an_issued_invoice_is_append_only_even_for_its_owner(test_database):
    made = makers.make_merchant()
    with merchant_transaction(made.pk):
        makers.make_sales_invoice()

    for statement in ("UPDATE {} SET total_minor = 0", "DELETE FROM {}", "TRUNCATE {}"):
        with psycopg.connect(test_database.url("rientro_owner")) as owner:
            owner.execute(f"SET LOCAL rientro.merchant = '{made.pk}'")
            with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
                owner.execute(statement.format("rientro_salesinvoice"))


def test_a_row_cannot_name_another_merchants_row(merchant):
    theirs = makers.make_merchant()
    with merchant_transaction(theirs.pk):
        order = makers.make_order()
        line = order.lines.get()
    ret = makers.make_return()

    with (
        pytest.raises(IntegrityError, match="return_item_order_line_fk"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO rientro_returnitem (merchant_id, ret_id, order_line_id, quantity, price_minor, "
            "reason_label, note, photos, decision, received_quantity, grade, disposition, customs) "
            "VALUES (%s, %s, %s, 1, 1, '', '', '[]', '{}', 0, '', '', '{}')",
            [merchant.pk, ret.pk, line.pk],
        )
