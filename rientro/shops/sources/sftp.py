"""Files on an SFTP server, whose key was agreed on at the first visit and is asked for at each.

The library is asyncssh; it is imported here alone, and only when a server is visited. Nothing of this machine's own
SSH settings, keys or agent is used, and the socket is ours: looked up, checked, connected (kit.sockets).
"""

import asyncio
import socket
import stat
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

import asyncssh

from rientro.kit import http
from rientro.kit.sentences import Sentence
from rientro.kit.sockets import Unreached, reach
from rientro.shops.base import AuthFailed, InvalidRequest, Unavailable
from rientro.shops.sources.base import (
    DEADLINE_S,
    MOST_LISTED,
    HostKeyChanged,
    Listed,
    Outcome,
    StillWritten,
    TooLarge,
    Where,
    is_plain,
    stamped,
)

T = TypeVar("T")
PORT = 22
CONNECT_S = 10.0
CHUNK = 256 * 1024
STILL = Sentence("“%(name)s” is still being written.")
CHANGED = Sentence("“%(name)s” has changed since it was read.")
ALONE: dict[str, Any] = {"config": None}


class Sftp:
    movable: ClassVar[bool] = True

    def __init__(self, where: Where) -> None:
        if not where.place.get("host_key"):
            raise HostKeyChanged("Nobody has agreed to this server's key yet. Look at it first.")
        self.mark = ""
        self._path = str(where.place.get("path", "")).strip() or "."
        self._runner = _Loop()
        try:
            self._connection, self._files = self._within(_entered(where))
        except BaseException:
            self._runner.close()
            raise

    def look(self) -> Sequence[Listed]:
        return self._within(self._look())

    def read(self, listed: Listed, *, most_bytes: int) -> bytes:
        if listed.size > most_bytes:
            raise TooLarge(Sentence("“%(name)s” is larger than 20 MB.", name=listed.name))
        return self._within(self._read(listed, most_bytes))

    def move(self, listed: Listed, outcome: Outcome, *, stamp: str) -> str:
        return self._within(self._move(listed, outcome, stamp))

    def close(self) -> None:
        self._runner.run(self._leave())
        self._runner.close()

    async def _leave(self) -> None:
        self._connection.abort()
        await self._connection.wait_closed()

    def _within(self, work: Coroutine[Any, Any, T]) -> T:
        return _told(self._runner, work)

    def _at(self, *names: str) -> str:
        return "/".join([self._path.rstrip("/") or "/", *names]).replace("//", "/")

    async def _look(self) -> list[Listed]:
        found: list[Listed] = []
        async for entry in self._files.scandir(self._path):
            name = str(entry.filename)
            if not is_plain(name) or not _is_file(entry.attrs):
                continue
            found.append(_listed(name, entry.attrs))
            if len(found) > MOST_LISTED:
                raise InvalidRequest(
                    Sentence(
                        "More than %(most)s files lie in this folder. Move the old ones away.",
                        most=MOST_LISTED,
                    )
                )
        return found

    async def _read(self, listed: Listed, most_bytes: int) -> bytes:
        await self._same(listed, STILL)
        content = bytearray()
        async with self._files.open(self._at(listed.name), "rb") as file:
            while len(content) <= most_bytes:
                chunk = await file.read(CHUNK)
                if not chunk:
                    break
                content += chunk if isinstance(chunk, bytes) else chunk.encode()
        if len(content) > most_bytes:
            raise TooLarge(Sentence("“%(name)s” is larger than 20 MB.", name=listed.name))
        await self._same(listed, STILL)
        if len(content) != listed.size:
            raise StillWritten(Sentence("“%(name)s” is still being written.", name=listed.name))
        return bytes(content)

    async def _move(self, listed: Listed, outcome: Outcome, stamp: str) -> str:
        await self._same(listed, CHANGED)
        name = stamped(listed.name, stamp)
        with suppress(asyncssh.SFTPError):  # it is there, or the next step says what is wrong
            await self._files.mkdir(self._at(outcome))
        try:
            await self._files.rename(self._at(listed.name), self._at(outcome, name))
        except asyncssh.SFTPError as error:
            raise InvalidRequest(
                Sentence(
                    "“%(name)s” cannot be moved to “%(folder)s”.", name=listed.name, folder=outcome
                )
            ) from error
        return f"{outcome}/{name}"

    async def _same(self, listed: Listed, otherwise: str) -> None:
        try:
            attrs = await self._files.lstat(self._at(listed.name))
        except asyncssh.SFTPNoSuchFile as error:
            raise StillWritten(
                Sentence("“%(name)s” is not there any more.", name=listed.name)
            ) from error
        if not _is_file(attrs) or _listed(listed.name, attrs) != listed:
            raise StillWritten(Sentence(otherwise, name=listed.name))


def shown_key(host: str, port: int) -> tuple[str, str]:
    """(the key that the server shows now, its fingerprint). Tells the server nothing but that somebody looked."""
    runner = _Loop()
    try:
        key = _told(runner, _key_of(host, port))
    finally:
        runner.close()
    return key.export_public_key("openssh").decode().strip(), key.get_fingerprint()


def fingerprint_of(host_key: str) -> str:
    return asyncssh.import_public_key(host_key).get_fingerprint()


def is_private_key(text: str, password: str = "") -> bool:
    """Is this a key that we could let ourselves in with?"""
    try:
        asyncssh.import_private_key(text, password or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        return False
    return True


async def _key_of(host: str, port: int) -> asyncssh.SSHKey:
    key = await asyncssh.get_server_host_key(host, port, sock=_socket(host, port), **ALONE)
    if key is None:
        raise Unavailable(Sentence("%(host)s shows no key: is it an SFTP server?", host=host))
    return key


async def _entered(
    where: Where,
) -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
    place, told = where.place, where.credentials
    host, port = str(place.get("host", "")), int(place.get("port", PORT))
    password = str(told.get("password", ""))
    keys = None
    if text := told.get("key"):
        keys = [asyncssh.import_private_key(str(text), password or None)]
    pinned = asyncssh.import_public_key(str(place["host_key"]))
    connection = await asyncssh.connect(
        host,
        port,
        sock=_socket(host, port),
        known_hosts=([pinned], [], []),
        username=str(place.get("user", "")),
        password=None if keys else password,
        client_keys=keys,
        agent_path=None,
        x509_trusted_certs=None,
        connect_timeout=CONNECT_S,
        login_timeout=CONNECT_S,
        **ALONE,
    )
    return connection, await connection.start_sftp_client()


def _socket(host: str, port: int) -> socket.socket:
    private = http.are_private_targets_open()
    made = reach(host, port, usual_port=PORT, within_s=CONNECT_S, allow_private=private)
    made.setblocking(False)
    return made


class _Loop:
    """An event loop in a thread of its own: whoever visits a server may be in one already."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self.run(_ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CONNECT_S)
        self._loop.close()


async def _ended() -> None:
    """Nothing of a broken visit goes on by itself."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _told(runner: _Loop, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` says within the deadline; its failures in the words of the shops."""
    try:
        return runner.run(asyncio.wait_for(work, DEADLINE_S))
    except asyncssh.HostKeyNotVerifiable as error:
        raise HostKeyChanged(
            "The server shows another key than the one that was agreed on. Nothing was sent. If the server was "
            "really renewed, agree to its new key."
        ) from error
    except (
        asyncssh.PermissionDenied,
        asyncssh.KeyImportError,
        asyncssh.KeyEncryptionError,
    ) as error:
        raise AuthFailed("The server refuses the user name, password or key.") from error
    except asyncssh.SFTPPermissionDenied as error:
        raise InvalidRequest("The server does not let us do this in that folder.") from error
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
        raise InvalidRequest("There is no such folder on the server.") from error
    except http.TargetRefused as error:
        raise InvalidRequest(str(error)) from error
    except Unreached as error:
        raise Unavailable(str(error)) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise Unavailable("The server does not answer as an SFTP server, or broke off.") from error


def _is_file(attrs: asyncssh.SFTPAttrs) -> bool:
    if attrs.permissions is not None and stat.S_IFMT(attrs.permissions):
        return stat.S_ISREG(attrs.permissions)
    return bool(attrs.type == asyncssh.FILEXFER_TYPE_REGULAR)


def _listed(name: str, attrs: asyncssh.SFTPAttrs) -> Listed:
    changed_at = datetime.fromtimestamp(int(attrs.mtime), UTC) if attrs.mtime is not None else None
    return Listed(name=name, size=int(attrs.size or 0), changed_at=changed_at)
