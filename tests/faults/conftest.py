"""Each world of the matrix stands while its rows are played; each test has an account of its own there."""

from collections.abc import Iterator

import pytest

from tests.faults.world import OpenWorld, World
from tests.faults.worlds import WORLDS
from tests.sandbox import sandbox_process

__all__ = ["sandbox_process"]


@pytest.fixture(scope="module", params=WORLDS)
def standing(request: pytest.FixtureRequest) -> Iterator[OpenWorld]:
    _, stand = WORLDS[request.param]
    with stand(request) as open_world:
        yield open_world


@pytest.fixture
def world(standing: OpenWorld) -> World:
    world = standing()
    world.proxy.begin(0)
    world.proxy.forget()  # other tests had other accounts
    return world


@pytest.fixture(scope="session")
def strangers_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """https:// on a port whose certificate nobody vouches for."""
    from tests.kit.listener import TlsListener, make_certificate

    server = TlsListener(*make_certificate(tmp_path_factory.mktemp("tls"), "carrier.example"))
    yield f"https://127.0.0.1:{server.port}"
    server.close()
