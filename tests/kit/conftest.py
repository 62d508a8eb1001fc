from collections.abc import Iterator

import pytest

from tests.kit.listener import Listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()
