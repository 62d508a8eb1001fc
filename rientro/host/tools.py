"""pg_dump and pg_restore, pointed at a database without its password on any command line."""

import os
import subprocess
from collections.abc import Sequence

from psycopg.conninfo import conninfo_to_dict

from rientro.host.postgres_binaries import NoPostgres, find_programs

VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
}


class ToolFailed(RuntimeError):
    """One of PostgreSQL's programs refused; its words follow."""


def run_tool(name: str, url: str, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's client programs against the database at ``url``."""
    programs = find_programs()
    if not os.access(programs[name], os.X_OK):
        raise NoPostgres(f"The program {name} is not in {programs.folder}.")
    facts = conninfo_to_dict(url)
    known = {VARIABLES[key]: str(value) for key, value in facts.items() if key in VARIABLES}
    done = subprocess.run(
        [programs[name], *arguments],
        env=programs.environment() | known,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise ToolFailed(f"{name} did not succeed:\n{words}")
