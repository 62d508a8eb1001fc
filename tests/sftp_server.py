"""A real SFTP server (asyncssh's own) on this machine, over a folder of the test.

with sftp_server(tmp_path) as server: server.port, server.host_key, server.fingerprint
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "brina", "sesame"


@dataclass
class Server:
    root: Path
    key: asyncssh.SSHKey
    port: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)  # (user, password) as offered
    client_key: asyncssh.SSHKey | None = None

    @property
    def host_key(self) -> str:
        return self.key.export_public_key("openssh").decode().strip()

    @property
    def fingerprint(self) -> str:
        return self.key.get_fingerprint()


@contextmanager
def sftp_server(
    root: Path, *, port: int = 0, key: asyncssh.SSHKey | None = None
) -> Iterator[Server]:
    server = Server(root, key or asyncssh.generate_private_key("ssh-ed25519"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(_listening(server, port), loop).result(10)
    server.port = acceptor.get_port()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_closed(acceptor), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _listening(server: Server, port: int) -> Any:
    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            server.logins.append((username, password))
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return server.client_key is not None

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return server.client_key is not None and key == server.client_key.convert_to_public()

    class Files(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(server.root).encode())

    return await asyncssh.listen(
        "127.0.0.1", port, server_host_keys=[server.key], server_factory=Door, sftp_factory=Files
    )


async def _closed(acceptor: Any) -> None:
    acceptor.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
