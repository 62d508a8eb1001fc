"""The whole document, tried by schemathesis with ids that exist: no answer is broken, and none is undocumented.

A few examples of each operation run with all tests; ``script/fuzz`` runs two hundred of each and counts the lines
of ``rientro/api`` that they reach. Both are the same every time.
"""

import copy
import os
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import got_request_exception
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rientro.api import openapi
from rientro.config.wsgi import application
from tests.api.examples import BODIES, QUERIES
from tests.api.more_examples import MORE, PLACES
from tests.api.test_fuzz import anything
from tests.api.world import descriptions, sandbox_process, watched, world

__all__ = ["sandbox_process", "world"]
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    not_a_server_error,
]
# The contract itself says 500 for a label that will never be (reference, return portal: polling).
MEANT_500 = {"v2_poll_portal_label"}
NEW_KEY = {"v2_delete_integration", "v3_delete_integration"}  # they take their own key along
OPERATIONS = sorted(descriptions())
FEW, MANY = 4, int(os.environ.get("FUZZ_EXAMPLES", "200"))
_networks = count(1)


def from_many_networks(environ: dict[str, Any], start_response: Any) -> Any:
    """The application, as if every call came from a network of its own, so that no limit ends the run."""
    number = next(_networks)
    environ["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return application(environ, start_response)


@pytest.fixture(scope="module")
def described(world):
    return schemathesis.openapi.from_wsgi("/api/openapi.json", from_many_networks)


@pytest.fixture
def broken():
    """What broke inside while the answer said 500."""
    found: list[BaseException] = []

    def note(sender: Any, request: Any, **_: Any) -> None:
        import sys

        found.append(sys.exc_info()[1])

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_a_few_examples_of_every_operation(operation_id, world, described, broken):
    run(operation_id, world, described, broken, examples=FEW)


@pytest.mark.deep
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_two_hundred_examples_of_every_operation(operation_id, world, described, broken):
    run(operation_id, world, described, broken, examples=MANY)


def run(operation_id, world, described, broken, *, examples):
    path, method, told = descriptions()[operation_id]
    operation = described[path][method.upper()]
    world.refresh(whole=examples >= 100)
    cases = operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def look(case, data):
        headers = make_real(world, case, told, data.draw)
        with watched() as nameless:
            answer = case.call(headers=headers)
        assert not broken, f"{case.as_curl_command()}"
        checks = CHECKS[:-1] if operation_id in MEANT_500 else CHECKS
        case.validate_response(answer, checks=checks)
        assert nameless == []

    try:
        look()
    except BaseException as error:
        if broken:
            raise error from broken[0]
        raise
    world.tell()


def make_real(world, case, told, draw):
    """Put ids that exist into three cases of four, and good bodies, some with something odd in them, into half."""
    if told["operationId"] in NEW_KEY:
        world.connect()
    if case.path_parameters and draw(st.integers(0, 3)):
        world.before(told["operationId"])
        case.path_parameters = {
            name: draw(st.sampled_from(world.ids(upto(case.path, name))[:3]))
            for name in case.path_parameters
        }
    headers = {"Authorization": world.authorization}
    if told["security"] == [{"portal": []}]:
        headers["Authorization"] = world.look_up()
    query = dict(case.query or {})
    for param in told["parameters"]:
        if param["in"] == "query" and param["name"] in QUERIES and draw(st.integers(0, 2)) == 0:
            query[param["name"]] = draw(st.sampled_from(QUERIES[param["name"]](world)))
    case.query = query
    if told["operationId"] == "v3_list_orders" and draw(st.integers(0, 2)) == 0:
        query["cursor"], query["sort"] = draw(st.sampled_from(PLACES))
    if told["operationId"] in BODIES and draw(st.booleans()):
        shapes = [BODIES[told["operationId"]], *MORE.get(told["operationId"], [])]
        body = draw(st.sampled_from(shapes))(world)
        case.body = draw(odd(body)) if draw(st.booleans()) else body
        case.media_type = next(iter(told["requestBody"]["content"]))
    return headers


def upto(path, name):
    return path[: path.index(f"{{{name}}}") + len(name) + 2]


@st.composite
def odd(draw, body):
    """``body`` with one of its values, at any depth, replaced or left out."""
    body = copy.deepcopy(body)
    places = list(places_of(body))
    if places:
        inner, key = draw(st.sampled_from(places))
        if isinstance(inner, dict) and draw(st.booleans()):
            del inner[key]
        else:
            inner[key] = draw(anything)
    return body


def places_of(value):
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in list(keys):
        yield value, key
        yield from places_of(value[key])


def test_every_further_body_is_one_that_the_operation_takes(world):
    for name, shapes in MORE.items():
        path, method, told = descriptions()[name]
        bearer = {}
        for shape in shapes:
            if told["security"] == [{"portal": []}]:
                bearer = {"headers": {"authorization": world.look_up()}}
            body = shape(world)
            answer = world.ask(method.upper(), world.path(path), body, **bearer)
            assert answer.status_code in (200, 201), (name, shape.__name__, answer.content)
            assert not answer.json().get("failed_parcels"), (shape.__name__, answer.content)


def test_the_document_has_a_good_body_for_every_operation_that_takes_one():
    taking = {name for name, (_, _, told) in descriptions().items() if "requestBody" in told}

    assert sorted(taking - set(BODIES)) == []
    assert openapi.document()["openapi"] == "3.1.0"
