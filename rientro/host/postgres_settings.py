"""The settings of the embedded server: a few pages of PostgreSQL's manual, decided once."""

from collections.abc import Mapping

CONNECTIONS = 80


def settings_for(major: int, socket_folder: str, *, fast: bool) -> str:
    """The text of ``rientro.conf``. ``fast`` is for tests only: it gives up safety for speed."""
    settings: dict[str, str | int] = {
        "listen_addresses": "",
        "unix_socket_directories": socket_folder,
        "unix_socket_permissions": "0700",
        "max_connections": CONNECTIONS,
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u ",
        "log_checkpoints": "off",
        "shared_buffers": "128MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "1GB",
        "random_page_cost": "1.1",
        # Statements here are short; compiling them costs more than it saves.
        "jit": "off",
        # A young table without statistics is read whole for want of better knowledge: look often.
        "autovacuum_naptime": "15s",
        "max_wal_senders": 0,
        "wal_level": "replica",
        "max_logical_replication_workers": 0,
        # A client killed with -9 must not go on holding locks while its statement runs.
        "client_connection_check_interval": "2s",
        "tcp_keepalives_idle": 30,
    }
    if major >= 18:
        # The three reading processes of version 18 cost memory and bring nothing to a small machine.
        settings["io_method"] = "sync"
    if fast:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "max_connections": 200,
            "max_wal_size": "2GB",
        }
    return _conf(settings)


def _conf(settings: Mapping[str, str | int]) -> str:
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    head = (
        "# Written anew at every start. Put settings of your own in local.conf beside this file.\n"
    )
    return head + "\n".join(lines) + "\n"


def _quoted(value: str | int) -> str:
    return str(value).replace("'", "''")
