"""Django's PostgreSQL backend, taught two things about tenants. ENGINE = "rientro.kit.pg".

1. Every SELECT, UPDATE and DELETE that Django compiles names the tenant for each base table that is a
   tenant table, subqueries included. Row-level security stays the guard; this is what lets PostgreSQL use
   the keys, and a distributing engine find the one shard.
2. The tenant reaches PostgreSQL as ``SET LOCAL rientro.merchant``, sent in one round trip (a pipeline)
   with the first statement of a transaction, and again whenever the tenant has changed since.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.backends.postgresql import base, compiler, features, operations
from django.db.backends.postgresql.psycopg_any import is_psycopg3
from django.db.models.lookups import Exact
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.subqueries import AggregateQuery
from django.db.models.sql.where import AND

from rientro.kit.scope import SCOPE, SETTING, NoMerchant, merchant_or_none

if not is_psycopg3:  # pragma: no cover
    raise ImportError("Rientro needs psycopg 3.")

_UNKNOWN = object()  # the setting may hold anything: after a rolled back savepoint
_scope_fields: dict[str, Any] = {}


def scope_field(table: str) -> Any | None:
    """The tenant field of ``table``, or None when the table belongs to no tenant."""
    if not _scope_fields and apps.models_ready:
        from rientro.kit.tenancy import ScopedRow  # a model: it needs this backend to exist first

        for model in apps.get_models(include_auto_created=True):
            if issubclass(model, ScopedRow):
                try:
                    _scope_fields[model._meta.db_table] = model._meta.get_field(SCOPE)
                except FieldDoesNotExist:
                    continue
    return _scope_fields.get(table)


class TenantCursor(base.ServerBindingCursor):
    """A server-side-binding cursor that tells PostgreSQL the tenant before it asks anything."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        wanted = self._tenant_to_send()
        if wanted is None:
            return super().execute(query, params, **kwargs)
        with self.connection.pipeline():
            self._send_tenant(wanted)
            super().execute(query, params, **kwargs)
        return self

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        wanted = self._tenant_to_send()
        if wanted is not None:
            self._send_tenant(wanted)
        super().executemany(query, params_seq, **kwargs)

    def copy(self, statement: Any, params: Any = None, **kwargs: Any) -> Any:
        wanted = self._tenant_to_send()
        if wanted is not None:
            self._send_tenant(wanted)
        return super().copy(statement, params, **kwargs)

    def _tenant_to_send(self) -> str | None:
        connection = self.connection
        if connection.autocommit:
            return None
        wanted = str(merchant_or_none() or "")
        return None if getattr(connection, "rientro_tenant", "") == wanted else wanted

    def _send_tenant(self, wanted: str) -> None:
        # SET takes no parameters; ``wanted`` is digits or nothing.
        plain = base.Database.Cursor(self.connection)
        plain.execute(f"SET LOCAL {SETTING} = '{wanted}'".encode(), prepare=False)
        self.connection.rientro_tenant = wanted


class Scoped:
    """A compiler mix: adds the tenant to the WHERE of each base table that has one."""

    query: Any
    connection: Any

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        query = self.query
        if not isinstance(query, AggregateQuery) and not query.combinator:
            if query.model is not None and not any(
                query.alias_refcount[alias] for alias in query.alias_map
            ):
                query.get_initial_alias()
            scoped = [
                (alias, field)
                for alias, table in query.alias_map.items()
                if isinstance(table, BaseTable)
                and query.alias_refcount[alias]
                and (field := scope_field(table.table_name))
            ]
            if scoped:
                merchant = self._merchant_of_statement()
                self.query = query.clone()  # never written into the caller's queryset
                for alias, field in scoped:
                    self.query.where.add(Exact(field.get_col(alias), merchant), AND)
        return super().as_sql(*args, **kwargs)

    def _merchant_of_statement(self) -> int:
        merchant = merchant_or_none()
        if merchant is None:
            raise NoMerchant(
                f"{self.query.model.__name__} belongs to a merchant, and none is set: use acting_for()."
            )
        if not self.connection.in_atomic_block:
            raise NoMerchant(
                f"{self.query.model.__name__} is a tenant table: open a transaction first "
                "(merchant_transaction), or row-level security shows nothing."
            )
        return merchant


class SQLCompiler(Scoped, compiler.SQLCompiler):
    pass


class SQLDeleteCompiler(Scoped, compiler.SQLDeleteCompiler):
    pass


class SQLUpdateCompiler(Scoped, compiler.SQLUpdateCompiler):
    pass


class SQLInsertCompiler(compiler.SQLInsertCompiler):
    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if scope_field(self.query.model._meta.db_table) and not self.connection.in_atomic_block:
            raise NoMerchant(
                f"{self.query.model.__name__} is a tenant table: open a transaction first."
            )
        return super().as_sql(*args, **kwargs)


SQLAggregateCompiler = compiler.SQLAggregateCompiler


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = __name__


class DatabaseFeatures(features.DatabaseFeatures):
    # GROUP BY id alone is refused once the primary key is (tenant, id).
    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        return scope_field(model._meta.db_table) is None and bool(
            super().allows_group_by_selected_pks_on_model(model)
        )


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.cursor_factory = TenantCursor
        connection.rientro_tenant = ""
        return connection

    def _forget_tenant(self, value: object = "") -> None:
        if self.connection is not None:
            self.connection.rientro_tenant = value

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        self._forget_tenant()

    def _commit(self) -> Any:
        done = super()._commit()
        self._forget_tenant()
        return done

    def _rollback(self) -> Any:
        done = super()._rollback()
        self._forget_tenant()
        return done

    def _savepoint_rollback(self, sid: Any) -> None:
        super()._savepoint_rollback(sid)
        self._forget_tenant(_UNKNOWN)
