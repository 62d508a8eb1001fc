"""The doctor's look into the database: roles, row security, migrations, the queue."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from rientro.host.findings import Finding, bad, care, good
from rientro.host.house import House

OLDEST = 150000
SKEW_S = 5
LATE = "5 minutes"
HEARTBEAT = "25 seconds"  # a worker tells of itself every ten

Rows = list[tuple[Any, ...]]


def database_findings(house: House) -> Iterator[Finding]:
    """As the owner, but for what the application's role may do."""
    with psycopg.connect(house.owner_url, autocommit=True, connect_timeout=10) as connection:
        yield _version(connection)
        yield _time(connection)
        yield from _role(connection, house.app_role)
        if _has_tables(connection):
            yield _row_security(connection)
            yield from _worker(connection)
        yield _migrations(house, connection)


def _version(connection: psycopg.Connection[Any]) -> Finding:
    told = connection.info.server_version
    if told < OLDEST:
        return bad(f"The server is PostgreSQL {told // 10000}.", "Rientro needs 15 or newer.")
    return good(f"The database answers (PostgreSQL {told // 10000}).")


def _time(connection: psycopg.Connection[Any]) -> Finding:
    before = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    apart = abs((row[0] - before).total_seconds())
    if apart > SKEW_S:
        return bad(
            f"The clocks of this machine and of the database are {apart:.0f} seconds apart.",
            "Let both follow a time server: windows, limits and schedules depend on it.",
        )
    return good("The clocks of this machine and of the database agree.")


def _role(connection: psycopg.Connection[Any], role: str) -> Iterator[Finding]:
    found = _ask(
        connection, "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [role]
    )
    if not found:
        yield bad(f"The role {role} is not there.", "Run `rientro migrate`, which makes it.")
        return
    if any(found[0]):
        yield bad(
            f"The role {role} may see the rows of every merchant (superuser or BYPASSRLS).",
            f"Run as an administrator: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;",
        )
    owned = _ask(
        connection,
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s LIMIT 3",
        [role],
    )
    if owned:
        yield bad(
            f"The role {role} owns tables ({', '.join(name for (name,) in owned)}), so it could lift row "
            "security.",
            "Give them to another role (ALTER TABLE … OWNER TO …) and name that in DATABASE_OWNER_URL.",
        )
    if not any(found[0]) and not owned:
        yield good(f"The role {role} is bound by row security and owns nothing.")


def _row_security(connection: psycopg.Connection[Any]) -> Finding:
    open_tables = _ask(
        connection,
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
        "AND a.attname = 'merchant_id' AND NOT (c.relrowsecurity AND c.relforcerowsecurity) "
        "AND c.relname NOT IN ('rientro_member', 'rientro_portalname')",
    )
    if open_tables:
        names = ", ".join(name for (name,) in open_tables)
        return bad(
            f"Row security is not forced on {names}.",
            "ALTER TABLE … ENABLE ROW LEVEL SECURITY; ALTER TABLE … FORCE ROW LEVEL SECURITY; "
            "(a backup that was killed may have left it so).",
        )
    return good("Row security is forced on every table of merchants.")


def _worker(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    alive = _ask(
        connection,
        "SELECT count(*) FROM procrastinate_workers "
        f"WHERE last_heartbeat > now() - interval '{HEARTBEAT}'",
    )[0][0]
    late = _ask(
        connection,
        "SELECT count(*), coalesce(min(task_name), '') FROM procrastinate_jobs WHERE status = 'todo' "
        f"AND coalesce(scheduled_at, (SELECT max(at) FROM procrastinate_events e "
        f"WHERE e.job_id = procrastinate_jobs.id)) < now() - interval '{LATE}'",
    )[0]
    failed = _ask(
        connection,
        "SELECT task_name, count(*) FROM procrastinate_jobs j WHERE status = 'failed' AND EXISTS "
        "(SELECT FROM procrastinate_events e WHERE e.job_id = j.id "
        "AND e.at > now() - interval '1 day') GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    )
    if not alive:
        yield care("No job worker is alive.", "`rientro up` runs one; its log says why it ended.")
    else:
        yield good(f"{alive} job worker{'s are' if alive > 1 else ' is'} alive.")
    if late[0]:
        yield bad(
            f"{late[0]} jobs have been waiting for more than {LATE} (for example {late[1]}).",
            "See that a worker is alive and that the database is not overloaded.",
        )
    if failed:
        words = ", ".join(f"{count} × {name}" for name, count in failed)
        yield care(f"Jobs gave up within a day: {words}.", "The log of `rientro up` says why.")


def _migrations(house: House, connection: psycopg.Connection[Any]) -> Finding:
    house.enter(owner=True)
    from django.db import connection as djangos
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(djangos)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    finally:
        djangos.close()
    if waiting:
        return bad(
            f"{len(waiting)} migrations have not been run.",
            "Run `rientro migrate`, or `rientro up`.",
        )
    return good("The tables are up to date.")


def _has_tables(connection: psycopg.Connection[Any]) -> bool:
    return bool(_ask(connection, "SELECT to_regclass('public.rientro_merchant')")[0][0])


def _ask(connection: psycopg.Connection[Any], question: str, values: Any = None) -> Rows:
    return connection.execute(question, values).fetchall()
