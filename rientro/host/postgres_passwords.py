"""The generated passwords of the embedded server's roles, one file each, readable by us alone."""

import os
import secrets
from pathlib import Path


class Passwords:
    """A folder of mode 0700 with one file per role."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, role: str) -> str:
        """The password of ``role``; the first question makes it. Raises OSError before there is a folder."""
        path = self.folder / role
        if not path.exists():
            self._make(path)
        return path.read_text().strip()

    def _make(self, path: Path) -> None:
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        try:
            os.link(
                new, path
            )  # a second maker loses here instead of replacing the first one's word
        except FileExistsError:
            pass
        finally:
            new.unlink()
