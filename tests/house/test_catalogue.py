"""The tenancy rules, read off the living database: a table that breaks one fails here."""

import pytest
from django.apps import apps
from django.db import connection

from rientro.kit.tenancy import ScopedRow, TenantForeignKey, merchant_transaction
from rientro.models import Order
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.raw_sql]

# Read before any tenant is known, or belonging to none (docs/decisions/0003-tenancy.md).
WITHOUT_TENANT = {"InvoiceSeries", "User", "Merchant", "Member", "PortalName", "RefusedNetwork"}
APPEND_ONLY = {
    "rientro_event",
    "rientro_ledgerentry",
    "rientro_salesinvoice",
    "rientro_withdrawal",
}


def tenant_tables():
    models = apps.get_app_config("rientro").get_models(include_auto_created=True)
    return sorted(model._meta.db_table for model in models if issubclass(model, ScopedRow))


def ask(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_every_table_is_a_tenants_or_named_as_an_exception():
    models = apps.get_app_config("rientro").get_models()

    assert {m.__name__ for m in models if not issubclass(m, ScopedRow)} - {
        "User_groups",
        "User_user_permissions",
    } == WITHOUT_TENANT


def test_every_table_with_a_merchant_column_is_a_tenant_table():
    rows = ask(
        "SELECT table_name FROM information_schema.columns "
        "WHERE column_name = 'merchant_id' AND table_schema = 'public'"
    )

    directories = {"rientro_member", "rientro_portalname"}
    assert sorted({name for (name,) in rows} - directories) == tenant_tables()


def test_row_security_is_enabled_and_forced_on_every_tenant_table():
    rows = ask(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
    )

    assert sorted(name for (name,) in rows) == tenant_tables()


def test_the_one_policy_reads_the_setting_and_checks_what_is_written():
    rows = ask("SELECT tablename, cmd, qual, with_check FROM pg_policies ORDER BY tablename")

    assert [row[0] for row in rows] == tenant_tables()
    for _, command, reads, checks in rows:
        assert command == "ALL"  # without WITH CHECK, USING holds for writes as well
        assert "current_setting('rientro.merchant'::text, true)" in reads
        assert checks is None


def test_primary_keys_are_merchant_then_id():
    rows = ask(
        "SELECT t.relname, array_agg(a.attname::text ORDER BY k.n) FROM pg_index i "
        "JOIN pg_class t ON t.oid = i.indrelid, unnest(i.indkey) WITH ORDINALITY k(attnum, n), pg_attribute a "
        "WHERE i.indisprimary AND a.attrelid = t.oid AND a.attnum = k.attnum AND t.relname = ANY(%s) "
        "GROUP BY t.relname",
        tenant_tables(),
    )

    assert dict(rows) == {table: ["merchant_id", "id"] for table in tenant_tables()}


def test_every_other_index_of_a_tenant_table_begins_with_the_merchant():
    rows = ask(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i "
        "JOIN pg_class t ON t.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] "
        "WHERE t.relname = ANY(%s)",
        tenant_tables(),
    )

    # An issuer's series of invoices runs through all of its clients.
    across = {"invoice_serial_once"}
    assert {name for name, first in rows if first != "merchant_id"} - across == set()


def test_references_between_tenant_tables_carry_the_merchant_and_are_immediate():
    rows = ask(
        "SELECT c.conname, c.condeferrable, c.conrelid::regclass::text, c.confrelid::regclass::text, "
        "(SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n) "
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) "
        "FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)",
        tenant_tables(),
    )
    between = [row for row in rows if row[3] in tenant_tables()]

    assert [row[0] for row in between if row[1] or row[4][0] != "merchant_id"] == []
    assert {row[3] for row in rows} - set(tenant_tables()) == {"rientro_merchant"}


def test_every_tenant_row_is_held_to_a_merchant():
    """By a reference of its own, or by one to a row of that merchant that is never missing."""
    rows = ask(
        "SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f' AND NOT EXISTS ("
        " SELECT FROM unnest(c.conkey) AS k(attnum) JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = k.attnum WHERE NOT a.attnotnull"
        " UNION ALL SELECT WHERE NOT 'merchant_id' IN (SELECT a.attname FROM pg_attribute a"
        "  WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)))"
    )

    assert set(tenant_tables()) - {table for (table,) in rows} == set()


def test_every_relation_of_the_models_is_held_by_the_database():
    rows = ask(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) "
        "WHERE c.contype = 'f'"
    )
    held = set(rows)

    promised = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("rientro").get_models()
        if issubclass(model, ScopedRow)
        for field in model._meta.concrete_fields
        if isinstance(field, TenantForeignKey)
    }
    assert promised - held == set()


def test_the_role_of_the_application_is_bound_by_all_this():
    rows = ask(
        "SELECT rolsuper, rolbypassrls, "
        "EXISTS (SELECT 1 FROM pg_tables WHERE tableowner = current_user AND schemaname = 'public') "
        "FROM pg_roles WHERE rolname = current_user"
    )

    assert rows == [(False, False, False)]


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_the_role_may_only_add_to(table):
    rows = ask(
        "SELECT has_table_privilege(%s, 'INSERT'), has_table_privilege(%s, 'UPDATE'), "
        "has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'TRUNCATE')",
        table,
        table,
        table,
        table,
    )

    assert rows == [(True, False, False, False)]


def test_without_a_merchant_no_row_is_seen(merchant):
    makers.make_order()

    from rientro.kit import scope

    token = scope._current.set(None)
    try:
        assert ask("SELECT count(*) FROM rientro_order") == [(0,)]
    finally:
        scope._current.reset(token)
    assert ask("SELECT count(*) FROM rientro_order") == [(1,)]


def test_another_merchants_row_is_not_there_even_without_the_ORMs_filter(merchant):
    theirs = makers.make_merchant()
    with merchant_transaction(theirs.pk):
        order = makers.make_order()

    assert ask("SELECT count(*) FROM rientro_order WHERE id = %s", order.pk) == [(0,)]
    assert not Order.objects.filter(pk=order.pk).exists()
