"""The tables: migrated as their owner, then granted to the role that row-level security binds.

With the embedded server both roles are ours. With DATABASE_URL there are two ways: an owner's address of its
own in DATABASE_OWNER_URL, or one address alone, whose role owns the tables and steps down to ``rientro_app``
in every connection of the web and of the worker.
"""

from typing import LiteralString

import psycopg
from psycopg import sql

APP = "rientro_app"
# What was written there stays as it was written: the ledger and the history of the house.
APPEND_ONLY = (
    "rientro_ledgerentry",
    "rientro_event",
    "rientro_salesinvoice",
    "rientro_withdrawal",
)
OWNERS_ALONE = ("django_migrations",)


class DatabaseError(RuntimeError):
    """The database cannot be used as it is; the sentence says what to do."""


def migrate(owner_url: str, app_role: str, *, steps_down: bool, verbosity: int = 1) -> None:
    """Bring the tables up to date and grant them to ``app_role``. Django must run as the owner here.

    ``steps_down``: the owner itself becomes ``app_role`` in every connection of web and worker.
    """
    from django.core.management import call_command

    with psycopg.connect(owner_url, autocommit=True) as connection:
        ensure_app_role(connection, app_role, steps_down=steps_down)
        # Two houses that start at once on one database: one migrates, the other waits and finds it done.
        connection.execute("SELECT pg_advisory_lock(hashtext('rientro migrate'))")
        call_command("migrate", verbosity=verbosity, interactive=False)
        grant_to_app(connection, app_role)
        # A backup that was killed half way may have left it lifted.
        for table in tables_with_row_security(connection, forced=False):
            force_row_security(connection, table, True)


def ensure_app_role(connection: psycopg.Connection, role: str = APP, *, steps_down: bool) -> None:
    """The role of web and worker is there and weak, and the owner may step down to it where it has to."""
    name = sql.Identifier(role)
    try:
        row = _role(connection, role)
        if row is None:
            connection.execute(
                sql.SQL("CREATE ROLE {} NOLOGIN NOSUPERUSER NOBYPASSRLS").format(name)
            )
            row = _role(connection, role) or (False, False)
        strong, may_step_down = row
        if strong:
            raise DatabaseError(
                f"The role {role} is a superuser or may bypass row security, so merchants would not be "
                f"kept apart. Run as an administrator: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;"
            )
        if steps_down and not may_step_down:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"The owner of this database may not make or use the role {role}. Run as an administrator:\n"
            f"  CREATE ROLE {role} NOLOGIN;  (if it is not there yet)\n"
            f"  GRANT {role} TO {connection.info.user};"
        ) from error


def _role(connection: psycopg.Connection, role: str) -> tuple[bool, bool] | None:
    """Is it stronger than it may be, and may we become it?"""
    # From version 16 on, being a member and being allowed to SET ROLE are two things.
    right = "SET" if connection.info.server_version >= 160000 else "MEMBER"
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls, pg_has_role(current_user, oid, %s) "
        "FROM pg_roles WHERE rolname = %s",
        [right, role],
    ).fetchone()
    return (row[0], row[1]) if row else None


def grant_to_app(connection: psycopg.Connection, role: str = APP) -> None:
    """Rows of every table may be read and written, except that what is append-only is only added to."""
    app = sql.Identifier(role)
    everything: tuple[LiteralString, ...] = (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
    )
    with connection.transaction():
        for statement in everything:
            connection.execute(sql.SQL(statement).format(app))
        for table in _present(connection, APPEND_ONLY):
            connection.execute(
                sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), app)
            )
        for table in _present(connection, OWNERS_ALONE):
            connection.execute(
                sql.SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM {}").format(
                    sql.Identifier(table), app
                )
            )


def tables_with_row_security(connection: psycopg.Connection, *, forced: bool) -> list[str]:
    """The tables of merchants whose owner is (or is not) bound as well."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity = %s "
        "AND relnamespace = 'public'::regnamespace ORDER BY 1",
        [forced],
    ).fetchall()
    return [name for (name,) in rows]


def force_row_security(connection: psycopg.Connection, table: str, on: bool) -> None:
    """Bind the owner of ``table`` to its row security as well, or (for a backup) no longer."""
    word = sql.SQL("FORCE" if on else "NO FORCE")
    connection.execute(
        sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY").format(sql.Identifier(table), word)
    )


def _present(connection: psycopg.Connection, tables: tuple[str, ...]) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)",
        [list(tables)],
    ).fetchall()
    return [name for (name,) in rows]
