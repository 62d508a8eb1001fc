"""Files in a folder of this machine, below the one that the operator gave the merchant.

Every step goes by an open folder and follows no link: a path that leads out of the merchant's own folder cannot be
written, whoever changes what lies there meanwhile.
"""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar

from rientro.kit.sentences import Sentence
from rientro.shops.base import InvalidRequest, Unavailable
from rientro.shops.sources.base import (
    MOST_LISTED,
    Listed,
    Outcome,
    StillWritten,
    TooLarge,
    Where,
    is_plain,
    stamped,
)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CHUNK = 1024 * 1024
DEEPEST = 10


class Folder:
    movable: ClassVar[bool] = True

    def __init__(self, where: Where) -> None:
        if not where.root:
            raise InvalidRequest(
                "This installation reads no folders: its operator has named none (RIENTRO_IMPORT_DIR)."
            )
        self.mark = ""
        self._fd = _opened(where.root, parts_of(str(where.place.get("folder", ""))))

    def look(self) -> Sequence[Listed]:
        found: list[Listed] = []
        with os.scandir(self._fd) as entries:
            for entry in entries:
                if not is_plain(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                with suppress(FileNotFoundError):
                    found.append(_listed(entry.name, entry.stat(follow_symlinks=False)))
                if len(found) > MOST_LISTED:
                    raise InvalidRequest(
                        Sentence(
                            "More than %(most)s files lie in this folder. Move the old ones away.",
                            most=MOST_LISTED,
                        )
                    )
        return found

    def read(self, listed: Listed, *, most_bytes: int) -> bytes:
        try:
            descriptor = os.open(listed.name, _FILE, dir_fd=self._fd)
        except PermissionError as error:
            raise InvalidRequest(
                Sentence("“%(name)s” may not be read by us.", name=listed.name)
            ) from error
        except OSError as error:
            raise StillWritten(
                Sentence("“%(name)s” is not there any more.", name=listed.name)
            ) from error
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode) or _listed(listed.name, before) != listed:
                raise StillWritten(Sentence("“%(name)s” is still being written.", name=listed.name))
            if before.st_size > most_bytes:
                raise TooLarge(Sentence("“%(name)s” is larger than 20 MB.", name=listed.name))
            content = bytearray()
            while chunk := file.read(CHUNK):
                content += chunk
                if len(content) > most_bytes:
                    raise TooLarge(Sentence("“%(name)s” is larger than 20 MB.", name=listed.name))
            if _listed(listed.name, os.fstat(descriptor)) != listed:
                raise StillWritten(Sentence("“%(name)s” is still being written.", name=listed.name))
        return bytes(content)

    def move(self, listed: Listed, outcome: Outcome, *, stamp: str) -> str:
        name = stamped(listed.name, stamp)
        try:
            now = os.stat(listed.name, dir_fd=self._fd, follow_symlinks=False)
            if not stat.S_ISREG(now.st_mode) or _listed(listed.name, now) != listed:
                raise StillWritten(
                    Sentence("“%(name)s” has changed since it was read.", name=listed.name)
                )
            with suppress(FileExistsError):
                os.mkdir(outcome, 0o755, dir_fd=self._fd)
            target = os.open(outcome, _FOLDER, dir_fd=self._fd)
            try:
                os.rename(listed.name, name, src_dir_fd=self._fd, dst_dir_fd=target)
            finally:
                os.close(target)
        except FileNotFoundError as error:
            raise StillWritten(
                Sentence("“%(name)s” is not there any more.", name=listed.name)
            ) from error
        except OSError as error:
            raise InvalidRequest(
                Sentence(
                    "“%(name)s” cannot be moved to “%(folder)s”.", name=listed.name, folder=outcome
                )
            ) from error
        return f"{outcome}/{name}"

    def close(self) -> None:
        os.close(self._fd)


def parts_of(folder: str) -> list[str]:
    """The folders on the way, below the merchant's own. Raises InvalidRequest for what leads elsewhere."""
    parts = [part for part in folder.replace("\\", "/").split("/") if part not in ("", ".")]
    if len(parts) > DEEPEST or any(part.startswith(".") or "\0" in part for part in parts):
        raise InvalidRequest(
            "Write the folder as it lies below your own, such as orders or shop/new."
        )
    return parts


def _opened(root: str, parts: Sequence[str]) -> int:
    """The folder at the end of ``parts``. ``root`` is ours to make; what lies below it is not."""
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise InvalidRequest(
            Sentence(
                "Your folder is not there yet. Ask whoever runs this installation to make “%(name)s”.",
                name=os.path.basename(root),
            )
        ) from error
    except OSError as error:
        raise Unavailable("Your folder cannot be opened.") from error
    for part in parts:
        try:
            inner = os.open(part, _FOLDER, dir_fd=descriptor)
        except OSError as error:
            raise InvalidRequest(
                Sentence("There is no folder “%(name)s” there that we may open.", name=part)
            ) from error
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _listed(name: str, told: os.stat_result) -> Listed:
    # PostgreSQL keeps microseconds: what it gives back has to be equal to what is seen again.
    seconds, nanos = divmod(told.st_mtime_ns, 10**9)
    changed_at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1000)
    return Listed(name=name, size=told.st_size, changed_at=changed_at)
