"""What the tests of the host may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.folders import new_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_folder() as made:
        yield made
