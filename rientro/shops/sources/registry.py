"""Which kinds of places there are; none is imported before it is visited."""

from collections.abc import Iterator
from contextlib import contextmanager

from rientro.shops.base import InvalidRequest
from rientro.shops.sources.base import Source, Where

KINDS = ("folder", "sftp", "https")


@contextmanager
def visit(where: Where) -> Iterator[Source]:
    """One visit to a place. Raises ShopError; no transaction may be open."""
    source = _opened(where)
    try:
        yield source
    finally:
        source.close()


def _opened(where: Where) -> Source:
    if where.kind == "folder":
        from rientro.shops.sources.folder import Folder

        return Folder(where)
    if where.kind == "sftp":
        from rientro.shops.sources.sftp import Sftp

        return Sftp(where)
    if where.kind == "https":
        from rientro.shops.sources.web import Web

        return Web(where)
    raise InvalidRequest("Files lie in a folder, on an SFTP server or at an https:// address.")
