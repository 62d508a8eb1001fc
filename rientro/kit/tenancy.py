"""One database, many tenants: who the current one is, and how tables say whose their rows are.

Five pieces, each useless without the others (docs/decisions/0003-tenancy.md):

- ``acting_for`` / ``merchant_transaction`` set the tenant of a unit of work; the database backend
  (`rientro.kit.pg`) sends it to PostgreSQL with the first statement of each transaction.
- ``CompositeReference``: (tenant, x_id) -> (tenant, id), a constraint that migrations see.
- ``TenantForeignKey``: an ordinary Django relation whose joins and lookups carry the tenant.
- ``TenantQuerySet``: rows adopt the current tenant and never leave it.
- ``TenantPrimaryKey`` / ``ForceRowSecurity``: migration operations.

Source of the rules: measurements on PostgreSQL 15/18 and Citus 13.2, November 2026.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.migrations.operations.base import Operation

from rientro.kit.errors import Missing
from rientro.kit.scope import (
    SCOPE,
    SETTING,
    NoMerchant,
    acting_for,
    current_merchant,
    merchant_or_none,
)

M = TypeVar("M", bound=models.Model)

__all__ = [
    "CompositeReference",
    "ForceRowSecurity",
    "NoMerchant",
    "ScopedRow",
    "TenantForeignKey",
    "TenantPrimaryKey",
    "TenantQuerySet",
    "acting_for",
    "current_merchant",
    "merchant_or_none",
    "merchant_transaction",
    "references",
]


@contextmanager
def merchant_transaction(merchant_id: int) -> Iterator[None]:
    """One merchant, one transaction: what a door opens around its work."""
    with acting_for(merchant_id), transaction.atomic():
        yield


# --- the reference


class CompositeReference(models.BaseConstraint):
    """FOREIGN KEY (tenant, field) REFERENCES target (tenant, id), checked at once, never deferred.

    ``on_delete`` is NO ACTION, RESTRICT or CASCADE; SET NULL would null the tenant as well.
    """

    default_violation_error_message = "%(name)s: the row it names is not there."

    def __init__(
        self,
        *,
        name: str,
        field: str,
        on_delete: str = "NO ACTION",
        violation_error_code: str | None = None,
        violation_error_message: str | None = None,
    ) -> None:
        if on_delete not in ("NO ACTION", "RESTRICT", "CASCADE"):
            raise ValueError("on_delete is NO ACTION, RESTRICT or CASCADE")
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )
        self.field = field
        self.on_delete = on_delete

    def _statement(self, model: Any, editor: Any) -> Statement:
        opts = model._meta
        field, scope = opts.get_field(self.field), opts.get_field(SCOPE)
        target = field.remote_field.model._meta
        quote = editor.quote_name
        action = "" if self.on_delete == "NO ACTION" else f" ON DELETE {self.on_delete}"
        # Table and Columns follow renames, and drop the statement together with its column.
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) "
            "REFERENCES %(to_table)s (%(to_columns)s)%(action)s",
            table=Table(opts.db_table, quote),
            name=quote(self.name),
            columns=Columns(opts.db_table, [scope.column, field.column], quote),
            to_table=Table(target.db_table, quote),
            to_columns=Columns(
                target.db_table,
                [target.get_field(SCOPE).column, field.target_field.column],
                quote,
            ),
            action=action,
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        # Inside CREATE TABLE the target may not exist yet.
        schema_editor.deferred_sql.append(self._statement(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        # The target's primary key may be changed by a later operation of the same migration.
        schema_editor.deferred_sql.append(self._statement(model, schema_editor))

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement | None:  # type: ignore[override]
        name = schema_editor.quote_name(self.name)
        waiting = [
            sql
            for sql in schema_editor.deferred_sql
            if isinstance(sql, Statement) and sql.parts.get("name") == name
        ]
        if waiting:
            schema_editor.deferred_sql[:] = [
                sql for sql in schema_editor.deferred_sql if sql not in waiting
            ]
            return None
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=name,
        )

    def validate(
        self,
        model: Any,
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        field = model._meta.get_field(self.field)
        value = getattr(instance, field.attname)
        if value is None or {self.field, SCOPE} & set(exclude or ()):
            return
        scope_id = getattr(instance, model._meta.get_field(SCOPE).attname)
        found = field.remote_field.model._base_manager.using(using).filter(
            **{SCOPE: scope_id, field.target_field.name: value}
        )
        if not found.exists():
            raise ValidationError(self.get_violation_error_message())

    def _check(self, model: Any, connection: Any) -> list[checks.CheckMessage]:
        try:
            field = model._meta.get_field(self.field)
            scope = model._meta.get_field(SCOPE)
            to_scope = field.remote_field.model._meta.get_field(SCOPE)
        except (FieldDoesNotExist, AttributeError) as error:
            return [checks.Error(f"{self.name}: {error}", obj=model, id="tenancy.E001")]
        found: list[checks.CheckMessage] = []
        if scope.null or to_scope.null:
            message = f"{self.name}: {SCOPE} must not be null"
            found.append(checks.Error(message, obj=model, id="tenancy.E002"))
        if field.db_constraint:
            message = f"{self.name}: {self.field} must be a TenantForeignKey"
            found.append(checks.Error(message, obj=model, id="tenancy.E003"))
        return found

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        if self.on_delete != "NO ACTION":
            kwargs["on_delete"] = self.on_delete
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompositeReference):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<CompositeReference {self.name}: ({SCOPE}, {self.field})>"


def references(prefix: str, *fields: str, on_delete: str = "NO ACTION") -> list[CompositeReference]:
    """One CompositeReference for each of ``fields``, named ``<prefix>_<field>_fk``."""
    return [
        CompositeReference(name=f"{prefix}_{field}_fk", field=field, on_delete=on_delete)
        for field in fields
    ]


# --- the relation

if TYPE_CHECKING:
    from django.db.models import ForeignKey as TenantForeignKey
else:

    class TenantForeignKey(models.ForeignKey):
        """A relation between two tenant tables.

        The database's own constraint is a CompositeReference; joins are ON (a.tenant = b.tenant AND
        a.x_id = b.id), and ``instance.x`` asks with the tenant. Indexes are written by hand, tenant first.
        """

        def __init__(self, to, on_delete, **kwargs):
            kwargs["db_constraint"] = False
            kwargs.setdefault("db_index", False)
            super().__init__(to, on_delete, **kwargs)

        def deconstruct(self):
            name, path, args, kwargs = super().deconstruct()
            kwargs.pop("db_constraint", None)
            if kwargs.pop("db_index", True):
                kwargs["db_index"] = True
            return name, path, args, kwargs

        def _scopes(self):
            here = self.model._meta.get_field(SCOPE)
            there = self.remote_field.model._meta.get_field(SCOPE)
            return here, there

        def get_joining_fields(self, reverse_join=False):
            pair = self._scopes()
            joined = super().get_joining_fields(reverse_join)
            return (*joined, pair[::-1] if reverse_join else pair)

        def get_extra_descriptor_filter(self, instance):
            here, there = self._scopes()
            return {there.attname: getattr(instance, here.attname)}


# --- the rows


class TenantQuerySet(models.QuerySet[M]):
    """Rows of the current tenant. The backend names the tenant in every statement; see rientro.kit.pg."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        for row in rows:
            row.adopt_merchant()  # type: ignore[attr-defined]
        return super().bulk_create(rows, *args, **kwargs)

    def get_or_missing(self, *args: Any, **kwargs: Any) -> M:
        """``get``, but what is not there (or another merchant's) raises errors.Missing."""
        try:
            return self.get(*args, **kwargs)
        except (ObjectDoesNotExist, ValidationError, ValueError) as error:
            raise Missing("Not found.") from error

    def locked(self) -> Self:
        """Rows under FOR UPDATE, of this table alone (not of joined ones)."""
        return self.select_for_update(of=("self",))


class ScopedRow(models.Model):
    """What every tenant row can do; the concrete class declares ``merchant``."""

    class Meta:
        abstract = True

    def adopt_merchant(self) -> None:
        """Belong to the current tenant unless the row already says whose it is."""
        if getattr(self, f"{SCOPE}_id") is None:
            setattr(self, f"{SCOPE}_id", current_merchant())

    # Deciding a key is not a side effect: this is the only override of save() in the house (ADR 0003).
    def save(self, *args: Any, **kwargs: Any) -> None:
        self.adopt_merchant()
        super().save(*args, **kwargs)

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """A row never changes its tenant, so UPDATE never sets it."""
        values = [value for value in values if value[0].name != SCOPE]
        scoped = base_qs.filter(**{f"{SCOPE}_id": getattr(self, f"{SCOPE}_id")})
        return super()._do_update(scoped, using, pk_val, values, *args, **kwargs)


# --- migration operations


class TenantPrimaryKey(Operation):
    """PRIMARY KEY (tenant, id) in the database; for Django ``id`` stays the primary key.

    Goes after CreateModel in the same migration: references are put off until the migration's end.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model_name], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        meta = to_state.apps.get_model(app_label, self.model_name)._meta
        quote = schema_editor.quote_name
        table, name = quote(meta.db_table), quote(f"{meta.db_table}_pkey")
        keys = ", ".join(quote(meta.get_field(column).column) for column in (SCOPE, "id"))
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY ({keys})")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Nothing: the table itself goes next, and references still hang on this key."""

    def describe(self) -> str:
        return f"Primary key of {self.model_name} begins with the {SCOPE}"


class ForceRowSecurity(Operation):
    """Row-level security, enabled and forced, with one policy: the row's tenant is the current one."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model_name], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def _run(self, editor: Any, state: Any, app_label: str, *statements: str) -> None:
        meta = state.apps.get_model(app_label, self.model_name)._meta
        table = editor.quote_name(meta.db_table)
        column = editor.quote_name(meta.get_field(SCOPE).column)
        for statement in statements:
            editor.execute(statement.format(table=table, column=column, setting=SETTING))

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(
            schema_editor,
            to_state,
            app_label,
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            "CREATE POLICY merchant ON {table} USING "
            "({column} = NULLIF(current_setting('{setting}', true), '')::bigint)",
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(
            schema_editor,
            from_state,
            app_label,
            "DROP POLICY merchant ON {table}",
            "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        )

    def describe(self) -> str:
        return f"Force row-level security on {self.model_name}"
